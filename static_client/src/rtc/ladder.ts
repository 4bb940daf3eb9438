/** When to try again, and how: first new paths for the same connection, then a new connection. */

import type { Clockwork } from "./clockwork";

/** Milliseconds before each attempt. Short at first, since most losses are over within a second. */
export const DELAYS = [0, 300, 1_200, 2_700, 4_800, 7_000, 7_000, 7_000, 7_000, 7_000] as const;

/** Attempts that restart ICE before a new connection is made. */
const RESTARTS = 2;

/** Spread of a delay, so that two sides, or many pages, do not try in step. */
const JITTER_MS = 300;

export type Rung = "restart" | "renew";

export class Ladder {
  private attempt = 0;

  constructor(private readonly clockwork: Clockwork) {}

  /** How many attempts were made since it last worked. */
  get attempts(): number {
    return this.attempt;
  }

  /** Every delay was used: the longest is kept from now on, and people should be told. */
  get exhausted(): boolean {
    return this.attempt >= DELAYS.length;
  }

  /** The next attempt: what, and after how many milliseconds. `renew`: only a new connection can help. */
  climb(renew: boolean): { readonly rung: Rung; readonly delay: number } {
    const base = DELAYS[Math.min(this.attempt, DELAYS.length - 1)] ?? 0;
    const rung = renew || this.attempt >= RESTARTS ? "renew" : "restart";
    const jitter = this.attempt === 0 ? 0 : this.clockwork.random() * JITTER_MS;
    this.attempt += 1;
    return { rung, delay: base + jitter };
  }

  reset(): void {
    this.attempt = 0;
  }
}
