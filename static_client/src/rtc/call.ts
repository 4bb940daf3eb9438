/** One call, from joining to leaving: the object that the page talks to, and the model that it draws. */

import type { CallRemoved, CallSignal, CallState, CallUpdated, JoinedCall, LeaveReason, Resume } from "../contract.gen";
import { advance, peerIn } from "./callstate";
import { Alarm, browserClockwork } from "./clockwork";
import type { Clockwork } from "./clockwork";
import type { Opened } from "./devices";
import { IceRefresher } from "./ice";
import { ActiveSpeaker } from "./level";
import { Mesh } from "./mesh";
import type { MeshOptions } from "./mesh";
import type { CallModel, CallOptions } from "./model";
import { Cell } from "./observable";
import type { Observable } from "./observable";
import { OwnMedia } from "./own";
import { ProblemError, problem, refusalProblem } from "./problems";
import type { Problem } from "./problems";
import { refusedBy } from "./signals";
import type { CallListener } from "./signals";
import { tilesOf } from "./tiles";
import type { Transport } from "./transport";

const LEVELS_MS = 200;
const REJOIN_MS = 1_000;

export class Call {
  private readonly cell: Cell<CallModel>;
  private readonly own: OwnMedia;
  private readonly clockwork: Clockwork;
  private readonly ice: IceRefresher;
  private readonly levels: Alarm;
  private readonly again: Alarm;
  private readonly speaker = new ActiveSpeaker();
  private readonly mirrors = new Map<MediaStreamTrack, MediaStream>();
  private readonly stops: (() => void)[] = [];
  private transport: Transport | null = null;
  private resume: Resume | null = null;
  private session: string | null = null;
  private catchingUp = false;
  /** A seat is being taken. What arrives meanwhile may already be about it, and waits until it is known. */
  private joining = false;
  private early: (() => void)[] = [];

  constructor(private readonly options: CallOptions) {
    this.clockwork = options.clockwork ?? browserClockwork;
    this.levels = new Alarm(this.clockwork);
    this.again = new Alarm(this.clockwork);
    this.own = new OwnMedia({
      devices: options.devices,
      signals: options.signals,
      callId: () => this.cell.get().callId,
      seat: () => this.cell.get().seat,
      send: (source, outgoing) => this.transport?.send(source, outgoing),
      failed: (what) => this.report(what),
    });
    this.cell = new Cell<CallModel>({
      phase: "outside",
      reason: null,
      callId: null,
      meId: null,
      state: null,
      seat: null,
      own: this.own.model.get(),
      tiles: [],
      speaker: null,
      problems: [],
    });
    this.own.model.subscribe(() => this.draw());
    this.ice = new IceRefresher(
      () => options.signals.ice(this.cell.get().callId ?? ""),
      (servers) => this.transport?.configure(servers),
      this.clockwork,
    );
  }

  get model(): Observable<CallModel> {
    return this.cell;
  }

  /** For tests and diagnosis. */
  get media(): Transport | null {
    return this.transport;
  }

  /**
   * Takes a seat, then switches on what is wished for; what of that fails is among the problems, and one is in anyway.
   *
   * @throws ProblemError there is no seat to be had.
   */
  async join(wish: { readonly microphone?: MediaStreamTrack | boolean; readonly camera?: MediaStreamTrack | boolean } = {}): Promise<void> {
    if (this.cell.get().phase !== "outside") return;
    this.resume = this.options.memory?.load() ?? null;
    this.patch({ phase: "joining" });
    this.stops.push(this.options.signals.listen(this.listener()));
    try {
      await this.takeSeat(true);
    } catch (error) {
      this.letGo();
      this.patch({ phase: "outside" });
      throw new ProblemError(refusalProblem(error, "call"));
    }
    const online = (): void => this.transport?.restart();
    this.options.network?.addEventListener("online", online);
    this.stops.push(() => this.options.network?.removeEventListener("online", online));
    for (const what of ["microphone", "camera"] as const) this.begin(what, wish[what] ?? false);
  }

  /** Media stop at once, whatever becomes of the message to the server. */
  async leave(): Promise<void> {
    const { callId, phase } = this.cell.get();
    if (phase === "over" || phase === "outside") return;
    this.finish(null);
    if (callId) await this.options.signals.leave(callId).catch(() => undefined);
  }

  /** Each of these rejects with a ProblemError, which is among the problems, too. */
  setMicrophone(on: boolean): Promise<void> {
    return this.attempt("microphone", () => this.own.set("microphone", on));
  }

  setCamera(on: boolean): Promise<void> {
    return this.attempt("camera", () => this.own.set("camera", on));
  }

  shareScreen(): Promise<void> {
    return this.attempt("screen", () => this.own.share());
  }

  stopScreen(): Promise<void> {
    return this.own.stopSharing();
  }

