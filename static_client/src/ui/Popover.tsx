import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const GAP = 6;
const MARGIN = 8;

interface PopoverProps {
  readonly label: string;
  /** What it belongs to; it is put above or below that, wherever there is room. */
  readonly anchor: () => Element | null | undefined;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** In the browser's top layer, so that nothing cuts it off. Closes on Esc and on a click elsewhere. */
export function Popover({ label, anchor, onClose, children }: PopoverProps) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return;
    box.showPopover();
    place(box, anchor());
    box.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    const closed = (event: Event): void => {
      if ((event as ToggleEvent).newState === "closed") onClose();
    };
    box.addEventListener("toggle", closed);
    return () => box.removeEventListener("toggle", closed);
  }, []);
  return (
    <div
      ref={element}
      class="popover"
      popover="auto"
      role="group"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      {children}
    </div>
  );
}

function place(box: HTMLElement, anchor: Element | null | undefined): void {
  const { width, height } = box.getBoundingClientRect();
  const beside = anchor?.getBoundingClientRect() ?? new DOMRect(innerWidth / 2, innerHeight / 2, 0, 0);
  const below = beside.bottom + GAP + height + MARGIN < innerHeight;
  const left = Math.max(MARGIN, Math.min(beside.right - width, innerWidth - width - MARGIN));
  box.style.left = `${left}px`;
  box.style.top = `${Math.max(MARGIN, below ? beside.bottom + GAP : beside.top - GAP - height)}px`;
}
