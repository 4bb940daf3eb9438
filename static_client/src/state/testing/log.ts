/** Made-up rooms, people and logs for tests. */

import type { Actor, LogEvent, Message, RoomSummary } from "../../contract.gen";

export const ada: Actor = { id: "u-ada", name: "Ada", role: "instructor" };
export const ben: Actor = { id: "u-ben", name: "Ben", role: "student" };
export const EPOCH = "epoch-1";
export const ROOM = "room_1";

export function message(seq: number, fields: Partial<Message> = {}): Message {
  return {
    id: `msg_${seq}`,
    room_id: ROOM,
    seq,
    author: ben,
    text: `message ${seq}`,
    created_at: new Date(Date.UTC(2026, 8, 14, 8, 0, seq)).toISOString(),
    revision: 0,
    reactions: [],
    ...fields,
  };
}

function envelope(seq: number, epoch: string) {
  return { id: `evt_${seq}`, room_id: ROOM, epoch, seq, ts: "2026-09-14T08:00:00.000Z", actor: ben };
}

export function said(seq: number, fields: Partial<Message> = {}, clientId?: string, epoch = EPOCH): LogEvent {
  const event: LogEvent = { ...envelope(seq, epoch), type: "message.new", data: { message: message(seq, fields) } };
  return clientId ? { ...event, client_id: clientId } : event;
}

export function updated(seq: number, changed: Message): LogEvent {
  return { ...envelope(seq, EPOCH), type: "message.updated", data: { message: changed } };
}

export function deleted(seq: number, changed: Message): LogEvent {
  return { ...envelope(seq, EPOCH), type: "message.deleted", data: { message: changed } };
}

export function reacted(seq: number, messageId: string, emoji: string, userId: string, present: boolean): LogEvent {
  const type = present ? "reaction.new" : "reaction.deleted";
  return { ...envelope(seq, EPOCH), type, data: { message_id: messageId, emoji, user_id: userId } };
}

export function summary(fields: Partial<RoomSummary> = {}): RoomSummary {
  return {
    room: {
      id: ROOM,
      kind: "course",
      title: "Algebra",
      visibility: "members",
      archived: false,
      created_at: "2026-09-01T08:00:00.000Z",
    },
    me: { role: "member", read_seq: 0, unread: 0 },
    epoch: EPOCH,
    seq: 0,
    ...fields,
  };
}

/** The same numbers for the same seed (mulberry32), so that a failing order can be run again. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
