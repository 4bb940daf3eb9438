/** The link to one other peer: a connection, and a new one when it fails. */

import type { CallSignal, Peer, Source } from "../contract.gen";
import { Alarm } from "./clockwork";
import type { Clockwork } from "./clockwork";
import { Driver } from "./driver";
import { Ladder } from "./ladder";
import type { Rung } from "./ladder";
import { judge, roleTowards } from "./negotiation";
import type { Machine, Role } from "./negotiation";
import { Outbox } from "./outbox";
import type { Content, Post } from "./outbox";
import { sections } from "./sdp";
import { Senders } from "./senders";
import type { Outgoing } from "./senders";

/** `connecting`: for the first time. `reconnecting`: it was there. `lost`: every attempt failed so far; it goes on trying. */
export type LinkState = "connecting" | "connected" | "reconnecting" | "lost";

export interface LinkOptions {
  readonly me: Pick<Peer, "id" | "offers_only">;
  readonly clockwork: Clockwork;
  /** A new connection, with the ICE servers of now. */
  makeConnection(): RTCPeerConnection;
  post: Post;
  /** The link's state, or what it receives, is another. */
  changed(): void;
}

/** An answer takes a round trip; whoever waits longer waits in vain. */
const ANSWER_MS = 8_000;
/** A short disconnection mends itself (ICE consent, RFC 7675). */
const DISCONNECTED_MS = 3_000;
/** How long an attempt may take before the next. */
const PATIENCE_MS = 6_000;
/** Connected for so long, it counts as mended. */
const MENDED_MS = 8_000;
/** The older of two begins; the newer waits so long for it, so that the first offers do not cross. */
const COURTESY_MS = 1_500;

export class PeerLink {
  private driver: Driver;
  private senders: Senders;
  private readonly role: Role;
  private readonly outbox: Outbox;
  private readonly ladder: Ladder;
  private readonly answer: Alarm;
  private readonly courtesy: Alarm;
  private readonly trouble: Alarm;
  private readonly mended: Alarm;
  private readonly outgoing = new Map<Source, Outgoing>();
  private received = new Map<string, MediaStreamTrack[]>();
  private number = 0;
  private lastSeq = 0;
  private wasConnected = false;
  /** The attempt that waits for its time. */
  private pending: Rung | null = null;
  private closed = false;

  constructor(
    private peer: Peer,
    private readonly options: LinkOptions,
    outgoing: ReadonlyMap<Source, Outgoing>,
  ) {
    const { clockwork } = options;
    this.role = roleTowards(options.me, peer);
    this.outbox = new Outbox(options.post, peer.session, clockwork);
    this.ladder = new Ladder(clockwork);
    this.answer = new Alarm(clockwork);
    this.courtesy = new Alarm(clockwork);
    this.trouble = new Alarm(clockwork);
    this.mended = new Alarm(clockwork);
    for (const [source, one] of outgoing) this.outgoing.set(source, one);
    [this.driver, this.senders] = this.connect();
  }

  get state(): LinkState {
    if (this.connection.connectionState === "connected") return "connected";
    if (this.ladder.exhausted) return "lost";
    return this.wasConnected ? "reconnecting" : "connecting";
  }

  /** The present one; another after each renewal. */
  get connection(): RTCPeerConnection {
    return this.driver.connection;
  }

  /** For tests and diagnosis. */
  get negotiation(): Machine {
    return this.driver.state;
  }

  get connectionNumber(): number {
    return this.number;
  }

  /** What arrives under a stream id. */
  tracks(streamId: string): readonly MediaStreamTrack[] {
    return this.received.get(streamId) ?? [];
  }

  /** All that arrives, listed or not. */
  allTracks(): MediaStreamTrack[] {
    return [...this.received.values()].flat();
  }

  send(source: Source, outgoing: Outgoing | null): void {
    if (outgoing) this.outgoing.set(source, outgoing);
    else this.outgoing.delete(source);
    this.senders.set(source, outgoing);
  }

  /** What the call's state says of the other peer now. */
  update(peer: Peer): void {
    const { session, connected } = this.peer;
    this.peer = peer;
    this.makeRoom();
    if (peer.session !== session) {
      this.outbox.readdress(peer.session);
      this.lastSeq = 0;
      this.ladder.reset();
      this.renew(this.number + 1);
    } else if (peer.connected && !connected) {
      this.outbox.hurry();
      if (this.connection.connectionState !== "connected") this.climbNow();
    }
  }

  receive(signal: CallSignal): void {
    const known = { session: this.peer.session, connection: this.number, seq: this.lastSeq };
    const verdict = judge(known, { session: signal.from_session, connection: signal.connection, seq: signal.seq });
    if (this.closed || verdict === "unknown" || verdict === "stale") return;
    this.lastSeq = signal.seq;
    if (verdict === "newer") this.renew(signal.connection);
    this.driver.receive(signal);
  }

  /** The way there may be another now (network change), or media stopped arriving: new paths, or a new connection. */
  restart(): void {
    this.outbox.hurry();
    this.climb(false);
  }

  /** The connection to the server is back. */
  hurry(): void {
    this.outbox.hurry();
    if (this.connection.connectionState !== "connected" && this.ladder.attempts > 0) this.climbNow();
  }

