/** How views reach meetings: what can be done with them, and the door of each. */

import { createContext } from "preact";
import { useContext, useEffect } from "preact/hooks";
import type { Door } from "../../effects/door";
import type { Meetings } from "../../effects/meetings";
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

/** Keeps a span of the calendar fresh while it is shown. */
export function useWatched(name: string, { since, until }: Span): void {
  const meetings = useMeetings();
  useEffect(() => meetings.watch(name, { since, until }), [meetings, name, since, until]);
}
