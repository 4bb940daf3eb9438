import { expect, test } from "vitest";
import type { Call, LogEvent } from "../contract.gen";
import { calls, callsTold, noCalls } from "./call";
import { ROOM, ada } from "./testing/log";

const call: Call = {
  id: "call_1",
  room_id: ROOM,
  started_at: "2026-09-14T08:00:00.000Z",
  started_by: ada,
  policy: { microphone: "everybody", camera: "everybody", screen: "everybody", lobby: false, locked: false },
};
const envelope = { id: "evt_1", room_id: ROOM, epoch: "epoch-1", seq: 1, ts: "2026-09-14T08:00:00.000Z", actor: ada };
const started: LogEvent = { ...envelope, type: "call.started", data: { call } };
const ended = (id: string): LogEvent => ({
  ...envelope,
  type: "call.ended",
  data: { call_id: id, started_at: call.started_at, ended_at: "2026-09-14T08:45:00.000Z", people: 12 },
});

test("a call is there from its start to its end", () => {
  const during = callsTold(noCalls, started);
  expect(during.byRoom[ROOM]).toEqual({ call, people: 1 });
  expect(callsTold(during, ended("call_1")).byRoom[ROOM]).toBeUndefined();
});

test("the end of an earlier call, told late, does not end the present one", () => {
  const during = callsTold(noCalls, started);
  expect(callsTold(during, ended("call_0"))).toBe(during);
});

test("what the server answers about a room replaces what was known", () => {
  const during = callsTold(noCalls, started);
  const asked = calls(during, { type: "call/found", roomId: ROOM, answer: { call, people: 4 } });
  expect(asked.byRoom[ROOM]?.people).toBe(4);
  expect(calls(asked, { type: "call/found", roomId: ROOM, answer: { people: 0 } }).byRoom).toEqual({});
  expect(calls(noCalls, { type: "call/found", roomId: ROOM, answer: { people: 0 } })).toBe(noCalls);
});

test("how one looks at a call is forgotten with it", () => {
  const at = calls(noCalls, { type: "call/opened", roomId: ROOM, side: "chat" });
  const changed = calls(at, { type: "call/look", look: { view: "speaker" } });
  expect(changed.mine).toEqual({ roomId: ROOM, view: "speaker", side: "chat" });
  expect(calls(changed, { type: "call/closed" }).mine).toBeNull();
  expect(calls(noCalls, { type: "call/look", look: { side: "people" } })).toBe(noCalls);
});

test("only calls that are over are remembered as past", () => {
  const items = [{ call, people: 2 }, { call: { ...call, id: "call_0" }, ended_at: "2026-09-14T07:00:00.000Z", people: 3 }];
  const next = calls(noCalls, { type: "call/past", roomId: ROOM, items });
  expect(next.past[ROOM]?.map((one) => one.call.id)).toEqual(["call_0"]);
});
