import { expect, test } from "vitest";
import type { PastCall } from "../../contract.gen";
import { ada, message } from "../../state/testing/log";
import type { Row } from "../timeline/rows";
import { weave } from "../timeline/weave";
import { callRows } from "./rows";
import { duration, pastCall } from "./words";

const at = (minute: number): string => new Date(Date.UTC(2026, 8, 14, 8, minute)).toISOString();
const said = (seq: number, minute: number): Row => ({ kind: "message", key: `m${seq}`, message: message(seq, { created_at: at(minute) }), head: true });
const day: Row = { kind: "day", key: "day", date: new Date(at(0)) };

function past(id: string, minute: number): PastCall {
  const policy = { microphone: "everybody", camera: "everybody", screen: "everybody", lobby: false, locked: false } as const;
  return { call: { id, room_id: "room_1", started_at: at(minute - 5), started_by: ada, policy }, ended_at: at(minute), people: 2 };
}

const withCalls = (rows: readonly Row[], calls: readonly PastCall[], hasOlder: boolean) => weave(rows, callRows(calls), hasOlder);
const keys = (rows: readonly { readonly key: string }[]): readonly string[] => rows.map(({ key }) => key);

test("each call stands where it ended, whatever order they come in", () => {
  const rows = [day, said(1, 10), said(2, 20)];
  expect(keys(withCalls(rows, [past("late", 30), past("between", 15), past("early", 6)], false))).toEqual([
    "day 2026-9-14",
    "early",
    "m1",
    "between",
    "m2",
    "late",
  ]);
});

test("calls before the oldest message that is here wait until older ones are", () => {
  const rows = [day, said(5, 10)];
  expect(keys(withCalls(rows, [past("early", 6), past("late", 30)], true))).toEqual(["day 2026-9-14", "m5", "late"]);
});

test("what happened on another day stands under a line of its own, the \"new\" line with the message below it", () => {
  const yesterday = past("yesterday", 10);
  const before = { ...yesterday, ended_at: "2026-09-13T08:10:00.000Z" };
  expect(keys(withCalls([day, { kind: "new", key: "new" }, said(1, 20)], [before, past("today", 10)], false))).toEqual([
    "day 2026-9-13",
    "yesterday",
    "day 2026-9-14",
    "today",
    "new",
    "m1",
  ]);
});

test("a room in which only calls took place shows them", () => {
  expect(keys(withCalls([], [past("one", 5)], false))).toEqual(["day 2026-9-14", "one"]);
});

test("a call is told in one line", () => {
  expect(pastCall(at(0), at(45), 12)).toBe("A call took place, 45 minutes, 12 people");
  expect(pastCall(at(0), at(1), 1)).toBe("A call took place, 1 minute, 1 person");
  expect(duration(20)).toBe("less than a minute");
  expect(duration(3600)).toBe("1 hour");
  expect(duration(65 * 60)).toBe("1 hour 5 minutes");
});
