/** Time and chance, passed in so that tests can hold them. */

export interface Clockwork {
  /** Milliseconds; only differences mean anything. */
  now(): number;
  /** Milliseconds since 1970. */
  wall(): number;
  /** Returns the way to cancel. */
  after(milliseconds: number, then: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
}

export const browserClockwork: Clockwork = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** At most one appointment at a time; a new one replaces the old. */
export class Alarm {
  private cancel: (() => void) | null = null;

  constructor(private readonly clockwork: Clockwork) {}

  get armed(): boolean {
    return this.cancel !== null;
  }

  in(milliseconds: number, then: () => void): void {
    this.stop();
    this.cancel = this.clockwork.after(milliseconds, () => {
      this.cancel = null;
      then();
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }
}
