/** What one sends oneself: opened, published, muted and taken back, always in this order, one thing after the other. */

import type { Peer, Source, Track } from "../contract.gen";
import type { Devices, Opened } from "./devices";
import { Cell } from "./observable";
import type { Observable } from "./observable";
import { ProblemError, problem, refusalProblem } from "./problems";
import type { Problem } from "./problems";
import { openScreen } from "./screen";
import type { SharedScreen } from "./screen";
import type { CallSignals } from "./signals";
import type { Outgoing } from "./senders";

/** `off`: nothing is sent. `changing`: on its way from one to the other. */
export type Switch = "off" | "changing" | "on";

export interface OwnModel {
  readonly microphone: Switch;
  readonly camera: Switch;
  readonly screen: Switch;
  /** One's own picture, for the mirror. */
  readonly cameraTrack: MediaStreamTrack | null;
  readonly microphoneTrack: MediaStreamTrack | null;
  readonly screenTrack: MediaStreamTrack | null;
}

export interface OwnOptions {
  readonly devices: Devices;
  readonly signals: CallSignals;
  callId(): string | null;
  /** One's own seat as the server knows it. */
  seat(): Peer | null;
  send(source: Source, outgoing: Outgoing | null): void;
  failed(problem: Problem): void;
}

interface Sent {
  track: MediaStreamTrack | null;
  readonly stream: MediaStream;
  published: Track | null;
  /** The call's state has shown it as it was last told: what differs from now on is somebody else's doing. */
  confirmed: boolean;
  /** The server has taken note that it is muted. */
  mutedThere: boolean;
}

const RIGHTS = { microphone: "microphone", camera: "camera", screen: "screen", screen_audio: "screen" } as const;

export class OwnMedia {
  private readonly cell = new Cell<OwnModel>({
    microphone: "off",
    camera: "off",
    screen: "off",
    cameraTrack: null,
    microphoneTrack: null,
    screenTrack: null,
  });
  private readonly sent = new Map<Source, Sent>();
  private shared: SharedScreen | null = null;
  private chain: Promise<unknown> = Promise.resolve();
  private busy = 0;
  private closed = false;

  constructor(private readonly options: OwnOptions) {}

  get model(): Observable<OwnModel> {
    return this.cell;
  }

  /** Rejects with a ProblemError when it could not be switched on. Switching off never fails. */
  set(what: Opened, on: boolean): Promise<void> {
    if (!on) this.silence(what);
    return this.inTurn(what, () => (on ? this.on(what) : this.off(what)));
  }

  share(): Promise<void> {
    return this.inTurn("screen", () => this.startScreen());
  }

  stopSharing(): Promise<void> {
    return this.inTurn("screen", () => this.stopScreen());
  }

  /** The chosen device or its settings are others: what is on is opened again. */
  async reopen(what: Opened): Promise<void> {
    if (this.cell.get()[what] !== "on") return;
    await this.inTurn(what, async () => {
      this.stopTrack(what);
      await this.on(what);
    });
  }

  /** A track that was opened before the call, in its lobby. */
  adopt(what: Opened, track: MediaStreamTrack): void {
    this.keep(what, track);
  }

  /** What the server lists is what counts: what it muted or took off the list is not sent any longer. */
  obey(seat: Peer): void {
    if (this.busy > 0 || this.closed) return;
    for (const [source, sent] of this.sent) {
      if (!sent.published) continue;
      const listed = seat.tracks.find(({ id }) => id === sent.published?.id);
      if (this.isSending(source)) this.compare(source, sent, seat, listed);
      else if (listed && !listed.muted && !sent.mutedThere) void this.mute(sent, listed).catch(() => undefined);
    }
  }

  /** An answer may be here before the state that goes with it, so only a state that once agreed can disagree. */
  private compare(source: Source, sent: Sent, seat: Peer, listed: Track | undefined): void {
    const blocked = seat.blocked.includes(source);
    if (listed && !listed.muted) sent.confirmed = true;
    else if (!sent.confirmed && !blocked && seat.rights[RIGHTS[source]]) return;
    else if (listed) this.mutedByStaff(source, seat);
    else this.unlisted(source, seat);
  }

  /** A new seat knows nothing of what was sent from the old one. */
  async republish(): Promise<void> {
    const on = [...this.sent].filter(([source]) => this.isSending(source)).map(([source]) => source);
    for (const sent of this.sent.values()) sent.published = null;
    await this.inTurn("call", async () => {
      for (const source of on) await this.publish(source);
    }).catch(() => undefined);
  }

  /** Everything is let go. */
  close(): void {
    this.closed = true;
    this.shared?.stop();
    for (const source of this.sent.keys()) this.stopTrack(source);
    this.sent.clear();
    this.show();
  }

  private inTurn(about: Source | "call", work: () => Promise<void>): Promise<void> {
    this.busy += 1;
    this.show();
    const turn = this.chain.then(() => (this.closed ? undefined : work()));
    this.chain = turn.catch(() => undefined).finally(() => {
      this.busy -= 1;
      this.show();
      const seat = this.options.seat();
      if (seat) this.obey(seat);
    });
    return turn.catch((error: unknown) => {
      const what = error instanceof ProblemError ? error.problem : refusalProblem(error, about);
      this.options.failed(what);
      throw new ProblemError(what);
    });
  }

  private async on(what: Opened): Promise<void> {
    this.demandRight(what);
    const kept = this.sent.get(what)?.track;
    const track = kept?.readyState === "live" ? kept : await this.options.devices.open(what);
    if (this.closed) return track.stop();
    this.keep(what, track);
    try {
      await this.publish(what);
    } catch (error) {
      this.stopTrack(what);
      throw error;
    }
  }

