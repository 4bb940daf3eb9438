/** "Every Tuesday and Thursday at 9:00 until 18 December": what a sentence says about a meeting's time, in English. */

import { WEEKDAYS, addDays, addMonths, dayMs, isDay, isTime, weekdayOf } from "./days";
import type { Day, Weekday } from "./days";
import type { Draft } from "./drafts";

export interface Heard {
  readonly changes: Partial<Draft>;
  /** Words that meant nothing here. */
  readonly unknown: readonly string[];
}

type Changes = { -readonly [Name in keyof Draft]?: Draft[Name] };

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const NAMES: readonly (readonly [string, Weekday])[] = [
  ["mon", "MO"],
  ["tue", "TU"],
  ["wed", "WE"],
  ["thu", "TH"],
  ["fri", "FR"],
  ["sat", "SA"],
  ["sun", "SU"],
];
const NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
const FILLERS = new Set(["and", "on", "the", "of", "a", "an", "in", "each", "every", "at", "from", "starting", "beginning", "o'clock", "class", "to", "then", "first"]);

/** What is said so far, while it is being taken apart. */
interface Hearing {
  text: string;
  readonly changes: Changes;
  readonly today: Day;
  days: Weekday[];
  start: Day | null;
}

export function fromWords(sentence: string, today: Day): Heard {
  const hearing: Hearing = { text: ` ${sentence.toLowerCase().replaceAll(/[.!]+(?=\s|$)/g, " ").replaceAll(/\s+/g, " ")} `, changes: {}, today, days: [], start: null };
  for (const hear of [hearEnd, hearLength, hearTimes, hearPace, hearDays, hearDate]) hear(hearing);
  settle(hearing);
  const unknown = hearing.text.split(/[\s,;]+/).filter((word) => word && !FILLERS.has(word));
  return { changes: hearing.changes, unknown };
}

/** Finds a pattern, takes it out of the sentence, and says what was in it. */
function take(hearing: Hearing, pattern: RegExp): RegExpExecArray | null {
  const found = pattern.exec(hearing.text);
  if (found) hearing.text = `${hearing.text.slice(0, found.index)} ${hearing.text.slice(found.index + found[0].length)}`;
  return found;
}

function number(word: string | undefined): number {
  const spelt = NUMBERS.indexOf(word ?? "");
  return spelt >= 0 ? spelt : Number(word);
}

const DATE = String.raw`(\d{4}-\d\d-\d\d|\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:${MONTHS.join("|")})[a-z]*\.?(?:,? \d{4})?|(?:${MONTHS.join("|")})[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?)`;

function hearEnd(hearing: Hearing): void {
  const until = take(hearing, new RegExp(String.raw`\b(?:until|till|through|ending(?: on)?) (?:the )?${DATE}`));
  const day = until?.[1] && dayOf(until[1], hearing.today);
  if (day) Object.assign(hearing.changes, { ends: "until", until: day });
  const times = take(hearing, /\b(?:for )?(\d{1,3}|[a-z]+) times\b/);
  const count = number(times?.[1]);
  if (times && count > 0) Object.assign(hearing.changes, { ends: "count", count });
  const weeks = take(hearing, /\bfor (\d{1,2}|[a-z]+) (week|month)s?\b/);
  const long = number(weeks?.[1]);
  if (weeks && long > 0) hearing.changes.until = weeks[2] === "week" ? addDays(hearing.today, 7 * long) : addMonths(hearing.today, long);
}

function hearLength(hearing: Hearing): void {
  const hours = take(hearing, /\b(?:for )?(\d+(?:\.\d+)?|one|two|three|an?) ?(?:hours?|hrs?|h)\b/);
  const minutes = take(hearing, /\b(?:for )?(?:and )?(\d{1,4}) ?(?:minutes?|mins?)\b/);
  if (!hours && !minutes) return;
  const whole = hours ? (hours[1]?.startsWith("a") ? 1 : number(hours[1])) * 60 : 0;
  const sum = Math.round(whole + Number(minutes?.[1] ?? 0));
  if (sum > 0) hearing.changes.minutes = sum;
}

