/** Signals to one peer, sent in order, each again under the same number until the server has it. */

import type { CallSignal, Signal } from "../contract.gen";
import { Alarm } from "./clockwork";
import type { Clockwork } from "./clockwork";
import { refusedBy } from "./signals";

export type Content =
  | { readonly description: NonNullable<Signal["description"]> }
  | { readonly candidate: NonNullable<CallSignal["candidate"]> }
  | { readonly wants_offer: true };

export type Post = (signal: { seq: number; connection: number; to_session: string } & Content) => Promise<unknown>;

const PAUSE_MS = 700;

interface Item {
  readonly connection: number;
  readonly content: Content;
  seq: number;
}

export class Outbox {
  private readonly items: Item[] = [];
  private readonly pause: Alarm;
  private sending = false;
  private closed = false;
  private seq = 0;

  constructor(
    private readonly post: Post,
    private session: string,
    clockwork: Clockwork,
  ) {
    this.pause = new Alarm(clockwork);
  }

  send(connection: number, content: Content): void {
    this.items.push({ connection, content, seq: 0 });
    void this.work();
  }

  /** Forgets what was about earlier connections. */
  onlyFrom(connection: number): void {
    const kept = this.items.filter((item, index) => item.connection >= connection || (index === 0 && this.sending));
    this.items.splice(0, this.items.length, ...kept);
  }

  /** The other's page is a new one. The numbers go on growing, so that what was under way cannot pass for news. */
  readdress(session: string): void {
    this.session = session;
    this.items.length = 0;
  }

  /** Try now: the connection to the server is back. */
  hurry(): void {
    if (this.pause.armed) {
      this.pause.stop();
      void this.work();
    }
  }

  close(): void {
    this.closed = true;
    this.items.length = 0;
    this.pause.stop();
  }

  private async work(): Promise<void> {
    if (this.sending || this.closed || this.pause.armed) return;
    this.sending = true;
    for (let item = this.items[0]; item && !this.closed; item = this.items[0]) {
      item.seq ||= this.seq += 1;
      const wait = await this.attempt(item);
      if (wait !== null && this.items[0] === item && !this.closed) {
        this.pause.in(wait, () => void this.work());
        break;
      }
      if (this.items[0] === item) this.items.shift();
    }
    this.sending = false;
  }

  /** Null when done with it, otherwise milliseconds until the next attempt. */
  private async attempt(item: Item): Promise<number | null> {
    try {
      await this.post({ seq: item.seq, connection: item.connection, to_session: this.session, ...item.content });
      return null;
    } catch (error) {
      const refused = refusedBy(error);
      return refused.retryable ? (refused.retryAfterMs ?? PAUSE_MS) : null;
    }
  }
}
