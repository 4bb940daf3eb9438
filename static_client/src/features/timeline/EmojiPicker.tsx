import { useState } from "preact/hooks";
import { Popover } from "../../ui/Popover";
import { QUICK } from "./emoji";

interface EmojiPickerProps {
  readonly anchor: () => Element | null | undefined;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

export function EmojiPicker({ anchor, onPick, onClose }: EmojiPickerProps) {
  return (
    <Popover label="React" anchor={anchor} onClose={onClose}>
      <EmojiGrid onPick={onPick} />
    </Popover>
  );
}

/** A few at hand, more on demand. */
export function EmojiGrid({ onPick }: { readonly onPick: (emoji: string) => void }) {
  const [more, setMore] = useState<readonly string[]>([]);
  return (
    <div class="emoji-grid">
      {[...QUICK, ...more].map((emoji) => (
        <button key={emoji} type="button" class="emoji" onClick={() => onPick(emoji)} aria-label={`React with ${emoji}`}>
          {emoji}
        </button>
      ))}
      {more.length === 0 && (
        <button type="button" class="emoji-more" onClick={() => void import("./more-emoji").then(({ MORE }) => setMore(MORE))}>
          More…
        </button>
      )}
    </div>
  );
}
