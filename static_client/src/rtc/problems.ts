/** What can go wrong with devices and calls, in sentences for people. No exception's own text ever gets further than here. */

import type { Source } from "../contract.gen";
import { refusedBy } from "./signals";

export type Subject = Source | "speaker" | "call";

export type ProblemKind =
  | "denied"
  | "missing"
  | "busy"
  | "unsuitable"
  | "unplugged"
  | "insecure"
  | "unsupported"
  | "cancelled"
  | "system"
  | "forbidden"
  | "blocked"
  | "silenced"
  | "stopped"
  | "closed"
  | "offline"
  | "unreachable"
  | "unknown";

export interface Problem {
  readonly kind: ProblemKind;
  readonly about: Subject;
  readonly sentence: string;
  /** Whether trying the same again can help. */
  readonly retry: boolean;
  /** Whom it concerns, where it is not oneself. */
  readonly peerId?: string;
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.sentence);
    this.name = "ProblemError";
  }
}

const NAMES: Readonly<Record<Subject, string>> = {
  microphone: "microphone",
  camera: "camera",
  screen: "screen",
  screen_audio: "screen's sound",
  speaker: "speaker",
  call: "call",
};

type Wording = readonly [sentence: (name: string) => string, retry: boolean];

const WORDING: Readonly<Record<ProblemKind, Wording>> = {
  denied: [(name) => `Your browser does not let this page use the ${name}. Allow it in the address bar, then press Try again.`, true],
  missing: [(name) => `No ${name} was found. Connect one, then press Try again.`, true],
  busy: [(name) => `The ${name} is used by another program. Close it and press Try again.`, true],
  unsuitable: [(name) => `The chosen ${name} cannot be used. Choose another one, or press Try again.`, true],
  unplugged: [(name) => `The ${name} was unplugged. Connect it again or choose another one, then press Try again.`, true],
  insecure: [(name) => `The ${name} works only on a secure page. Open this address with https.`, false],
  unsupported: [(name) => `This browser cannot use the ${name}. Try a newer or another browser.`, false],
  cancelled: [(name) => `The ${name} was not shared.`, true],
  system: [(name) => `The system did not start the ${name}. Press Try again; if that does not help, restart the browser.`, true],
  forbidden: [(name) => `You may not use the ${name} in this call.`, false],
  blocked: [(name) => `Staff has switched off your ${name}. You can use it again when they allow it.`, false],
  silenced: [(name) => `Staff has muted your ${name}. You can switch it on again.`, false],
  stopped: [(name) => `Staff has taken your ${name} out of the call.`, false],
  closed: [() => "This call is full or locked. Ask the person who leads it to let you in.", true],
  offline: [() => "You are offline. The call goes on when the connection is back.", true],
  unreachable: [() => "No connection to this person could be made. A firewall may be in the way; we keep trying.", true],
  unknown: [(name) => `The ${name} does not work just now. Press Try again.`, true],
};

export function problem(kind: ProblemKind, about: Subject, peerId?: string): Problem {
  const [sentence, retry] = WORDING[kind];
  return { kind, about, sentence: sentence(NAMES[about]), retry, ...(peerId === undefined ? {} : { peerId }) };
}

/** DOMException names of getUserMedia and getDisplayMedia (W3C Media Capture 10.3, Screen Capture 5.1). */
const OF_MEDIA: Readonly<Record<string, ProblemKind>> = {
  NotAllowedError: "denied",
  PermissionDeniedError: "denied",
  NotFoundError: "missing",
  DevicesNotFoundError: "missing",
  NotReadableError: "busy",
  TrackStartError: "busy",
  OverconstrainedError: "unsuitable",
  ConstraintNotSatisfiedError: "unsuitable",
  SecurityError: "insecure",
  TypeError: "insecure",
  NotSupportedError: "unsupported",
  InvalidStateError: "system",
  AbortError: "system",
};

/** What an attempt to open a device ran into. */
export function mediaProblem(error: unknown, about: Subject): Problem {
  if (error instanceof ProblemError) return error.problem;
  const name = typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
  const kind = OF_MEDIA[name] ?? "unknown";
  const ofScreen = about === "screen" || about === "screen_audio";
  return problem(ofScreen && kind === "denied" ? "cancelled" : kind, about);
}

/** What the server's refusal means for what was attempted. */
export function refusalProblem(error: unknown, about: Subject): Problem {
  if (error instanceof ProblemError) return error.problem;
  const { code } = refusedBy(error);
  if (code === "forbidden" || code === "unauthorized") return problem(about === "call" ? "closed" : "forbidden", about);
  if (code === "conflict" && about === "call") return problem("closed", about);
  if (code === "offline" || code === "timeout") return problem("offline", about);
  return problem("unknown", about);
}
