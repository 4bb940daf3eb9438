import { useEffect, useState } from "preact/hooks";
import type { Revision } from "../../contract.gen";
import { useAct } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Problem } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { wholeTime } from "../../ui/times";
import { Markdown } from "../markdown/Markdown";

/** How a message read before it was edited. */
export function HistoryDialog({ messageId, onClose }: { readonly messageId: string; readonly onClose: () => void }) {
  const act = useAct();
  const [revisions, setRevisions] = useState<readonly Revision[]>([]);
  const { busy, problem, attempt } = useAttempt();
  useEffect(() => attempt(async () => setRevisions(await act.revisions(messageId))), [messageId]);
  return (
    <Dialog title="Earlier texts" onClose={onClose} wide>
      <Problem sentence={problem} />
      {busy && <p class="hint">Looking…</p>}
      <ol class="plain-list revisions" aria-label="Earlier texts">
        {revisions.map(({ revision, text, written_at: at }) => (
          <li key={revision}>
            <time dateTime={at}>{wholeTime(new Date(at))}</time>
            <Markdown text={text} />
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
