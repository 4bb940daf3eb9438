/** What a call needs to know after a reload (per tab) and at the next call (per browser). Storage may be full or forbidden. */

import type { Resume } from "../contract.gen";
import type { DeviceSettings } from "../rtc/devices";
import type { RoomId, UserId } from "../state/model";

/** A seat that was left open by a reload; what was on is switched on again. */
export interface KeptSeat {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly callId: string;
  readonly resume: Resume;
  readonly microphone: boolean;
  readonly camera: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface CallHabits {
  readonly devices: Partial<DeviceSettings>;
  readonly microphone: boolean;
  readonly camera: boolean;
  /** The microphone is on only while the space bar is held. */
  readonly pushToTalk: boolean;
  /** Media only through the TURN server: the others do not learn this computer's address. */
  readonly relayOnly: boolean;
}

const SEAT = "homeroom.call.seat";
const HABITS = "homeroom.call.habits";
/** Whoever comes back later than this did not reload: they come in by the door. */
const RELOAD_MS = 60_000;

export const NO_HABITS: CallHabits = { devices: {}, microphone: true, camera: true, pushToTalk: false, relayOnly: false };

export interface CallMemory {
  seat(userId: UserId, now: number): KeptSeat | null;
  keepSeat(seat: KeptSeat | null): void;
  habits(): CallHabits;
  keepHabits(habits: CallHabits): void;
}

export function createCallMemory(tab: () => Storage, browser: () => Storage): CallMemory {
  return {
    seat(userId, now) {
      const kept = read<KeptSeat>(tab, SEAT);
      const good = kept?.userId === userId && typeof kept.at === "number" && now - kept.at < RELOAD_MS;
      return good && kept.resume?.peer_id && kept.resume.secret ? kept : null;
    },
    keepSeat: (seat) => write(tab, SEAT, seat),
    habits: () => ({ ...NO_HABITS, ...read<Partial<CallHabits>>(browser, HABITS) }),
    keepHabits: (habits) => write(browser, HABITS, habits),
  };
}

function read<Kept>(storage: () => Storage, key: string): Kept | null {
  try {
    return JSON.parse(storage().getItem(key) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: unknown): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    return;
  }
}
