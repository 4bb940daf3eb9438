/** What is open, focused and typed; nothing that the server knows. */

import type { Action } from "./actions";
import { HOME } from "./place";
import type { SearchState, UiState } from "./model";

export const blankUi: UiState = {
  place: HOME,
  dialog: null,
  toasts: [],
  focused: true,
  atNewest: true,
  editing: null,
  newAfter: {},
  missing: {},
  loading: {},
};

export const noSearch: SearchState = {
  query: "",
  roomId: null,
  status: "idle",
  items: [],
  next: null,
  sentence: null,
};

const MAX_TOASTS = 3;

export function ui(state: UiState, action: Action): UiState {
  switch (action.type) {
    case "place": {
      const moved = action.place.roomId !== state.place.roomId;
      return { ...state, place: action.place, dialog: null, ...(moved ? { editing: null, atNewest: true } : {}) };
    }
    case "session/signed-in":
      return state.dialog?.name === "sign-in-again" ? { ...state, dialog: null } : state;
    case "dialog":
      return { ...state, dialog: action.dialog };
    case "editing":
      return { ...state, editing: action.messageId };
    case "focus":
      return state.focused === action.focused ? state : { ...state, focused: action.focused };
    case "at-newest":
      return state.atNewest === action.atNewest ? state : { ...state, atNewest: action.atNewest };
    case "toast":
      return { ...state, toasts: [...state.toasts, { id: action.id, sentence: action.sentence }].slice(-MAX_TOASTS) };
    case "toast/gone":
      return { ...state, toasts: state.toasts.filter(({ id }) => id !== action.id) };
    case "room/missing":
      return { ...state, missing: { ...state.missing, [action.roomId]: true } };
    case "room/joined": {
      const { [action.joined.room.id]: _found, ...missing } = state.missing;
      return { ...state, missing };
    }
    case "loading": {
      const { [action.what]: _before, ...others } = state.loading;
      return { ...state, loading: action.loading ? { ...others, [action.what]: true } : others };
    }
    case "seen-new": {
      const { [action.roomId]: _seen, ...newAfter } = state.newAfter;
      return { ...state, newAfter };
    }
    case "session/signed-out":
      return { ...blankUi, place: state.place, focused: state.focused };
    default:
      return state;
  }
}

export function search(state: SearchState, action: Action): SearchState {
  switch (action.type) {
    case "search/started": {
      const same = state.query === action.query && state.roomId === action.roomId;
      if (!action.query) return noSearch;
      return { ...(same ? state : { ...noSearch, query: action.query, roomId: action.roomId }), status: "searching" };
    }
    case "search/found": {
      if (action.query !== state.query) return state;
      const items = action.more ? [...state.items, ...action.page.items] : action.page.items;
      return { ...state, status: "done", items, next: action.page.next ?? null, sentence: null };
    }
    case "search/failed":
      return { ...state, status: "failed", sentence: action.sentence };
    case "session/signed-out":
      return noSearch;
    default:
      return state;
  }
}
