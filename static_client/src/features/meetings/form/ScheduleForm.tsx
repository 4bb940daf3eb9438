import { useEffect, useMemo, useState } from "preact/hooks";
import type { Scope } from "../../../contract.gen";
import { createPreviewer } from "../../../effects/previewer";
import type { Previewed } from "../../../effects/previewer";
import { canPreview, previewOf, problemsOf } from "../../../state/drafts";
import type { Draft, DraftProblems } from "../../../state/drafts";
import { useAct } from "../../../ui/app";
import { useAttempt } from "../../../ui/attempt";
import { Button, Problem } from "../../../ui/controls";
import { Input } from "../../../ui/fields";
import { useMeetings } from "../context";
import { counted } from "../words";
import { How } from "./How";
import { PreviewBox, together } from "./PreviewBox";
import { What } from "./What";
import { When } from "./When";

export interface ScheduleFormProps {
  readonly initial: Draft;
  readonly scope: Scope;
  readonly meetingId: string | null;
  readonly saveLabel: string;
  readonly onSave: (draft: Draft, acceptClashes: boolean, reason: string) => Promise<void>;
}

/** What the parts of the form are given. */
export interface PartProps {
  readonly draft: Draft;
  readonly change: (changes: Partial<Draft>) => void;
  readonly problems: DraftProblems;
  readonly scope: Scope;
  readonly meetingId: string | null;
}

/** One column: what, when, how; and under "when" what it comes to, as one types. */
export function ScheduleForm({ initial, scope, meetingId, saveLabel, onSave }: ScheduleFormProps) {
  const act = useAct();
  const [draft, setDraft] = useState(initial);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const previewed = usePreview(draft, meetingId, scope);
  const { busy, problem, attempt } = useAttempt();
  const all = useMemo(() => problemsOf(draft), [draft]);
  // Whoever has not finished typing is not told off; a last day before the first is worth saying at once.
  const problems: DraftProblems = tried ? all : { ...(all.until ? { until: all.until } : {}) };
  const clashes = previewed.kind === "shown" ? together(previewed.preview.clashes).length : 0;
  const parts: PartProps = { draft, change: (changes) => setDraft((now) => ({ ...now, ...changes })), problems, scope, meetingId };
  const save = (acceptClashes: boolean): void => {
    setTried(true);
    const first = Object.keys(all)[0];
    if (first) return focusOn(first);
    attempt(() => onSave(draft, acceptClashes, reason.trim()));
  };
  return (
    <form
      class="form schedule-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save(clashes > 0);
      }}
    >
      <What {...parts} />
      <When {...parts}>
        <PreviewBox previewed={previewed} draft={draft} single={scope === "this"} />
      </When>
      {scope !== "this" && <How {...parts} notes={previewed.kind === "shown" ? previewed.preview.notes : []} />}
      {meetingId && (
        <Input
          id="change-reason"
          type="text"
          label="Why? (optional)"
          hint="Everybody who was to come reads this."
          value={reason}
          onInput={setReason}
          maxLength={500}
        />
      )}
      <Problem sentence={problem} />
      <div class="form-end">
        {tried && Object.keys(all).length > 0 && <p class="field-problem" role="status">Something is missing above.</p>}
        {clashes > 0 && <p class="field-problem">{counted(clashes, "conflict")}</p>}
        <Button onClick={() => act.up()}>Cancel</Button>
        <Button type="submit" look="accent" disabled={busy}>
          {clashes > 0 ? `${saveLabel} all the same` : saveLabel}
        </Button>
      </div>
    </form>
  );
}

const FIELD_IDS: Readonly<Record<string, string>> = { days: "day-MO" };

function focusOn(field: string): void {
  document.getElementById(FIELD_IDS[field] ?? `meeting-${field}`)?.focus();
}

function usePreview(draft: Draft, meetingId: string | null, scope: Scope): Previewed {
  const meetings = useMeetings();
  const [previewed, setPreviewed] = useState<Previewed>({ kind: "nothing" });
  const previewer = useMemo(() => createPreviewer(meetings.preview, setPreviewed), [meetings]);
  useEffect(() => () => previewer.stop(), [previewer]);
  useEffect(() => previewer.want(canPreview(draft) ? previewOf(draft, meetingId, scope) : null), [draft]);
  return previewed;
}
