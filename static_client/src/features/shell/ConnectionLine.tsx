import { useEffect, useState } from "preact/hooks";
import { CircleAlert, CloudOff, KeyRound } from "lucide";
import { waitingCount } from "../../state/outbox";
import { useAct, useParts } from "../../ui/app";
import { Button } from "../../ui/controls";
import { Icon } from "../../ui/Icon";

/** A first connection that takes no longer than this is nothing to speak of. */
const PATIENCE_MS = 1_500;

/** The state of the connection in one line, when there is something to say. */
export function ConnectionLine() {
  const act = useAct();
  const { phase, sentence, waiting } = useParts(({ connection, outbox }) => ({
    phase: connection.phase,
    sentence: connection.sentence,
    waiting: waitingCount(outbox),
  }));
  const slow = useSlow(phase === "connecting");
  const line = {
    online: null,
    connecting: slow ? "Connecting…" : null,
    offline: `You are offline.${waitingSentence(waiting)}`,
    expired: `Your sign-in has run out.${waitingSentence(waiting)}`,
    ended: sentence ?? "The server ended this connection.",
  }[phase];
  return (
    <div class="connection-line" data-phase={phase} role="status">
      {line && (
        <p>
          <Icon of={phase === "expired" ? KeyRound : phase === "ended" ? CircleAlert : CloudOff} />
          <span>{line}</span>
          {phase === "expired" && <Button onClick={() => act.dialog({ name: "sign-in-again" })}>Sign in again</Button>}
          {phase === "ended" && <Button onClick={() => location.reload()}>Reload</Button>}
        </p>
      )}
    </div>
  );
}

export function waitingSentence(count: number): string {
  if (count === 0) return "";
  return count === 1 ? " 1 message waiting." : ` ${count} messages waiting.`;
}

function useSlow(active: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!active) return;
    const timer = setTimeout(() => setSlow(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [active]);
  return slow;
}
