import { useMemo } from "preact/hooks";
import { CalendarPlus } from "lucide";
import { entriesIn, stageOf } from "../../state/agenda";
import { maySchedule } from "../../state/allowed";
import { placeOf } from "../../state/place";
import { useAct, useParts } from "../../ui/app";
import { useNow } from "../../ui/clock";
import { Button } from "../../ui/controls";
import { PlaceLink } from "../../ui/links";
import { useWatched } from "./context";
import { StageSign } from "./JoinLink";
import { whenWords } from "./words";

const AHEAD_MS = 21 * 86_400_000;
const HOUR_MS = 3_600_000;
const MOST = 5;

/** What is planned in a room, in its details; and the way to plan more. */
export function RoomClasses({ roomId }: { readonly roomId: string }) {
  const act = useAct();
  const now = useNow();
  const { meetings, summary } = useParts((state) => ({ meetings: state.meetings, summary: state.rooms.byId[roomId] }));
  const since = Math.floor(now / HOUR_MS) * HOUR_MS;
  const span = useMemo(() => ({ since, until: since + AHEAD_MS }), [since]);
  useWatched(`room ${roomId}`, span);
  const entries = entriesIn(meetings, span, roomId)
    .map((entry) => ({ entry, stage: stageOf(entry, now) }))
    .filter(({ stage }) => stage !== "over")
    .slice(0, MOST);
  const leads = maySchedule(summary) && summary?.room.kind !== "direct";
  if (entries.length === 0 && !leads) return null;
  return (
    <section class="room-classes" aria-labelledby="room-classes">
      <h3 class="panel-section" id="room-classes">
        Next classes
      </h3>
      {entries.length === 0 && <p class="hint">Nothing planned in the next three weeks.</p>}
      <ul class="plain-list">
        {entries.map(({ entry: { meeting, occurrence }, stage }) => (
          <li key={`${meeting.id} ${occurrence.key}`} class="room-class">
            <PlaceLink to={placeOf({ name: "meeting", meetingId: meeting.id, occurrence: occurrence.key })} class="meeting-link">
              {occurrence.title}
            </PlaceLink>
            <StageSign stage={stage} />
            <small>{whenWords(occurrence, now)}</small>
          </li>
        ))}
      </ul>
      {leads && (
        <Button icon={CalendarPlus} onClick={() => act.go({ page: { name: "schedule", roomId, starts: null } })}>
          Schedule a class
        </Button>
      )}
    </section>
  );
}
