/** Calls among the messages of a timeline. */

import type { PastCall } from "../../contract.gen";
import type { Row } from "../timeline/rows";

export interface CallRow {
  readonly kind: "call";
  readonly key: string;
  readonly past: PastCall;
}

/** Each call stands where it ended; those before the oldest message that is here wait until older ones are. */
export function withCalls(rows: readonly Row[], past: readonly PastCall[], hasOlder: boolean): readonly (Row | CallRow)[] {
  if (past.length === 0) return rows;
  const calls = past
    .map((one): CallRow & { readonly at: number } => ({ kind: "call", key: one.call.id, past: one, at: Date.parse(one.ended_at ?? one.call.started_at) }))
    .sort((a, b) => a.at - b.at);
  const all: (Row | CallRow)[] = [];
  const first = rows.findIndex((row) => timeOf(row) !== null);
  const oldest = first >= 0 && rows[first] ? (timeOf(rows[first]) ?? 0) : 0;
  const waiting = calls.filter(({ at }) => !hasOlder || at >= oldest);
  for (const [index, row] of rows.entries()) {
    // A day's own line, and the "new" line, stay with the message below them.
    const next = timeOf(row) ?? timeOf(rows[index + 1]) ?? timeOf(rows[index + 2]);
    while (next !== null && waiting[0] && waiting[0].at < next) all.push(...waiting.splice(0, 1));
    all.push(row);
  }
  return [...all, ...waiting];
}

function timeOf(row: Row | undefined): number | null {
  if (row?.kind === "message") return Date.parse(row.message.created_at);
  return row?.kind === "outgoing" ? Date.parse(row.item.createdAt) : null;
}
