/** Which days a view of the calendar shows. */

import { addDays, addMonths, firstOfMonth, localMidnight, mondayOf, weekdayOf, WEEKDAYS } from "../../../state/days";
import type { Day } from "../../../state/days";
import type { Span } from "../../../state/meetings";
import type { CalendarView } from "../../../state/pages";

export const LIST_DAYS = 28;

/** The first day of the week, as people where the viewer lives count: 0 is Monday, 6 is Sunday. */
export function weekBegins(language: string): number {
  try {
    const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
    return ((locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1) - 1;
  } catch {
    return 0;
  }
}

export function weekOf(day: Day, begins: number): Day {
  const since = (WEEKDAYS.indexOf(weekdayOf(day)) - begins + 7) % 7;
  return begins === 0 ? mondayOf(day) : addDays(day, -since);
}

export interface Shown {
  readonly first: Day;
  /** Not shown any more. */
  readonly end: Day;
}

export function shownDays(view: CalendarView, day: Day, begins: number): Shown {
  switch (view) {
    case "week": {
      const first = weekOf(day, begins);
      return { first, end: addDays(first, 7) };
    }
    case "month": {
      const first = weekOf(firstOfMonth(day), begins);
      return { first, end: addDays(first, 42) };
    }
    case "list":
      return { first: day, end: addDays(day, LIST_DAYS) };
  }
}

export function spanOf({ first, end }: Shown): Span {
  return { since: localMidnight(first), until: localMidnight(end) };
}

/** The day to look at after a step back or on. */
export function stepped(view: CalendarView, day: Day, step: 1 | -1): Day {
  switch (view) {
    case "week":
      return addDays(day, 7 * step);
    case "month":
      return addMonths(day, step);
    case "list":
      return addDays(day, LIST_DAYS * step);
  }
}

/** "November 2026", "Nov 23 – 29, 2026". */
export function spanTitle(view: CalendarView, day: Day, { first, end }: Shown): string {
  if (view === "month") {
    return new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
  }
  const format = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return format.formatRange(new Date(`${first}T00:00:00Z`), new Date(`${addDays(end, -1)}T00:00:00Z`));
}
