/** Calls as everybody in a room sees them, and which one this page is at. What happens in that one: `rtc/`. */

import type { ActiveCall, Call, LogEvent, PastCall } from "../contract.gen";
import type { RoomId } from "./model";

/** A room's call, as somebody sees it who need not be in it. */
export interface RoomCall {
  readonly call: Call;
  readonly people: number;
}

export type CallView = "grid" | "speaker";
export type CallSide = "chat" | "people" | null;

/** The call that this page is at: before it, in it, or just after it. */
export interface MyCall {
  readonly roomId: RoomId;
  readonly view: CallView;
  readonly side: CallSide;
}

export interface CallsState {
  /** Calls that are over, the newest first; of rooms that were opened. */
  readonly past: Readonly<Record<RoomId, readonly PastCall[]>>;
  readonly byRoom: Readonly<Record<RoomId, RoomCall>>;
  readonly mine: MyCall | null;
}

export const noCalls: CallsState = { past: {}, byRoom: {}, mine: null };

export type CallAction =
  | { readonly type: "call/found"; readonly roomId: RoomId; readonly answer: ActiveCall }
  | { readonly type: "call/past"; readonly roomId: RoomId; readonly items: readonly PastCall[] }
  | { readonly type: "call/opened"; readonly roomId: RoomId; readonly side: CallSide }
  | { readonly type: "call/look"; readonly look: Partial<Pick<MyCall, "view" | "side">> }
  | { readonly type: "call/closed" };

export function calls(state: CallsState, action: CallAction): CallsState {
  switch (action.type) {
    case "call/found":
      return found(state, action.roomId, action.answer);
    case "call/past":
      return { ...state, past: { ...state.past, [action.roomId]: action.items.filter((one) => one.ended_at !== undefined) } };
    case "call/opened":
      return { ...state, mine: { roomId: action.roomId, view: "grid", side: action.side } };
    case "call/look":
      return state.mine ? { ...state, mine: { ...state.mine, ...action.look } } : state;
    case "call/closed":
      return state.mine ? { ...state, mine: null } : state;
  }
}

function found(state: CallsState, roomId: RoomId, { call, people }: ActiveCall): CallsState {
  const { [roomId]: before, ...others } = state.byRoom;
  if (!call) return before ? { ...state, byRoom: others } : state;
  if (before?.call.id === call.id && before.people === people) return state;
  return { ...state, byRoom: { ...others, [roomId]: { call, people } } };
}

/** Calls begin and end in a room's log. */
export function callsTold(state: CallsState, event: LogEvent): CallsState {
  switch (event.type) {
    case "call.started":
      return found(state, event.room_id, { call: event.data.call, people: 1 });
    case "call.ended":
      return state.byRoom[event.room_id]?.call.id === event.data.call_id ? found(state, event.room_id, { people: 0 }) : state;
    default:
      return state;
  }
}

/** Whether the page shows the call's stage just now. */
export function atStage(state: CallsState, roomId: RoomId | null): boolean {
  return roomId !== null && state.mine?.roomId === roomId;
}