  /** After `devices.choose`: what is on changes over to the chosen device or settings. */
  reopen(what: Opened): Promise<void> {
    return this.attempt(what, () => this.own.reopen(what));
  }

  async setHand(up: boolean): Promise<void> {
    const { callId } = this.cell.get();
    if (callId) await (up ? this.options.signals.raiseHand(callId) : this.options.signals.lowerHand(callId));
  }

  async react(emoji: string): Promise<void> {
    const { callId } = this.cell.get();
    if (callId) await this.options.signals.react(callId, emoji);
  }

  dismiss(what: Problem): void {
    this.patch({ problems: this.cell.get().problems.filter((one) => one !== what) });
  }

  private begin(what: Opened, wish: MediaStreamTrack | boolean): void {
    if (wish === false) return;
    if (wish !== true) this.own.adopt(what, wish);
    // In the lobby there is nothing to publish yet; `admitted` goes on.
    if (this.cell.get().phase === "lobby") this.wished.add(what);
    else void this.own.set(what, true).catch(() => undefined);
  }

  private readonly wished = new Set<Opened>();

  private async attempt(about: Problem["about"], work: () => Promise<void>): Promise<void> {
    this.patch({ problems: this.cell.get().problems.filter((one) => one.about !== about) });
    await work();
  }

  private listener(): CallListener {
    const heard = (what: () => void): void => void (this.joining ? this.early.push(what) : what());
    return {
      updated: (update) => heard(() => this.updated(update)),
      signal: (signal) => heard(() => this.signalled(signal)),
      admitted: ({ call_id, state }) =>
        heard(() => {
          if (call_id === this.cell.get().callId) this.enter(state);
        }),
      removed: (removed) => heard(() => this.removed(removed)),
      reacted: ({ call_id, peer_id, emoji }) => {
        if (call_id === this.cell.get().callId) this.options.reacted?.(peer_id, emoji);
      },
      connection: (up) => this.connection(up),
    };
  }

  /** `fresh`: there are no peer connections of an earlier time. */
  private async takeSeat(fresh: boolean): Promise<void> {
    this.joining = true;
    try {
      await this.askForSeat(fresh);
    } finally {
      this.joining = false;
      for (const what of this.early.splice(0)) what();
    }
  }

  private async askForSeat(fresh: boolean): Promise<void> {
    const { roomId, signals } = this.options;
    const wish = { room_id: roomId, fresh };
    let joined: JoinedCall;
    try {
      joined = await signals.join(this.resume ? { ...wish, resume: this.resume } : { ...wish, fresh: true });
    } catch (error) {
      // The seat is gone, or was another's: take a new one.
      if (!this.resume || refusedBy(error).retryable) throw error;
      const reason = await this.sentAway();
      if (reason) return this.finish(reason);
      this.resume = null;
      joined = await signals.join({ ...wish, fresh: true });
    }
    if (this.cell.get().phase === "over") return void signals.leave(joined.call_id).catch(() => undefined);
    this.seated(joined);
  }

  /** Whoever was removed meanwhile, or whose call is over, does not come back by itself. */
  private async sentAway(): Promise<LeaveReason | null> {
    const { callId } = this.cell.get();
    const reason = callId === null ? null : ((await this.options.signals.whyGone?.(callId).catch(() => null)) ?? null);
    return reason === "connection_lost" || reason === "node_lost" ? null : reason;
  }

  private seated(joined: JoinedCall): void {
    const { peer_id, session, secret, call_id, ice_servers, state } = joined;
    this.resume = { peer_id, secret };
    this.options.memory?.save(this.resume);
    const moved = this.transport !== null && this.session !== session;
    if (moved) this.dropTransport();
    this.session = session;
    this.transport ??= this.makeTransport(joined);
    this.transport.configure(ice_servers);
    this.ice.watch(ice_servers);
    this.patch({ callId: call_id, meId: peer_id, phase: joined.seat === "lobby" ? "lobby" : "in" });
    // Before the new state is looked at, which knows nothing of what was published from the old seat.
    if (moved) void this.own.republish();
    if (state) this.enter(state);
    this.transport.hurry();
    this.listen();
  }

  private makeTransport({ peer_id, call_id, ice_servers }: JoinedCall): Transport {
    const { signals, policy, makeConnection, makeTransport } = this.options;
    const options: MeshOptions = {
      me: { id: peer_id, offers_only: false },
      clockwork: this.clockwork,
      servers: ice_servers,
      ...(policy ? { policy } : {}),
      makeConnection: makeConnection ?? ((configuration) => new RTCPeerConnection(configuration)),
      post: (signal) => signals.signal({ call_id, ...signal }),
    };
    const transport = makeTransport?.(options) ?? new Mesh(options);
    this.stops.push(transport.remote.subscribe(() => this.draw()));
    return transport;
  }

