/** Trying again, as long as it makes sense. */

import { Refusal } from "../net/socket";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/** Half to the whole of a time that doubles with each attempt, so that many pages do not come back at once. */
export function pauseBefore(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
  return whole / 2 + (random() * whole) / 2;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

/** Repeats what may succeed later, until it does or the connection is lost. */
export async function patiently<Answer>(ask: () => Promise<Answer>, attempts = 6): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const refusal = error instanceof Refusal ? error : null;
      if (!refusal?.retryable || refusal.code === "offline" || attempt + 1 >= attempts) throw error;
      await pause(refusal.retryAfterMs ?? pauseBefore(attempt));
    }
  }
}

/** Does `work` for each item, a few at a time, in the order given. */
export async function fewAtATime<Item>(items: readonly Item[], few: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(few, queue.length) }, worker));
}

/** What to show a person when something went wrong. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Refusal && error.code === "offline") return "You are offline. Try again when the connection is back.";
  if (error instanceof Error && error.message) return error.message;
  return "That did not work. Try again.";
}
