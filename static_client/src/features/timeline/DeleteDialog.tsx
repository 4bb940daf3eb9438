import { useAct } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Problem } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { plainText } from "../markdown/plain";
import { useMessage } from "./message";

export function DeleteDialog({ messageId, onClose }: { readonly messageId: string; readonly onClose: () => void }) {
  const act = useAct();
  const { message, me } = useMessage(messageId);
  const { busy, problem, attempt } = useAttempt();
  if (!message) return null;
  const mine = message.author.id === me?.id;
  return (
    <Dialog title={mine ? "Delete your message?" : `Delete ${message.author.name}’s message?`} onClose={onClose}>
      <blockquote class="quoted" dir="auto">
        {plainText(message.text)}
      </blockquote>
      <p>Its text disappears for everybody. That a message was here stays visible.</p>
      <Problem sentence={problem} />
      <div class="row row-end">
        <Button onClick={onClose}>Keep it</Button>
        <Button
          look="danger"
          disabled={busy}
          onClick={() =>
            attempt(
              () => act.remove(messageId),
              () => {
                act.edit(null);
                onClose();
              },
            )
          }
        >
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
