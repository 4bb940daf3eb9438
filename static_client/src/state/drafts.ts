/** A meeting as the form has it: choices a person makes, and the rule they come to. */

import type { CreateMeeting, Meeting, MeetingChanges, MeetingPolicy, Occurrence, PreviewMeeting, Scope } from "../contract.gen";
import { addDays, addMonths, dayMs, isDay, isTime, weekdayOf } from "./days";
import type { Day, Weekday } from "./days";
import { parseRule, ruleOf } from "./rules";

export type Repeat = "once" | "daily" | "weekly" | "monthly" | "yearly" | "other";
/** The 24th; the fourth Tuesday; the last Tuesday. */
export type MonthlyBy = "date" | "nth" | "last";

/** How a meeting is repeated. `rule` is kept where it says more than these choices can. */
export interface Repetition {
  readonly repeat: Repeat;
  readonly every: number;
  readonly days: readonly Weekday[];
  readonly monthly: MonthlyBy;
  readonly ends: "until" | "count";
  readonly until: Day;
  readonly count: number;
  readonly rule: string;
}

export interface Draft extends Repetition {
  readonly title: string;
  readonly description: string;
  /** null: the meeting gets a room of its own; empty: not chosen yet. */
  readonly roomId: string | null;
  readonly day: Day;
  readonly time: string;
  readonly minutes: number;
  readonly zone: string;
  readonly except: readonly string[];
  readonly provider: string;
  readonly policy: MeetingPolicy;
  readonly guests: readonly string[];
  readonly reminders: readonly number[];
  readonly hostAccount: string;
  /** Only said, never shown again: the server tells nobody of them. */
  readonly otherHosts: readonly string[];
}

export const POLICY: MeetingPolicy = {
  lobby: false,
  passcode: false,
  registration: false,
  recording: "none",
  mute_on_entry: true,
  opens_minutes: 10,
};

const MOST_OCCURRENCES = 400;
const MOST_MINUTES = 1440;

export interface Beginning {
  readonly roomId: string | null;
  readonly day: Day;
  readonly time: string;
  readonly zone: string;
}

/** An hour, once; and if it is to be repeated, weekly for a term. */
export function blankDraft({ roomId, day, time, zone }: Beginning): Draft {
  return {
    title: "",
    description: "",
    roomId,
    day,
    time,
    minutes: 60,
    zone,
    except: [],
    provider: "builtin",
    policy: POLICY,
    guests: [],
    reminders: [1440, 10],
    hostAccount: "",
    otherHosts: [],
    ...onceFrom(day),
  };
}

function onceFrom(day: Day): Repetition {
  const until = addDays(addMonths(day, 3), Number(day.slice(8)) - 1);
  return { repeat: "once", every: 1, days: [weekdayOf(day)], monthly: "date", ends: "until", until, count: 10, rule: "" };
}

export interface Editing {
  readonly meeting: Meeting;
  readonly occurrence: Occurrence | null;
  readonly scope: Scope;
  readonly guests: readonly string[];
  readonly reminders: readonly number[];
}

/** What is there to be changed: one occurrence, or the series from there on, or all of it. */
export function draftOf({ meeting, occurrence, scope, guests, reminders }: Editing): Draft {
  const { schedule } = meeting;
  const starts = (scope === "all" ? null : occurrence?.starts) ?? schedule.starts;
  const minutes = scope === "this" && occurrence ? minutesOf(occurrence) : schedule.minutes;
  const day = starts.slice(0, 10);
  const rule = scope === "this" ? undefined : schedule.rule;
  return {
    title: scope === "this" && occurrence ? occurrence.title : meeting.title,
    description: meeting.description,
    roomId: meeting.room_id,
    day,
    time: starts.slice(11, 16),
    minutes,
    zone: schedule.zone,
    except: schedule.except_dates,
    provider: meeting.provided.provider,
    policy: meeting.policy,
    guests,
    reminders,
    hostAccount: "",
    otherHosts: [],
    ...onceFrom(day),
    ...(rule ? parseRule(rule, day) : {}),
  };
}

function minutesOf({ starts_at: from, ends_at: to }: Occurrence): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
}

export type DraftField = "title" | "room" | "day" | "time" | "minutes" | "every" | "days" | "until" | "count" | "rule" | "guests" | "otherHosts" | "zone";
export type DraftProblems = Readonly<Partial<Record<DraftField, string>>>;

/** What keeps it from being saved, in sentences; where there is one about the time, there is nothing to preview. */
export function problemsOf(draft: Draft): DraftProblems {
  const problems: Partial<Record<DraftField, string>> = {};
  if (!draft.title.trim()) problems.title = "Give it a title.";
  if (draft.roomId === "") problems.room = "Choose a room.";
  if (!isDay(draft.day)) problems.day = "Choose a day.";
  if (!isTime(draft.time)) problems.time = "Choose a time.";
  if (!draft.zone.trim()) problems.zone = "Choose a time zone.";
  if (!whole(draft.minutes, 1, MOST_MINUTES)) problems.minutes = "Between 1 minute and 24 hours.";
  for (const field of ["guests", "otherHosts"] as const) {
    const wrong = draft[field].find((address) => !/^[^@\s,;<>"]+@[^@\s,;<>"]+$/.test(address));
    if (wrong !== undefined) problems[field] = `“${wrong}” is not an e-mail address.`;
  }
  return { ...problems, ...repetitionProblems(draft) };
}

