import { useMemo } from "preact/hooks";
import { CalendarDays } from "lucide";
import { canEnter, entriesIn, stageOf } from "../../state/agenda";
import { localDay, localMidnight, addDays } from "../../state/days";
import { CALENDAR } from "../../state/pages";
import { placeOf } from "../../state/place";
import { useParts } from "../../ui/app";
import { useNow } from "../../ui/clock";
import { Icon } from "../../ui/Icon";
import { PlaceLink } from "../../ui/links";
import { timeIn, viewerZone } from "../../ui/zones";
import { StageSign } from "./JoinLink";

/** The way to the calendar. */
export function CalendarLink() {
  const { page } = useParts(({ ui }) => ({ page: ui.place.page?.name }));
  return (
    <PlaceLink to={placeOf(CALENDAR)} class="go-calendar" current={page === "calendar"}>
      <Icon of={CalendarDays} />
      <span>Calendar</span>
    </PlaceLink>
  );
}

/** What is still to come today, and what is being held. A click on what is open leads right in. */
export function Today() {
  const now = useNow();
  const { meetings, rooms } = useParts((state) => ({ meetings: state.meetings, rooms: state.rooms.byId }));
  const day = localDay(new Date(now));
  const entries = useMemo(
    () => entriesIn(meetings, { since: localMidnight(day), until: localMidnight(addDays(day, 1)) }),
    [meetings, day],
  );
  const shown = entries.map((entry) => ({ entry, stage: stageOf(entry, now) })).filter(({ stage }) => stage !== "over");
  if (shown.length === 0) return null;
  return (
    <section class="today">
      <h2 id="today-classes">Today's classes</h2>
      <ul aria-labelledby="today-classes">
        {shown.map(({ entry: { meeting, occurrence }, stage }) => (
          <li key={`${meeting.id} ${occurrence.key}`}>
            <PlaceLink
              to={placeOf({ name: canEnter(stage) ? "door" : "meeting", meetingId: meeting.id, occurrence: occurrence.key })}
              class={`today-row today-${stage}`}
            >
              <time dateTime={occurrence.starts_at}>{timeIn(viewerZone(), new Date(occurrence.starts_at))}</time>
              <span class="today-title">
                {occurrence.title}
                {rooms[meeting.room_id] && rooms[meeting.room_id]?.room.title !== occurrence.title && <small>{rooms[meeting.room_id]?.room.title}</small>}
              </span>
              <StageSign stage={stage} />
            </PlaceLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
