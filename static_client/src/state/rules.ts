/** Rules of repetition (RFC 5545 section 3.3.10), from the form's choices and back. */

import { WEEKDAYS, placeInMonth, weekdayOf } from "./days";
import type { Day, Weekday } from "./days";
import type { Draft, Repeat, Repetition } from "./drafts";

const FREQUENCIES = { daily: "DAILY", weekly: "WEEKLY", monthly: "MONTHLY", yearly: "YEARLY" } as const;

export function ruleOf(draft: Draft): string | null {
  if (draft.repeat === "once") return null;
  if (draft.repeat === "other") return draft.rule.trim();
  const parts = [
    `FREQ=${FREQUENCIES[draft.repeat]}`,
    draft.every > 1 && `INTERVAL=${draft.every}`,
    draft.repeat === "weekly" && `BYDAY=${inOrder(draft.days).join(",")}`,
    draft.repeat === "monthly" && monthly(draft),
    draft.ends === "until" ? `UNTIL=${draft.until.replaceAll("-", "")}` : `COUNT=${draft.count}`,
  ];
  return parts.filter((part) => part !== false).join(";");
}

export function inOrder(days: readonly Weekday[]): readonly Weekday[] {
  return WEEKDAYS.filter((day) => days.includes(day));
}

function monthly({ monthly: by, day }: Draft): string {
  const { nth, last } = placeInMonth(day);
  if (by === "date") return `BYMONTHDAY=${Number(day.slice(8))}`;
  return `BYDAY=${by === "last" || (nth === 5 && last) ? -1 : nth}${weekdayOf(day)}`;
}

/** The choices behind a rule. What they cannot express is kept as it is: repeat "other". */
export function parseRule(rule: string, day: Day): Partial<Repetition> {
  const parts = new Map(
    rule.split(";").map((part) => {
      const [name = "", value = ""] = part.split("=");
      return [name.toUpperCase(), value.toUpperCase()] as const;
    }),
  );
  const repeat = (Object.keys(FREQUENCIES) as (keyof typeof FREQUENCIES)[]).find((name) => FREQUENCIES[name] === parts.get("FREQ"));
  const chosen = repeat && choices(parts, repeat, day);
  return chosen ? { ...chosen, rule } : { repeat: "other", rule };
}

const UNDERSTOOD = new Set(["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"]);

function choices(parts: ReadonlyMap<string, string>, repeat: Exclude<Repeat, "once" | "other">, day: Day): Partial<Repetition> | null {
  const end = endOf(parts);
  if (!end || [...parts.keys()].some((name) => !UNDERSTOOD.has(name)) || (parts.get("WKST") ?? "MO") !== "MO") return null;
  const by = parts.get("BYDAY");
  const date = parts.get("BYMONTHDAY");
  const common = { repeat, every: Number(parts.get("INTERVAL") ?? 1), ...end };
  if (repeat === "weekly" && date === undefined) {
    const days = by === undefined ? [weekdayOf(day)] : by.split(",");
    return days.every(isWeekday) ? { ...common, days: days as Weekday[] } : null;
  }
  if (repeat === "monthly") return monthlyChoice(common, by, date, day);
  return by === undefined && date === undefined ? common : null;
}

function monthlyChoice(common: Partial<Repetition>, by: string | undefined, date: string | undefined, day: Day): Partial<Repetition> | null {
  const { nth, last } = placeInMonth(day);
  if (by === undefined) return date === undefined || Number(date) === Number(day.slice(8)) ? { ...common, monthly: "date" } : null;
  if (date !== undefined) return null;
  if (by === `${nth}${weekdayOf(day)}` && nth < 5) return { ...common, monthly: "nth" };
  return by === `-1${weekdayOf(day)}` && last ? { ...common, monthly: "last" } : null;
}

function endOf(parts: ReadonlyMap<string, string>): Partial<Repetition> | null {
  const count = parts.get("COUNT");
  const until = /^(\d{4})(\d\d)(\d\d)(T\d{6}Z?)?$/.exec(parts.get("UNTIL") ?? "");
  if (count !== undefined) return { ends: "count", count: Number(count) };
  // An instant in UTC is a day of its own zone only where that zone is known: left as it is.
  return until && !until[4]?.endsWith("Z") ? { ends: "until", until: `${until[1]}-${until[2]}-${until[3]}` } : null;
}

function isWeekday(name: string): name is Weekday {
  return (WEEKDAYS as readonly string[]).includes(name);
}
