import { expect, test } from "vitest";
import type { CallState, Peer } from "../../contract.gen";
import { newsOf, ownNewsOf } from "./news";
import { byHand } from "./order";

function peer(id: string, fields: Partial<Peer> = {}): Peer {
  return {
    id,
    session: `session ${id}`,
    user: { id: `u-${id}`, name: id, role: "student" },
    staff: false,
    seat: "in",
    connected: true,
    tracks: [],
    rights: { microphone: true, camera: true, screen: true },
    blocked: [],
    floor: false,
    joined_at: "2026-09-14T08:00:00.000Z",
    offers_only: false,
    ...fields,
  };
}

function call(peers: readonly Peer[], hands: readonly string[] = []): CallState {
  return {
    call: {
      id: "call_1",
      room_id: "room_1",
      started_at: "2026-09-14T08:00:00.000Z",
      started_by: peer("Ada").user,
      policy: { microphone: "everybody", camera: "everybody", screen: "everybody", lobby: false, locked: false },
    },
    version: 1,
    peers,
    hands,
  };
}

test("who comes, goes, waits, raises a hand and shares a screen is news; what one does oneself is not", () => {
  const before = call([peer("Me"), peer("Ben"), peer("Cleo")]);
  const shares = peer("Ben", { tracks: [{ id: "t", source: "screen", muted: false, stream_id: "s" }] });
  const now = call([peer("Me"), shares, peer("Dan"), peer("Eve", { seat: "lobby" })], ["Me", "Ben"]);
  expect(newsOf(before, now, "Me")).toEqual([
    "Dan joined the call.",
    "Eve waits to come in.",
    "Cleo left the call.",
    "Ben raised a hand.",
    "Ben shares a screen.",
  ]);
});

test("somebody whose connection drops and returns is no news", () => {
  const before = call([peer("Me"), peer("Ben")]);
  expect(newsOf(before, call([peer("Me"), peer("Ben", { connected: false })]), "Me")).toEqual([]);
});

test("whoever is admitted joins then, not before", () => {
  const before = call([peer("Me"), peer("Eve", { seat: "lobby" })]);
  expect(newsOf(before, call([peer("Me"), peer("Eve")]), "Me")).toEqual(["Eve joined the call."]);
});

test("one hears of the floor and of a lifted block oneself, and that nobody unmutes from afar", () => {
  const muted = call([peer("Me", { blocked: ["microphone"] })]);
  expect(ownNewsOf(muted, call([peer("Me")]), "Me")).toEqual(["You may speak again. Press Unmute when you want to."]);
  expect(ownNewsOf(muted, call([peer("Me", { floor: true })]), "Me")).toEqual(["You have the floor. Press Unmute to speak."]);
  expect(ownNewsOf(call([peer("Me", { floor: true })]), call([peer("Me")]), "Me")).toEqual(["Staff has taken the floor back."]);
});

test("hands come first in the order in which they were raised, then staff, then names", () => {
  const state = call([peer("Zoe", { staff: true }), peer("Ada"), peer("Ben"), peer("Cleo"), peer("Dan", { seat: "lobby" })], ["Cleo", "Ben"]);
  expect(byHand(state).map(({ id }) => id)).toEqual(["Cleo", "Ben", "Zoe", "Ada"]);
});
