/** Addresses: /rooms/<id>[/people|/search|/details][?at=<seq>]; those of meetings are in `pages.ts`. */

import type { Panel, Place } from "./model";
import { formatPage, parentOfPage, parsePage } from "./pages";
import type { Page } from "./pages";

export const HOME: Place = { roomId: null, panel: null, at: null };

const PANELS: readonly string[] = ["people", "search", "details"] satisfies readonly Panel[];

/** The place of a page beside the rooms. */
export function placeOf(page: Page): Place {
  return { ...HOME, page };
}

export function parsePlace(pathname: string, search: string): Place {
  const page = parsePage(pathname, search);
  if (page) return placeOf(page);
  const [, rooms, id, panel] = pathname.split("/");
  if (rooms !== "rooms" || !id) return HOME;
  const at = Number(new URLSearchParams(search).get("at"));
  return {
    roomId: decoded(id),
    panel: panel && PANELS.includes(panel) ? (panel as Panel) : null,
    at: Number.isSafeInteger(at) && at > 0 ? at : null,
  };
}

export function formatPlace(place: Place): string {
  if (place.page) return formatPage(place.page);
  if (!place.roomId) return "/";
  const path = `/rooms/${encodeURIComponent(place.roomId)}${place.panel ? `/${place.panel}` : ""}`;
  return place.at ? `${path}?at=${place.at}` : path;
}

/** What a narrow screen goes back to. */
export function parentOf(place: Place): Place {
  const page = place.page && parentOfPage(place.page);
  if (page) return placeOf(page);
  if (place.panel) return { ...place, panel: null, at: null };
  return HOME;
}

/** The token and the room in a sign-in link's fragment, which is never sent to any server. */
export function parseFragment(hash: string): { readonly token: string; readonly room: string | null } | null {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const token = fields.get("token");
  return token ? { token, room: fields.get("room") } : null;
}

/** The secret of a guest's invitation, told in the fragment as well. */
export function parseGuest(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("guest");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
