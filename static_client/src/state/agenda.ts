/** Which classes there are in a span of time, and where each one stands just now. */

import type { Meeting, Occurrence } from "../contract.gen";
import { touches } from "./meetings";
import type { MeetingId, MeetingsState, Span } from "./meetings";
import type { RoomId } from "./model";

/** One class of one meeting. */
export interface Entry {
  readonly meeting: Meeting;
  readonly occurrence: Occurrence;
}

export type Stage =
  | "later"
  /** Its link lets people in already. */
  | "open"
  | "live"
  /** Its time is over, whether it was held or not. */
  | "over"
  | "cancelled";

export function entriesIn(state: MeetingsState, span: Span, roomId?: RoomId): readonly Entry[] {
  return Object.values(state.byId)
    .filter((meeting) => roomId === undefined || meeting.room_id === roomId)
    .flatMap((meeting) => occurrencesOf(state, meeting.id).map((occurrence) => ({ meeting, occurrence })))
    .filter(({ occurrence }) => touches(occurrence, span))
    .sort(byTime);
}

function byTime(a: Entry, b: Entry): number {
  return Date.parse(a.occurrence.starts_at) - Date.parse(b.occurrence.starts_at) || a.meeting.title.localeCompare(b.meeting.title);
}

/** All that are known of a meeting, in order of time. */
export function occurrencesOf(state: MeetingsState, id: MeetingId): readonly Occurrence[] {
  return Object.values(state.occurrences[id] ?? {}).sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
}

export function stageOf({ meeting, occurrence }: Entry, now: number): Stage {
  if (occurrence.status === "cancelled" || meeting.status === "cancelled") return "cancelled";
  if (occurrence.status === "live") return "live";
  if (occurrence.status === "ended" || Date.parse(occurrence.ends_at) <= now) return "over";
  return Date.parse(occurrence.starts_at) - meeting.policy.opens_minutes * 60_000 <= now ? "open" : "later";
}

export function canEnter(stage: Stage): boolean {
  return stage === "open" || stage === "live";
}

/** What of a room one should know now: the class that is held, or the first to come within `ahead`. */
export function nextOf(state: MeetingsState, roomId: RoomId, now: number, ahead: number): Entry | null {
  const entries = entriesIn(state, { since: now - 86_400_000, until: now + ahead }, roomId);
  const live = entries.find((entry) => stageOf(entry, now) === "live");
  return live ?? entries.find((entry) => ["open", "later"].includes(stageOf(entry, now))) ?? null;
}
