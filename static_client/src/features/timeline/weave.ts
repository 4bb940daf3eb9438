/** What else happened, among the messages of a timeline: calls, classes. */

import { dayKey } from "./rows";
import type { Row } from "./rows";

export interface Happening {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

type DayRow = Extract<Row, { kind: "day" }>;

/** Each stands where it happened, under its day; those before the oldest message that is here wait until older ones are. */
export function weave<Other extends Happening>(rows: readonly Row[], others: readonly Other[], hasOlder: boolean): readonly (Row | Other)[] {
  if (others.length === 0) return rows;
  const first = rows.find((row) => timeOf(row) !== null);
  const oldest = (first && timeOf(first)) ?? 0;
  const waiting = others.filter(({ at }) => !hasOlder || at >= oldest).sort((a, b) => a.at - b.at);
  const all: (Row | Other)[] = [];
  const said = rows.filter(({ kind }) => kind !== "day");
  for (const [index, row] of said.entries()) {
    // The "new" line stays with the message below it.
    const next = timeOf(row) ?? (said[index + 1] && timeOf(said[index + 1] as Row)) ?? null;
    while (next !== null && waiting[0] && waiting[0].at < next) all.push(...waiting.splice(0, 1));
    all.push(row);
  }
  return withDays([...all, ...waiting]);
}

function timeOf<Other extends Happening>(row: Row | Other): number | null {
  if ("at" in row) return row.at;
  if (row.kind === "message") return Date.parse(row.message.created_at);
  return row.kind === "outgoing" ? Date.parse(row.item.createdAt) : null;
}

/** A line above the first of each day. */
function withDays<Other extends Happening>(rows: readonly (Row | Other)[]): readonly (Row | Other)[] {
  const all: (Row | Other)[] = [];
  let day: string | null = null;
  for (const row of rows) {
    const time = timeOf(row);
    const date = time === null ? null : new Date(time);
    if (date && dayKey(date) !== day) {
      day = dayKey(date);
      const line: DayRow = { kind: "day", key: `day ${day}`, date };
      const last = all.at(-1);
      const before = last && "kind" in last && last.kind === "new" ? all.pop() : undefined;
      all.push(line, ...(before ? [before] : []));
    }
    all.push(row);
  }
  return all;
}
