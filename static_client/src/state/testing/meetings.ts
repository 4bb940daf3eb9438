/** Made-up meetings for tests: history on Tuesdays at nine in Paris. */

import type { LogEvent, Meeting, MeetingDetail, MeetingInRange, Occurrence } from "../../contract.gen";
import { EPOCH, ROOM, ada } from "./log";

export const MEETING = "meet_1";
export const FIRST = "2026-11-24T09:00";
export const SECOND = "2026-12-01T09:00";

export function occurrence(key: string = FIRST, fields: Partial<Occurrence> = {}): Occurrence {
  // Paris is an hour ahead of UTC in winter.
  const starts = Date.parse(`${key}:00Z`) - 3_600_000;
  return {
    key,
    starts: key,
    zone: "Europe/Paris",
    starts_at: new Date(starts).toISOString(),
    ends_at: new Date(starts + 50 * 60_000).toISOString(),
    title: "World history",
    status: "scheduled",
    changed: false,
    ...fields,
  };
}

export function meeting(fields: Partial<Meeting> = {}): Meeting {
  return {
    id: MEETING,
    room_id: ROOM,
    title: "World history",
    description: "",
    schedule: { starts: FIRST, zone: "Europe/Paris", minutes: 50, rule: "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261218", except_dates: [] },
    host: ada,
    provided: { provider: "builtin", state: "ready" },
    policy: { lobby: false, passcode: false, registration: false, recording: "none", mute_on_entry: true, opens_minutes: 10 },
    status: "scheduled",
    sequence: 0,
    link: `https://homeroom.test/m/${MEETING}`,
    next: occurrence(),
    created_at: "2026-11-20T08:00:00.000Z",
    updated_at: "2026-11-20T08:00:00.000Z",
    ...fields,
  };
}

export function inRange(fields: Partial<Meeting> = {}, occurrences: readonly Occurrence[] = [occurrence(), occurrence(SECOND)]): MeetingInRange {
  return { meeting: meeting(fields), occurrences };
}

export function detail(fields: Partial<MeetingDetail> = {}): MeetingDetail {
  return { meeting: meeting(), occurrences: [occurrence(), occurrence(SECOND)], may_change: true, problems: [], guests: [], reminders: [], ...fields };
}

type Told = Extract<LogEvent, { type: `meeting.${string}` }>;

/** An event of a meeting, as the room's log has it. */
export function told<Type extends Told["type"]>(seq: number, type: Type, data: Extract<Told, { type: Type }>["data"]): LogEvent {
  const ts = new Date(Date.UTC(2026, 10, 24, 8, 0, seq)).toISOString();
  return { id: `evt_${seq}`, room_id: ROOM, epoch: EPOCH, seq, ts, actor: ada, type, data } as LogEvent;
}
