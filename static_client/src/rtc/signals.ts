/** What calls need from the connection to the server. The page implements it over its socket; tests implement it in memory. */

import type {
  CallAdmitted,
  CallReacted,
  CallRemoved,
  CallSignal,
  CallState,
  CallUpdated,
  IceServer,
  JoinCall,
  JoinedCall,
  LeaveReason,
  MuteTrack,
  PublishTrack,
  Signal,
  Track,
  TrackRef,
} from "../contract.gen";

/** Every promise is rejected with something that has a `code` of the contract, or "offline" or "timeout", and `retryable`. */
export interface CallSignals {
  join(wish: JoinCall): Promise<JoinedCall>;
  leave(callId: string): Promise<unknown>;
  state(callId: string): Promise<CallState>;
  ice(callId: string): Promise<readonly IceServer[]>;
  signal(signal: Signal): Promise<unknown>;
  publish(wish: PublishTrack): Promise<Track>;
  unpublish(track: TrackRef): Promise<unknown>;
  mute(wish: MuteTrack): Promise<Track>;
  raiseHand(callId: string): Promise<unknown>;
  lowerHand(callId: string): Promise<unknown>;
  react(callId: string, emoji: string): Promise<unknown>;
  /** Why one's last seat in a call is gone; null when it is not, or nothing is known of it. */
  whyGone?(callId: string): Promise<LeaveReason | null>;
  /** Is the connection to the server there? */
  readonly connected: boolean;
  /** Registers for what the server says; returns the way to stop. Events of other calls may come too. */
  listen(listener: CallListener): () => void;
}

export interface CallListener {
  updated(update: CallUpdated): void;
  signal(signal: CallSignal): void;
  admitted(admitted: CallAdmitted): void;
  removed(removed: CallRemoved): void;
  reacted(reaction: CallReacted): void;
  /** The connection to the server came (and is greeted, ready for commands) or went. */
  connection(up: boolean): void;
}

export interface Refused {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
}

/** What a rejected promise says, whatever it is. */
export function refusedBy(error: unknown): Refused {
  const said = (typeof error === "object" && error !== null ? error : {}) as Partial<Record<string, unknown>>;
  return {
    code: typeof said["code"] === "string" ? said["code"] : "unknown",
    retryable: said["retryable"] === true,
    retryAfterMs: typeof said["retryAfterMs"] === "number" ? said["retryAfterMs"] : null,
  };
}
