import { Copy, History, Pencil, Trash2 } from "lucide";
import { mayDelete, mayEdit, mayReact, maySeeRevisions } from "../../state/allowed";
import { useAct } from "../../ui/app";
import { Button } from "../../ui/controls";
import { Dialog } from "../../ui/Dialog";
import { EmojiGrid } from "./EmojiPicker";
import { useMessage } from "./message";

/** The actions of a message for fingers, and for the Enter key. */
export function ActionSheet({ messageId, onClose }: { readonly messageId: string; readonly onClose: () => void }) {
  const act = useAct();
  const { message, summary, me } = useMessage(messageId);
  if (!message || message.deleted_at) return null;
  const then = (work: () => void) => (): void => {
    onClose();
    work();
  };
  return (
    <Dialog title={message.author.name} onClose={onClose} sheet>
      {mayReact(summary) && (
        <EmojiGrid onPick={(emoji) => then(() => void act.react(message.room_id, messageId, emoji, true))()} />
      )}
      <div class="sheet-actions">
        {mayEdit(summary, message, me) && (
          <Button look="quiet" icon={Pencil} onClick={then(() => act.edit(messageId))}>
            Edit
          </Button>
        )}
        <Button look="quiet" icon={Copy} onClick={then(() => void act.copy(message.text))}>
          Copy text
        </Button>
        {maySeeRevisions(summary, message, me) && (
          <Button look="quiet" icon={History} onClick={() => act.dialog({ name: "history", messageId })}>
            Earlier texts
          </Button>
        )}
        {mayDelete(summary, message, me) && (
          <Button look="danger" icon={Trash2} onClick={() => act.dialog({ name: "delete", messageId })}>
            Delete
          </Button>
        )}
      </div>
    </Dialog>
  );
}
