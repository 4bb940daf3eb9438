/** ICE servers: in the browser's form, and with fresh credentials before the old ones run out. */

import type { IceServer } from "../contract.gen";
import { Alarm } from "./clockwork";
import type { Clockwork } from "./clockwork";

export function toRtc(servers: readonly IceServer[]): RTCIceServer[] {
  return servers.map(({ urls, username, credential }) => ({
    urls: [...urls],
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }));
}

export function configurationOf(servers: readonly IceServer[], policy: RTCIceTransportPolicy = "all"): RTCConfiguration {
  return { iceServers: toRtc(servers), iceTransportPolicy: policy, bundlePolicy: "max-bundle" };
}

const SOONEST_MS = 15_000;
const AGAIN_MS = 10_000;

/** Milliseconds until the servers should be asked for again: a fifth of their life before it ends. Null: never. */
export function refreshIn(servers: readonly IceServer[], wall: number): number | null {
  const ends = servers.flatMap(({ expires_at }) => (expires_at === undefined ? [] : [Date.parse(expires_at)])).filter(Number.isFinite);
  if (ends.length === 0) return null;
  return Math.max(SOONEST_MS, (Math.min(...ends) - wall) * 0.8);
}

export class IceRefresher {
  private readonly alarm: Alarm;
  private stopped = false;

  constructor(
    private readonly fetch: () => Promise<readonly IceServer[]>,
    private readonly fresh: (servers: readonly IceServer[]) => void,
    private readonly clockwork: Clockwork,
  ) {
    this.alarm = new Alarm(clockwork);
  }

  /** These are in use from now on. */
  watch(servers: readonly IceServer[]): void {
    const wait = refreshIn(servers, this.clockwork.wall());
    if (wait === null) this.alarm.stop();
    else this.alarm.in(Math.min(wait, 2 ** 31 - 1), () => void this.refresh());
  }

  stop(): void {
    this.stopped = true;
    this.alarm.stop();
  }

  private async refresh(): Promise<void> {
    try {
      const servers = await this.fetch();
      if (this.stopped) return;
      this.fresh(servers);
      this.watch(servers);
    } catch {
      if (!this.stopped) this.alarm.in(AGAIN_MS, () => void this.refresh());
    }
  }
}
