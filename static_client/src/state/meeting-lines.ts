/** What a room's timeline tells of its meetings: one line for each thing that happened, at the place where it happened. */

import type { Actor, LogEvent, MeetingRecording, Occurrence, Scope } from "../contract.gen";
import type { RoomId } from "./model";

interface LineBase {
  /** Of the event; it also tells the lines of a room apart. */
  readonly seq: number;
  readonly at: string;
  readonly actor: Actor;
  readonly meetingId: string;
  readonly title: string;
}

export type MeetingLine = LineBase &
  (
    | { readonly kind: "scheduled" }
    | { readonly kind: "changed"; readonly scope: Scope; readonly occurrence: string | null }
    | { readonly kind: "cancelled"; readonly scope: Scope; readonly occurrence: string | null; readonly reason: string | null }
    | { readonly kind: "link"; readonly message: string; readonly broken: boolean }
    | { readonly kind: "reminder"; readonly occurrence: Occurrence; readonly minutes: number }
    | { readonly kind: "recording"; readonly recording: MeetingRecording }
    | {
        readonly kind: "held";
        readonly occurrence: Occurrence;
        /** When it ended and how many came; null while it is held. */
        readonly ended: { readonly at: string; readonly people: number } | null;
      }
  );

export type RoomLines = Readonly<Record<RoomId, readonly MeetingLine[]>>;

export function withLine(lines: RoomLines, event: LogEvent): RoomLines {
  const before = lines[event.room_id] ?? [];
  if (event.type === "meeting.ended") return { ...lines, [event.room_id]: ended(before, event) };
  const line = lineOf(event);
  return line ? { ...lines, [event.room_id]: inserted(before, line) } : lines;
}

function lineOf(event: LogEvent): MeetingLine | null {
  const { seq, ts: at, actor } = event;
  switch (event.type) {
    case "meeting.scheduled": {
      const { meeting } = event.data;
      return { kind: "scheduled", seq, at, actor, meetingId: meeting.id, title: meeting.title };
    }
    case "meeting.updated": {
      const { meeting, scope, key } = event.data;
      return { kind: "changed", seq, at, actor, meetingId: meeting.id, title: meeting.title, scope, occurrence: key ?? null };
    }
    case "meeting.cancelled": {
      const { meeting, scope, key, reason } = event.data;
      const about = { meetingId: meeting.id, title: meeting.title, scope, occurrence: key ?? null, reason: reason ?? null };
      return { kind: "cancelled", seq, at, actor, ...about };
    }
    case "meeting.link_changed":
      return linkLine(event);
    case "meeting.reminder": {
      const { meeting_id: meetingId, title, occurrence, minutes } = event.data;
      return { kind: "reminder", seq, at, actor, meetingId, title, occurrence, minutes };
    }
    case "meeting.recording_ready": {
      const { recording, title } = event.data;
      return { kind: "recording", seq, at, actor, meetingId: recording.meeting_id, title, recording };
    }
    case "meeting.started": {
      const { meeting_id: meetingId, title, occurrence } = event.data;
      return { kind: "held", seq, at, actor, meetingId, title, occurrence, ended: null };
    }
    default:
      return null;
  }
}

/** That a link is being made, or is ready, is as it should be: nobody needs to read it. */
function linkLine({ seq, ts: at, actor, data }: Extract<LogEvent, { type: "meeting.link_changed" }>): MeetingLine | null {
  const { meeting, message } = data;
  const broken = meeting.provided.state === "failed" || meeting.provided.state === "gone";
  return broken ? { kind: "link", seq, at, actor, meetingId: meeting.id, title: meeting.title, message, broken } : null;
}

/** A class has one line, from its beginning to its end. */
function ended(lines: readonly MeetingLine[], event: Extract<LogEvent, { type: "meeting.ended" }>): readonly MeetingLine[] {
  const { meeting_id: meetingId, title, occurrence, people } = event.data;
  const end = { at: event.ts, people };
  const begun = lines.findLast(
    (line) => line.kind === "held" && line.meetingId === meetingId && line.occurrence.key === occurrence.key && line.seq < event.seq,
  );
  if (begun?.kind === "held") {
    if (begun.ended) return lines;
    return lines.map((line) => (line === begun ? { ...begun, occurrence, ended: end } : line));
  }
  return inserted(lines, { kind: "held", seq: event.seq, at: event.ts, actor: event.actor, meetingId, title, occurrence, ended: end });
}

/** In the order of the log, each once: older events may be read after newer ones. */
function inserted(lines: readonly MeetingLine[], line: MeetingLine): readonly MeetingLine[] {
  const last = lines.at(-1);
  if (!last || last.seq < line.seq) return [...lines, line];
  if (lines.some(({ seq }) => seq === line.seq)) return lines;
  return [...lines, line].sort((a, b) => a.seq - b.seq);
}
