/** The address bar and the state agree: each place has an address, Back goes where one came from. */

import type { Place } from "../state/model";
import { formatPlace, parentOf, parseFragment, parseGuest, parsePlace, placeOf } from "../state/place";
import type { Store } from "./store";

export interface Navigating {
  go(place: Partial<Place>): void;
  replace(place: Partial<Place>): void;
  /** One step up: to the last place if it was that, by an address of its own otherwise. */
  up(): void;
}

interface Entry {
  /** The address one step back in this page's own history. */
  readonly from: string | null;
}

export function startNavigating(store: Store): Navigating {
  const read = (): void => store.dispatch({ type: "place", place: parsePlace(location.pathname, location.search) });
  window.addEventListener("popstate", read);
  read();

  function whole(place: Partial<Place>): Place {
    const now = store.get().ui.place;
    if (place.page) return placeOf(place.page);
    const elsewhere = place.roomId !== undefined && (place.roomId !== now.roomId || now.page !== undefined);
    return { ...(elsewhere ? { roomId: null, panel: null } : now), at: null, ...place };
  }

  function go(change: Partial<Place>): void {
    const place = whole(change);
    const address = formatPlace(place);
    const here = location.pathname + location.search;
    const entry: Entry = { from: here };
    if (address !== here) history.pushState(entry, "", address);
    store.dispatch({ type: "place", place });
  }

  return {
    go,
    replace(change) {
      const place = whole(change);
      history.replaceState(history.state, "", formatPlace(place));
      store.dispatch({ type: "place", place });
    },
    up() {
      const parent = parentOf(store.get().ui.place);
      const entry = history.state as Entry | null;
      if (entry?.from === formatPlace(parent)) history.back();
      else go(parent);
    },
  };
}

/** A token in the fragment is taken out of the address bar before anything else happens. */
export function takeFragment(): { readonly token: string; readonly room: string | null } | null {
  const found = parseFragment(location.hash);
  if (found) history.replaceState(history.state, "", location.pathname + location.search);
  return found;
}

/** So is a guest's secret; it is kept for a reload of this tab. */
export function takeGuest(tab: () => Storage): string | null {
  const key = `homeroom.guest ${location.pathname}`;
  const found = parseGuest(location.hash);
  try {
    if (found) tab().setItem(key, found);
    else return tab().getItem(key);
  } catch {
    // Storage may be forbidden: then a reload asks for the link again.
  }
  if (found) history.replaceState(history.state, "", location.pathname + location.search);
  return found;
}
