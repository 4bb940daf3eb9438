/** The one link: asks where it leads just now, waits as long as it says, and goes there. */

import type { EnterMeeting, Entrance } from "../contract.gen";
import { Refusal } from "../net/socket";
import { Cell } from "../rtc/observable";
import type { Observable } from "../rtc/observable";
import { pauseBefore, sentenceOf } from "./patience";

export interface Guest {
  readonly secret: string;
  readonly name: string | null;
}

export type DoorStep =
  | { readonly kind: "asking" }
  /** A guest has to say who they are first. */
  | { readonly kind: "naming" }
  | { readonly kind: "told"; readonly entrance: Entrance }
  /** On the way to the provider. The address is this person's own: it is not kept, and not shown. */
  | { readonly kind: "leaving"; readonly entrance: Entrance; readonly again: () => void }
  | { readonly kind: "refused"; readonly sentence: string; readonly missing: boolean };

export interface DoorParts {
  readonly ask: (wish: EnterMeeting) => Promise<Entrance>;
  readonly occurrence: string | null;
  readonly guest: Guest | null;
  /** The server's clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly leave: (url: string) => void;
  readonly call: (entrance: Entrance) => void;
}

export interface Door {
  readonly step: Observable<DoorStep>;
  /** Ask again now. */
  knock(): void;
  name(name: string): void;
  close(): void;
}

/** Without a better word from the server. */
const AGAIN_MS = 30_000;
/** Nobody asks more often than this, nor (a sleeping laptop's timers are late) waits for longer without asking. */
const SOONEST_MS = 1_000;
const LATEST_MS = 5 * 60_000;
const SPREAD_MS = 1_500;

export function openDoor({ ask, occurrence, guest, now, leave, call }: DoorParts): Door {
  const step = new Cell<DoorStep>({ kind: "asking" });
  let name = guest?.name ?? null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  let failures = 0;

  async function knock(): Promise<void> {
    clearTimeout(timer);
    if (guest && !name) return step.set({ kind: "naming" });
    const mine = (asked += 1);
    try {
      const entrance = await ask({
        ...(occurrence ? { occurrence } : {}),
        ...(guest ? { guest: guest.secret, guest_name: name ?? "" } : {}),
      });
      failures = 0;
      if (mine === asked) told(entrance);
    } catch (error) {
      if (mine === asked) refused(error);
    }
  }

  function told(entrance: Entrance): void {
    if (entrance.way === "redirect" && entrance.url && isWeb(entrance.url)) {
      step.set({ kind: "leaving", entrance, again: () => void knock() });
      return leave(entrance.url);
    }
    step.set({ kind: "told", entrance });
    if (entrance.way === "call") return call(entrance);
    const at = entrance.again_at ? Date.parse(entrance.again_at) - now() + Math.random() * SPREAD_MS : AGAIN_MS;
    const waits = entrance.way === "wait" || entrance.way === "broken" || entrance.again_at !== undefined;
    if (waits) timer = setTimeout(() => void knock(), Math.min(Math.max(at, SOONEST_MS), LATEST_MS));
  }

  function refused(error: unknown): void {
    const refusal = error instanceof Refusal ? error : null;
    const missing = refusal?.code === "not_found" || refusal?.code === "forbidden";
    step.set({ kind: "refused", sentence: sentenceOf(error), missing });
    if (!refusal?.retryable) return;
    failures += 1;
    timer = setTimeout(() => void knock(), refusal.retryAfterMs ?? pauseBefore(failures));
  }

  void knock();
  return {
    step,
    knock: () => void knock(),
    name(given) {
      name = given;
      step.set({ kind: "asking" });
      void knock();
    },
    close() {
      asked += 1;
      clearTimeout(timer);
    },
  };
}

/** Providers' addresses may also open their program; none of those may be code. */
function isWeb(url: string): boolean {
  try {
    return ["https:", "http:"].includes(new URL(url, "https://nowhere.invalid").protocol);
  } catch {
    return false;
  }
}
