/** How good a link is, in numbers and a word; and whether media that should arrive do. Pure: samples in, findings out. */

import type { Source } from "../contract.gen";
import type { Flow } from "./transport";

export type Level = "good" | "fair" | "poor" | "lost";

export interface Quality {
  readonly level: Level;
  readonly roundTripMs: number | null;
  /** Share of packets from the peer that were lost lately, 0 to 1. */
  readonly loss: number | null;
  readonly jitterMs: number | null;
  /** Bits per second from the peer. */
  readonly incoming: number | null;
  /** Whether media go through a TURN server. */
  readonly relayed: boolean;
}

export const UNKNOWN_QUALITY: Quality = {
  level: "good",
  roundTripMs: null,
  loss: null,
  jitterMs: null,
  incoming: null,
  relayed: false,
};

/** What one look at the statistics (W3C webrtc-stats) says of one link. */
export interface Sample {
  readonly at: number;
  readonly roundTripMs: number | null;
  readonly jitterMs: number | null;
  readonly packets: number;
  readonly lost: number;
  readonly bytes: number;
  readonly relayed: boolean;
  /** By the id of the received track. */
  readonly tracks: ReadonlyMap<string, { readonly packets: number; readonly frames: number }>;
}

type Row = Readonly<Record<string, unknown>>;

export function sampleOf(report: Iterable<readonly [string, unknown]>, at: number): Sample {
  const rows = new Map<string, Row>();
  for (const [id, row] of report) rows.set(id, row as Row);
  const inbound = [...rows.values()].filter(({ type }) => type === "inbound-rtp");
  const sum = (name: string): number => inbound.reduce((all, row) => all + number(row[name], 0), 0);
  const pair = selectedPair(rows);
  const local = rows.get(String(pair?.["localCandidateId"]));
  const trip = pair?.["currentRoundTripTime"];
  const jitters = inbound.map((row) => number(row["jitter"], 0) * 1000);
  return {
    at,
    roundTripMs: typeof trip === "number" ? trip * 1000 : null,
    jitterMs: jitters.length > 0 ? Math.max(...jitters) : null,
    packets: sum("packetsReceived"),
    lost: sum("packetsLost"),
    bytes: sum("bytesReceived"),
    relayed: local?.["candidateType"] === "relay",
    tracks: new Map(
      inbound.map((row) => [
        String(row["trackIdentifier"]),
        { packets: number(row["packetsReceived"], 0), frames: number(row["framesDecoded"], 0) },
      ]),
    ),
  };
}

function selectedPair(rows: ReadonlyMap<string, Row>): Row | undefined {
  const transport = [...rows.values()].find(({ type }) => type === "transport");
  const chosen = rows.get(String(transport?.["selectedCandidatePairId"]));
  return chosen ?? [...rows.values()].find((row) => row["type"] === "candidate-pair" && row["nominated"] === true);
}

function number(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

/** From the second of two samples of one connection, in the light of the first. */
export function qualityOf(before: Sample | null, now: Sample, connected: boolean): Quality {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const packets = before ? Math.max(0, now.packets - before.packets) : 0;
  const lost = before ? Math.max(0, now.lost - before.lost) : 0;
  const loss = packets + lost > 0 ? lost / (packets + lost) : null;
  const incoming = before && seconds > 0 ? (Math.max(0, now.bytes - before.bytes) * 8) / seconds : null;
  const { roundTripMs, jitterMs, relayed } = now;
  return { level: connected ? levelOf(loss, roundTripMs, jitterMs) : "lost", roundTripMs, loss, jitterMs, incoming, relayed };
}

/** Speech suffers from about 2 % loss and a quarter of a second (ITU-T G.114 says 400 ms at most, one way). */
function levelOf(loss: number | null, roundTripMs: number | null, jitterMs: number | null): Level {
  const over = (lossBound: number, tripBound: number, jitterBound: number): boolean =>
    (loss ?? 0) > lossBound || (roundTripMs ?? 0) > tripBound || (jitterMs ?? 0) > jitterBound;
  if (over(0.08, 600, 120)) return "poor";
  return over(0.02, 250, 50) ? "fair" : "good";
}

/** Milliseconds without progress after which a track is stalled. A still screen is sent about once a second. */
export const STALL_MS: Readonly<Record<Source, number>> = { microphone: 3_000, camera: 3_000, screen: 5_000, screen_audio: 3_000 };

/** Frames alone may be late while packets come (a key frame is on its way); after so long that is a stall to act on, too. */
const DECODER_MS = 9_000;

/**
 * Milliseconds between the first attempt to mend a stall and the second; each pause after that is twice as long. When the
 * fault is with the sender's camera, nobody should lose sound over it again and again.
 */
const AGAIN_MS = 6_000;
const MOST_DOUBLINGS = 4;

interface Watched {
  packets: number;
  frames: number;
  packetsAt: number;
  progressAt: number;
  everFlowed: boolean;
}

export interface Finding {
  readonly flow: Flow;
  /** Something should be done about it. */
  readonly act: boolean;
}

/** Watches over one link: a tile must never look alive while nothing arrives. */
export class Watchdog {
  private readonly watched = new Map<string, Watched>();
  private actedAt = -Infinity;
  private acts = 0;

  /** `expected`: what is listed and not muted, by the id of the track that should bring it (null when none came). */
  look(sample: Sample, expected: ReadonlyMap<Source, string | null>): ReadonlyMap<Source, Finding> {
    const findings = new Map<Source, Finding>();
    const keys = new Set<string>();
    for (const [source, track] of expected) {
      const key = `${source} ${track}`;
      keys.add(key);
      findings.set(source, this.judge(key, source, track, sample));
    }
    for (const key of [...this.watched.keys()]) if (!keys.has(key)) this.watched.delete(key);
    const all = [...findings.values()];
    if (all.every(({ flow }) => flow === "flowing")) this.acts = 0;
    if (all.some(({ act }) => act)) {
      this.actedAt = sample.at;
      this.acts += 1;
    }
    return findings;
  }

  private judge(key: string, source: Source, track: string | null, sample: Sample): Finding {
    const now = (track === null ? undefined : sample.tracks.get(track)) ?? { packets: 0, frames: 0 };
    const seen = this.watched.get(key) ?? this.begin(key, sample.at);
    const video = source === "camera" || source === "screen";
    if (now.packets !== seen.packets) seen.packetsAt = sample.at;
    if (video ? now.frames !== seen.frames : now.packets !== seen.packets) {
      seen.progressAt = sample.at;
      seen.everFlowed = true;
    }
    seen.packets = now.packets;
    seen.frames = now.frames;
    const still = sample.at - seen.progressAt;
    if (still < STALL_MS[source]) return { flow: seen.everFlowed ? "flowing" : "waiting", act: false };
    const silent = sample.at - seen.packetsAt >= STALL_MS[source] || still >= DECODER_MS;
    return { flow: "stalled", act: silent && sample.at - this.actedAt >= this.pause() };
  }

  private pause(): number {
    return AGAIN_MS * 2 ** Math.min(Math.max(0, this.acts - 1), MOST_DOUBLINGS);
  }

  private begin(key: string, at: number): Watched {
    const fresh = { packets: 0, frames: 0, packetsAt: at, progressAt: at, everFlowed: false };
    this.watched.set(key, fresh);
    return fresh;
  }
}
