/** Days and wall times as text, 2026-11-24 and 2026-11-24T09:00, which no zone can shift. */

export type Day = string;
export type WallTime = string;

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const DAY_MS = 86_400_000;

/** Midnight of that day in UTC, to count with; NaN where there is no such day. */
export function dayMs(day: Day): number {
  const milliseconds = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(milliseconds) || dayFrom(milliseconds) !== day ? Number.NaN : milliseconds;
}

function dayFrom(milliseconds: number): Day {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

export function isDay(day: Day): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(dayMs(day));
}

export function isTime(time: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(time);
}

export function addDays(day: Day, count: number): Day {
  return dayFrom(dayMs(day) + count * DAY_MS);
}

export function weekdayOf(day: Day): Weekday {
  return WEEKDAYS[(new Date(dayMs(day)).getUTCDay() + 6) % 7] ?? "MO";
}

/** The Monday of that day's week. */
export function mondayOf(day: Day): Day {
  return addDays(day, -WEEKDAYS.indexOf(weekdayOf(day)));
}

export function firstOfMonth(day: Day): Day {
  return `${day.slice(0, 7)}-01`;
}

export function addMonths(day: Day, count: number): Day {
  const months = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + count;
  return `${String(Math.floor(months / 12)).padStart(4, "0")}-${String((months % 12) + 1).padStart(2, "0")}-01`;
}

/** Which of the month's Tuesdays it is, from 1; and whether it is the last one. */
export function placeInMonth(day: Day): { readonly nth: number; readonly last: boolean } {
  const date = Number(day.slice(8));
  return { nth: Math.ceil(date / 7), last: addDays(day, 7).slice(0, 7) !== day.slice(0, 7) };
}

/** The day that a clock on the viewer's wall shows. */
export function localDay(date: Date): Day {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function localWall(date: Date): WallTime {
  return `${localDay(date)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The beginning of that day where the viewer is. */
export function localMidnight(day: Day): number {
  return new Date(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8))).getTime();
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
