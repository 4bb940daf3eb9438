/** A server for calls in memory, as far as media need one: seats, sessions, tracks, versions, signals with delays. */

import type { CallSignal, CallState, CallUpdated, Departure, IceServer, JoinCall, JoinedCall, Peer, Signal, Source, Track } from "../../contract.gen";
import type { CallListener, CallSignals } from "../signals";

interface Seat {
  peer: Peer;
  secret: string;
  listener: CallListener | null;
  connected: boolean;
}

class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly retryable = false,
    readonly retryAfterMs: number | null = null,
  ) {
    super(code);
  }
}

export interface FakeServerOptions {
  /** Milliseconds that something takes on its way. Order is kept. */
  delay?(): number;
  readonly servers?: readonly IceServer[];
}

const CALL = "call_1";
const NOW = "2026-01-01T00:00:00.000Z";

export class FakeServer {
  readonly seats = new Map<string, Seat>();
  /** Signals that were delivered, for tests to look at. */
  readonly delivered: CallSignal[] = [];
  /** A signal for which this says true is acknowledged and lost. */
  lose: (signal: Signal, from: string) => boolean = () => false;
  private version = 1;
  private made = 0;
  private readonly post = new Map<string, Promise<void>>();

  constructor(private readonly options: FakeServerOptions = {}) {}

  state(): CallState {
    const call = { id: CALL, room_id: "room_1", started_at: NOW, started_by: { id: "u", name: "U", role: "student" }, policy: {} };
    return { call, version: this.version, peers: [...this.seats.values()].map(({ peer }) => peer), hands: [] } as unknown as CallState;
  }

  /** A client's way here. Each call to `connect` is one browser. */
  connect(name: string): FakeClient {
    return new FakeClient(this, name);
  }

  join(client: FakeClient, wish: JoinCall): JoinedCall {
    const old = wish.resume && this.seats.get(wish.resume.peer_id);
    if (wish.resume && (!old || old.secret !== wish.resume.secret)) throw new Refusal("not_found");
    const number = String((this.made += 1)).padStart(3, "0");
    const seat: Seat = old ?? { peer: this.newPeer(`peer_${number}`, client.name), secret: `secret_${number}`, listener: null, connected: true };
    const fresh = !old || wish.fresh !== false;
    seat.peer = { ...seat.peer, connected: true, ...(fresh ? { session: `session_${number}`, tracks: [] } : {}) };
    seat.listener = client.listener;
    seat.connected = true;
    client.peerId = seat.peer.id;
    this.seats.set(seat.peer.id, seat);
    this.tell([seat.peer]);
    const { id, session } = seat.peer;
    const state = this.state();
    return { call_id: CALL, peer_id: id, session, secret: seat.secret, seat: "in", state, ice_servers: this.options.servers ?? [], grace_ms: 10_000 };
  }

  leave(peerId: string): void {
    if (this.seats.delete(peerId)) this.tell([], [{ peer_id: peerId, reason: "left" }]);
  }

  /** The connection of a client drops; it can come back. */
  dropped(peerId: string): void {
    const seat = this.seats.get(peerId);
    if (!seat) return;
    seat.connected = false;
    this.change(peerId, { connected: false });
  }

  signal(from: string, signal: Signal): void {
    const sender = this.seats.get(from);
    const target = this.seats.get(signal.to);
    if (!sender || !target) throw new Refusal("not_found");
    if (target.peer.session !== signal.to_session) throw new Refusal("conflict");
    if (this.lose(signal, from)) return;
    const { seq, connection = 0, description, candidate, wants_offer = false } = signal;
    const heading = { call_id: CALL, from_peer: from, from_session: sender.peer.session, seq, connection, wants_offer };
    const forwarded = { ...heading, ...(description ? { description } : {}), ...(candidate ? { candidate } : {}) } as CallSignal;
    this.deliver(target, (listener) => {
      this.delivered.push(forwarded);
      listener.signal(forwarded);
    });
  }

  publish(peerId: string, source: Source, streamId: string): Track {
    const track: Track = { id: `track_${(this.made += 1)}`, source, muted: false, stream_id: streamId };
    const tracks = this.peer(peerId).tracks.filter((one) => one.source !== source);
    this.change(peerId, { tracks: [...tracks, track] });
    return track;
  }

