/** How views reach meetings: what can be done with them, and the door of each. */

import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Door } from "../../effects/door";
import type { Meetings } from "../../effects/meetings";
import { sentenceOf } from "../../effects/patience";
import type { Span } from "../../state/meetings";

export interface MeetingDesk {
  readonly meetings: Meetings;
  /** A guest comes with the secret of an invitation. */
  readonly openDoor: (meetingId: string, occurrence: string | null, guest: string | null) => Door;
  /** The secret that this page was opened with, if any. */
  readonly guest: string | null;
}

export const MeetingsContext = createContext<MeetingDesk | null>(null);

export function useMeetingDesk(): MeetingDesk {
  const desk = useContext(MeetingsContext);
  if (!desk) throw new Error("This view stands outside of the application.");
  return desk;
}

export function useMeetings(): Meetings {
  return useMeetingDesk().meetings;
}

/** Keeps a span of the calendar fresh while it is shown. What it returns says why it could not be read, and how to try again. */
export function useWatched(name: string, { since, until }: Span): { readonly problem: string | null; readonly again: () => void } {
  const meetings = useMeetings();
  const [problem, setProblem] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    setProblem(null);
    return meetings.watch(name, { since, until }, (error) => setProblem(sentenceOf(error)));
  }, [meetings, name, since, until, turn]);
  return { problem, again: () => setTurn(turn + 1) };
}
