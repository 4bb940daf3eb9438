import { CircleAlert, X } from "lucide";
import type { Peer } from "../../contract.gen";
import type { Desk } from "../../effects/call-desk";
import type { Problem } from "../../rtc";
import { Button, IconButton } from "../../ui/controls";
import { Icon } from "../../ui/Icon";
import { useObserved } from "./context";
import { notAllowed } from "./words";

/** What is wrong and what to do about it, over the lower edge of the stage. */
export function Notices({ desk }: { readonly desk: Desk }) {
  const problems = useObserved(desk.model, (model) => model.problems);
  const phase = useObserved(desk.model, (model) => model.phase);
  const standing = useObserved(desk.model, ({ seat }) => notAllowed(seat));
  const seat = useObserved(desk.model, (model) => model.seat);
  const said = problems.filter((problem) => stillTrue(problem, seat));
  const alone = useObserved(desk.model, ({ state }) => state?.peers.filter((peer) => peer.seat === "in").length === 1);
  return (
    <div class="notices">
      {alone && phase === "in" && (
        <p class="call-notice" role="status">
          <span>Nobody else is in the call yet. Others come in with “Join call” in this room.</span>
        </p>
      )}
      {phase === "reconnecting" && (
        <p class="call-notice" role="status">
          <span class="tile-spinner" aria-hidden="true" />
          <span>No connection to the server. You are still in the call; we are reconnecting.</span>
        </p>
      )}
      {standing && (
        <p class="call-notice" role="status">
          <Icon of={CircleAlert} />
          <span>{standing}</span>
        </p>
      )}
      {said.map((problem) => (
        <div key={`${problem.about} ${problem.peerId ?? ""}`} class="call-notice" role="alert">
          <Icon of={CircleAlert} />
          <span>
            {whose(desk, problem)}
            {problem.sentence}
          </span>
          {problem.retry && again(desk, problem) && <Button onClick={() => again(desk, problem)?.().catch(() => undefined)}>Try again</Button>}
          <IconButton small icon={X} label="Dismiss" onClick={() => desk.call.dismiss(problem)} />
        </div>
      ))}
    </div>
  );
}

/** What staff has switched off is said by `notAllowed` for as long as it is true. */
function stillTrue({ kind, about }: Problem, seat: Peer | null): boolean {
  if (kind === "blocked") return false;
  const given = seat && (about === "microphone" || about === "camera" || about === "screen") && seat.rights[about];
  return kind !== "forbidden" || !given;
}

function whose(desk: Desk, { peerId }: Problem): string {
  const name = desk.model.get().state?.peers.find(({ id }) => id === peerId)?.user.name;
  return name ? `${name}: ` : "";
}

function again(desk: Desk, { about, kind }: Problem): (() => Promise<void>) | null {
  if (kind === "unreachable") return null;
  switch (about) {
    case "microphone":
      return () => desk.call.setMicrophone(true);
    case "camera":
      return () => desk.call.setCamera(true);
    case "screen":
    case "screen_audio":
      return () => desk.call.shareScreen();
    default:
      return null;
  }
}
