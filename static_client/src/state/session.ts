/** Who is signed in, and whether the server can be reached. */

import type { Action } from "./actions";
import type { ConnectionState, SessionState } from "./model";
import { MAX_TEXT } from "../contract.gen";

export const nobodySignedIn: SessionState = {
  phase: "starting",
  me: null,
  expiresAt: null,
  notice: null,
  development: null,
};

export const notConnected: ConnectionState = {
  phase: "connecting",
  sentence: null,
  clockOffset: 0,
  maxText: MAX_TEXT,
};

export function session(state: SessionState, action: Action): SessionState {
  switch (action.type) {
    case "session/development":
      return { ...state, development: action.development };
    case "session/signed-in":
      return { ...state, phase: "signed-in", me: action.user, expiresAt: action.expiresAt, notice: null };
    case "session/signed-out":
      return { ...state, phase: "signed-out", me: null, expiresAt: null, notice: action.notice };
    case "server":
      if (action.event.type !== "connection.ok") return state;
      return {
        ...state,
        phase: "signed-in",
        me: action.event.data.user,
        expiresAt: action.event.data.expires_at,
        notice: null,
      };
    default:
      return state;
  }
}

export function connection(state: ConnectionState, action: Action): ConnectionState {
  switch (action.type) {
    case "connection/connecting":
      return state.phase === "online" ? state : { ...state, phase: "connecting", sentence: null };
    case "connection/lost":
      // A page that was told not to come back, or whose token ran out, is not merely offline.
      if (state.phase === "ended" || state.phase === "expired") return state;
      return { ...state, phase: "offline", sentence: action.sentence };
    case "connection/ended":
      return { ...state, phase: "ended", sentence: action.sentence };
    case "connection/expired":
      return { ...state, phase: "expired", sentence: null };
    case "session/signed-in":
      return state.phase === "expired" ? { ...state, phase: "online", sentence: null } : state;
    case "session/signed-out":
      return notConnected;
    case "server":
      return told(state, action);
    default:
      return state;
  }
}

function told(state: ConnectionState, { event, now }: Extract<Action, { type: "server" }>): ConnectionState {
  switch (event.type) {
    case "connection.ok":
      return {
        phase: "online",
        sentence: null,
        clockOffset: Date.parse(event.data.server_time) - now,
        maxText: event.data.max_text,
      };
    case "auth.expired":
      return { ...state, phase: "expired", sentence: null };
    default:
      return state;
  }
}
