import type { Desk } from "../../effects/call-desk";
import { useAct, useSelect } from "../../ui/app";
import { Button } from "../../ui/controls";
import { CallBar } from "./CallBar";
import { CallPeople } from "./CallPeople";
import { useCalls, useObserved } from "./context";
import { Lobby } from "./Lobby";
import { Notices } from "./Notices";
import { SelfVideo } from "./SelfVideo";
import { Stage } from "./Stage";
import { OVER } from "./words";

/** What a call shows in its room: the door, the wait, the stage, the end. */
export function CallRoom({ desk }: { readonly desk: Desk }) {
  const phase = useObserved(desk.model, (model) => model.phase);
  const side = useSelect(({ calls }) => calls.mine?.side ?? null);
  switch (phase) {
    case "outside":
    case "joining":
      return (
        <section class="stage" aria-label="Before the call">
          <Lobby desk={desk} joining={phase === "joining"} />
        </section>
      );
    case "lobby":
      return (
        <section class="stage" aria-label="Waiting to be let in">
          <Waiting desk={desk} />
        </section>
      );
    case "over":
      return (
        <section class="stage" aria-label="After the call">
          <Over desk={desk} />
        </section>
      );
    case "in":
    case "reconnecting":
      return (
        <>
          <section class="stage" aria-label="Call">
            <Stage desk={desk} />
            <Notices desk={desk} />
          </section>
          {side === "people" && <CallPeople desk={desk} />}
          <CallBar desk={desk} />
        </>
      );
  }
}

function Waiting({ desk }: { readonly desk: Desk }) {
  const calls = useCalls();
  const camera = useObserved(desk.model, ({ own }) => own.cameraTrack);
  return (
    <div class="call-card call-card-still">
      <SelfVideo track={camera} />
      <h2>Please wait a moment</h2>
      <p role="status">Somebody who leads this call will let you in. Nobody sees or hears you until then.</p>
      <div class="row">
        <Button onClick={() => void calls.leave()}>Do not wait</Button>
      </div>
    </div>
  );
}

function Over({ desk }: { readonly desk: Desk }) {
  const act = useAct();
  const calls = useCalls();
  const reason = useObserved(desk.model, (model) => model.reason);
  const again = reason !== "ended" && reason !== "denied";
  return (
    <div class="call-card call-card-still">
      <h2 aria-live="polite">{OVER[reason ?? "left"]}</h2>
      <p>{reason === "removed" ? "If that was a mistake, write to them in the room." : "The room and its messages are still here."}</p>
      <div class="row">
        {again && (
          <Button
            look="accent"
            onClick={() => {
              void calls.leave().then(() => calls.open(desk.roomId)).catch(() => act.toast("That did not work. Try again."));
            }}
          >
            Join again
          </Button>
        )}
        <Button onClick={() => void calls.leave()}>Back to the room</Button>
      </div>
    </div>
  );
}
