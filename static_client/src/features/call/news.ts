/** What is new in a call, in sentences. */

import { useEffect, useState } from "preact/hooks";
import type { CallState, Peer } from "../../contract.gen";
import type { CallModel, Observable } from "../../rtc";

export interface News {
  readonly id: number;
  readonly sentence: string;
}

const KEPT = 4;

/** From one state of a call to the next. */
export function newsOf(before: CallState, now: CallState, meId: string | null): readonly string[] {
  const earlier = new Map(before.peers.map((peer) => [peer.id, peer]));
  const present = new Set(now.peers.map(({ id }) => id));
  const others = now.peers.filter(({ id }) => id !== meId);
  const came = others.flatMap((peer) => arrival(earlier.get(peer.id), peer));
  const went = before.peers.filter(({ id, seat }) => seat === "in" && id !== meId && !present.has(id));
  const hands = others.filter(({ id }) => now.hands.includes(id) && !before.hands.includes(id));
  const screens = others.filter((peer) => shares(peer) && !shares(earlier.get(peer.id)));
  return [
    ...came,
    ...went.map(({ user }) => `${user.name} left the call.`),
    ...hands.map(({ user }) => `${user.name} raised a hand.`),
    ...screens.map(({ user }) => `${user.name} shares a screen.`),
  ];
}

function arrival(earlier: Peer | undefined, { seat, user }: Peer): readonly string[] {
  if (earlier?.seat === seat) return [];
  return [seat === "in" ? `${user.name} joined the call.` : `${user.name} waits to come in.`];
}

function shares(peer: Peer | undefined): boolean {
  return peer?.tracks.some(({ source, muted }) => source === "screen" && !muted) === true;
}

/** What changed for oneself, and what to do about it. */
export function ownNewsOf(before: CallState, now: CallState, meId: string | null): readonly string[] {
  const [was, is] = [before, now].map(({ peers }) => peers.find(({ id }) => id === meId));
  if (!was || !is) return [];
  const sentences = [];
  const lifted = was.blocked.includes("microphone") && !is.blocked.includes("microphone");
  if (is.floor && !was.floor) sentences.push("You have the floor. Press Unmute to speak.");
  else if (lifted) sentences.push("You may speak again. Press Unmute when you want to.");
  if (!is.floor && was.floor) sentences.push("Staff has taken the floor back.");
  if (was.blocked.includes("camera") && !is.blocked.includes("camera")) sentences.push("You may use your camera again.");
  return sentences;
}

/** `mine` hears what is about oneself, the rest is returned. */
export function useNews(model: Observable<CallModel>, mine: (sentence: string) => void): readonly News[] {
  const [news, setNews] = useState<readonly News[]>([]);
  useEffect(() => {
    let before = model.get().state;
    let count = 0;
    return model.subscribe(({ state, meId }) => {
      if (state === before) return;
      const sentences = before && state ? newsOf(before, state, meId) : [];
      const own = before && state ? ownNewsOf(before, state, meId) : [];
      before = state;
      own.forEach(mine);
      if (sentences.length === 0) return;
      setNews((known) => [...known, ...sentences.map((sentence) => ({ id: (count += 1), sentence }))].slice(-KEPT));
    });
  }, [model]);
  return news;
}
