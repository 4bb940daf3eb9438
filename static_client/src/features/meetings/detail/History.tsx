import { useEffect, useState } from "preact/hooks";
import { ChevronDown } from "lucide";
import type { Change } from "../../../contract.gen";
import { useSelect } from "../../../ui/app";
import { useAttempt } from "../../../ui/attempt";
import { Button, Problem } from "../../../ui/controls";
import { clockTime, wholeTime } from "../../../ui/times";
import { dateIn, viewerZone } from "../../../ui/zones";
import { useMeetings } from "../context";
import { keyDay } from "../words";

/** What happened to the meeting, the newest first. */
export function History({ meetingId }: { readonly meetingId: string }) {
  const meetings = useMeetings();
  const changes = useSelect(({ meetings: state }) => state.changes);
  const [items, setItems] = useState<readonly Change[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const { busy, problem, attempt } = useAttempt();
  const load = (before: string | null): void =>
    attempt(async () => {
      const page = await meetings.history(meetingId, before);
      setItems((now) => [...(before ? (now ?? []) : []), ...page.items]);
      setNext(page.has_more ? (page.next ?? null) : null);
    });
  useEffect(() => load(null), [meetingId, changes]);
  return (
    <section class="page-part" aria-labelledby="history">
      <h2 id="history">History</h2>
      <Problem sentence={problem} />
      <ol class="history" aria-label="History">
        {items?.map((change) => (
          <li key={change.id}>
            <time dateTime={change.at} title={wholeTime(new Date(change.at))}>
              {dateIn(viewerZone(), new Date(change.at))}, {clockTime(new Date(change.at))}
            </time>
            <p>
              {change.actor ? <strong>{change.actor.name}: </strong> : <strong>Homeroom: </strong>}
              {change.words}
              {change.key && ` (${keyDay(change.key)})`}
              {change.reason && <q>{change.reason}</q>}
            </p>
          </li>
        ))}
      </ol>
      {next && (
        <Button look="quiet" icon={ChevronDown} disabled={busy} onClick={() => load(next)}>
          Earlier
        </Button>
      )}
    </section>
  );
}