function repetitionProblems(draft: Draft): DraftProblems {
  if (draft.repeat === "once") return {};
  if (draft.repeat === "other") return draft.rule.trim() ? {} : { rule: "Say how it is repeated." };
  const problems: Partial<Record<DraftField, string>> = {};
  if (!whole(draft.every, 1, 99)) problems.every = "Between 1 and 99.";
  if (draft.repeat === "weekly" && draft.days.length === 0) problems.days = "Choose at least one day of the week.";
  if (draft.ends === "count" && !whole(draft.count, 1, MOST_OCCURRENCES)) problems.count = `Between 1 and ${MOST_OCCURRENCES} times.`;
  if (draft.ends === "until" && !isDay(draft.until)) problems.until = "Choose the last day.";
  else if (draft.ends === "until" && dayMs(draft.until) < dayMs(draft.day)) problems.until = "The last day is before the first one.";
  return problems;
}

function whole(number: number, least: number, most: number): boolean {
  return Number.isInteger(number) && number >= least && number <= most;
}

/** Whether the time is told well enough to ask what it comes to. */
export function canPreview(draft: Draft): boolean {
  const { title: _title, room: _room, guests: _guests, otherHosts: _hosts, ...others } = problemsOf(draft);
  return Object.keys(others).length === 0;
}

function startsOf({ day, time }: Draft): string {
  return `${day}T${time}`;
}

export function previewOf(draft: Draft, meetingId: string | null, scope: Scope): PreviewMeeting {
  const rule = scope === "this" ? null : ruleOf(draft);
  return {
    starts: startsOf(draft),
    zone: draft.zone,
    minutes: draft.minutes,
    provider: draft.provider,
    policy: draft.policy,
    except_dates: draft.except,
    ...(rule ? { rule } : {}),
    ...(draft.roomId ? { room_id: draft.roomId } : {}),
    ...(meetingId ? { meeting_id: meetingId } : {}),
  };
}

export function wishOf(draft: Draft, acceptClashes: boolean): CreateMeeting {
  const rule = ruleOf(draft);
  return {
    title: draft.title.trim(),
    description: draft.description.trim(),
    starts: startsOf(draft),
    zone: draft.zone,
    minutes: draft.minutes,
    provider: draft.provider,
    policy: draft.policy,
    guests: draft.guests,
    reminders: draft.reminders,
    accept_clashes: acceptClashes,
    ...(rule ? { rule } : {}),
    ...(draft.except.length ? { except_dates: draft.except } : {}),
    ...(draft.roomId ? { room_id: draft.roomId } : {}),
    ...hostsOf(draft),
  };
}

/** Only what is different: what was left alone stays as it is, whatever others change meanwhile. */
export function changesOf(before: Draft, draft: Draft, scope: Scope, acceptClashes: boolean): MeetingChanges {
  const own = {
    ...(draft.title.trim() !== before.title ? { title: draft.title.trim() } : {}),
    ...(draft.description.trim() !== before.description ? { description: draft.description.trim() } : {}),
    ...(startsOf(draft) !== startsOf(before) ? { starts: startsOf(draft) } : {}),
    ...(draft.minutes !== before.minutes ? { minutes: draft.minutes } : {}),
    ...(acceptClashes ? { accept_clashes: true } : {}),
  };
  return scope === "this" ? own : { ...own, ...seriesChanges(before, draft) };
}

function seriesChanges(before: Draft, draft: Draft): MeetingChanges {
  const rule = ruleOf(draft);
  const same = rule === ruleOf(before);
  return {
    ...(draft.zone !== before.zone ? { zone: draft.zone } : {}),
    ...(!same && rule ? { rule } : {}),
    ...(!same && !rule ? { once: true } : {}),
    ...(differs(draft.except, before.except) ? { except_dates: draft.except } : {}),
    ...(draft.provider !== before.provider ? { provider: draft.provider } : {}),
    ...(differs(draft.policy, before.policy) ? { policy: draft.policy } : {}),
    ...(differs(draft.guests, before.guests) ? { guests: draft.guests } : {}),
    ...(differs(draft.reminders, before.reminders) ? { reminders: draft.reminders } : {}),
    ...hostsOf(draft),
  };
}

function hostsOf({ hostAccount, otherHosts }: Draft): Pick<MeetingChanges, "host_account" | "alternative_hosts"> {
  return {
    ...(hostAccount.trim() ? { host_account: hostAccount.trim() } : {}),
    ...(otherHosts.length ? { alternative_hosts: otherHosts } : {}),
  };
}

function differs(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
