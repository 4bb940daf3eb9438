/** Everybody connected to everybody: one link to each other peer of the call. */

import type { CallSignal, CallState, IceServer, Peer, Signal, Source } from "../contract.gen";
import { Alarm } from "./clockwork";
import type { Clockwork } from "./clockwork";
import { configurationOf } from "./ice";
import { Cell } from "./observable";
import { PeerLink } from "./peer";
import { UNKNOWN_QUALITY, Watchdog, qualityOf, sampleOf } from "./quality";
import type { Finding, Quality, Sample } from "./quality";
import type { Outgoing } from "./senders";
import type { Flow, RemotePeer, Transport } from "./transport";

export interface MeshOptions {
  readonly me: Pick<Peer, "id" | "offers_only">;
  readonly clockwork: Clockwork;
  readonly servers: readonly IceServer[];
  readonly policy?: RTCIceTransportPolicy;
  makeConnection(configuration: RTCConfiguration): RTCPeerConnection;
  post(signal: Omit<Signal, "call_id">): Promise<unknown>;
}

const LOOK_MS = 1_000;
/** Signals of a peer or session that the call's state does not name yet; it will in a moment. */
const MAX_EARLY = 100;

interface Neighbour {
  peer: Peer;
  readonly link: PeerLink;
  readonly watchdog: Watchdog;
  readonly streams: Map<string, MediaStream>;
  connection: RTCPeerConnection | null;
  sample: Sample | null;
  quality: Quality;
  findings: ReadonlyMap<Source, Finding>;
}

export class Mesh implements Transport {
  readonly remote = new Cell<ReadonlyMap<string, RemotePeer>>(new Map());
  private readonly neighbours = new Map<string, Neighbour>();
  private readonly outgoing = new Map<Source, Outgoing>();
  private readonly look: Alarm;
  private early: CallSignal[] = [];
  private servers: readonly IceServer[];
  private closed = false;

  constructor(private readonly options: MeshOptions) {
    this.servers = options.servers;
    this.look = new Alarm(options.clockwork);
    this.lookAgain();
  }

  /** For tests and diagnosis. */
  link(peerId: string): PeerLink | undefined {
    return this.neighbours.get(peerId)?.link;
  }

  send(source: Source, outgoing: Outgoing | null): void {
    if (this.closed) return;
    if (outgoing) this.outgoing.set(source, outgoing);
    else this.outgoing.delete(source);
    for (const { link } of this.neighbours.values()) link.send(source, outgoing);
  }

  apply(state: CallState): void {
    if (this.closed) return;
    const present = new Map(state.peers.filter(({ id, seat }) => id !== this.options.me.id && seat === "in").map((peer) => [peer.id, peer]));
    for (const [id, { link }] of [...this.neighbours]) {
      if (!present.has(id)) {
        link.close();
        this.neighbours.delete(id);
      }
    }
    for (const peer of present.values()) this.admit(peer);
    const waiting = this.early;
    this.early = [];
    for (const signal of waiting) this.receive(signal);
    this.publish();
  }

  receive(signal: CallSignal): void {
    if (this.closed) return;
    const neighbour = this.neighbours.get(signal.from_peer);
    if (neighbour?.peer.session === signal.from_session) neighbour.link.receive(signal);
    else this.early = [...this.early, signal].slice(-MAX_EARLY);
  }

  configure(servers: readonly IceServer[]): void {
    this.servers = servers;
    for (const { link } of this.neighbours.values()) link.reconfigure(configurationOf(servers, this.options.policy));
  }

  restart(): void {
    for (const { link } of this.neighbours.values()) link.restart();
  }

  hurry(): void {
    for (const { link } of this.neighbours.values()) link.hurry();
  }

  levels(): ReadonlyMap<string, number> {
    const levels = new Map<string, number>();
    for (const [id, neighbour] of this.neighbours) levels.set(id, loudness(neighbour));
    return levels;
  }

  close(): void {
    this.closed = true;
    this.look.stop();
    for (const { link } of this.neighbours.values()) link.close();
    this.neighbours.clear();
    this.outgoing.clear();
    this.remote.set(new Map());
  }

