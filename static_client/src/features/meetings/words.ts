/** The sentences of meetings. */

import type { Occurrence, Schedule } from "../../contract.gen";
import type { MeetingLine } from "../../state/meeting-lines";
import { inOrder, parseRule } from "../../state/rules";
import { placeInMonth } from "../../state/days";
import type { Weekday } from "../../state/days";
import { dayName } from "../../ui/times";
import { dateIn, dayIn, sameClock, shortDayIn, timeIn, timesIn, viewerZone, zoneName } from "../../ui/zones";

const DAY_MS = 86_400_000;

export const WEEKDAY_NAMES: Readonly<Record<Weekday, string>> = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
};

const ORDINALS = ["first", "second", "third", "fourth"] as const;
const UNITS = { daily: "day", weekly: "week", monthly: "month", yearly: "year" } as const;

export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** A day as text, said in words: it belongs to no zone. */
export function dayWords(day: string): string {
  return dateIn("UTC", new Date(`${day}T00:00:00Z`));
}

/** "Every Tuesday and Thursday until Fri, Dec 18, 2026"; null for a meeting that is held once. */
export function ruleWords({ rule, starts }: Pick<Schedule, "rule" | "starts">): string | null {
  if (!rule) return null;
  const day = starts.slice(0, 10);
  const { repeat, every = 1, days = [], monthly, ends, until, count } = parseRule(rule, day);
  if (!repeat || repeat === "other" || repeat === "once") return "Repeated by a rule of its own";
  const unit = UNITS[repeat];
  const pace = every === 1 ? `Every ${unit}` : every === 2 ? `Every other ${unit}` : `Every ${every} ${unit}s`;
  const end = ends === "count" ? `, ${counted(count ?? 0, "time")}` : ` until ${dayWords(until ?? day)}`;
  if (repeat === "weekly") return `${weekly(pace, every, inOrder(days))}${end}`;
  return `${pace}${repeat === "monthly" ? monthlyWords(monthly ?? "date", day) : ""}${end}`;
}

function weekly(pace: string, every: number, days: readonly Weekday[]): string {
  const weekdays = days.length === 5 && !days.includes("SA") && !days.includes("SU");
  const names = weekdays ? "weekday" : listed(days.map((day) => WEEKDAY_NAMES[day]));
  if (every === 1) return `Every ${names}`;
  return `${pace} on ${weekdays ? "weekdays" : names}`;
}

export function monthlyWords(by: "date" | "nth" | "last", day: string): string {
  const { nth } = placeInMonth(day);
  const name = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
  if (by === "date") return ` on day ${Number(day.slice(8))}`;
  return ` on the ${by === "last" ? "last" : (ORDINALS[nth - 1] ?? "last")} ${name}`;
}

/** "Today, 9:00 – 9:50 AM". */
export function whenWords({ starts_at: from, ends_at: to }: Pick<Occurrence, "starts_at" | "ends_at">, now: number): string {
  const zone = viewerZone();
  const start = new Date(from);
  return `${nearDay(start, now)}, ${timesIn(zone, start, new Date(to))}`;
}

/** Today, Tomorrow, a weekday and date; with the year where it is another. */
export function nearDay(date: Date, now: number): string {
  const today = new Date(now);
  if (dayName(date, today) === "Today") return "Today";
  if (dayName(date, new Date(now + DAY_MS)) === "Today") return "Tomorrow";
  const zone = viewerZone();
  return date.getFullYear() === today.getFullYear() ? dayIn(zone, date) : dateIn(zone, date);
}

/** The same in the zone that the meeting was planned in, where the viewer's clock shows another: "15:00 Tokyo time". */
export function elsewhereWords({ starts_at: from, zone }: Pick<Occurrence, "starts_at" | "zone">): string | null {
  const start = new Date(from);
  const here = viewerZone();
  if (sameClock(zone, here, start)) return null;
  const day = shortDayIn(zone, start) === shortDayIn(here, start) ? "" : `${shortDayIn(zone, start)}, `;
  return `${day}${timeIn(zone, start)} ${zoneName(zone)}`;
}

/** "in 12 minutes", "in 2 hours", "in 3 days"; "now" within the minute. */
export function inWords(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 90) return `in ${counted(minutes, "minute")}`;
  const hours = Math.round(minutes / 60);
  return hours < 36 ? `in ${counted(hours, "hour")}` : `in ${counted(Math.round(hours / 24), "day")}`;
}

export const ADJUSTMENTS = {
  skipped: "The clocks go forward over this time: it begins as much later.",
  repeated: "The clocks show this time twice that night: the first one is meant.",
} as const;

/** One line of the timeline, after the name of whoever did it. */
export function lineWords(line: MeetingLine, now: number): string {
  switch (line.kind) {
    case "scheduled":
      return "scheduled";
    case "changed":
      return line.occurrence ? `changed the class of ${keyDay(line.occurrence)}${line.scope === "following" ? " and those after it" : ""}` : "changed";
    case "cancelled": {
      const what = line.occurrence ? `the class of ${keyDay(line.occurrence)}${line.scope === "following" ? " and all after it" : ""}` : "all classes to come";
      return `cancelled ${what}`;
    }
    case "link":
      return line.message;
    case "reminder":
      return line.minutes > 0 ? `begins ${inWords(line.minutes * 60_000)}: ${whenWords(line.occurrence, now)}` : "begins now";
    case "recording":
      return "was recorded";
    case "held":
      return line.ended ? "took place" : "is being held";
  }
}

/** The day that an occurrence was planned for. */
export function keyDay(key: string): string {
  return shortDayIn("UTC", new Date(`${key}:00Z`));
}
