/** Watches the browser: focus, network, waking up. */

import type { Connection } from "../net/socket";
import type { State } from "../state/model";
import type { Page } from "../state/pages";
import { titleOf, unreadTotal } from "../state/selectors";
import type { Store } from "./store";
import type { Sync } from "./sync";

const ASLEEP_MS = 30_000;

export function startWatching(store: Store, connection: Connection, sync: Sync): void {
  const look = (): void => {
    const focused = document.visibilityState === "visible" && document.hasFocus();
    store.dispatch({ type: "focus", focused });
  };
  for (const name of ["focus", "blur"]) window.addEventListener(name, look);
  document.addEventListener("visibilitychange", look);
  look();

  window.addEventListener("online", () => connection.hurry());
  // A server on this very machine may still be there: the next attempt tells.
  window.addEventListener("offline", () => connection.doubt());
  let hidden = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      hidden = Date.now();
      return;
    }
    connection.hurry();
    if (Date.now() - hidden > ASLEEP_MS) sync.checkHeads();
  });

  startTitle(store);
}

/** "(3) Algebra · Homeroom": where one is and how much is unread, where a tab can show it. */
function startTitle(store: Store): void {
  store.subscribe((state, before) => {
    const same = state.rooms.byId === before.rooms.byId && state.meetings.byId === before.meetings.byId;
    if (same && state.ui.place === before.ui.place) return;
    const { roomId, page } = state.ui.place;
    const summary = roomId ? state.rooms.byId[roomId] : undefined;
    const count = unreadTotal(state);
    const name = page ? pageTitle(state, page) : summary && titleOf(summary, state.session.me);
    const place = name ? `${name} · Homeroom` : "Homeroom";
    document.title = count > 0 ? `(${count}) ${place}` : place;
  });
}

function pageTitle({ meetings }: State, page: Page): string | undefined {
  switch (page.name) {
    case "calendar":
      return "Calendar";
    case "schedule":
      return "Schedule a class";
    default:
      return meetings.byId[page.meetingId]?.title;
  }
}