  private admit(peer: Peer): void {
    const known = this.neighbours.get(peer.id);
    if (known) {
      known.peer = peer;
      known.link.update(peer);
      return;
    }
    const { me, clockwork, makeConnection, policy, post } = this.options;
    const link = new PeerLink(
      peer,
      {
        me,
        clockwork,
        makeConnection: () => makeConnection(configurationOf(this.servers, policy)),
        post: (signal) => post({ to: peer.id, ...signal }),
        changed: () => this.publish(),
      },
      this.outgoing,
    );
    const watchdog = new Watchdog();
    const rest = { connection: null, sample: null, quality: UNKNOWN_QUALITY, findings: new Map() };
    this.neighbours.set(peer.id, { peer, link, watchdog, streams: new Map(), ...rest });
  }

  private lookAgain(): void {
    this.look.in(LOOK_MS, () => {
      void Promise.all([...this.neighbours.values()].map((one) => this.lookAt(one))).finally(() => {
        if (this.closed) return;
        this.publish();
        this.lookAgain();
      });
    });
  }

  private async lookAt(neighbour: Neighbour): Promise<void> {
    const { connection } = neighbour.link;
    const report = await connection.getStats().catch(() => null);
    if (!report || this.closed) return;
    const sample = sampleOf(report.entries(), this.options.clockwork.now());
    // Counts of another connection say nothing of this one.
    const before = neighbour.connection === connection ? neighbour.sample : null;
    neighbour.connection = connection;
    neighbour.sample = sample;
    neighbour.quality = qualityOf(before, sample, connection.connectionState === "connected");
    neighbour.findings = neighbour.watchdog.look(sample, this.expected(neighbour));
    const stalled = [...neighbour.findings.values()].some(({ act }) => act);
    if (stalled && neighbour.peer.connected && neighbour.link.state === "connected") neighbour.link.restart();
  }

  private expected({ peer, link }: Neighbour): Map<Source, string | null> {
    const listed = peer.tracks.filter(({ muted }) => !muted);
    return new Map(listed.map(({ source, stream_id }) => [source, trackOf(link, source, stream_id)?.id ?? null]));
  }

  /** Shows what is listed and not muted; everything else that arrives is silenced at once. */
  private publish(): void {
    if (this.closed) return;
    const remote = new Map<string, RemotePeer>();
    for (const [id, neighbour] of this.neighbours) {
      const { link, quality } = neighbour;
      remote.set(id, { link: link.state, quality, media: mediaOf(neighbour), flow: flowOf(neighbour) });
    }
    this.remote.set(remote);
  }
}

function mediaOf(neighbour: Neighbour): RemotePeer["media"] {
  const { peer, link } = neighbour;
  const shown = new Set<MediaStreamTrack>();
  const media: { [source in Source]?: MediaStream } = {};
  for (const { source, stream_id, muted } of peer.tracks) {
    const track = muted ? undefined : trackOf(link, source, stream_id);
    if (!track) continue;
    shown.add(track);
    media[source] = streamOf(neighbour, track);
  }
  for (const track of link.allTracks()) track.enabled = shown.has(track);
  return media;
}

function flowOf({ peer, findings }: Neighbour): RemotePeer["flow"] {
  const flow: { [source in Source]?: Flow } = {};
  for (const { source, muted } of peer.tracks) if (!muted) flow[source] = findings.get(source)?.flow ?? "waiting";
  return flow;
}

function trackOf(link: PeerLink, source: Source, streamId: string): MediaStreamTrack | undefined {
  const kind = source === "microphone" || source === "screen_audio" ? "audio" : "video";
  return link.tracks(streamId).find((track) => track.kind === kind);
}

/** The same stream object as long as the track is the same, so that players need not start again. */
function streamOf({ streams, link }: Neighbour, track: MediaStreamTrack): MediaStream {
  const live = new Set(link.allTracks().map(({ id }) => id));
  for (const id of [...streams.keys()]) if (!live.has(id)) streams.delete(id);
  const known = streams.get(track.id);
  if (known?.getTracks()[0] === track) return known;
  const made = new MediaStream([track]);
  streams.set(track.id, made);
  return made;
}

function loudness({ peer, link }: Neighbour): number {
  const microphone = peer.tracks.find(({ source, muted }) => source === "microphone" && !muted);
  const track = microphone && trackOf(link, "microphone", microphone.stream_id);
  const receiver = track && link.connection.getReceivers().find((one) => one.track === track);
  return receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
}
