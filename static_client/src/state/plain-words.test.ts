import { expect, test } from "vitest";
import type { Draft } from "./drafts";
import { fromWords } from "./plain-words";

/** A Sunday. */
const TODAY = "2026-11-22";

const SENTENCES: readonly (readonly [string, Partial<Draft>])[] = [
  [
    "Every Tuesday and Thursday at 9:00 until 18 December",
    { repeat: "weekly", every: 1, days: ["TU", "TH"], time: "09:00", ends: "until", until: "2026-12-18", day: "2026-11-24" },
  ],
  ["Tuesdays 9-9:50 until Dec 18", { repeat: "weekly", every: 1, days: ["TU"], time: "09:00", minutes: 50, ends: "until", until: "2026-12-18", day: "2026-11-24" }],
  ["every weekday at 8am, 10 times", { repeat: "weekly", every: 1, days: ["MO", "TU", "WE", "TH", "FR"], time: "08:00", ends: "count", count: 10, day: "2026-11-23" }],
  ["every other Friday at 2pm for 90 minutes", { repeat: "weekly", every: 2, days: ["FR"], time: "14:00", minutes: 90, day: "2026-11-27" }],
  ["every 3 weeks on Monday", { repeat: "weekly", every: 3, days: ["MO"], day: "2026-11-23" }],
  ["daily at 10:30 for an hour until January 9", { repeat: "daily", every: 1, time: "10:30", minutes: 60, ends: "until", until: "2027-01-09" }],
  ["tomorrow at 14:00", { repeat: "once", time: "14:00", day: "2026-11-23", days: ["MO"] }],
  ["Wednesday at noon", { repeat: "once", time: "12:00", day: "2026-11-25", days: ["WE"] }],
  ["24 November 9am for 1 hour", { repeat: "once", time: "09:00", minutes: 60, day: "2026-11-24", days: ["TU"] }],
  ["monthly on the first Monday at 17:00, six times", { repeat: "monthly", every: 1, monthly: "nth", time: "17:00", ends: "count", count: 6, day: "2026-12-07", days: ["MO"] }],
  ["Thursdays from 3 December at 1 pm to 2:30 pm", { repeat: "weekly", every: 1, days: ["TH"], day: "2026-12-03", time: "13:00", minutes: 90 }],
  ["mon, wed and fri 9:15", { repeat: "weekly", every: 1, days: ["MO", "WE", "FR"], time: "09:15", day: "2026-11-23" }],
];

test.each(SENTENCES)("“%s”", (sentence, changes) => {
  expect(fromWords(sentence, TODAY)).toEqual({ changes, unknown: [] });
});

test("what is not understood is named, and what is said besides is heard all the same", () => {
  expect(fromWords("every Tuesday at 9:00 except holidays", TODAY)).toMatchObject({ changes: { days: ["TU"], time: "09:00" }, unknown: ["except", "holidays"] });
  expect(fromWords("", TODAY)).toEqual({ changes: {}, unknown: [] });
});

test("half a sentence, as one types it, is no nonsense", () => {
  const whole = "Every Tuesday and Thursday at 9:00 until 18 December";
  for (let length = 1; length <= whole.length; length += 1) {
    const { time = "09:00", day = TODAY, until = TODAY } = fromWords(whole.slice(0, length), TODAY).changes;
    expect([/^\d\d:\d\d$/.test(time), /^\d{4}-\d\d-\d\d$/.test(day), /^\d{4}-\d\d-\d\d$/.test(until)]).toEqual([true, true, true]);
  }
});
