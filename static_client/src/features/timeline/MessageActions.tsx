import { useRef, useState } from "preact/hooks";
import { Copy, Pencil, SmilePlus, Trash2 } from "lucide";
import type { Actor, Message, RoomSummary } from "../../contract.gen";
import { mayDelete, mayEdit, mayReact } from "../../state/allowed";
import { useAct } from "../../ui/app";
import { IconButton } from "../../ui/controls";
import { EmojiPicker } from "./EmojiPicker";

interface MessageActionsProps {
  readonly message: Message;
  readonly me: Actor;
  readonly summary: RoomSummary | undefined;
}

/** What can be done with a message, beside it while the pointer or the focus is on it. */
export function MessageActions({ message, me, summary }: MessageActionsProps) {
  const act = useAct();
  const [picking, setPicking] = useState(false);
  const bar = useRef<HTMLDivElement>(null);
  return (
    <div class="message-actions" role="toolbar" aria-label="Actions" ref={bar}>
      {mayReact(summary) && (
        <IconButton small icon={SmilePlus} label="React" expanded={picking} onClick={() => setPicking(true)} />
      )}
      {mayEdit(summary, message, me) && <IconButton small icon={Pencil} label="Edit" onClick={() => act.edit(message.id)} />}
      <IconButton small icon={Copy} label="Copy text" onClick={() => void act.copy(message.text)} />
      {mayDelete(summary, message, me) && (
        <IconButton small icon={Trash2} label="Delete" onClick={() => act.dialog({ name: "delete", messageId: message.id })} />
      )}
      {picking && (
        <EmojiPicker
          anchor={() => bar.current}
          onClose={() => setPicking(false)}
          onPick={(emoji) => {
            setPicking(false);
            void act.react(message.room_id, message.id, emoji, true);
          }}
        />
      )}
    </div>
  );
}
