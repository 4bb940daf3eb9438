/** How loud something is, and who speaks. */

import { Cell } from "./observable";
import type { Observable } from "./observable";

/** The root mean square of a waveform (samples from -1 to 1), as 0 to 1 over the 60 dB that an ear cares for. */
export function loudnessOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const mean = Math.sqrt(sum / Math.max(1, samples.length));
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(mean || 1e-9)) / 60));
}

/** Measures an audio track some twelve times a second, until closed. The track stays its owner's. */
export class LevelMeter {
  private readonly cell = new Cell(0);
  private readonly source: MediaStreamAudioSourceNode;
  private readonly analyser: AnalyserNode;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    track: MediaStreamTrack,
    private readonly context: AudioContext = new AudioContext(),
  ) {
    this.source = context.createMediaStreamSource(new MediaStream([track]));
    this.analyser = context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.source.connect(this.analyser);
    const samples = new Float32Array(this.analyser.fftSize);
    this.timer = setInterval(() => {
      this.analyser.getFloatTimeDomainData(samples);
      this.cell.set(loudnessOf(samples));
    }, 80);
    if (context.state === "suspended") void context.resume().catch(() => undefined);
  }

  /** 0 to 1. */
  get level(): Observable<number> {
    return this.cell;
  }

  close(): void {
    clearInterval(this.timer);
    this.source.disconnect();
    void this.context.close().catch(() => undefined);
  }
}

/** Speech in a headset microphone is well above this share of full scale, a quiet room well below. */
const SPEAKING = 0.02;
/** Somebody else has to be heard for so long to take over: a cough does not move the picture. */
const TAKE_OVER_MS = 700;
/** And so much louder than the one who has it, while that one still speaks. */
const LOUDER = 1.5;
/** Whoever falls silent keeps it for so long, in case nobody else speaks. */
const KEEP_MS = 4_000;
/** Weight of the newest level in the running average. */
const WEIGHT = 0.4;

/** Who speaks, with hysteresis. Feed it levels (0 to 1, linear) a few times a second. */
export class ActiveSpeaker {
  private readonly smooth = new Map<string, number>();
  private readonly heardSince = new Map<string, number>();
  private current: string | null = null;
  private lastHeard = 0;

  feed(levels: ReadonlyMap<string, number>, now: number): string | null {
    for (const id of [...this.smooth.keys()]) if (!levels.has(id)) this.forget(id);
    for (const [id, level] of levels) this.note(id, level, now);
    if (this.current !== null && this.speaks(this.current)) this.lastHeard = now;
    const rival = this.loudestRival(now);
    if (rival !== null) {
      this.current = rival;
      this.lastHeard = now;
    } else if (this.current !== null && now - this.lastHeard > KEEP_MS) {
      this.current = null;
    }
    return this.current;
  }

  /** Everybody who is heard just now. */
  speaking(): ReadonlySet<string> {
    return new Set([...this.smooth.keys()].filter((id) => this.speaks(id)));
  }

  private note(id: string, level: number, now: number): void {
    const before = this.smooth.get(id) ?? 0;
    this.smooth.set(id, before + (level - before) * WEIGHT);
    if (!this.speaks(id)) this.heardSince.delete(id);
    else if (!this.heardSince.has(id)) this.heardSince.set(id, now);
  }

  private forget(id: string): void {
    this.smooth.delete(id);
    this.heardSince.delete(id);
    if (this.current === id) this.current = null;
  }

  private speaks(id: string): boolean {
    return (this.smooth.get(id) ?? 0) > SPEAKING;
  }

  private loudestRival(now: number): string | null {
    const holder = this.current !== null && this.speaks(this.current) ? (this.smooth.get(this.current) ?? 0) : 0;
    let best: string | null = null;
    for (const [id, since] of this.heardSince) {
      const level = this.smooth.get(id) ?? 0;
      // Where nobody has it, the first to speak gets it at once.
      const longEnough = this.current === null || now - since >= TAKE_OVER_MS;
      if (id === this.current || !longEnough || level < holder * LOUDER) continue;
      if (best === null || level > (this.smooth.get(best) ?? 0)) best = id;
    }
    return best;
  }
}