  private enter(state: CallState): void {
    this.patch({ phase: "in" });
    this.adopt(state);
    for (const what of this.wished) void this.own.set(what, true).catch(() => undefined);
    this.wished.clear();
  }

  private adopt(state: CallState): void {
    const { meId } = this.cell.get();
    const seat = meId === null ? null : peerIn(state, meId);
    this.patch({ state, seat });
    this.transport?.apply(state);
    if (seat) this.own.obey(seat);
    this.draw();
  }

  private updated(update: CallUpdated): void {
    const { state, callId } = this.cell.get();
    if (!state || update.call_id !== callId) return;
    const next = advance(state, update);
    if (next === null) void this.catchUp();
    else if (next !== state) this.adopt(next);
  }

  /** Something was missed: the whole state again. */
  private async catchUp(): Promise<void> {
    const { callId } = this.cell.get();
    if (this.catchingUp || callId === null) return;
    this.catchingUp = true;
    try {
      const state = await this.options.signals.state(callId);
      const known = this.cell.get();
      if (known.phase !== "over" && state.version >= (known.state?.version ?? 0)) this.adopt(state);
    } catch {
      this.again.in(REJOIN_MS, () => void this.catchUp());
    } finally {
      this.catchingUp = false;
    }
  }

  private signalled(signal: CallSignal): void {
    if (signal.call_id === this.cell.get().callId) this.transport?.receive(signal);
  }

  private removed({ call_id, peer_id, reason }: CallRemoved): void {
    const { callId, meId } = this.cell.get();
    if (call_id === callId && peer_id === meId) this.finish(reason);
  }

  private connection(up: boolean): void {
    const { phase } = this.cell.get();
    if (phase === "over" || phase === "outside" || phase === "joining") return;
    if (up) void this.comeBack();
    else if (phase === "in") this.patch({ phase: "reconnecting" });
  }

  private async comeBack(): Promise<void> {
    if (this.joining || this.cell.get().phase === "over") return;
    try {
      await this.takeSeat(false);
    } catch (error) {
      const refused = refusedBy(error);
      if (this.cell.get().phase === "over") return;
      if (refused.retryable) this.again.in(refused.retryAfterMs ?? REJOIN_MS, () => void this.comeBack());
      else {
        this.report(refusalProblem(error, "call"));
        this.finish("connection_lost");
      }
    }
  }

  /** Who speaks, five times a second. */
  private listen(): void {
    if (this.levels.armed) return;
    this.levels.in(LEVELS_MS, () => {
      if (!this.transport) return;
      const before = [...this.speaker.speaking()].join();
      const speaker = this.speaker.feed(this.transport.levels(), this.clockwork.now());
      if (speaker !== this.cell.get().speaker) this.patch({ speaker });
      if ([...this.speaker.speaking()].join() !== before) this.draw();
      this.listen();
    });
  }

  private report(what: Problem): void {
    const others = this.cell.get().problems.filter(({ about, peerId }) => about !== what.about || peerId !== what.peerId);
    this.patch({ problems: [...others, what] });
  }

  /** Draws the tiles anew, and says who cannot be reached. */
  private draw(): void {
    const { state, meId, problems } = this.cell.get();
    const own = this.own.model.get();
    const remote = this.transport?.remote.get() ?? new Map();
    if (!state || meId === null) return this.patch({ own });
    const tiles = tilesOf({ state, meId, own, remote, speaking: this.speaker.speaking(), mirror: (track) => this.mirror(track) });
    const unreachable = [...remote].filter(([, { link }]) => link === "lost").map(([id]) => id);
    const kept = problems.filter(({ kind, peerId }) => kind !== "unreachable" || unreachable.includes(peerId ?? ""));
    const fresh = unreachable.filter((id) => !kept.some(({ peerId }) => peerId === id)).map((id) => problem("unreachable", "call", id));
    this.patch({ own, tiles, problems: fresh.length > 0 || kept.length < problems.length ? [...kept, ...fresh] : problems });
  }

  private mirror(track: MediaStreamTrack): MediaStream {
    const known = this.mirrors.get(track) ?? new MediaStream([track]);
    this.mirrors.set(track, known);
    return known;
  }

  private finish(reason: LeaveReason | null): void {
    this.letGo();
    this.options.memory?.save(null);
    this.patch({ phase: "over", reason, state: null, seat: null, tiles: [], speaker: null });
  }

  private letGo(): void {
    this.dropTransport();
    this.own.close();
    this.ice.stop();
    this.levels.stop();
    this.again.stop();
    for (const stop of this.stops.splice(0)) stop();
  }

  private dropTransport(): void {
    this.transport?.close();
    this.transport = null;
  }

  private patch(changes: Partial<CallModel>): void {
    this.cell.set({ ...this.cell.get(), ...changes });
  }
}
