/** The call's state, brought forward by what the server says changed. */

import type { CallState, CallUpdated, Peer } from "../contract.gen";

/** The state after the update; the same state when it is old news; null when something between was missed. */
export function advance(state: CallState, update: CallUpdated): CallState | null {
  if (update.call_id !== state.call.id || update.version <= state.version) return state;
  if (update.since > state.version) return null;
  const gone = new Set(update.gone.map(({ peer_id }) => peer_id));
  const changed = new Map(update.peers.map((peer) => [peer.id, peer]));
  const kept = state.peers.filter(({ id }) => !gone.has(id)).map((peer) => changed.get(peer.id) ?? peer);
  const known = new Set(kept.map(({ id }) => id));
  const added = update.peers.filter(({ id }) => !known.has(id) && !gone.has(id));
  return { call: update.call ?? state.call, version: update.version, peers: [...kept, ...added], hands: update.hands };
}

export function peerIn(state: CallState | null, id: string): Peer | null {
  return state?.peers.find((peer) => peer.id === id) ?? null;
}
