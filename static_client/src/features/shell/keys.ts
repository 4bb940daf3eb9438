import { useEffect } from "preact/hooks";
import { useApp } from "../../ui/app";

export interface KeyHelp {
  readonly keys: readonly string[];
  readonly does: string;
}

export const KEY_HELP: readonly KeyHelp[] = [
  { keys: ["Ctrl", "K"], does: "Go to a room or a person" },
  { keys: ["Enter"], does: "Send what is written" },
  { keys: ["Shift", "Enter"], does: "Begin a new line" },
  { keys: ["↑"], does: "Edit your last message, while nothing is written" },
  { keys: ["Tab"], does: "From the composer to the messages and their actions" },
  { keys: ["↑", "↓"], does: "Move between messages" },
  { keys: ["Ctrl", "Shift", "F"], does: "Search" },
  { keys: ["M"], does: "In a call: mute or unmute" },
  { keys: ["V"], does: "In a call: camera on or off" },
  { keys: ["S"], does: "In a call: share the screen, or stop" },
  { keys: ["H"], does: "In a call: raise or lower the hand" },
  { keys: ["Space"], does: "In a call: speak while it is held" },
  { keys: ["Esc"], does: "Close what is on top" },
  { keys: ["?"], does: "Show these keys" },
];

/** Keys that work everywhere. Those of one view are handled by that view. */
export function useKeys(): void {
  const { store, act } = useApp();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const command = event.ctrlKey || event.metaKey;
      const { place, dialog, editing } = store.get().ui;
      if (command && event.key.toLowerCase() === "k") {
        event.preventDefault();
        act.dialog({ name: "switcher" });
      } else if (command && event.shiftKey && event.key.toLowerCase() === "f" && place.roomId) {
        event.preventDefault();
        act.go({ panel: "search" });
      } else if (event.key === "Escape" && !dialog) {
        if (editing) act.edit(null);
        else if (place.panel) act.up();
      } else if (event.key === "?" && !dialog && !isTyping(event.target)) {
        event.preventDefault();
        act.dialog({ name: "keys" });
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [store, act]);
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable);
}
