/** What stands in the timeline, line by line: days, the "new" line, messages with or without their author's name. */

import type { Message } from "../../contract.gen";
import type { OutboxItem } from "../../state/model";

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly date: Date }
  | { readonly kind: "new"; readonly key: string }
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly head: boolean }
  | { readonly kind: "outgoing"; readonly key: string; readonly item: OutboxItem; readonly head: boolean };

const TOGETHER_MS = 5 * 60_000;

export interface RowsInput {
  readonly messages: readonly Message[];
  readonly outgoing: readonly OutboxItem[];
  readonly clientIds: Readonly<Record<string, string>>;
  readonly newAfter: number | undefined;
  /** Older ones exist: what is new may begin before the first message here. */
  readonly hasOlder: boolean;
  readonly me: string | undefined;
}

export function rowsOf({ messages, outgoing, clientIds, newAfter, hasOlder, me }: RowsInput): readonly Row[] {
  const rows: Row[] = [];
  let before: Spoken | null = null;
  const first = messages[0];
  let marked = newAfter === undefined || (hasOlder && first !== undefined && first.seq > newAfter);
  for (const message of messages) {
    const spoken = { author: message.author.id, at: new Date(message.created_at) };
    const newDay = !before || !sameDay(before.at, spoken.at);
    if (newDay) rows.push({ kind: "day", key: `day ${dayKey(spoken.at)}`, date: spoken.at });
    const newHere = !marked && message.seq > (newAfter ?? 0) && message.author.id !== me;
    if (newHere) {
      marked = true;
      rows.push({ kind: "new", key: "new" });
    }
    const head = newDay || newHere || !together(before, spoken);
    rows.push({ kind: "message", key: clientIds[message.id] ?? message.id, message, head });
    before = spoken;
  }
  for (const item of outgoing) {
    const spoken = { author: me ?? "", at: new Date(item.createdAt) };
    const newDay = !before || !sameDay(before.at, spoken.at);
    if (newDay) rows.push({ kind: "day", key: `day ${dayKey(spoken.at)}`, date: spoken.at });
    rows.push({ kind: "outgoing", key: item.clientId, item, head: newDay || !together(before, spoken) });
    before = spoken;
  }
  return rows;
}

interface Spoken {
  readonly author: string;
  readonly at: Date;
}

function together(before: Spoken | null, now: Spoken): boolean {
  return before !== null && before.author === now.author && now.at.getTime() - before.at.getTime() < TOGETHER_MS;
}

function sameDay(a: Date, b: Date): boolean {
  return dayKey(a) === dayKey(b);
}

export function dayKey(date: Date): string {
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}
