import { useRef, useState } from "preact/hooks";
import { SmilePlus } from "lucide";
import type { Message } from "../../contract.gen";
import { nameOf } from "../../state/selectors";
import { useApp } from "../../ui/app";
import { Icon } from "../../ui/Icon";
import { EmojiPicker } from "./EmojiPicker";

interface ReactionsProps {
  readonly message: Message;
  readonly me: string;
  readonly mayReact: boolean;
}

export function Reactions({ message, me, mayReact }: ReactionsProps) {
  const { store, act } = useApp();
  const [picking, setPicking] = useState(false);
  const add = useRef<HTMLButtonElement>(null);
  const react = (emoji: string, present: boolean): void => void act.react(message.room_id, message.id, emoji, present);
  return (
    <div class="reactions">
      {message.reactions.map(({ emoji, user_ids: users }) => {
        const mine = users.includes(me);
        const names = users.map((id) => (id === me ? "you" : nameOf(store.get(), message.room_id, id))).join(", ");
        return (
          <button
            key={emoji}
            type="button"
            class="reaction"
            aria-pressed={mine}
            aria-label={`${emoji} ${users.length}: ${names}`}
            data-tip={names}
            disabled={!mayReact}
            onClick={() => react(emoji, !mine)}
          >
            <span aria-hidden="true">{emoji}</span> {users.length}
          </button>
        );
      })}
      {mayReact && (
        <button ref={add} type="button" class="reaction reaction-add" aria-label="Add a reaction" onClick={() => setPicking(true)}>
          <Icon of={SmilePlus} />
        </button>
      )}
      {picking && (
        <EmojiPicker
          anchor={() => add.current}
          onClose={() => setPicking(false)}
          onPick={(emoji) => {
            setPicking(false);
            react(emoji, true);
          }}
        />
      )}
    </div>
  );
}
