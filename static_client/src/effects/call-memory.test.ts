import { expect, test } from "vitest";
import { NO_HABITS, createCallMemory } from "./call-memory";
import type { KeptSeat } from "./call-memory";

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    length: 0,
    clear: () => kept.clear(),
    key: () => null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

const seat: KeptSeat = {
  roomId: "room_1",
  userId: "ada",
  callId: "call_1",
  resume: { peer_id: "peer_1", secret: "s" },
  microphone: true,
  camera: false,
  at: 1_000_000,
};

test("a seat is taken up again by the same person soon after, and by nobody else or later", () => {
  const memory = createCallMemory(storage, storage);
  const [tab, browser] = [storage(), storage()];
  const kept = createCallMemory(() => tab, () => browser);
  kept.keepSeat(seat);
  expect(kept.seat("ada", seat.at + 20_000)).toEqual(seat);
  expect(kept.seat("ben", seat.at + 20_000)).toBeNull();
  expect(kept.seat("ada", seat.at + 61_000)).toBeNull();
  kept.keepSeat(null);
  expect(kept.seat("ada", seat.at)).toBeNull();
  expect(memory.seat("ada", seat.at)).toBeNull();
});

test("habits that were never kept, or cannot be, are the usual ones", () => {
  const forbidden = (): Storage => {
    throw new Error("forbidden");
  };
  const memory = createCallMemory(forbidden, forbidden);
  memory.keepHabits({ ...NO_HABITS, pushToTalk: true });
  memory.keepSeat(seat);
  expect(memory.habits()).toEqual(NO_HABITS);
  expect(memory.seat("ada", seat.at)).toBeNull();
});
