import { CalendarClock, CalendarDays, CalendarX2, CircleAlert, Film } from "lucide";
import type { Meeting } from "../../contract.gen";
import { stageOf } from "../../state/agenda";
import type { Entry } from "../../state/agenda";
import type { MeetingLine } from "../../state/meeting-lines";
import { placeOf } from "../../state/place";
import { useParts, useSelect } from "../../ui/app";
import { useNow } from "../../ui/clock";
import { Icon } from "../../ui/Icon";
import { PlaceLink } from "../../ui/links";
import { clockTime, wholeTime } from "../../ui/times";
import { duration } from "../call/words";
import { JoinLink, StageSign } from "./JoinLink";
import { counted, elsewhereWords, lineWords, ruleWords, whenWords } from "./words";

interface MeetingRowProps {
  readonly rowKey: string;
  readonly line: MeetingLine;
}

const ICONS = {
  scheduled: CalendarDays,
  changed: CalendarClock,
  cancelled: CalendarX2,
  link: CircleAlert,
  reminder: CalendarClock,
  recording: Film,
  held: CalendarDays,
} as const;

/** What happened to a meeting; where there is something to join or to look at, it is a card. */
export function MeetingRow({ rowKey, line }: MeetingRowProps) {
  const meeting = useSelect(({ meetings }) => meetings.byId[line.meetingId]);
  const card = line.kind === "scheduled" || line.kind === "held" || line.kind === "reminder";
  if (card && meeting) return <MeetingCard rowKey={rowKey} line={line} meeting={meeting} />;
  return (
    <li class="meeting-line" data-key={rowKey} data-kind={line.kind}>
      <Icon of={ICONS[line.kind]} />
      <p>
        <Sentence line={line} />
        {" · "}
        <time dateTime={line.at} title={wholeTime(new Date(line.at))}>
          {clockTime(new Date(line.at))}
        </time>
      </p>
    </li>
  );
}

/** "Noor cancelled the class of Tue, Nov 24 of World history: I am ill." */
function Sentence({ line }: { readonly line: MeetingLine }) {
  const now = line.kind === "changed" && line.scope === "this" ? line.occurrence : null;
  const occurrence = useSelect(({ meetings }) => (now ? meetings.occurrences[line.meetingId]?.[now] : undefined));
  const words = lineWords(line, Date.now());
  if (line.kind === "changed" || line.kind === "cancelled" || line.kind === "scheduled") {
    const reason = line.kind === "cancelled" ? line.reason : null;
    const about = "occurrence" in line && line.occurrence ? " of " : line.kind === "cancelled" ? " of " : " ";
    return (
      <>
        {line.actor.name} {words}
        {about}
        <Title line={line} />
        {occurrence && occurrence.status === "scheduled" && `: now ${whenWords(occurrence, Date.now())}`}
        {reason && `: ${reason}`}
      </>
    );
  }
  return (
    <>
      <Title line={line} />
      {line.kind === "link" ? `: ${words}` : ` ${words}`}
    </>
  );
}

function Title({ line }: { readonly line: MeetingLine }) {
  const occurrence = line.kind === "held" || line.kind === "reminder" ? line.occurrence.key : (line.kind === "recording" ? line.recording.key : null) ?? null;
  return (
    <PlaceLink to={placeOf({ name: "meeting", meetingId: line.meetingId, occurrence })} class="meeting-link">
      {line.title}
    </PlaceLink>
  );
}

interface MeetingCardProps extends MeetingRowProps {
  readonly meeting: Meeting;
}

function MeetingCard({ rowKey, line, meeting }: MeetingCardProps) {
  const now = useNow();
  const { known, inside } = useParts(({ meetings }) => ({
    known: meetings.occurrences[meeting.id]?.[lineKey(line) ?? meeting.next?.key ?? ""],
    inside: meetings.inside[meeting.id],
  }));
  const told = line.kind === "scheduled" ? meeting.next : line.kind === "held" || line.kind === "reminder" ? line.occurrence : undefined;
  const occurrence = known ?? told;
  const entry: Entry | null = occurrence ? { meeting, occurrence } : null;
  const stage = entry ? stageOf(entry, now) : meeting.status === "cancelled" ? "cancelled" : "over";
  const people = stage === "live" ? Object.keys(inside ?? {}).length : 0;
  const elsewhere = occurrence && elsewhereWords(occurrence);
  return (
    <li class="meeting-card-row" data-key={rowKey} data-kind={line.kind}>
      <article class="meeting-card" data-stage={stage} aria-label={line.title}>
        <span class="meeting-card-icon">
          <Icon of={ICONS[line.kind]} />
        </span>
        <div class="meeting-card-words">
          <h3>
            <Title line={line} />
            <StageSign stage={stage} />
          </h3>
          <p>
            {cardWords(line, meeting, entry, now)}
            {elsewhere && <span class="elsewhere"> · {elsewhere}</span>}
          </p>
          <p class="hint">
            {people > 0 ? `${counted(people, "person", "people")} in it` : origin(line)}
            {" · "}
            <time dateTime={line.at} title={wholeTime(new Date(line.at))}>
              {clockTime(new Date(line.at))}
            </time>
          </p>
        </div>
        {entry && !(line.kind === "scheduled" && stage === "live") && <JoinLink entry={entry} stage={stage} />}
      </article>
    </li>
  );
}

function lineKey(line: MeetingLine): string | null {
  return line.kind === "held" || line.kind === "reminder" ? line.occurrence.key : null;
}

function cardWords(line: MeetingLine, meeting: Meeting, entry: Entry | null, now: number): string {
  if (line.kind === "held" && line.ended) {
    const seconds = (Date.parse(line.ended.at) - Date.parse(line.at)) / 1000;
    return `Took place: ${duration(seconds)}, ${counted(line.ended.people, "person", "people")}`;
  }
  if (line.kind === "scheduled") {
    const rule = ruleWords(meeting.schedule);
    if (meeting.status === "cancelled") return "It will not be held.";
    const next = entry && stageOf(entry, now) !== "over" ? `${rule ? " · next: " : ""}${whenWords(entry.occurrence, now)}` : "";
    return `${rule ?? ""}${next}` || "It is over.";
  }
  return entry ? whenWords(entry.occurrence, now) : lineWords(line, now);
}

function origin(line: MeetingLine): string {
  if (line.kind === "scheduled") return `Scheduled by ${line.actor.name}`;
  if (line.kind === "reminder") return "Reminder";
  return line.kind === "held" && !line.ended ? "Being held" : "Class";
}
