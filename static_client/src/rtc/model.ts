/** What a call needs, and what it shows. */

import type { CallState, LeaveReason, Peer, Resume } from "../contract.gen";
import type { Clockwork } from "./clockwork";
import type { Devices } from "./devices";
import type { MeshOptions } from "./mesh";
import type { OwnModel } from "./own";
import type { Problem } from "./problems";
import type { CallSignals } from "./signals";
import type { Tile } from "./tiles";
import type { Transport } from "./transport";

/** `reconnecting`: the connection to the server is away; media may go on. `over`: see `reason`. */
export type Phase = "outside" | "joining" | "lobby" | "in" | "reconnecting" | "over";

export interface CallModel {
  readonly phase: Phase;
  /** Why it is over; null when one left oneself or it is not over. */
  readonly reason: LeaveReason | null;
  readonly callId: string | null;
  readonly meId: string | null;
  readonly state: CallState | null;
  /** One's own seat: rights, blocks, hand, floor. */
  readonly seat: Peer | null;
  readonly own: OwnModel;
  /** Screens first, then people by when they came. */
  readonly tiles: readonly Tile[];
  /** The peer id of whoever speaks, for the speaker view. */
  readonly speaker: string | null;
  /** One for each subject and person at most, the newest last. */
  readonly problems: readonly Problem[];
}

/** Keeps the proof of one's seat over a reload, e.g. in sessionStorage. */
export interface SeatMemory {
  load(): Resume | null;
  save(seat: Resume | null): void;
}

export interface CallOptions {
  readonly roomId: string;
  readonly signals: CallSignals;
  readonly devices: Devices;
  readonly memory?: SeatMemory;
  readonly clockwork?: Clockwork;
  /** Tells of network changes: `online`. Usually `window`. */
  readonly network?: EventTarget;
  readonly policy?: RTCIceTransportPolicy;
  makeConnection?(configuration: RTCConfiguration): RTCPeerConnection;
  /** Another way for media than the mesh. */
  makeTransport?(options: MeshOptions): Transport;
  /** Somebody shows an emoji. */
  reacted?(peerId: string, emoji: string): void;
}
