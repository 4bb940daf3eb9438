/** The sentences of a call. */

import type { LeaveReason, Peer } from "../../contract.gen";
import type { Level } from "../../rtc/quality";
import type { Tile, TileState } from "../../rtc/tiles";

/** What a tile says over its picture; null when there is nothing to say. */
export const TILE_STATES: Readonly<Record<TileState, string | null>> = {
  connecting: "Connecting…",
  live: null,
  waiting: "Waiting for the first picture…",
  stalled: "Nothing arrives just now",
  reconnecting: "Reconnecting…",
  away: "Connection dropped. The seat is kept.",
  lost: "Cannot be reached. Still trying…",
};

export const LEVELS: Readonly<Record<Level, string>> = {
  good: "Good connection",
  fair: "Fair connection",
  poor: "Poor connection",
  lost: "No connection",
};

/** Why one is not in the call any more. */
export const OVER: Readonly<Record<LeaveReason, string>> = {
  left: "You left the call.",
  connection_lost: "Your connection was away for too long.",
  taken_over: "You joined this call in another window or on another device.",
  removed: "Staff has removed you from the call.",
  denied: "Staff has not let you in.",
  ended: "The call has ended.",
  node_lost: "The server lost this call. You can join again.",
};

/** How others went, for those who stay. */
export function departed(name: string): string {
  return `${name} left the call.`;
}

export function tileName(tile: Tile): string {
  if (tile.kind === "screen") return tile.self ? "Your screen" : `${tile.user.name}'s screen`;
  return tile.self ? `${tile.user.name} (you)` : tile.user.name;
}

/** The state of one's own rights, where something is not allowed. */
export function notAllowed(seat: Peer | null): string | null {
  if (!seat) return null;
  const named = [
    seat.blocked.includes("microphone") && "microphone",
    seat.blocked.includes("camera") && "camera",
    (seat.blocked.includes("screen") || seat.blocked.includes("screen_audio")) && "screen",
  ].filter((one) => one !== false);
  if (named.length > 0) return `Staff has switched off your ${listed(named)}. Raise your hand if you need it.`;
  if (!seat.rights.microphone && !seat.rights.camera) return "Only staff speak and are seen in this call. Raise your hand to get the floor.";
  if (!seat.rights.microphone) return "Only staff speak in this call. Raise your hand to get the floor.";
  return null;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** "45 minutes", "1 hour 5 minutes", "less than a minute". */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  const parts = [hours > 0 && counted(hours, "hour"), minutes % 60 > 0 && counted(minutes % 60, "minute")];
  return parts.filter((part) => part !== false).join(" ");
}

export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** A past call in one line. */
export function pastCall(startedAt: string, endedAt: string, people: number): string {
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  return `A call took place, ${duration(seconds)}, ${counted(people, "person", "people")}`;
}
