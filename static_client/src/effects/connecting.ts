/** Opens the socket, listens, and draws the conclusions: try again, ask for a fresh token, or stay away. */

import type { EventMap, ServerEvent } from "../contract.gen";
import type { SocketListener } from "../net/socket";
import { pauseBefore } from "./patience";
import type { Store } from "./store";

type Farewell = EventMap["connection.error"]["data"];

const BACK_AFTER_MS = 2_000;

export interface Listening extends SocketListener {
  /** Called with the way to open the connection, once there is one. */
  opener(open: () => void): void;
}

export function createListener(store: Store, signedOut: (notice: string) => void): Listening {
  const { dispatch } = store;
  let open: () => void = () => undefined;
  let farewell: Farewell | null = null;
  let refusals = 0;
  let again: ReturnType<typeof setTimeout> | undefined;

  function openAfter(milliseconds: number): void {
    clearTimeout(again);
    again = setTimeout(open, milliseconds);
  }

  function event(event: ServerEvent): void {
    if (event.type === "connection.ok") {
      farewell = null;
      refusals = 0;
    }
    if (event.type === "connection.error") said(event.data);
    dispatch({ type: "server", event, now: Date.now() });
  }

  /** The server says why it is about to close. */
  function said(error: Farewell): void {
    farewell = error;
    if (error.reconnect) return;
    if (error.code === "token_expired") dispatch({ type: "connection/expired" });
    else if (error.code === "revoked" || error.code === "unauthorized") signedOut("You were signed out.");
    else dispatch({ type: "connection/ended", sentence: error.message });
  }

  return {
    opener: (way) => void (open = way),
    event,
    connecting: () => undefined,
    lost(final) {
      dispatch({ type: "connection/lost", sentence: null });
      const { phase } = store.get().connection;
      if (final && phase === "offline") openAfter(jittered(farewell?.retry_after_ms ?? BACK_AFTER_MS));
    },
    refused(code, message, retryAfterMs) {
      if (code === "token_expired") return dispatch({ type: "connection/expired" });
      if (code === "unauthorized") return signedOut("Your sign-in is not valid any more.");
      if (code === "forbidden") return dispatch({ type: "connection/ended", sentence: message });
      dispatch({ type: "connection/lost", sentence: null });
      refusals += 1;
      openAfter(retryAfterMs ? jittered(retryAfterMs) : pauseBefore(refusals));
    },
  };
}

function jittered(milliseconds: number): number {
  return milliseconds * (1 + Math.random() / 2);
}
