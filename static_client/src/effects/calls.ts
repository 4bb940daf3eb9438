/** Calls around the page: which rooms have one, coming to it and going. The call itself is loaded when it is first wanted. */

import type { Attendance, IceServer, Moderate, PolicyChanges } from "../contract.gen";
import type { CallRecords } from "../net/calls";
import type { Connection } from "../net/socket";
import { Cell } from "../rtc/observable";
import type { Observable } from "../rtc/observable";
import type { CallSignals } from "../rtc/signals";
import type { CallSide, CallView } from "../state/call";
import type { RoomId, State } from "../state/model";
import type { Desk } from "./call-desk";
import type { CallMemory, KeptSeat } from "./call-memory";
import { patiently } from "./patience";
import type { Store } from "./store";

/** How often a page that is not in a room's call asks how many are. */
const ASK_MS = 20_000;
/** Narrower than this, the chat does not lie beside the call. */
const BESIDE = "(min-width: 60rem)";

export interface Calls {
  /** The call that this page is at, if any. */
  readonly desk: Observable<Desk | null>;
  /** To the door of a room's call. */
  open(roomId: RoomId): Promise<void>;
  /** Away from it, whatever stage it is at. */
  leave(): Promise<void>;
  end(): Promise<void>;
  moderate(wish: Omit<Moderate, "call_id">): Promise<void>;
  policy(changes: PolicyChanges): Promise<void>;
  show(look: { readonly view?: CallView; readonly side?: CallSide }): void;
  /** For a test of the connection. */
  iceServers(): Promise<readonly IceServer[]>;
  attendance(callId: string): Promise<Attendance>;
  attendanceFile(callId: string): Promise<Blob>;
}

export interface CallsParts {
  readonly store: Store;
  readonly connection: Connection;
  readonly signals: CallSignals;
  readonly memory: CallMemory;
  readonly records: CallRecords;
}

export function startCalls(parts: CallsParts): Calls {
  const { store, connection, signals, memory, records } = parts;
  const { dispatch } = store;
  const desk = new Cell<Desk | null>(null);
  startAsking(parts);

  async function sit(roomId: RoomId): Promise<Desk | null> {
    const userId = store.get().session.me?.id;
    if (!userId) return null;
    const { Desk } = await import("./call-desk");
    await desk.get()?.leave();
    const seat = new Desk({ roomId, userId, signals, memory, left: () => left(seat) });
    dispatch({ type: "call/opened", roomId, side: matchMedia(BESIDE).matches ? "chat" : null });
    desk.set(seat);
    return seat;
  }

  function left(seat: Desk): void {
    if (desk.get() !== seat) return;
    desk.set(null);
    dispatch({ type: "call/closed" });
  }

  /** A reload in the middle of a call goes on with it. */
  async function takeUp(kept: KeptSeat): Promise<void> {
    const gone = await signals.whyGone?.(kept.callId).catch(() => null);
    if (gone && gone !== "connection_lost" && gone !== "node_lost") return;
    const seat = await sit(kept.roomId);
    await seat?.takeUp(kept);
  }

  const stop = store.subscribe(({ connection: { phase }, session }) => {
    if (phase !== "online" || !session.me) return;
    stop();
    const kept = memory.seat(session.me.id, Date.now());
    memory.keepSeat(null);
    if (kept) void takeUp(kept);
  });
  store.subscribe(({ session }, before) => {
    if (before.session.me && session.me?.id !== before.session.me.id) void desk.get()?.leave();
  });

  const callId = (): string => desk.get()?.model.get().callId ?? "";
  return {
    desk,
    async open(roomId) {
      if (desk.get()?.roomId === roomId) return;
      const seat = await sit(roomId);
      await seat?.look();
    },
    leave: async () => desk.get()?.leave(),
    async end() {
      await connection.ask("call:end", { call_id: callId() });
    },
    async moderate(wish) {
      await patiently(() => connection.ask("call:moderate", { call_id: callId(), ...wish }));
    },
    async policy(policy) {
      await patiently(() => connection.ask("call:moderate", { call_id: callId(), action: "policy", policy }));
    },
    show: (look) => dispatch({ type: "call/look", look }),
    iceServers: async () => (await connection.ask("call:ice", {})).ice_servers,
    attendance: (id) => records.attendance(id),
    attendanceFile: (id) => records.attendanceFile(id),
  };
}

/** Keeps what is known of the open room's call fresh. */
function startAsking({ store, connection, records }: CallsParts): void {
  const { dispatch } = store;

  async function ask(roomId: RoomId): Promise<void> {
    try {
      dispatch({ type: "call/found", roomId, answer: await connection.ask("call:get", { room_id: roomId }) });
    } catch {
      return;
    }
  }

  async function remember(roomId: RoomId): Promise<void> {
    try {
      dispatch({ type: "call/past", roomId, items: (await records.past(roomId)).items });
    } catch {
      return;
    }
  }

  store.subscribe((state, before) => {
    const { roomId } = state.ui.place;
    if (!roomId) return;
    const here = joinedTo(state, roomId);
    const arrived = here && !joinedTo(before, roomId);
    const moved = here && before.ui.place.roomId !== roomId;
    if (arrived || moved) {
      void ask(roomId);
      void remember(roomId);
    } else if (before.calls.byRoom[roomId] && !state.calls.byRoom[roomId]) {
      void remember(roomId);
    }
  });
  setInterval(() => {
    const { ui, calls } = store.get();
    const { roomId } = ui.place;
    if (roomId && calls.byRoom[roomId] && calls.mine?.roomId !== roomId && connection.connected) void ask(roomId);
  }, ASK_MS);
}

function joinedTo(state: State, roomId: RoomId): boolean {
  return state.connection.phase === "online" && state.rooms.joined[roomId] === true;
}
