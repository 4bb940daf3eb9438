/** The socket as calls see it: their commands, their events, and whether it is there. */

import type { ServerEvent } from "../contract.gen";
import type { CallRecords } from "../net/calls";
import type { Connection } from "../net/socket";
import type { CallListener, CallSignals } from "../rtc/signals";
import type { Store } from "./store";

export interface CallDoor {
  readonly signals: CallSignals;
  /** What the server says; true when it is of no concern to anybody else. */
  hear(event: ServerEvent): boolean;
}

export function createCallDoor(store: Store, connection: Connection, records: CallRecords): CallDoor {
  const listeners = new Set<CallListener>();
  const tell = (say: (listener: CallListener) => void): void => {
    for (const listener of [...listeners]) say(listener);
  };

  store.subscribe(({ connection: now }, { connection: before }) => {
    const [up, was] = [now.phase === "online", before.phase === "online"];
    if (up !== was) tell((listener) => listener.connection(up));
  });

  const signals: CallSignals = {
    join: (wish) => connection.ask("call:join", wish),
    leave: (callId) => connection.ask("call:leave", { call_id: callId }),
    state: (callId) => connection.ask("call:state", { call_id: callId }),
    ice: async (callId) => (await connection.ask("call:ice", { call_id: callId })).ice_servers,
    signal: (signal) => connection.ask("signal", signal),
    publish: async (wish) => (await connection.ask("track:publish", wish)).track,
    unpublish: (track) => connection.ask("track:unpublish", track),
    mute: async (wish) => (await connection.ask("track:mute", wish)).track,
    raiseHand: (callId) => connection.ask("hand:raise", { call_id: callId }),
    lowerHand: (callId) => connection.ask("hand:lower", { call_id: callId }),
    react: (callId, emoji) => connection.ask("reaction:send", { call_id: callId, emoji }),
    async whyGone(callId) {
      const me = store.get().session.me?.id;
      const { attendees } = await records.attendance(callId);
      return attendees.find(({ user }) => user.id === me)?.intervals.at(-1)?.reason ?? null;
    },
    get connected() {
      return store.get().connection.phase === "online";
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };

  function hear(event: ServerEvent): boolean {
    switch (event.type) {
      case "call.signal":
        tell((listener) => listener.signal(event.data));
        return true;
      case "call.updated":
        tell((listener) => listener.updated(event.data));
        return true;
      case "call.admitted":
        tell((listener) => listener.admitted(event.data));
        return true;
      case "call.removed":
        tell((listener) => listener.removed(event.data));
        return true;
      case "call.reaction":
        tell((listener) => listener.reacted(event.data));
        return true;
      default:
        return false;
    }
  }

  return { signals, hear };
}
