import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EnterMeeting, Entrance } from "../contract.gen";
import { Refusal } from "../net/socket";
import { openDoor } from "./door";
import type { Guest } from "./door";

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 7, 48) }));
afterEach(() => void vi.useRealTimers());

const entrance = (way: Entrance["way"], fields: Partial<Entrance> = {}): Entrance => ({ way, message: way, meeting_id: "meet_1", title: "World history", ...fields });

function scene(answers: readonly (Entrance | Error)[], guest: Guest | null = null) {
  const asked: EnterMeeting[] = [];
  const went: string[] = [];
  const door = openDoor({
    ask: (wish) => {
      const answer = answers[Math.min(asked.push(wish) - 1, answers.length - 1)];
      return answer instanceof Error || !answer ? Promise.reject(answer) : Promise.resolve(answer);
    },
    occurrence: null,
    guest,
    now: Date.now,
    leave: (url) => void went.push(url),
    call: ({ room_id: roomId }) => void went.push(`call in ${roomId}`),
  });
  return { door, asked, went };
}

const settle = (milliseconds = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

test("too early: it turns by itself at the moment that the server named", async () => {
  const early = entrance("wait", { again_at: "2026-11-24T07:50:00.000Z" });
  const { door, asked, went } = scene([early, entrance("call", { room_id: "room_1" })]);
  await settle();
  expect(door.step.get()).toEqual({ kind: "told", entrance: early });
  await settle(119_000);
  expect(asked).toHaveLength(1);
  await settle(3_000);
  expect(went).toEqual(["call in room_1"]);
});

test("to a provider it goes at once, and only to addresses of the web", async () => {
  const { went } = scene([entrance("redirect", { url: "https://meet.example/x?jwt=1" })]);
  await settle();
  expect(went).toEqual(["https://meet.example/x?jwt=1"]);
  const { door, went: nowhere } = scene([entrance("redirect", { url: "javascript:alert(1)" })]);
  await settle();
  expect(nowhere).toEqual([]);
  expect(door.step.get().kind).toBe("told");
});

test("a guest says a name first, and brings the secret", async () => {
  const { door, asked } = scene([entrance("over")], { secret: "s", name: null });
  await settle();
  expect(door.step.get().kind).toBe("naming");
  expect(asked).toEqual([]);
  door.name("Curator");
  await settle();
  expect(asked).toEqual([{ guest: "s", guest_name: "Curator" }]);
});

test("what is broken is asked about again; what is over is not", async () => {
  const { asked } = scene([entrance("broken"), entrance("over")]);
  await settle(31_000);
  expect(asked).toHaveLength(2);
  await settle(600_000);
  expect(asked).toHaveLength(2);
});

test("a server that is away is tried again; a meeting that is not there is not", async () => {
  const away = scene([new Refusal("offline", "The server cannot be reached.", true), entrance("over")]);
  await settle();
  expect(away.door.step.get()).toMatchObject({ kind: "refused", missing: false });
  await settle(10_000);
  expect(away.door.step.get().kind).toBe("told");
  const gone = scene([new Refusal("not_found", "It does not exist.", false)]);
  await settle(600_000);
  expect(gone.door.step.get()).toMatchObject({ kind: "refused", missing: true });
  expect(gone.asked).toHaveLength(1);
});

test("whoever walks away is not followed", async () => {
  const { door, asked } = scene([entrance("broken")]);
  await settle();
  door.close();
  await settle(600_000);
  expect(asked).toHaveLength(1);
});
