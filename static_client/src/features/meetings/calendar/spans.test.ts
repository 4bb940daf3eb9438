import { expect, test } from "vitest";
import { shownDays, spanTitle, stepped, weekBegins, weekOf } from "./spans";

test("a week begins where the viewer's weeks do", () => {
  expect(weekOf("2026-11-22", 0)).toBe("2026-11-16");
  expect(weekOf("2026-11-22", 6)).toBe("2026-11-22");
  expect(weekOf("2026-11-28", 6)).toBe("2026-11-22");
  expect([weekBegins("fr-FR"), weekBegins("en-US")]).toEqual([0, 6]);
  expect(weekBegins("not a language")).toBe(0);
});

test("a month is shown in six whole weeks", () => {
  expect(shownDays("month", "2026-11-24", 0)).toEqual({ first: "2026-10-26", end: "2026-12-07" });
});

test("steps go by what is shown", () => {
  expect(stepped("week", "2026-12-30", 1)).toBe("2027-01-06");
  expect(stepped("month", "2026-01-31", -1)).toBe("2025-12-01");
  expect(stepped("list", "2026-11-24", 1)).toBe("2026-12-22");
});

test("what is shown has a name", () => {
  expect(spanTitle("month", "2026-11-24", shownDays("month", "2026-11-24", 0))).toBe("November 2026");
  expect(spanTitle("week", "2026-11-24", shownDays("week", "2026-11-24", 0)).replaceAll(/\s/g, " ")).toBe("Nov 23 – 29, 2026");
});
