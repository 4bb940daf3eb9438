import { Phone } from "lucide";
import { isStaff } from "../../state/allowed";
import { atStage } from "../../state/call";
import { useAct, useParts } from "../../ui/app";
import { sentenceOf } from "../../effects/patience";
import { Button } from "../../ui/controls";
import { clockTime } from "../../ui/times";
import { useCalls } from "./context";

/** Whether the room has a call, and the way into it. */
export function CallButton({ roomId }: { readonly roomId: string }) {
  const act = useAct();
  const calls = useCalls();
  const { on, people, by, here, summary } = useParts(({ calls: known, rooms }) => ({
    on: known.byRoom[roomId] !== undefined,
    people: known.byRoom[roomId]?.people ?? 0,
    by: known.byRoom[roomId]?.call,
    here: atStage(known, roomId),
    summary: rooms.byId[roomId],
  }));
  if (here || !summary?.me.role || summary.room.archived) return null;
  if (!on && summary.room.kind === "announcement" && !isStaff(summary)) return null;
  const begun = by && `${by.started_by.name} began it at ${clockTime(new Date(by.started_at))}`;
  return (
    <>
      {on && (
        <span class="call-on" title={begun}>
          <span class="call-on-dot" aria-hidden="true" />
          {people <= 1 ? "1 in the call" : `${people} in the call`}
        </span>
      )}
      <Button
        look={on ? "accent" : "plain"}
        icon={Phone}
        onClick={() => calls.open(roomId).catch((error: unknown) => act.toast(sentenceOf(error)))}
      >
        Join call
      </Button>
    </>
  );
}
