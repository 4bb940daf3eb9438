import { X } from "lucide";
import { useAct, useParts } from "../../ui/app";
import { IconButton } from "../../ui/controls";

export function Toasts() {
  const act = useAct();
  const { toasts } = useParts(({ ui }) => ({ toasts: ui.toasts }));
  return (
    <div class="toasts" role="status">
      {toasts.map(({ id, sentence }) => (
        <p key={id} class="toast">
          <span>{sentence}</span>
          <IconButton small icon={X} label="Dismiss" onClick={() => act.dismissToast(id)} />
        </p>
      ))}
    </div>
  );
}
