/** What is asked about calls that were, over HTTP. */

import type { Attendance, CallPage } from "../contract.gen";
import { HttpFailure } from "./http";

export interface CallRecords {
  past(roomId: string): Promise<CallPage>;
  attendance(callId: string): Promise<Attendance>;
  /** The same as a CSV file. */
  attendanceFile(callId: string): Promise<Blob>;
}

const PAST = 50;

export function createCallRecords(token: () => string | null): CallRecords {
  async function get(path: string): Promise<Response> {
    const answer = await fetch(path, { headers: { authorization: `Bearer ${token() ?? ""}` } });
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => ({}))) as { detail?: string; title?: string };
    throw new HttpFailure(answer.status, problem.detail ?? problem.title ?? "The server did not understand.");
  }

  return {
    past: async (roomId) => (await (await get(`/api/v1/rooms/${encodeURIComponent(roomId)}/calls?limit=${PAST}`)).json()) as CallPage,
    attendance: async (callId) => (await (await get(`/api/v1/calls/${encodeURIComponent(callId)}/attendance`)).json()) as Attendance,
    attendanceFile: async (callId) => (await get(`/api/v1/calls/${encodeURIComponent(callId)}/attendance.csv`)).blob(),
  };
}
