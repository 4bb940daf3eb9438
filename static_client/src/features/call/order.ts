/** In what order the people of a call are listed. */

import type { CallState, Peer } from "../../contract.gen";

/** Hands in the order in which they were raised, then staff, then by name. */
export function byHand(state: CallState): readonly Peer[] {
  const places = new Map(state.hands.map((id, index) => [id, index]));
  return state.peers
    .filter(({ seat }) => seat === "in")
    .sort((a, b) => {
      const [first, second] = [places.get(a.id) ?? Infinity, places.get(b.id) ?? Infinity];
      if (first !== second) return first < second ? -1 : 1;
      return Number(b.staff) - Number(a.staff) || a.user.name.localeCompare(b.user.name) || (a.id < b.id ? -1 : 1);
    });
}
