import { expect, test } from "vitest";
import { FIRST, occurrence } from "../../state/testing/meetings";
import { elsewhereWords, inWords, ruleWords } from "./words";

const starts = FIRST;

test.each([
  ["FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261218", "Every Tuesday and Thursday until Fri, Dec 18, 2026"],
  ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10", "Every weekday, 10 times"],
  ["FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=1", "Every other week on Tuesday, 1 time"],
  ["FREQ=DAILY;INTERVAL=3;COUNT=4", "Every 3 days, 4 times"],
  ["FREQ=MONTHLY;BYDAY=4TU;COUNT=4", "Every month on the fourth Tuesday, 4 times"],
  ["FREQ=MONTHLY;BYMONTHDAY=24;COUNT=4", "Every month on day 24, 4 times"],
  ["FREQ=YEARLY;COUNT=4", "Every year, 4 times"],
  ["FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2;COUNT=4", "Repeated by a rule of its own"],
])("a rule in words: %s", (rule, words) => {
  expect(ruleWords({ rule, starts })).toBe(words);
});

test("a single class needs no words", () => {
  expect(ruleWords({ starts })).toBeNull();
});

test.each([
  [0, "now"],
  [30_000, "in 1 minute"],
  [12 * 60_000, "in 12 minutes"],
  [3 * 3_600_000, "in 3 hours"],
  [50 * 3_600_000, "in 2 days"],
])("%i milliseconds are %s", (milliseconds, words) => {
  expect(inWords(milliseconds)).toBe(words);
});

test("the meeting's own zone is named where its clocks show another time", () => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  expect(elsewhereWords(occurrence(FIRST, { zone: here }))).toBeNull();
  expect(elsewhereWords(occurrence(FIRST, { zone: "Pacific/Kiritimati" }))).toMatch(/Kiritimati time$/);
});
