import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Message } from "../../contract.gen";
import { useAct, useSelect } from "../../ui/app";
import { useAttempt } from "../../ui/attempt";
import { Button, Problem } from "../../ui/controls";
import { lengthOf } from "../composer/length";

/** A message being rewritten in its place. */
export function EditForm({ message }: { readonly message: Message }) {
  const act = useAct();
  const maxText = useSelect(({ connection }) => connection.maxText);
  const [text, setText] = useState(message.text);
  const { busy, problem, attempt } = useAttempt();
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(message.text.length, message.text.length);
  }, []);
  const done = (): void => {
    act.edit(null);
    document.querySelector<HTMLElement>("#composer-text")?.focus();
  };
  const tooLong = lengthOf(text) > maxText;
  const save = (): void => {
    if (!text.trim()) return act.dialog({ name: "delete", messageId: message.id });
    if (tooLong) return;
    if (text === message.text) return done();
    attempt(() => act.rewrite(message.id, text), done);
  };
  return (
    <form
      class="edit-form"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={area}
        class="grows"
        dir="auto"
        aria-label="Edit text"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            save();
          } else if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            done();
          }
        }}
      />
      <Problem sentence={tooLong ? `That is longer than ${maxText} characters.` : problem} />
      <div class="row">
        <Button type="submit" look="accent" disabled={busy || tooLong}>
          Save
        </Button>
        <Button look="quiet" onClick={done}>
          Cancel
        </Button>
        <span class="hint">Esc cancels, Enter saves</span>
      </div>
    </form>
  );
}
