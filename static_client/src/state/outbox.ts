/** What was written and is not yet known to be on the server's disk. Kept in order; sent again with the same client id. */

import type { Position } from "../contract.gen";
import type { OutboxItem, RoomId } from "./model";

export function added(outbox: readonly OutboxItem[], item: OutboxItem): readonly OutboxItem[] {
  return outbox.some(({ clientId }) => clientId === item.clientId) ? outbox : [...outbox, item];
}

/** Those kept by an earlier visit, before those written since. */
export function restored(outbox: readonly OutboxItem[], kept: readonly OutboxItem[]): readonly OutboxItem[] {
  const present = new Set(outbox.map(({ clientId }) => clientId));
  const earlier = kept.filter(({ clientId }) => !present.has(clientId));
  return [...earlier.map((item) => ({ ...item, status: item.status === "failed" ? item.status : ("waiting" as const) })), ...outbox];
}

export function settled(outbox: readonly OutboxItem[], clientId: string): readonly OutboxItem[] {
  return outbox.some((item) => item.clientId === clientId)
    ? outbox.filter((item) => item.clientId !== clientId)
    : outbox;
}

export function changed(
  outbox: readonly OutboxItem[],
  clientId: string,
  change: Pick<OutboxItem, "status"> & Partial<OutboxItem>,
): readonly OutboxItem[] {
  return outbox.map((item) => {
    if (item.clientId !== clientId) return item;
    const { sentence: _before, ...rest } = item;
    return { ...rest, ...change };
  });
}

/** The one to send next in a room: the first that was not refused, unless one is on its way already. */
export function nextToSend(outbox: readonly OutboxItem[], roomId: RoomId): OutboxItem | null {
  const open = outbox.filter((item) => item.roomId === roomId && (item.status === "waiting" || item.status === "sending"));
  const first = open[0];
  return first && first.status === "waiting" && !open.some(({ status }) => status === "sending") ? first : null;
}

export function roomsToSend(outbox: readonly OutboxItem[]): readonly RoomId[] {
  return [...new Set(outbox.map(({ roomId }) => roomId))].filter((roomId) => nextToSend(outbox, roomId) !== null);
}

/** How many wait for the connection. */
export function waitingCount(outbox: readonly OutboxItem[]): number {
  return outbox.filter(({ status }) => status === "waiting" || status === "sending").length;
}

/** Nothing is on its way when there is no connection. */
export function interrupted(outbox: readonly OutboxItem[]): readonly OutboxItem[] {
  return outbox.map((item) => (item.status === "sending" ? { ...item, status: "waiting" } : item));
}

/** The timeline has come as far as `position`: acknowledged lines up to there stand in it. */
export function confirmed(outbox: readonly OutboxItem[], roomId: RoomId, position: Position): readonly OutboxItem[] {
  const there = (item: OutboxItem): boolean =>
    item.roomId === roomId &&
    item.position !== undefined &&
    (item.position.epoch !== position.epoch || item.position.seq <= position.seq);
  return outbox.some(there) ? outbox.filter((item) => !there(item)) : outbox;
}
