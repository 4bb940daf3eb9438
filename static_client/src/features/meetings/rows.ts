/** Lines about meetings among the messages of a timeline. */

import type { MeetingLine } from "../../state/meeting-lines";

export interface MeetingRowInput {
  readonly kind: "meeting";
  readonly key: string;
  readonly at: number;
  readonly line: MeetingLine;
}

export function meetingRows(lines: readonly MeetingLine[]): readonly MeetingRowInput[] {
  return lines.map((line) => ({ kind: "meeting", key: `meeting ${line.seq}`, at: Date.parse(line.at), line }));
}
