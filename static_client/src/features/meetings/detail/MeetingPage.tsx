import { useEffect, useState } from "preact/hooks";
import { CalendarPlus, CalendarX2, Link, Pencil } from "lucide";
import type { Meeting } from "../../../contract.gen";
import { sentenceOf } from "../../../effects/patience";
import { stageOf } from "../../../state/agenda";
import type { Entry } from "../../../state/agenda";
import { maySchedule } from "../../../state/allowed";
import { formatPlace, placeOf } from "../../../state/place";
import type { Page } from "../../../state/pages";
import { useAct, useParts } from "../../../ui/app";
import { useAttempt } from "../../../ui/attempt";
import { useNow } from "../../../ui/clock";
import { Button, Empty, Problem } from "../../../ui/controls";
import { saveFile } from "../../../ui/files";
import { PlaceLink } from "../../../ui/links";
import { Markdown } from "../../markdown/Markdown";
import { useMeetings } from "../context";
import { JoinLink, StageSign } from "../JoinLink";
import { PageHead } from "../PageHead";
import { elsewhereWords, ruleWords, whenWords } from "../words";
import { Attendance } from "./Attendance";
import { Guests } from "./Guests";
import { History } from "./History";
import { LinkStatus } from "./LinkStatus";
import { Occurrences } from "./Occurrences";
import { Recordings } from "./Recordings";
import "../../../styles/meeting-pages.css";

/** One meeting, with all that belongs to it. */
export function MeetingPage({ page }: { readonly page: Extract<Page, { readonly name: "meeting" }> }) {
  const { meetingId, occurrence } = page;
  const meetings = useMeetings();
  const act = useAct();
  const [problem, setProblem] = useState<string | null>(null);
  const { meeting, detail, missing, phase } = useParts(({ meetings: state, connection }) => ({
    meeting: state.byId[meetingId],
    detail: state.details[meetingId],
    missing: state.missing[meetingId],
    phase: connection.phase,
  }));
  useEffect(() => meetings.watchDetail(meetingId, (error) => setProblem(sentenceOf(error))), [meetingId, phase === "online"]);
  if (missing || (problem && !detail)) {
    return (
      <Empty icon={CalendarX2} title={missing ? "There is no such meeting for you" : "It could not be loaded"}>
        <p>{missing ? "It may be gone, or you may not belong to its room." : problem}</p>
        <Button onClick={() => act.go({ page: { name: "calendar", view: null, day: null } })}>To the calendar</Button>
      </Empty>
    );
  }
  if (!meeting || !detail) return <section class="page" aria-busy="true" />;
  return (
    <section class="page meeting" aria-label={meeting.title}>
      <Head meeting={meeting} occurrence={occurrence} mayChange={detail.mayChange} />
      <div class="page-body">
        <Next meeting={meeting} occurrence={occurrence} mayChange={detail.mayChange} />
        <LinkStatus meeting={meeting} detail={detail} />
        {meeting.description && (
          <section class="page-part" aria-label="Description">
            <Markdown text={meeting.description} />
          </section>
        )}
        <Occurrences meeting={meeting} chosen={occurrence} mayChange={detail.mayChange} />
        <AfterClass meeting={meeting} occurrence={occurrence} staff={detail.mayChange} />
      </div>
    </section>
  );
}

interface HeadProps {
  readonly meeting: Meeting;
  readonly occurrence: string | null;
  readonly mayChange: boolean;
}

