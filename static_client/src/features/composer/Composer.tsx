import { useEffect, useRef, useState } from "preact/hooks";
import { Eye, EyeOff, SendHorizontal } from "lucide";
import { lastOwn, titleOf } from "../../state/selectors";
import { useApp, useParts } from "../../ui/app";
import { Button, IconButton } from "../../ui/controls";
import { isTyping } from "../shell/keys";
import { Markdown } from "../markdown/Markdown";
import { lengthOf } from "./length";

/** Say how much is left only when it is little. */
const NEAR = 500;

export function Composer({ roomId }: { readonly roomId: string }) {
  const { store, act } = useApp();
  const { draft, maxText, title } = useParts(({ drafts, connection, rooms, session }) => ({
    draft: drafts[roomId] ?? "",
    maxText: connection.maxText,
    title: rooms.byId[roomId] ? titleOf(rooms.byId[roomId], session.me) : "",
  }));
  const [preview, setPreview] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const left = maxText - lengthOf(draft);
  const sendable = draft.trim() !== "" && left >= 0;

  useEffect(() => {
    // On a phone the keyboard would cover what one came to read.
    if (matchMedia("(pointer: fine)").matches) area.current?.focus({ preventScroll: true });
  }, []);
  useTypeAnywhere(area);
  useGrowing(area, draft);

  const send = (): void => {
    if (!sendable) return;
    act.send(roomId, draft);
    setPreview(false);
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && draft === "") {
      const own = lastOwn(store.get(), roomId);
      if (!own) return;
      event.preventDefault();
      act.edit(own);
    }
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {preview && (
        <div class="preview" role="region" aria-label="Preview">
          {draft.trim() ? <Markdown text={draft} /> : <p class="hint">What you write appears here as others will see it.</p>}
        </div>
      )}
      <textarea
        ref={area}
        id="composer-text"
        class="grows"
        dir="auto"
        rows={1}
        aria-label="Message"
        aria-describedby="composer-count"
        placeholder={`Write to ${title}`}
        enterkeyhint="send"
        value={draft}
        onInput={(event) => act.draft(roomId, event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="composer-bar">
        <IconButton
          small
          icon={preview ? EyeOff : Eye}
          label="Preview"
          pressed={preview}
          onClick={() => {
            setPreview(!preview);
            area.current?.focus();
          }}
        />
        <span class="composer-hint">**bold**, *italic*, `code`, - list</span>
        <span id="composer-count" class={`composer-count${left < 0 ? " composer-over" : ""}`} role="status">
          {left < 0 ? `${-left} characters too many` : left <= NEAR ? `${left} characters left` : ""}
        </span>
        <Button type="submit" look="accent" icon={SendHorizontal} disabled={!sendable}>
          Send
        </Button>
      </div>
    </form>
  );
}

type AreaRef = { readonly current: HTMLTextAreaElement | null };

/** A letter typed nowhere in particular is meant for the composer. */
function useTypeAnywhere(area: AreaRef): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.key === " ") return;
      if ([...event.key].length !== 1 || event.key === "?" || isTyping(event.target)) return;
      if (document.querySelector("dialog[open], [popover]:popover-open")) return;
      area.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** Where the style sheet cannot let it grow with its text. */
function useGrowing(area: AreaRef, text: string): void {
  useEffect(() => {
    const box = area.current;
    if (!box || CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }, [text]);
}