const TIME = String.raw`(\d{1,2})(?:[:.h](\d\d))? ?(am|pm|a\.m|p\.m)?`;

function hearTimes(hearing: Hearing): void {
  const range = take(hearing, new RegExp(String.raw`\b(?:at |from )?${TIME} ?(?:-|–|to) ?${TIME}(?= |,|$)`));
  if (range) {
    const to = clock(range[4], range[5], range[6]);
    const from = clock(range[1], range[2], range[3] ?? (hoursOf(range[1]) <= hoursOf(range[4]) ? range[6] : undefined));
    if (from && to) {
      hearing.changes.time = from;
      if (minuteOf(to) > minuteOf(from)) hearing.changes.minutes = minuteOf(to) - minuteOf(from);
      return;
    }
  }
  if (take(hearing, /\b(?:at )?noon\b/)) return void (hearing.changes.time = "12:00");
  const at =
    take(hearing, new RegExp(String.raw`\bat ${TIME}(?= |,|$)`)) ??
    take(hearing, /\b(\d{1,2})[:.h](\d\d) ?(am|pm|a\.m|p\.m)?(?= |,|$)/) ??
    take(hearing, /\b(\d{1,2})() ?(am|pm|a\.m|p\.m)(?= |,|$)/);
  const time = at && clock(at[1], at[2], at[3]);
  if (time) hearing.changes.time = time;
}