function Head({ meeting, occurrence: chosen, mayChange }: HeadProps) {
  const act = useAct();
  const occurrence = chosen ?? meeting.next?.key ?? null;
  const { room } = useParts(({ rooms }) => ({ room: rooms.byId[meeting.room_id]?.room }));
  const series = meeting.schedule.rule !== undefined;
  const over = meeting.status === "cancelled" || meeting.status === "ended";
  const sub = (
    <>
      With {meeting.host.name}
      {room && (
        <>
          {" · "}
          <PlaceLink to={{ roomId: meeting.room_id, panel: null, at: null }}>{room.title}</PlaceLink>
        </>
      )}
    </>
  );
  return (
    <PageHead title={meeting.title} sub={sub} deep>
      {mayChange && !over && (
        <>
          <Button
            icon={Pencil}
            onClick={() =>
              series
                ? act.dialog({ name: "change-meeting", meetingId: meeting.id, occurrence })
                : act.go({ page: { name: "change", meetingId: meeting.id, occurrence: null, scope: "all" } })
            }
          >
            Change
          </Button>
          <Button look="danger" icon={CalendarX2} onClick={() => act.dialog({ name: "cancel-meeting", meetingId: meeting.id, occurrence })}>
            Cancel it
          </Button>
        </>
      )}
    </PageHead>
  );
}

/** The class that was asked for, or the next one: when it is, and the way in. */
function Next({ meeting, occurrence: key, mayChange }: HeadProps) {
  const act = useAct();
  const meetings = useMeetings();
  const now = useNow();
  const { known } = useParts(({ meetings: state }) => ({ known: state.occurrences[meeting.id] }));
  const occurrence = (key && known?.[key]) || meeting.next;
  const entry: Entry | null = occurrence ? { meeting, occurrence } : null;
  const stage = entry && stageOf(entry, now);
  const rule = ruleWords(meeting.schedule);
  const elsewhere = occurrence && elsewhereWords(occurrence);
  const save = async (): Promise<void> => {
    try {
      saveFile(`${meeting.title}.ics`, await meetings.calendarFile(meeting.id));
    } catch (error) {
      act.toast(sentenceOf(error));
    }
  };
  return (
    <section class="meeting-next" aria-label="Next class" data-stage={stage ?? undefined}>
      <div class="meeting-when">
        <p class="meeting-time">
          {entry && stage !== "over" ? whenWords(entry.occurrence, now) : meeting.status === "cancelled" ? "It will not be held" : "Nothing more to come"}
          {stage && <StageSign stage={stage} />}
        </p>
        {elsewhere && <p class="elsewhere">{elsewhere}</p>}
        {rule && <p class="hint">{rule}</p>}
      </div>
      <div class="row">
        {entry && stage && <JoinLink entry={entry} stage={stage} />}
        {mayChange && stage === "live" && <EndClass meetingId={meeting.id} />}
        <Button icon={Link} onClick={() => void act.copy(new URL(formatPlace(placeOf({ name: "door", meetingId: meeting.id, occurrence: null })), location.href).href)}>
          Copy the link
        </Button>
        <Button icon={CalendarPlus} onClick={() => void save()}>
          Add to calendar
        </Button>
      </div>
    </section>
  );
}

/** For everybody, so it is asked twice. */
function EndClass({ meetingId }: { readonly meetingId: string }) {
  const act = useAct();
  const meetings = useMeetings();
  const [sure, setSure] = useState(false);
  const { busy, attempt, problem } = useAttempt();
  if (!sure) return <Button onClick={() => setSure(true)}>End the class</Button>;
  return (
    <>
      <Button look="danger" disabled={busy} onClick={() => attempt(() => meetings.end(meetingId), () => act.toast("The class is over."))}>
        End it for everybody
      </Button>
      <Button onClick={() => setSure(false)}>Go on</Button>
      <Problem sentence={problem} />
    </>
  );
}

function AfterClass({ meeting, occurrence, staff }: { readonly meeting: Meeting; readonly occurrence: string | null; readonly staff: boolean }) {
  const leads = useParts(({ rooms }) => ({ leads: maySchedule(rooms.byId[meeting.room_id]) })).leads || staff;
  return (
    <>
      <section class="page-part" aria-labelledby="recordings">
        <h2 id="recordings">Recordings</h2>
        <Recordings meetingId={meeting.id} occurrence={null} />
      </section>
      <Attendance meetingId={meeting.id} chosen={occurrence} staff={leads} />
      {leads && <Guests meetingId={meeting.id} />}
      {leads && <History meetingId={meeting.id} />}
    </>
  );
}
