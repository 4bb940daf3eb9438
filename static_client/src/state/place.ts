/** Addresses: /rooms/<id>[/people|/search|/details][?at=<seq>]. */

import type { Panel, Place } from "./model";

export const HOME: Place = { roomId: null, panel: null, at: null };

const PANELS: readonly string[] = ["people", "search", "details"] satisfies readonly Panel[];

export function parsePlace(pathname: string, search: string): Place {
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
  if (!place.roomId) return "/";
  const path = `/rooms/${encodeURIComponent(place.roomId)}${place.panel ? `/${place.panel}` : ""}`;
  return place.at ? `${path}?at=${place.at}` : path;
}

/** What a narrow screen goes back to. */
export function parentOf(place: Place): Place {
  if (place.panel) return { ...place, panel: null, at: null };
  return HOME;
}

/** The token and the room in a sign-in link's fragment, which is never sent to any server. */
export function parseFragment(hash: string): { readonly token: string; readonly room: string | null } | null {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const token = fields.get("token");
  return token ? { token, room: fields.get("room") } : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
