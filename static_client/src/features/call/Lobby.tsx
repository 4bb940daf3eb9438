import { Mic, MicOff, Phone, Video, VideoOff } from "lucide";
import type { Desk } from "../../effects/call-desk";
import { useSelect } from "../../ui/app";
import { Button } from "../../ui/controls";
import { useCalls, useObserved } from "./context";
import { DeviceForm, Level } from "./DeviceForm";
import { SelfVideo } from "./SelfVideo";
import { counted } from "./words";

/** Before the call: see and hear oneself, choose devices, then come in. */
export function Lobby({ desk, joining }: { readonly desk: Desk; readonly joining: boolean }) {
  const calls = useCalls();
  const preview = useObserved(desk.preview);
  const refusal = useObserved(desk.refusal);
  const known = useSelect(({ calls: state }) => state.byRoom[desk.roomId]);
  const { wantsCamera, wantsMicrophone } = preview;
  return (
    <div class="lobby">
      <div class="lobby-look">
        <SelfVideo track={wantsCamera ? preview.camera : null} />
        <div class="lobby-switches">
          <Button icon={wantsMicrophone ? Mic : MicOff} onClick={() => desk.want("microphone", !wantsMicrophone)}>
            {wantsMicrophone ? "Mute" : "Unmute"}
          </Button>
          <Button icon={wantsCamera ? Video : VideoOff} onClick={() => desk.want("camera", !wantsCamera)}>
            {wantsCamera ? "Turn camera off" : "Turn camera on"}
          </Button>
        </div>
        <Level desk={desk} on={wantsMicrophone} />
        {preview.problems.map((problem) => (
          <div key={problem.about} class="notice notice-row" role="alert">
            <p>{problem.sentence}</p>
            {problem.retry && (
              <Button onClick={() => desk.tryAgain(problem.about === "camera" ? "camera" : "microphone")}>Try again</Button>
            )}
          </div>
        ))}
      </div>
      <div class="lobby-ask">
        <h2>Ready to join?</h2>
        <p class="lead">{known ? `${counted(known.people, "person is", "people are")} in the call.` : "Nobody is in the call yet. You begin it."}</p>
        {refusal && (
          <p class="problem" role="alert">
            {refusal.sentence}
          </p>
        )}
        <div class="row">
          <Button look="accent" icon={Phone} disabled={joining} onClick={() => void desk.join()}>
            {joining ? "Joining…" : "Join call"}
          </Button>
          <Button onClick={() => void calls.leave()}>Not now</Button>
        </div>
        <DeviceForm desk={desk} />
        <p class="hint">
          Trouble?{" "}
          <a href="/connection-test" target="_blank" rel="noopener">
            Test camera, microphone and connection
          </a>
        </p>
      </div>
    </div>
  );
}
