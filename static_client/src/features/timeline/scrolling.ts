/** Where the eye is, kept there: at the newest while it is there, on the same line while others come and go above. */

import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef } from "preact/hooks";

/** Nearer to the end than this counts as being there. */
const END_PX = 48;
/** Fetch the next page when less than this is left to read. */
const AHEAD_PX = 800;

interface Anchor {
  readonly key: string;
  /** Distance of the line's top from the top of the view. */
  readonly top: number;
}

export interface Scrolling {
  readonly onScroll: () => void;
  readonly toEnd: () => void;
  /** Puts a line into view and keeps it there. */
  readonly toRow: (row: HTMLElement, part: number) => void;
}

export interface ScrollingWishes {
  readonly view: RefObject<HTMLElement | null>;
  readonly list: RefObject<HTMLElement | null>;
  /** The list ends with the newest message there is. */
  readonly live: boolean;
  readonly atEnd: (atEnd: boolean) => void;
  readonly nearStart: () => void;
  readonly nearEnd: () => void;
}

export function useScrolling({ view, list, live, atEnd, nearStart, nearEnd }: ScrollingWishes): Scrolling {
  const stuck = useRef(true);
  const lastTop = useRef(0);
  const anchor = useRef<Anchor | null>(null);
  const wishes = useRef({ live, atEnd, nearStart, nearEnd });
  wishes.current = { live, atEnd, nearStart, nearEnd };

  const remember = useCallback(() => {
    const box = view.current;
    if (!box || !list.current) return;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    stuck.current = left < END_PX;
    lastTop.current = box.scrollTop;
    anchor.current = firstInView(box, list.current);
    wishes.current.atEnd(stuck.current && wishes.current.live);
    if (box.scrollTop < AHEAD_PX) wishes.current.nearStart();
    if (left < AHEAD_PX && !wishes.current.live) wishes.current.nearEnd();
  }, []);

  const restore = useCallback(() => {
    const box = view.current;
    if (!box) return;
    // Somebody has scrolled up, and the browser has not said so yet: do not pull them back.
    if (box.scrollTop < lastTop.current - 1) remember();
    if (stuck.current && wishes.current.live) {
      box.scrollTop = box.scrollHeight;
      lastTop.current = box.scrollTop;
      return;
    }
    const kept = anchor.current;
    const row = kept && list.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(kept.key)}"]`);
    if (row) box.scrollTop += row.getBoundingClientRect().top - box.getBoundingClientRect().top - kept.top;
    lastTop.current = box.scrollTop;
  }, []);

  // After each drawing, and whenever something grows or shrinks by itself.
  useLayoutEffect(restore);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(restore);
    if (list.current) observer.observe(list.current);
    if (view.current) observer.observe(view.current);
    return () => observer.disconnect();
  }, []);

  return {
    onScroll: remember,
    toEnd: () => {
      stuck.current = true;
      restore();
      remember();
    },
    toRow: (row, part) => {
      const box = view.current;
      if (!box) return;
      stuck.current = false;
      box.scrollTop += row.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight * part;
      remember();
    },
  };
}

/** The first message in view. Day lines are no landmarks: they move when older messages of that day come. */
function firstInView(box: HTMLElement, list: HTMLElement): Anchor | null {
  const edge = box.getBoundingClientRect().top;
  for (const row of list.children) {
    const { top, bottom } = row.getBoundingClientRect();
    const { key, message } = (row as HTMLElement).dataset;
    if (bottom > edge && key && message) return { key, top: top - edge };
  }
  return null;
}
