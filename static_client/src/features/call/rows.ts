/** Calls among the messages of a timeline. */

import type { PastCall } from "../../contract.gen";

export interface CallRow {
  readonly kind: "call";
  readonly key: string;
  readonly at: number;
  readonly past: PastCall;
}

/** Each call stands where it ended. */
export function callRows(past: readonly PastCall[]): readonly CallRow[] {
  return past.map((one) => ({ kind: "call", key: one.call.id, past: one, at: Date.parse(one.ended_at ?? one.call.started_at) }));
}