  unpublish(peerId: string, trackId: string): void {
    this.change(peerId, { tracks: this.peer(peerId).tracks.filter(({ id }) => id !== trackId) });
  }

  mute(peerId: string, trackId: string, muted: boolean): Track {
    const peer = this.peer(peerId);
    const track = peer.tracks.find(({ id }) => id === trackId);
    if (!track) throw new Refusal("not_found");
    if (!muted && peer.blocked.includes(track.source)) throw new Refusal("forbidden");
    const changed = { ...track, muted };
    this.change(peerId, { tracks: peer.tracks.map((one) => (one === track ? changed : one)) });
    return changed;
  }

  /** What staff does. */
  block(peerId: string, source: Source): void {
    const { tracks, blocked } = this.peer(peerId);
    this.change(peerId, {
      blocked: [...blocked, source],
      tracks: tracks.map((track) => (track.source === source ? { ...track, muted: true } : track)),
    });
  }

  change(peerId: string, changes: Partial<Peer>): void {
    const seat = this.seats.get(peerId);
    if (!seat) throw new Refusal("not_found");
    seat.peer = { ...seat.peer, ...changes };
    this.tell([seat.peer]);
  }

  peer(peerId: string): Peer {
    const seat = this.seats.get(peerId);
    if (!seat) throw new Refusal("not_found");
    return seat.peer;
  }

  private newPeer(id: string, name: string): Peer {
    const rights = { microphone: true, camera: true, screen: true };
    const user = { id: name, name, role: "student" };
    const rest = { session: "", staff: false, seat: "in", connected: true, tracks: [], blocked: [], floor: false, joined_at: NOW, offers_only: false };
    return { id, user, rights, ...rest } as unknown as Peer;
  }

  private tell(peers: Peer[], gone: Departure[] = []): void {
    this.version += 1;
    const update: CallUpdated = { call_id: CALL, since: this.version - 1, version: this.version, peers, gone, hands: [] };
    for (const seat of this.seats.values()) this.deliver(seat, (listener) => listener.updated(update));
  }

  /** In order for each receiver; what comes to one whose connection is away is lost. */
  private deliver(seat: Seat, say: (listener: CallListener) => void): void {
    const { id } = seat.peer;
    const wait = this.options.delay?.() ?? 0;
    const before = this.post.get(id) ?? Promise.resolve();
    const arrived = new Promise<void>((resolve) => void setTimeout(resolve, wait));
    const told = before.then(() => arrived).then(() => {
      if (seat.connected && seat.listener) say(seat.listener);
    });
    this.post.set(id, told);
  }
}

/** What a page has instead of its socket. */
export class FakeClient implements CallSignals {
  connected = true;
  peerId = "";
  listener: CallListener | null = null;

  constructor(
    readonly server: FakeServer,
    readonly name: string,
  ) {}

  /** The socket goes, and later comes back. */
  cut(): void {
    this.connected = false;
    this.server.dropped(this.peerId);
    this.listener?.connection(false);
  }

  mend(): void {
    this.connected = true;
    this.listener?.connection(true);
  }

  listen(listener: CallListener): () => void {
    this.listener = listener;
    return () => void (this.listener = null);
  }

  join = (wish: JoinCall) => this.ask(() => this.server.join(this, wish));
  leave = () => this.ask(() => this.server.leave(this.peerId));
  state = () => this.ask(() => this.server.state());
  ice = () => this.ask((): IceServer[] => []);
  signal = (signal: Signal) => this.ask(() => this.server.signal(this.peerId, signal));
  publish = (wish: { source: Source; stream_id: string }) => this.ask(() => this.server.publish(this.peerId, wish.source, wish.stream_id));
  unpublish = (wish: { track_id: string }) => this.ask(() => this.server.unpublish(this.peerId, wish.track_id));
  mute = (wish: { track_id: string; muted: boolean }) => this.ask(() => this.server.mute(this.peerId, wish.track_id, wish.muted));
  raiseHand = () => this.ask(() => undefined);
  lowerHand = () => this.ask(() => undefined);
  react = () => this.ask(() => undefined);

  private async ask<Answer>(answer: () => Answer): Promise<Answer> {
    await Promise.resolve();
    if (!this.connected) throw new Refusal("offline", true);
    return answer();
  }
}
