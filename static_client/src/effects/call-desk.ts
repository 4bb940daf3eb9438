/** One call from the door to the street: the devices tried before it, the call, and what its reactions show. Loaded when first needed. */

import { Call, Devices, LevelMeter, ProblemError } from "../rtc";
import type { CallModel, DeviceSettings, Observable, Problem } from "../rtc";
import type { Opened } from "../rtc/devices";
import { Cell } from "../rtc/observable";
import type { CallSignals } from "../rtc/signals";
import type { RoomId, UserId } from "../state/model";
import type { CallHabits, CallMemory, KeptSeat } from "./call-memory";

/** What one sees of oneself before the call. */
export interface Preview {
  readonly camera: MediaStreamTrack | null;
  readonly microphone: MediaStreamTrack | null;
  readonly wantsCamera: boolean;
  readonly wantsMicrophone: boolean;
  readonly problems: readonly Problem[];
}

export interface ShownReaction {
  readonly id: number;
  readonly peerId: string;
  readonly emoji: string;
}

export interface DeskOptions {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly signals: CallSignals;
  readonly memory: CallMemory;
  /** The call could not be joined, or is over: nothing of the desk is in use any more. */
  left(): void;
}

const REACTION_MS = 4_000;
const MAX_REACTIONS = 12;
const KEEP_MS = 10_000;

export class Desk {
  readonly devices: Devices;
  readonly call: Call;
  readonly preview: Cell<Preview>;
  readonly habits: Cell<CallHabits>;
  readonly level = new Cell(0);
  readonly reactions = new Cell<readonly ShownReaction[]>([]);
  /** Why coming in did not work, in a sentence. */
  readonly refusal = new Cell<Problem | null>(null);
  private meter: { readonly track: MediaStreamTrack; readonly close: () => void } | null = null;
  private readonly stops: (() => void)[] = [];
  private seat: KeptSeat["resume"] | null = null;
  private kept: CallModel["own"] | null = null;
  private shown = 0;
  private holding = false;

  constructor(private readonly options: DeskOptions) {
    const kept = options.memory.habits();
    this.habits = new Cell(kept);
    this.devices = new Devices(navigator.mediaDevices, kept.devices);
    this.preview = new Cell<Preview>({
      camera: null,
      microphone: null,
      wantsCamera: kept.camera,
      wantsMicrophone: kept.microphone && !kept.pushToTalk,
      problems: [],
    });
    const habits = (): CallHabits => this.habits.get();
    this.call = new Call({
      roomId: options.roomId,
      signals: options.signals,
      devices: this.devices,
      memory: { load: () => this.seat, save: (seat) => this.keepSeat(seat) },
      network: window,
      get policy() {
        return habits().relayOnly ? "relay" : "all";
      },
      reacted: (peerId, emoji) => this.reacted(peerId, emoji),
    });
    this.stops.push(this.call.model.subscribe((model) => this.followed(model)));
    const keep = setInterval(() => this.keepSeat(this.seat), KEEP_MS);
    const leaving = (): void => this.keepSeat(this.seat);
    window.addEventListener("pagehide", leaving);
    this.stops.push(() => clearInterval(keep), () => window.removeEventListener("pagehide", leaving));
  }

  get roomId(): RoomId {
    return this.options.roomId;
  }

  get model(): Observable<CallModel> {
    return this.call.model;
  }

  /** Opens what is wished for, so that one can see and hear oneself. */
  async look(): Promise<void> {
    await this.devices.refresh();
    const { wantsCamera, wantsMicrophone } = this.preview.get();
    await Promise.all([wantsMicrophone && this.open("microphone"), wantsCamera && this.open("camera")]);
  }

  want(what: Opened, on: boolean): void {
    this.patch(what === "camera" ? { wantsCamera: on } : { wantsMicrophone: on });
    if (on) void this.open(what);
    else this.let(what);
  }

  tryAgain(what: Opened): void {
    this.want(what, true);
  }

  /** Another device, or other settings of noise and echo; in the call and before it. */
  choose(changes: Partial<DeviceSettings>): void {
    this.devices.choose(changes);
    this.keepHabits({ devices: this.devices.model.get().settings });
    const sound = "microphoneId" in changes || "noiseSuppression" in changes || "echoCancellation" in changes || "autoGainControl" in changes;
    if (sound) this.reopen("microphone");
    if ("cameraId" in changes) this.reopen("camera");
  }

  keepHabits(changes: Partial<CallHabits>): void {
    this.habits.set({ ...this.habits.get(), ...changes });
    this.options.memory.keepHabits(this.habits.get());
  }

