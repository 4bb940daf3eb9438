import { CalendarDays } from "lucide";
import { stageOf } from "../../../state/agenda";
import type { Entry } from "../../../state/agenda";
import { localDay } from "../../../state/days";
import { placeOf } from "../../../state/place";
import { useSelect } from "../../../ui/app";
import { Empty } from "../../../ui/controls";
import { PlaceLink } from "../../../ui/links";
import { timesIn, viewerZone } from "../../../ui/zones";
import { JoinLink, StageSign } from "../JoinLink";
import { elsewhereWords, nearDay } from "../words";

interface AgendaProps {
  readonly entries: readonly Entry[];
  readonly now: number;
  readonly known: boolean;
  readonly tones: Readonly<Record<string, number>>;
}

/** Classes day by day: what a phone shows, and whoever would rather read than look. */
export function Agenda({ entries, now, known, tones }: AgendaProps) {
  if (!known && entries.length === 0) return <div class="agenda" aria-busy="true" />;
  if (entries.length === 0) {
    return (
      <Empty icon={CalendarDays} title="Nothing planned in these weeks">
        <p>Classes of your rooms appear here by themselves.</p>
      </Empty>
    );
  }
  return (
    <div class="agenda">
      {byDay(entries).map(({ day, some }) => (
        <section key={day} class="agenda-day" aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`}>{nearDay(new Date(some[0]?.occurrence.starts_at ?? ""), now)}</h2>
          <ul>
            {some.map((entry) => (
              <AgendaRow key={`${entry.meeting.id} ${entry.occurrence.key}`} entry={entry} now={now} tone={tones[entry.meeting.room_id] ?? 0} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function AgendaRow({ entry, now, tone }: { readonly entry: Entry; readonly now: number; readonly tone: number }) {
  const { meeting, occurrence } = entry;
  const room = useSelect(({ rooms }) => rooms.byId[meeting.room_id]?.room.title);
  const stage = stageOf(entry, now);
  const elsewhere = elsewhereWords(occurrence);
  return (
    <li class={`agenda-row agenda-${stage}`}>
      <span class={`agenda-mark tone-${tone}`} aria-hidden="true" />
      <span class="agenda-time">
        <time dateTime={occurrence.starts_at}>{timesIn(viewerZone(), new Date(occurrence.starts_at), new Date(occurrence.ends_at))}</time>
        {elsewhere && <small class="elsewhere">{elsewhere}</small>}
      </span>
      <span class="agenda-what">
        <PlaceLink to={placeOf({ name: "meeting", meetingId: meeting.id, occurrence: occurrence.key })} class="meeting-link">
          {occurrence.title}
        </PlaceLink>
        {room && room !== occurrence.title && <small>{room}</small>}
      </span>
      <StageSign stage={stage} />
      <JoinLink entry={entry} stage={stage} />
    </li>
  );
}

function byDay(entries: readonly Entry[]): readonly { readonly day: string; readonly some: readonly Entry[] }[] {
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    const day = localDay(new Date(entry.occurrence.starts_at));
    days.set(day, [...(days.get(day) ?? []), entry]);
  }
  return [...days].map(([day, some]) => ({ day, some }));
}
