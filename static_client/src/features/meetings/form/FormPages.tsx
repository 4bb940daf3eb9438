import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { CalendarX2 } from "lucide";
import { useAct, useApp, useParts } from "../../../ui/app";
import { sentenceOf } from "../../../effects/patience";
import { localDay, addDays } from "../../../state/days";
import { blankDraft, changesOf, draftOf, wishOf } from "../../../state/drafts";
import type { Draft } from "../../../state/drafts";
import { maySchedule } from "../../../state/allowed";
import type { Page } from "../../../state/pages";
import { placeOf } from "../../../state/place";
import { Button, Empty } from "../../../ui/controls";
import { viewerZone } from "../../../ui/zones";
import { useMeetings } from "../context";
import { PageHead } from "../PageHead";
import { keyDay } from "../words";
import { ScheduleForm } from "./ScheduleForm";
import "../../../styles/meeting-pages.css";

type FormPageName = Extract<Page, { readonly name: "schedule" | "change" }>;

export function FormPage({ page }: { readonly page: FormPageName }) {
  return page.name === "schedule" ? <NewPage page={page} /> : <ChangePage page={page} />;
}

/** The next full hour that people have classes in. */
function soon(now: Date): { readonly day: string; readonly time: string } {
  const hour = now.getHours() + 1;
  if (hour > 18) return { day: addDays(localDay(now), 1), time: "09:00" };
  return { day: localDay(now), time: `${String(Math.max(hour, 8)).padStart(2, "0")}:00` };
}

function NewPage({ page }: { readonly page: Extract<Page, { readonly name: "schedule" }> }) {
  const { store, act } = useApp();
  const meetings = useMeetings();
  const { loaded } = useParts(({ rooms }) => ({ loaded: rooms.loaded }));
  const sent = useRef({ text: "", key: "" });
  const draft = useMemo((): Draft => {
    const { rooms, connection } = store.get();
    const mine = Object.values(rooms.byId).filter(maySchedule);
    const only = mine.length === 1 ? mine[0]?.room.id : undefined;
    const roomId = page.roomId ?? only ?? (mine.length > 0 ? "" : null);
    const next = soon(new Date(Date.now() + connection.clockOffset));
    const [day = next.day, time = next.time] = page.starts?.split("T") ?? [];
    return blankDraft({ roomId, day, time, zone: viewerZone() });
  }, [loaded]);
  return (
    <section class="page" aria-label="Schedule a class">
      <PageHead title="Schedule a class" deep />
      {loaded && (
        <ScheduleForm
          initial={draft}
          scope="all"
          meetingId={null}
          saveLabel="Schedule"
          onSave={async (ready, acceptClashes) => {
            const wish = wishOf(ready, acceptClashes);
            // The same wish, sent again, makes one meeting; another wish is another meeting.
            const text = JSON.stringify(wish);
            if (sent.current.text !== text) sent.current = { text, key: meetings.newKey() };
            const meetingId = await meetings.schedule(wish, sent.current.key);
            act.toast("Scheduled. Everybody in the room is told.");
            act.goInstead({ page: { name: "meeting", meetingId, occurrence: null } });
          }}
        />
      )}
    </section>
  );
}

function ChangePage({ page }: { readonly page: Extract<Page, { readonly name: "change" }> }) {
  const act = useAct();
  const meetings = useMeetings();
  const { meetingId, scope, occurrence: key } = page;
  const { meeting, occurrence, detail, missing } = useParts(({ meetings: state }) => ({
    meeting: state.byId[meetingId],
    occurrence: state.occurrences[meetingId]?.[key ?? ""],
    detail: state.details[meetingId],
    missing: state.missing[meetingId],
  }));
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => meetings.watchDetail(meetingId, (error) => setProblem(sentenceOf(error))), [meetingId]);
  const ready = meeting !== undefined && detail !== undefined && (scope === "all" || occurrence !== undefined);
  const draft = useMemo((): Draft | null => {
    if (!ready) return null;
    return draftOf({ meeting, occurrence: occurrence ?? null, scope, guests: detail.guests, reminders: detail.reminders });
  }, [ready]);
  const back = placeOf({ name: "meeting", meetingId, occurrence: key });
  if (missing || problem) {
    return (
      <Empty icon={CalendarX2} title={missing ? "There is no such meeting for you" : "It could not be loaded"}>
        <p>{problem ?? "It may be gone, or you may not belong to its room."}</p>
        <Button onClick={() => act.go(back)}>Back</Button>
      </Empty>
    );
  }
  return (
    <section class="page" aria-label="Change a class">
      <PageHead title={`Change ${meeting?.title ?? ""}`} sub={scopeWords(page)} deep />
      {draft && (
        <ScheduleForm
          initial={draft}
          scope={scope}
          meetingId={meetingId}
          saveLabel="Save the changes"
          onSave={async (changed, acceptClashes, reason) => {
            const changes = changesOf(draft, changed, scope, acceptClashes);
            await meetings.change(meetingId, scope, key, { ...changes, ...(reason ? { reason } : {}) });
            act.toast("Changed. Everybody is told.");
            act.goInstead(back);
          }}
        />
      )}
    </section>
  );
}

function scopeWords({ scope, occurrence }: Extract<Page, { readonly name: "change" }>): string {
  if (scope === "all" || !occurrence) return "All classes that are still to come";
  return scope === "this" ? `Only the class of ${keyDay(occurrence)}` : `The class of ${keyDay(occurrence)} and all that follow`;
}
