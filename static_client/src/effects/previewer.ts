/** Asks what a schedule would come to while it is being typed: after a pause, and only the newest answer counts. */

import type { Preview, PreviewMeeting } from "../contract.gen";
import { Refusal } from "../net/socket";
import { sentenceOf } from "./patience";

const PAUSE_MS = 250;
const AGAIN_MS = 1_500;

export type Previewed =
  /** The form does not say enough yet. */
  | { readonly kind: "nothing" }
  /** `preview` is the one before: it stays in view, so that nothing jumps. */
  | { readonly kind: "asking"; readonly preview: Preview | null }
  | { readonly kind: "shown"; readonly preview: Preview }
  | { readonly kind: "refused"; readonly sentence: string };

export interface Previewer {
  /** null: there is nothing to ask. */
  want(wish: PreviewMeeting | null): void;
  stop(): void;
}

export function createPreviewer(
  ask: (wish: PreviewMeeting, signal: AbortSignal) => Promise<Preview>,
  show: (previewed: Previewed) => void,
): Previewer {
  let asked: string | null = null;
  let last: Preview | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let flight: AbortController | null = null;

  function drop(): void {
    clearTimeout(timer);
    flight?.abort();
    flight = null;
  }

  async function fetchNow(wish: PreviewMeeting): Promise<void> {
    const mine = new AbortController();
    flight = mine;
    try {
      const preview = await ask(wish, mine.signal);
      if (mine.signal.aborted) return;
      last = preview;
      show({ kind: "shown", preview });
    } catch (error) {
      if (mine.signal.aborted) return;
      show({ kind: "refused", sentence: sentenceOf(error) });
      const later = error instanceof Refusal && error.retryable;
      if (later) timer = setTimeout(() => void fetchNow(wish), error.retryAfterMs ?? AGAIN_MS);
    }
  }

  return {
    want(wish) {
      const wanted = wish && JSON.stringify(wish);
      if (wanted === asked) return;
      asked = wanted;
      drop();
      if (!wish) return show({ kind: "nothing" });
      show({ kind: "asking", preview: last });
      timer = setTimeout(() => void fetchNow(wish), PAUSE_MS);
    },
    stop: drop,
  };
}
