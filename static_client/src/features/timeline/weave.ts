/** What else happened, among the messages of a timeline: calls, classes. */

import type { Row } from "./rows";

export interface Happening {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Each stands where it happened; those before the oldest message that is here wait until older ones are. */
export function weave<Other extends Happening>(rows: readonly Row[], others: readonly Other[], hasOlder: boolean): readonly (Row | Other)[] {
  if (others.length === 0) return rows;
  const all: (Row | Other)[] = [];
  const first = rows.find((row) => timeOf(row) !== null);
  const oldest = timeOf(first) ?? 0;
  const waiting = others.filter(({ at }) => !hasOlder || at >= oldest).sort((a, b) => a.at - b.at);
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
