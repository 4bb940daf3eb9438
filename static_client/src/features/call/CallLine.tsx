import { Phone } from "lucide";
import type { PastCall } from "../../contract.gen";
import { useAct } from "../../ui/app";
import { Icon } from "../../ui/Icon";
import { clockTime, wholeTime } from "../../ui/times";
import { pastCall } from "./words";

/** A call that took place, at its end in the timeline. */
export function CallLine({ past, rowKey }: { readonly past: PastCall; readonly rowKey: string }) {
  const act = useAct();
  const { call, ended_at: ended = call.started_at, people } = past;
  return (
    <li class="line line-call" data-key={rowKey}>
      <button type="button" onClick={() => act.dialog({ name: "attendance", callId: call.id })} title={wholeTime(new Date(call.started_at))}>
        <Icon of={Phone} />
        {pastCall(call.started_at, ended, people)}
        <time dateTime={ended}>{clockTime(new Date(ended))}</time>
      </button>
    </li>
  );
}
