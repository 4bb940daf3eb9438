/** The room list: who speaks where, and how much of it is unread. */

import type { LogEvent, Membership, Message, Room, RoomSummary } from "../contract.gen";
import type { RoomId, RoomsState, UserId } from "./model";

export const noRooms: RoomsState = { loaded: false, byId: {}, joined: {} };

/** A fresh list from the server. Rooms that were `known` when it was asked for and are not in it any more are gone. */
export function listed(state: RoomsState, items: readonly RoomSummary[], known: RoomsState["byId"]): RoomsState {
  const since = Object.entries(state.byId).filter(([id]) => !known[id]);
  const byId: Record<RoomId, RoomSummary> = Object.fromEntries(since);
  for (const summary of items) byId[summary.room.id] = newer(state.byId[summary.room.id], summary);
  return { ...state, loaded: true, byId };
}

export function withSummary(state: RoomsState, summary: RoomSummary): RoomsState {
  const { id } = summary.room;
  return { ...state, byId: { ...state.byId, [id]: newer(state.byId[id], summary) } };
}

/** A list read before the last events must not undo them. */
function newer(known: RoomSummary | undefined, incoming: RoomSummary): RoomSummary {
  if (!known || known.epoch !== incoming.epoch || known.seq <= incoming.seq) return incoming;
  return { ...known, ...(incoming.people ? { people: incoming.people } : {}) };
}

export function withoutRoom(state: RoomsState, roomId: RoomId): RoomsState {
  const { [roomId]: _gone, ...byId } = state.byId;
  const { [roomId]: _left, ...joined } = state.joined;
  return { ...state, byId, joined };
}

/** What a join says of a room. `unread` counts up to the position of the answer. */
export function withJoined(
  state: RoomsState,
  room: Room,
  me: Membership,
  position: { readonly epoch: string; readonly seq: number },
): RoomsState {
  const known = state.byId[room.id];
  const joined = { ...state.joined, [room.id]: true as const };
  if (!me.role) return { ...state, joined };
  const stale = known !== undefined && known.epoch === position.epoch && known.seq > position.seq;
  const summary: RoomSummary = stale ? known : { ...known, room, me, ...position };
  return { ...state, joined, byId: { ...state.byId, [room.id]: summary } };
}

/** One event of a room's log, in order. Events that the summary has counted already change only what is safe to repeat. */
export function withLogEvent(state: RoomsState, event: LogEvent, me: UserId | null): RoomsState {
  const known = state.byId[event.room_id];
  if (!known || known.epoch !== event.epoch) return state;
  const next = summarised(known, event, me);
  const seq = Math.max(known.seq, event.seq);
  return { ...state, byId: { ...state.byId, [event.room_id]: { ...next, seq } } };
}

function summarised(known: RoomSummary, event: LogEvent, me: UserId | null): RoomSummary {
  const counted = event.seq <= known.seq;
  switch (event.type) {
    case "message.new": {
      if (counted) return known;
      const { message } = event.data;
      const unread = known.me.unread + (message.author.id === me ? 0 : 1);
      return { ...known, last_message: message, me: { ...known.me, unread } };
    }
    case "message.updated":
    case "message.deleted":
      return withLastMessage(known, event.data.message);
    case "room.updated":
      return { ...known, room: event.data.room };
    case "member.added":
    case "member.updated": {
      const { member } = event.data;
      return member.user.id === me ? { ...known, me: { ...known.me, role: member.role } } : known;
    }
    default:
      return known;
  }
}

function withLastMessage(known: RoomSummary, message: Message): RoomSummary {
  return known.last_message?.id === message.id ? { ...known, last_message: message } : known;
}

/** My read marker moved, here or on another device. */
export function withRead(state: RoomsState, roomId: RoomId, readSeq: number, unread: number): RoomsState {
  const known = state.byId[roomId];
  if (!known || readSeq < known.me.read_seq) return state;
  return { ...state, byId: { ...state.byId, [roomId]: { ...known, me: { ...known.me, read_seq: readSeq, unread } } } };
}
