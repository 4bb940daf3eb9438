/** Time that passes when a test says so. */

import type { Clockwork } from "../clockwork";

export class FakeTime implements Clockwork {
  private time = 0;
  private readonly due: { at: number; then: () => void; gone: boolean }[] = [];
  chance = 0;

  now = () => this.time;
  wall = () => this.time;
  random = () => this.chance;

  after(milliseconds: number, then: () => void): () => void {
    const one = { at: this.time + milliseconds, then, gone: false };
    this.due.push(one);
    return () => void (one.gone = true);
  }

  /** Lets so much time pass, and everything happen that falls due or follows. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settle();
    for (let next = this.next(end); next; next = this.next(end)) {
      this.time = Math.max(this.time, next.at);
      next.gone = true;
      next.then();
      await settle();
    }
    this.time = end;
  }

  private next(end: number) {
    return this.due.filter(({ at, gone }) => !gone && at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Everything that waits for promises alone has happened afterwards. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}
