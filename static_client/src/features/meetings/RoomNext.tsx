import { CalendarClock } from "lucide";
import { nextOf, stageOf } from "../../state/agenda";
import { atStage } from "../../state/call";
import { placeOf } from "../../state/place";
import { useParts } from "../../ui/app";
import { useNow } from "../../ui/clock";
import { Icon } from "../../ui/Icon";
import { PlaceLink } from "../../ui/links";
import { JoinLink, StageSign } from "./JoinLink";
import { inWords, whenWords } from "./words";

/** A class that begins later than this is for the calendar. */
const AHEAD_MS = 12 * 3_600_000;
const SOON_MS = 90 * 60_000;

/** The class that is held in this room, or that begins soon, and the way into it. */
export function RoomNext({ roomId }: { readonly roomId: string }) {
  const now = useNow();
  const { meetings, inCall } = useParts((state) => ({ meetings: state.meetings, inCall: atStage(state.calls, roomId) }));
  const entry = inCall ? null : nextOf(meetings, roomId, now, AHEAD_MS);
  if (!entry) return null;
  const { meeting, occurrence } = entry;
  const stage = stageOf(entry, now);
  const left = Date.parse(occurrence.starts_at) - now;
  const when = stage === "live" ? "is being held" : left <= 0 ? "was to begin by now" : left < SOON_MS ? `begins ${inWords(left)}` : whenWords(occurrence, now);
  return (
    <div class="room-next" role="region" aria-label="Next class" data-stage={stage}>
      <Icon of={CalendarClock} />
      <p>
        <PlaceLink to={placeOf({ name: "meeting", meetingId: meeting.id, occurrence: occurrence.key })} class="meeting-link">
          {occurrence.title}
        </PlaceLink>{" "}
        {when}
      </p>
      <StageSign stage={stage} />
      <JoinLink entry={entry} stage={stage} />
    </div>
  );
}
