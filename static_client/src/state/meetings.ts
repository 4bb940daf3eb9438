/** Meetings as this page knows them: what was listed, what was opened, and what the rooms' logs tell meanwhile. */

import type {
  LinkProblem,
  LogEvent,
  Meeting,
  MeetingDetail,
  MeetingInRange,
  MeetingStatus,
  Occurrence,
  Provider,
} from "../contract.gen";
import { withLine } from "./meeting-lines";
import type { MeetingLine } from "./meeting-lines";
import type { RoomId } from "./model";

export type MeetingId = string;
export type OccurrenceKey = string;

/** From `since` up to, not including, `until`: milliseconds since 1970. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/** What only the meeting's own page needs. */
export interface Detail {
  readonly mayChange: boolean;
  readonly problems: readonly LinkProblem[];
  readonly guests: readonly string[];
  readonly reminders: readonly number[];
}

export interface MeetingsState {
  readonly byId: Readonly<Record<MeetingId, Meeting>>;
  readonly occurrences: Readonly<Record<MeetingId, Readonly<Record<OccurrenceKey, Occurrence>>>>;
  readonly details: Readonly<Record<MeetingId, Detail>>;
  /** Spans that were asked for and answered, so that "nothing" can be told from "not yet". */
  readonly known: readonly Span[];
  readonly lines: Readonly<Record<RoomId, readonly MeetingLine[]>>;
  /** Who is in a class that is being held: their names by whoever they are, per meeting. */
  readonly inside: Readonly<Record<MeetingId, Readonly<Record<string, string>>>>;
  readonly providers: readonly Provider[] | null;
  /** Meetings that are not there, or not for this person. */
  readonly missing: Readonly<Record<MeetingId, true>>;
  /** Counts what was told that lists and details do not know yet. */
  readonly changes: number;
}

export const noMeetings: MeetingsState = {
  byId: {},
  occurrences: {},
  details: {},
  known: [],
  lines: {},
  inside: {},
  providers: null,
  missing: {},
  changes: 0,
};

export type MeetingAction =
  | { readonly type: "meeting/listed"; readonly span: Span; readonly items: readonly MeetingInRange[]; readonly roomId?: RoomId }
  | { readonly type: "meeting/detail"; readonly detail: MeetingDetail }
  | { readonly type: "meeting/missing"; readonly meetingId: MeetingId }
  | { readonly type: "meeting/providers"; readonly items: readonly Provider[] }
  /** Events from before this page listened: they make lines, and tell of meetings that nothing newer is known of. */
  | { readonly type: "meeting/told"; readonly events: readonly LogEvent[] };

export function meetings(state: MeetingsState, action: MeetingAction): MeetingsState {
  switch (action.type) {
    case "meeting/listed":
      return listed(state, action);
    case "meeting/detail":
      return opened(state, action.detail);
    case "meeting/missing":
      return { ...state, missing: { ...state.missing, [action.meetingId]: true } };
    case "meeting/providers":
      return { ...state, providers: action.items };
    case "meeting/told":
      return remembered(state, action.events);
  }
}

/** All that there is in a span (of one room, or of all): what is known of it and was not listed is not there any more. */
function listed(state: MeetingsState, { span, items, roomId }: Extract<MeetingAction, { type: "meeting/listed" }>): MeetingsState {
  const byId = { ...state.byId };
  const occurrences: Record<MeetingId, Readonly<Record<OccurrenceKey, Occurrence>>> = {};
  for (const [id, known] of Object.entries(state.occurrences)) {
    const concerned = roomId === undefined || byId[id]?.room_id === roomId;
    const kept = Object.entries(known).filter(([, one]) => !concerned || !touches(one, span));
    occurrences[id] = Object.fromEntries(kept);
  }
  for (const { meeting, occurrences: some } of items) {
    byId[meeting.id] = newer(byId[meeting.id], meeting);
    occurrences[meeting.id] = { ...occurrences[meeting.id], ...byKey(some) };
  }
  const known = roomId === undefined ? [...state.known.filter((one) => !covers(span, one)), span] : state.known;
  return { ...state, byId, occurrences, known };
}

