import { expect, test } from "vitest";
import { entriesIn, nextOf, stageOf } from "./agenda";
import { meetings, noMeetings } from "./meetings";
import { ROOM } from "./testing/log";
import { FIRST, SECOND, inRange, meeting, occurrence } from "./testing/meetings";

const at = (time: string): number => Date.parse(`2026-11-24T${time}:00Z`);
const WINTER = { since: Date.UTC(2026, 10, 1), until: Date.UTC(2027, 0, 1) };
const state = meetings(noMeetings, { type: "meeting/listed", span: WINTER, items: [inRange()] });

test.each([
  ["07:00", {}, "later"],
  ["07:50", {}, "open"],
  ["08:10", {}, "open"],
  ["08:10", { status: "live" }, "live"],
  ["09:30", { status: "live" }, "live"],
  ["08:50", {}, "over"],
  ["08:20", { status: "ended" }, "over"],
  ["07:50", { status: "cancelled" }, "cancelled"],
] as const)("at %s UTC, with %o, a class is %s", (time, fields, stage) => {
  expect(stageOf({ meeting: meeting(), occurrence: occurrence(FIRST, fields) }, at(time))).toBe(stage);
});

test("a span has the classes that touch it, in order of time", () => {
  expect(entriesIn(state, WINTER).map((entry) => entry.occurrence.key)).toEqual([FIRST, SECOND]);
  expect(entriesIn(state, { since: at("08:30"), until: at("09:00") })).toHaveLength(1);
  expect(entriesIn(state, WINTER, "another room")).toEqual([]);
});

test("what comes next in a room is the class that is held, or the first to come", () => {
  const week = 8 * 86_400_000;
  expect(nextOf(state, ROOM, at("07:00"), week)?.occurrence.key).toBe(FIRST);
  expect(nextOf(state, ROOM, at("09:00"), week)?.occurrence.key).toBe(SECOND);
  expect(nextOf(state, ROOM, at("09:00"), 86_400_000)).toBeNull();
  const late = meetings(state, { type: "meeting/listed", span: WINTER, items: [inRange({}, [occurrence(FIRST, { status: "live" })])] });
  expect(nextOf(late, ROOM, at("09:30"), week)?.occurrence.status).toBe("live");
});