  /** Comes in with what is seen in the preview. */
  async join(): Promise<void> {
    const { camera, microphone, wantsCamera, wantsMicrophone } = this.preview.get();
    const { pushToTalk } = this.habits.get();
    this.keepHabits({ camera: wantsCamera, ...(pushToTalk ? {} : { microphone: wantsMicrophone }) });
    this.refusal.set(null);
    try {
      await this.call.join({
        microphone: wantsMicrophone ? (microphone ?? true) : false,
        camera: wantsCamera ? (camera ?? true) : false,
      });
      // They are the call's now.
      this.patch({ camera: null, microphone: null });
      this.measure(this.call.model.get().own.microphoneTrack);
    } catch (error) {
      this.refusal.set(error instanceof ProblemError ? error.problem : null);
    }
  }

  /** The page was loaded again in the middle of a call. */
  async takeUp(kept: KeptSeat): Promise<void> {
    this.seat = kept.resume;
    this.patch({ wantsCamera: kept.camera, wantsMicrophone: kept.microphone });
    try {
      await this.call.join({ microphone: kept.microphone, camera: kept.camera });
    } catch (error) {
      this.refusal.set(error instanceof ProblemError ? error.problem : null);
      void this.look();
    }
  }

  async leave(): Promise<void> {
    const leaving = this.call.leave();
    this.close();
    await leaving;
  }

  /** Push to talk: on while held. */
  hold(held: boolean): void {
    if (held === this.holding) return;
    this.holding = held;
    void this.call.setMicrophone(held).catch(() => undefined);
  }

  close(): void {
    for (const stop of this.stops.splice(0)) stop();
    this.let("camera");
    this.let("microphone");
    this.measure(null);
    this.devices.close();
    this.options.left();
  }

  private async open(what: Opened): Promise<void> {
    this.clear(what);
    try {
      const track = await this.devices.open(what);
      const { wantsCamera, wantsMicrophone } = this.preview.get();
      const wanted = what === "camera" ? wantsCamera : wantsMicrophone;
      if (!wanted || this.call.model.get().phase !== "outside") return track.stop();
      this.let(what);
      this.patch({ [what]: track });
      if (what === "microphone") this.measure(track);
    } catch (error) {
      if (!(error instanceof ProblemError)) return;
      this.let(what);
      this.patch({ problems: [...this.preview.get().problems.filter(({ about }) => about !== what), error.problem] });
    }
  }

  private let(what: Opened): void {
    this.preview.get()[what]?.stop();
    this.patch({ [what]: null });
    if (what === "microphone") this.measure(null);
  }

  private reopen(what: Opened): void {
    if (this.call.model.get().phase !== "outside") void this.call.reopen(what).catch(() => undefined);
    else if (this.preview.get()[what === "camera" ? "wantsCamera" : "wantsMicrophone"]) void this.open(what);
  }

  private clear(what: Opened): void {
    this.patch({ problems: this.preview.get().problems.filter(({ about }) => about !== what) });
  }

  private patch(changes: Partial<Preview>): void {
    this.preview.set({ ...this.preview.get(), ...changes });
  }

  /** How loud one's own microphone is, before the call and in it. */
  private measure(track: MediaStreamTrack | null): void {
    if (this.meter?.track === track) return;
    this.meter?.close();
    this.meter = null;
    this.level.set(0);
    if (!track) return;
    const meter = new LevelMeter(track);
    const stop = meter.level.subscribe((level) => this.level.set(level));
    this.meter = {
      track,
      close: () => {
        stop();
        meter.close();
      },
    };
  }

  private followed({ phase, own }: CallModel): void {
    if (phase === "in" || phase === "reconnecting") this.measure(own.microphoneTrack);
    if (phase === "over") this.measure(null);
    if (own !== this.kept && phase === "in") {
      this.kept = own;
      this.keepSeat(this.seat);
    }
  }

  private keepSeat(seat: KeptSeat["resume"] | null): void {
    this.seat = seat;
    const { roomId, userId, memory } = this.options;
    const { own, callId } = this.call.model.get();
    if (!seat || callId === null) return memory.keepSeat(null);
    memory.keepSeat({
      roomId,
      userId,
      callId,
      resume: seat,
      microphone: own.microphone !== "off" && !this.habits.get().pushToTalk,
      camera: own.camera !== "off",
      at: Date.now(),
    });
  }

  private reacted(peerId: string, emoji: string): void {
    const id = (this.shown += 1);
    this.reactions.set([...this.reactions.get(), { id, peerId, emoji }].slice(-MAX_REACTIONS));
    setTimeout(() => this.reactions.set(this.reactions.get().filter((one) => one.id !== id)), REACTION_MS);
  }
}
