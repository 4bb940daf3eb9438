/** Which message has its actions beside it: the one under the pointer or the focus. Arrows move the focus, a long press opens a sheet. */

import { useMemo, useRef, useState } from "preact/hooks";
import { useAct } from "../../ui/app";

const LONG_PRESS_MS = 450;
const STILL_PX = 10;

export function useActiveRow(list: { readonly current: HTMLOListElement | null }) {
  const act = useAct();
  const [hovered, setHovered] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [tabbable, setTabbable] = useState<string | null>(null);
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null);

  const handlers = useMemo(() => {
    const release = (): void => {
      if (press.current) clearTimeout(press.current.timer);
      press.current = null;
    };
    return {
      onPointerOver: (event: PointerEvent) => {
        if (event.pointerType === "mouse") setHovered(keyOf(event.target));
      },
      onPointerLeave: () => setHovered(null),
      onFocusIn: (event: FocusEvent) => {
        const key = keyOf(event.target);
        setFocused(key);
        if (key) setTabbable(key);
      },
      onFocusOut: (event: FocusEvent) => {
        if (!list.current?.contains(event.relatedTarget as Node | null)) setFocused(null);
      },
      onPointerDown: (event: PointerEvent) => {
        const row = rowOf(event.target);
        if (event.pointerType === "mouse" || !row?.dataset["message"]) return;
        const { message } = row.dataset;
        const open = (): void => act.dialog({ name: "actions", messageId: message ?? "" });
        press.current = { timer: setTimeout(open, LONG_PRESS_MS), x: event.clientX, y: event.clientY };
      },
      onPointerMove: (event: PointerEvent) => {
        const from = press.current;
        if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL_PX) release();
      },
      onPointerUp: release,
      onPointerCancel: release,
      onContextMenu: (event: MouseEvent) => {
        if (press.current || (event as PointerEvent).pointerType === "touch") event.preventDefault();
      },
      onKeyDown: (event: KeyboardEvent) => {
        const row = rowOf(event.target);
        if (!row || event.target !== row) return;
        if (event.key === "ArrowUp" || event.key === "ArrowDown") {
          event.preventDefault();
          neighbour(row, event.key === "ArrowUp")?.focus();
        } else if (event.key === "Enter" && row.dataset["message"]) {
          event.preventDefault();
          act.dialog({ name: "actions", messageId: row.dataset["message"] });
        }
      },
    };
  }, [act]);

  return { key: focused ?? hovered, tabbable, handlers };
}

function rowOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("li[data-message]") : null;
}

function keyOf(target: EventTarget | null): string | null {
  return rowOf(target)?.dataset["key"] ?? null;
}

function neighbour(row: HTMLElement, up: boolean): HTMLElement | null {
  const step = (element: Element): Element | null => (up ? element.previousElementSibling : element.nextElementSibling);
  let next = step(row);
  while (next && !(next as HTMLElement).dataset["message"]) next = step(next);
  return next as HTMLElement | null;
}
