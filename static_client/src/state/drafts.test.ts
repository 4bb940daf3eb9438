import { describe, expect, test } from "vitest";
import type { Scope } from "../contract.gen";
import { blankDraft, canPreview, changesOf, draftOf, previewOf, problemsOf, wishOf } from "./drafts";
import type { Draft } from "./drafts";
import { parseRule, ruleOf } from "./rules";
import { SECOND, meeting, occurrence } from "./testing/meetings";

const blank = blankDraft({ roomId: "room_1", day: "2026-11-24", time: "09:00", zone: "Europe/Paris" });
const draft = (fields: Partial<Draft>): Draft => ({ ...blank, title: "World history", ...fields });

describe("rules", () => {
  const RULES: readonly (readonly [Partial<Draft>, string])[] = [
    [{ repeat: "daily", ends: "count", count: 5 }, "FREQ=DAILY;COUNT=5"],
    [{ repeat: "weekly", days: ["TH", "TU"], until: "2026-12-18" }, "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261218"],
    [{ repeat: "weekly", every: 2, ends: "count", count: 6 }, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=6"],
    [{ repeat: "monthly", ends: "count", count: 3 }, "FREQ=MONTHLY;BYMONTHDAY=24;COUNT=3"],
    [{ repeat: "monthly", monthly: "nth", ends: "count", count: 3 }, "FREQ=MONTHLY;BYDAY=4TU;COUNT=3"],
    [{ repeat: "monthly", monthly: "last", ends: "count", count: 3 }, "FREQ=MONTHLY;BYDAY=-1TU;COUNT=3"],
    [{ repeat: "yearly", ends: "count", count: 3 }, "FREQ=YEARLY;COUNT=3"],
  ];

  test.each(RULES)("are made of choices, and are read back: %o", (fields, rule) => {
    expect(ruleOf(draft(fields))).toBe(rule);
    expect(ruleOf({ ...blank, ...parseRule(rule, "2026-11-24") })).toBe(rule);
  });

  test.each([
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1;COUNT=3",
    "FREQ=WEEKLY;WKST=SU;BYDAY=TU;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=3",
    "FREQ=DAILY;BYDAY=MO,TU;COUNT=3",
    "FREQ=DAILY;UNTIL=20261218T080000Z",
    "FREQ=WEEKLY;BYDAY=TU",
  ])("that say more than the choices can are kept as they are: %s", (rule) => {
    expect(ruleOf({ ...blank, ...parseRule(rule, "2026-11-24") })).toBe(rule);
    expect(parseRule(rule, "2026-11-24").repeat).toBe("other");
  });

  test("a fifth Tuesday is the last one", () => {
    expect(ruleOf(draft({ day: "2026-12-29", repeat: "monthly", monthly: "nth", ends: "count", count: 2 }))).toContain("BYDAY=-1TU");
  });
});

describe("what keeps it from being saved", () => {
  test.each([
    ["title", { title: " " }],
    ["room", { roomId: "" }],
    ["day", { day: "2026-02-30" }],
    ["time", { time: "25:00" }],
    ["minutes", { minutes: Number.NaN }],
    ["every", { repeat: "daily", every: 0 }],
    ["days", { repeat: "weekly", days: [] }],
    ["until", { repeat: "weekly", until: "2026-11-23" }],
    ["count", { repeat: "weekly", ends: "count", count: 401 }],
    ["rule", { repeat: "other", rule: "" }],
    ["guests", { guests: ["curator@museum.example", "curator"] }],
  ] as const)("is said at its field: %s", (field, fields) => {
    expect(Object.keys(problemsOf(draft(fields as Partial<Draft>)))).toEqual([field]);
  });

  test("a time can be looked at before there is a title", () => {
    expect(canPreview({ ...blank, roomId: "" })).toBe(true);
    expect(canPreview({ ...blank, time: "" })).toBe(false);
  });
});

test("a new meeting says no more than was chosen", () => {
  expect(wishOf(draft({ repeat: "once" }), false)).toMatchObject({ title: "World history", starts: "2026-11-24T09:00", minutes: 60, room_id: "room_1" });
  expect(wishOf(draft({ roomId: null }), false)).not.toHaveProperty("room_id");
  expect(previewOf(draft({ repeat: "weekly" }), "meet_1", "this")).not.toHaveProperty("rule");
});

describe("changing", () => {
  const editing = (scope: Scope): Draft => draftOf({ meeting: meeting(), occurrence: occurrence(SECOND, { starts: "2026-12-01T11:00" }), scope, guests: [], reminders: [10] });

  test("begins with what is there: one occurrence, those from there on, or all", () => {
    expect(editing("this")).toMatchObject({ day: "2026-12-01", time: "11:00", minutes: 50, repeat: "once" });
    expect(editing("following")).toMatchObject({ day: "2026-12-01", time: "11:00", repeat: "weekly", until: "2026-12-18" });
    expect(editing("all")).toMatchObject({ day: "2026-11-24", time: "09:00", repeat: "weekly", reminders: [10] });
  });

  test("says only what is different", () => {
    const before = editing("all");
    expect(changesOf(before, before, "all", false)).toEqual({});
    expect(changesOf(before, { ...before, time: "10:00" }, "all", false)).toEqual({ starts: "2026-11-24T10:00" });
    expect(changesOf(before, { ...before, repeat: "once" }, "all", true)).toEqual({ once: true, accept_clashes: true });
    expect(changesOf(before, { ...before, count: 8, ends: "count" }, "all", false)).toEqual({ rule: "FREQ=WEEKLY;BYDAY=TU;COUNT=8" });
  });

  test("of one occurrence leaves the series alone", () => {
    const before = editing("this");
    expect(changesOf(before, { ...before, day: "2026-12-02", provider: "elsewhere" }, "this", false)).toEqual({ starts: "2026-12-02T11:00" });
  });
});