  private async off(what: Opened): Promise<void> {
    this.silence(what);
    const published = this.sent.get(what)?.published;
    // Whether or not the server hears of it now, nothing is sent; `obey` tells it again with the next state.
    const sent = this.sent.get(what);
    if (sent && published) await this.mute(sent, published).catch(() => undefined);
  }

  /** At once and by oneself. The camera is let go, so that its light goes out; the microphone stays open, to be quick. */
  private silence(what: Opened): void {
    const sent = this.sent.get(what);
    if (!sent?.track) return;
    sent.track.enabled = false;
    this.options.send(what, { kind: what === "camera" ? "video" : "audio", track: null, stream: sent.stream });
    if (what === "camera") this.stopTrack(what);
    this.show();
  }

  private async startScreen(): Promise<void> {
    this.demandRight("screen");
    if (this.shared) return;
    const shared = await openScreen(this.options.devices.available, () => void this.stopSharing().catch(() => undefined));
    if (this.closed) return shared.stop();
    this.shared = shared;
    this.keep("screen", shared.video);
    if (shared.audio) this.keep("screen_audio", shared.audio);
    try {
      await this.publish("screen");
      if (shared.audio) await this.publish("screen_audio");
    } catch (error) {
      await this.stopScreen();
      throw error;
    }
  }

  private async stopScreen(): Promise<void> {
    this.shared?.stop();
    this.shared = null;
    const callId = this.options.callId();
    for (const source of ["screen", "screen_audio"] as const) {
      const sent = this.sent.get(source);
      this.options.send(source, null);
      this.sent.delete(source);
      if (sent?.published && callId) {
        await this.options.signals.unpublish({ call_id: callId, track_id: sent.published.id }).catch(() => undefined);
      }
    }
  }

  /** Announced before it is sent; sent only when the server agrees. */
  private async publish(source: Source): Promise<void> {
    const sent = this.sent.get(source);
    const callId = this.options.callId();
    if (!sent?.track || !callId) return;
    sent.published = sent.published
      ? await this.tellMuted(sent.published, false)
      : await this.options.signals.publish({ call_id: callId, source, stream_id: sent.stream.id, muted: false });
    sent.confirmed = false;
    sent.mutedThere = false;
    if (this.closed || !sent.track) return;
    sent.track.enabled = true;
    const kind = source === "microphone" || source === "screen_audio" ? "audio" : "video";
    this.options.send(source, { kind, track: sent.track, stream: sent.stream });
  }

  private async mute(sent: Sent, published: Track): Promise<void> {
    sent.mutedThere = true;
    try {
      await this.tellMuted(published, true);
    } catch (error) {
      sent.mutedThere = false;
      throw error;
    }
  }

  private async tellMuted({ id }: Track, muted: boolean): Promise<Track> {
    return this.options.signals.mute({ call_id: this.options.callId() ?? "", track_id: id, muted });
  }

  private keep(source: Source, track: MediaStreamTrack): void {
    const sent = this.sent.get(source) ?? { track: null, stream: new MediaStream(), published: null, confirmed: false, mutedThere: false };
    if (sent.track !== track) sent.track?.stop();
    sent.track = track;
    this.sent.set(source, sent);
    if (source === "microphone" || source === "camera") track.onended = () => this.unplugged(source, track);
    this.show();
  }

  private unplugged(what: Opened, track: MediaStreamTrack): void {
    if (this.sent.get(what)?.track !== track || this.closed) return;
    this.options.failed(problem("unplugged", what));
    void this.set(what, false);
  }

  private mutedByStaff(source: Source, seat: Peer): void {
    this.options.failed(problem(seat.blocked.includes(source) ? "blocked" : "silenced", source));
    if (source === "microphone" || source === "camera") this.silence(source);
    else void this.stopSharing().catch(() => undefined);
  }

  private unlisted(source: Source, seat: Peer): void {
    const sent = this.sent.get(source);
    if (!sent) return;
    sent.published = null;
    const may = seat.rights[RIGHTS[source]];
    this.options.failed(problem(seat.blocked.includes(source) ? "blocked" : may ? "stopped" : "forbidden", source));
    if (source === "microphone" || source === "camera") this.silence(source);
    else void this.stopSharing().catch(() => undefined);
  }

  private demandRight(source: Source): void {
    const seat = this.options.seat();
    if (!seat) return;
    if (seat.blocked.includes(source)) throw new ProblemError(problem("blocked", source));
    if (!seat.rights[RIGHTS[source]]) throw new ProblemError(problem("forbidden", source));
  }

  private stopTrack(source: Source): void {
    const sent = this.sent.get(source);
    if (!sent?.track) return;
    sent.track.onended = null;
    sent.track.stop();
    sent.track = null;
  }

  private isSending(source: Source): boolean {
    const track = this.sent.get(source)?.track;
    return track?.readyState === "live" && track.enabled;
  }

  private show(): void {
    const state = (source: Source): Switch => {
      const sent = this.sent.get(source);
      if (!this.isSending(source)) return "off";
      return sent?.published ? "on" : this.busy > 0 ? "changing" : "off";
    };
    const track = (source: Source): MediaStreamTrack | null => (this.isSending(source) ? (this.sent.get(source)?.track ?? null) : null);
    this.cell.set({
      microphone: state("microphone"),
      camera: state("camera"),
      screen: state("screen"),
      cameraTrack: track("camera"),
      microphoneTrack: track("microphone"),
      screenTrack: track("screen"),
    });
  }
}