function opened(state: MeetingsState, detail: MeetingDetail): MeetingsState {
  const { meeting, occurrences, may_change: mayChange, problems, guests, reminders } = detail;
  const { [meeting.id]: _found, ...missing } = state.missing;
  return {
    ...state,
    missing,
    byId: { ...state.byId, [meeting.id]: newer(state.byId[meeting.id], meeting) },
    occurrences: { ...state.occurrences, [meeting.id]: byKey(occurrences) },
    details: { ...state.details, [meeting.id]: { mayChange, problems, guests, reminders } },
  };
}

function remembered(state: MeetingsState, events: readonly LogEvent[]): MeetingsState {
  const byId = { ...state.byId };
  for (const { data } of events) {
    if ("meeting" in data) byId[data.meeting.id] = newer(byId[data.meeting.id], data.meeting);
  }
  return { ...state, byId, lines: events.reduce(withLine, state.lines) };
}

/** Meetings change in a room's log. */
export function meetingsTold(state: MeetingsState, event: LogEvent): MeetingsState {
  const lines = withLine(state.lines, event);
  const next = lines === state.lines ? state : { ...state, lines };
  switch (event.type) {
    case "meeting.scheduled":
    case "meeting.updated":
    case "meeting.cancelled":
    case "meeting.link_changed":
      return withMeeting(next, event.data.meeting);
    case "meeting.started":
    case "meeting.ended":
      return withStage(next, event.data.meeting_id, event.data.occurrence);
    case "meeting.joined":
    case "meeting.left": {
      const { meeting_id: id, name, user } = event.data;
      return withPerson(next, id, user?.id ?? `name ${name}`, event.type === "meeting.joined" ? name : null);
    }
    case "meeting.recording_ready":
      return { ...next, changes: next.changes + 1 };
    default:
      return next;
  }
}

function withMeeting(state: MeetingsState, meeting: Meeting): MeetingsState {
  const byId = { ...state.byId, [meeting.id]: newer(state.byId[meeting.id], meeting) };
  return { ...state, byId, changes: state.changes + 1 };
}

/** A class began or is over: that is shown at once, before anything is asked again. */
function withStage(state: MeetingsState, id: MeetingId, occurrence: Occurrence): MeetingsState {
  const meeting = state.byId[id];
  const live = occurrence.status === "live";
  const concerned = meeting && (live || meeting.next?.key === occurrence.key);
  const byId = concerned ? { ...state.byId, [id]: { ...meeting, status: statusOf(meeting, live), next: occurrence } } : state.byId;
  const occurrences = { ...state.occurrences, [id]: { ...state.occurrences[id], [occurrence.key]: occurrence } };
  const { [id]: _before, ...others } = state.inside;
  return { ...state, byId, occurrences, inside: others, changes: state.changes + 1 };
}

function statusOf(meeting: Meeting, live: boolean): MeetingStatus {
  if (live) return "live";
  return meeting.status === "live" ? "scheduled" : meeting.status;
}

function withPerson(state: MeetingsState, id: MeetingId, person: string, name: string | null): MeetingsState {
  const { [person]: _before, ...others } = state.inside[id] ?? {};
  return { ...state, inside: { ...state.inside, [id]: name === null ? others : { ...others, [person]: name } } };
}

/** A list that was read before the last event must not undo it. */
function newer(known: Meeting | undefined, incoming: Meeting): Meeting {
  return known && Date.parse(known.updated_at) > Date.parse(incoming.updated_at) ? known : incoming;
}

function byKey(occurrences: readonly Occurrence[]): Readonly<Record<OccurrenceKey, Occurrence>> {
  return Object.fromEntries(occurrences.map((one) => [one.key, one]));
}

export function touches({ starts_at: starts, ends_at: ends }: Occurrence, { since, until }: Span): boolean {
  return Date.parse(starts) < until && Date.parse(ends) > since;
}

function covers(outer: Span, inner: Span): boolean {
  return outer.since <= inner.since && inner.until <= outer.until;
}

/** Whether everything in a span has been listed. */
export function isKnown({ known }: MeetingsState, span: Span): boolean {
  return known.some((one) => covers(one, span));
}
