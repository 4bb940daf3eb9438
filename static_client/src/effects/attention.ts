/** What the page tells others of the person before it: how far they have read, that they type, that they are away. */

import type { Connection } from "../net/socket";
import type { RoomId, State } from "../state/model";
import type { Store } from "./store";

const SETTLE_MS = 300;
const AWAY_AFTER_MS = 5 * 60_000;
const TYPING_PAUSE_MS = 4_000;
const TYPING_REPEAT_MS = 3_000;

export interface Attention {
  /** A keystroke in a room's composer. */
  typed(roomId: RoomId): void;
  /** Sent, or emptied. */
  stoppedTyping(roomId: RoomId): void;
}

export function startAttention(store: Store, connection: Connection): Attention {
  startReading(store, connection);
  startPresence(connection);
  startTypingClock(store);
  return createTyping(store, connection);
}

/** The newest of the open room is in view and somebody looks at it: it is read. */
function startReading(store: Store, connection: Connection): void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  store.subscribe((state) => {
    if (unreadInView(state) === null) return;
    soon ??= setTimeout(() => {
      soon = undefined;
      void mark();
    }, SETTLE_MS);
  });

  async function mark(): Promise<void> {
    const state = store.get();
    const seq = unreadInView(state);
    const { roomId } = state.ui.place;
    if (seq === null || !roomId) return;
    const shown = state.rooms.byId[roomId]?.room.kind === "direct";
    try {
      const answer = await connection.ask("read:mark", { room_id: roomId, seq, private: !shown });
      store.dispatch({ type: "room/read", roomId, seq: answer.read_seq, unread: answer.unread });
    } catch {
      return;
    }
  }
}

/** The seq up to which the open room may be marked as read; null when there is nothing to mark. */
export function unreadInView(state: State): number | null {
  const { place, focused, atNewest } = state.ui;
  if (!place.roomId || !focused || !atNewest || state.connection.phase !== "online") return null;
  const timeline = state.timelines[place.roomId];
  const summary = state.rooms.byId[place.roomId];
  if (!timeline?.live || timeline.visit || !summary?.me.role) return null;
  return timeline.position.seq > summary.me.read_seq && (summary.me.unread > 0) ? timeline.position.seq : null;
}

function startPresence(connection: Connection): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let away = false;
  const say = (status: "online" | "away"): void => void connection.ask("presence:set", { status }).catch(() => undefined);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") {
      timer = setTimeout(() => {
        away = true;
        say("away");
      }, AWAY_AFTER_MS);
    } else if (away) {
      away = false;
      say("online");
    }
  });
}

/** Typing that was not renewed ends by itself. */
function startTypingClock(store: Store): void {
  let ticking: ReturnType<typeof setInterval> | undefined;
  store.subscribe((state) => {
    const somebody = Object.values(state.people.typing).some((typists) => Object.keys(typists).length > 0);
    if (somebody) ticking ??= setInterval(() => store.dispatch({ type: "typing/tick", now: Date.now() }), 1_000);
    else {
      clearInterval(ticking);
      ticking = undefined;
    }
  });
}

function createTyping(store: Store, connection: Connection): Attention {
  let told: { roomId: RoomId; at: number } | null = null;
  let idle: ReturnType<typeof setTimeout> | undefined;

  function stopped(): void {
    clearTimeout(idle);
    if (!told) return;
    const { roomId } = told;
    told = null;
    void connection.ask("typing:stop", { room_id: roomId }).catch(() => undefined);
  }

  return {
    typed(roomId) {
      const state = store.get();
      const times = state.people.typingTimes[roomId];
      if (times?.suppressed || !state.rooms.joined[roomId] || state.connection.phase !== "online") return;
      if (told && told.roomId !== roomId) stopped();
      clearTimeout(idle);
      idle = setTimeout(stopped, TYPING_PAUSE_MS);
      const now = Date.now();
      if (told && now - told.at < (times?.repeat_ms ?? TYPING_REPEAT_MS)) return;
      told = { roomId, at: now };
      void connection.ask("typing:start", { room_id: roomId }).catch(() => undefined);
    },
    stoppedTyping: stopped,
  };
}