  reconfigure(configuration: RTCConfiguration): void {
    try {
      this.connection.setConfiguration(configuration);
    } catch {
      // It is being replaced; the next one is made with the new servers.
    }
  }

  close(): void {
    this.closed = true;
    for (const alarm of [this.answer, this.courtesy, this.trouble, this.mended]) alarm.stop();
    this.outbox.close();
    this.drop();
  }

  private connect(): [Driver, Senders] {
    const connection = this.options.makeConnection();
    const driver = new Driver(connection, this.role, {
      send: (content: Content) => this.outbox.send(this.number, content),
      moved: (machine) => this.moved(machine),
      described: () => this.described(),
      broken: () => this.climb(true),
    });
    this.driver = driver;
    this.senders = new Senders(connection);
    connection.onnegotiationneeded = () => this.needed(driver);
    connection.onconnectionstatechange = () => this.checked();
    for (const [source, one] of this.outgoing) this.senders.set(source, one);
    this.makeRoom();
    // Keeps the link up, and its state true, while nobody sends anything; the same on both sides, so never negotiated.
    connection.createDataChannel("keep", { negotiated: true, id: 0 });
    this.trouble.in(PATIENCE_MS + ANSWER_MS, () => this.climb(true));
    return [driver, this.senders];
  }

  private drop(): void {
    this.connection.onnegotiationneeded = null;
    this.connection.onconnectionstatechange = null;
    this.driver.close();
    this.received = new Map();
  }

  /** A new connection under the given number; whoever began it, both sides offer what they have. */
  private renew(number: number): void {
    if (this.closed) return;
    for (const alarm of [this.answer, this.courtesy, this.trouble, this.mended]) alarm.stop();
    this.pending = null;
    this.drop();
    this.number = number;
    this.outbox.onlyFrom(number);
    this.connect();
    this.options.changed();
  }

  private needed(driver: Driver): void {
    const { state, flags } = driver.state;
    // While something is under way this is fired again afterwards, if it still holds (W3C WebRTC 4.7.3).
    if (driver !== this.driver || state !== "stable") return;
    if (this.role === "polite" && !flags.remote && this.number === 0) {
      this.courtesy.in(COURTESY_MS, () => {
        if (driver === this.driver && driver.state.state === "stable") driver.tell("need");
      });
    } else {
      driver.tell("need");
    }
  }

  private moved({ state, flags }: Machine): void {
    if (flags.remote) this.courtesy.stop();
    if (state !== "offered") this.answer.stop();
    else if (!this.answer.armed) this.awaitAnswer();
  }

  private awaitAnswer(): void {
    this.answer.in(ANSWER_MS, () => {
      // Somebody whose connection to the server is away cannot answer.
      if (this.peer.connected) this.driver.tell("overdue");
      else this.awaitAnswer();
    });
  }

  private described(): void {
    const sdp = this.connection.remoteDescription?.sdp ?? "";
    const received = new Map<string, MediaStreamTrack[]>();
    for (const { mid, sends, streamId } of sections(sdp)) {
      const transceiver = this.connection.getTransceivers().find((one) => one.mid === mid);
      if (!transceiver || !sends || streamId === null) continue;
      received.set(streamId, [...(received.get(streamId) ?? []), transceiver.receiver.track]);
    }
    this.received = received;
    this.options.changed();
  }

  private checked(): void {
    const state = this.connection.connectionState;
    if (state === "connected") {
      this.wasConnected = true;
      if (!this.pending) this.trouble.stop();
      this.mended.in(MENDED_MS, () => this.ladder.reset());
    } else {
      this.mended.stop();
    }
    if (state === "disconnected" && !this.pending) this.trouble.in(DISCONNECTED_MS, () => this.climb(false));
    if (state === "failed") this.climb(false);
    this.options.changed();
  }

  /** The next rung; `renew`: only a new connection can help. */
  private climb(renew: boolean): void {
    if (this.closed || (this.pending && !(renew && this.pending === "restart"))) return;
    const { rung, delay } = this.ladder.climb(renew);
    this.mended.stop();
    this.pending = rung;
    this.trouble.in(delay, () => this.act());
    this.options.changed();
  }

  private act(): void {
    const rung = this.pending;
    if (!rung || this.closed) return;
    if (!this.peer.connected) {
      // Nobody would hear of it; `update` goes on when the other is back.
      this.trouble.in(PATIENCE_MS, () => this.act());
      return;
    }
    this.pending = null;
    if (rung === "renew" || this.driver.state.state === "broken") {
      this.renew(this.number + 1);
    } else {
      this.trouble.in(PATIENCE_MS, () => this.again());
      this.driver.tell("restart");
    }
  }

  /** What waits for its time need not wait any longer, or an attempt is due. */
  private climbNow(): void {
    if (this.pending) this.act();
    else this.climb(false);
  }

  private again(): void {
    if (this.connection.connectionState === "connected") this.mended.in(MENDED_MS, () => this.ladder.reset());
    else this.climb(false);
  }

  private makeRoom(): void {
    if (this.role !== "offerer") return;
    const count = (...sources: Source[]): number => this.peer.tracks.filter(({ source }) => sources.includes(source)).length;
    this.senders.makeRoom("audio", count("microphone", "screen_audio"));
    this.senders.makeRoom("video", count("camera", "screen"));
  }
}