function hoursOf(text: string | undefined): number {
  return Number(text) % 12;
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function clock(hours: string | undefined, minutes = "00", half: string | undefined): string | null {
  let hour = Number(hours);
  if (half?.startsWith("p") && hour < 12) hour += 12;
  if (half?.startsWith("a") && hour === 12) hour = 0;
  const time = `${String(hour).padStart(2, "0")}:${minutes || "00"}`;
  return isTime(time) ? time : null;
}

function hearPace(hearing: Hearing): void {
  const { changes } = hearing;
  const paced = take(hearing, /\bevery (other|second|third|fourth|\d{1,2}|[a-z]+) (day|week|month|year)s?\b/);
  const every = paced && ({ other: 2, second: 2, third: 3, fourth: 4 }[paced[1] ?? ""] ?? number(paced[1]));
  if (paced && every && every > 0) Object.assign(changes, { every, repeat: `${paced[2] === "day" ? "dai" : paced[2]}ly` });
  const plain = take(hearing, /\b(?:(?:every|each|a) (day|week|month|year)|(daily|weekly|monthly|yearly))\b/);
  const unit = plain?.[1] ?? plain?.[2]?.replace("dai", "day").replace(/ly$/, "");
  if (plain) Object.assign(changes, { every: 1, repeat: `${unit?.startsWith("day") ? "dai" : unit}ly` });
  const otherDay = take(hearing, /\bevery other (?=[a-z]{3,9})/);
  if (otherDay) Object.assign(changes, { every: 2, repeat: "weekly" });
}

function hearDays(hearing: Hearing): void {
  const { changes } = hearing;
  const nth = take(hearing, /\b(?:every )?(first|second|third|fourth|last) (mon|tue|wed|thu|fri|sat|sun)[a-z]*(?: of (?:the|every|each) month)?\b/);
  if (nth && changes.repeat === "monthly") return hearNth(hearing, nth[1] ?? "", nth[2] ?? "");
  if (take(hearing, /\b(?:every )?(?:weekdays?|workdays?)\b/)) {
    hearing.days = WEEKDAYS.slice(0, 5);
    Object.assign(changes, { repeat: "weekly", every: changes.every ?? 1 });
  }
  const repeated = /\bevery |\beach /.test(hearing.text) || /\b(mon|tues|wednes|thurs|fri|satur|sun)days\b/.test(hearing.text);
  for (let found = takeDay(hearing); found; found = takeDay(hearing)) hearing.days.push(found);
  if (nth?.[2]) hearing.days.push(dayNamed(nth[2]));
  const several = hearing.days.length > 1 || changes.ends !== undefined || changes.until !== undefined;
  if (hearing.days.length > 0 && !changes.repeat && (repeated || several)) Object.assign(changes, { repeat: "weekly", every: 1 });
}

function takeDay(hearing: Hearing): Weekday | null {
  const found = take(hearing, /\b(mon|tue|wed|thu|fri|sat|sun)(?:days?|s|sdays?|nesdays?|rs|rsdays?|urdays?)?\b/);
  return found?.[1] ? dayNamed(found[1]) : null;
}

function dayNamed(name: string): Weekday {
  return NAMES.find(([begins]) => name.startsWith(begins))?.[1] ?? "MO";
}

/** The first Monday of the month, from today on. */
function hearNth(hearing: Hearing, nth: string, name: string): void {
  const wanted = dayNamed(name);
  const index = ["first", "second", "third", "fourth"].indexOf(nth);
  hearing.changes.monthly = index < 0 ? "last" : "nth";
  for (let month = 0; month < 2 && !hearing.start; month += 1) {
    const first = addMonths(hearing.today, month);
    const days = Array.from({ length: 31 }, (_, day) => addDays(first, day)).filter((day) => day.slice(0, 7) === first.slice(0, 7) && weekdayOf(day) === wanted);
    const day = index < 0 ? days.at(-1) : days[index];
    if (day && dayMs(day) >= dayMs(hearing.today)) hearing.start = day;
  }
}

function hearDate(hearing: Hearing): void {
  const date = take(hearing, new RegExp(String.raw`\b(?:on |from |starting |beginning )?(?:the )?${DATE}`));
  const day = date?.[1] ? dayOf(date[1], hearing.today) : null;
  if (day) hearing.start = day;
  else if (take(hearing, /\btomorrow\b/)) hearing.start = addDays(hearing.today, 1);
  else if (take(hearing, /\btoday\b/)) hearing.start = hearing.today;
  else if (take(hearing, /\bnext week\b/)) hearing.start = addDays(hearing.today, 7);
}

/** "18 December", "Dec 18, 2027", "2026-12-18"; without a year, the next one. */
function dayOf(text: string, today: Day): Day | null {
  if (isDay(text)) return text;
  const month = MONTHS.findIndex((name) => new RegExp(String.raw`\b${name}`).test(text)) + 1;
  const date = /\b(\d{1,2})(?!\d)/.exec(text)?.[1];
  const year = /\b(\d{4})\b/.exec(text)?.[1];
  if (!month || !date) return null;
  const rest = `${String(month).padStart(2, "0")}-${date.padStart(2, "0")}`;
  const soonest = `${year ?? today.slice(0, 4)}-${rest}`;
  if (!isDay(soonest)) return null;
  return year || soonest >= today ? soonest : `${Number(today.slice(0, 4)) + 1}-${rest}`;
}

/** Days of the week without a date begin at the next such day. */
function settle(hearing: Hearing): void {
  const { changes, today } = hearing;
  const { days } = hearing;
  if (changes.until !== undefined && changes.ends === undefined && changes.repeat) changes.ends = "until";
  let start = hearing.start;
  if (!start && days.length > 0) start = Array.from({ length: 7 }, (_, ahead) => addDays(today, ahead)).find((day) => days.includes(weekdayOf(day))) ?? null;
  if (start && days.length > 0 && !days.includes(weekdayOf(start))) {
    const from = start;
    start = Array.from({ length: 7 }, (_, ahead) => addDays(from, ahead)).find((day) => days.includes(weekdayOf(day))) ?? start;
  }
  if (start) changes.day = start;
  if (changes.repeat === "weekly") changes.days = days.length > 0 ? WEEKDAYS.filter((day) => days.includes(day)) : [weekdayOf(start ?? today)];
  else if (start) Object.assign(changes, { days: [weekdayOf(start)], ...(changes.repeat ? {} : { repeat: "once" }) });
}
