import { beforeEach, describe, expect, test } from "vitest";
import type { CallSignal, Peer } from "../contract.gen";
import { PeerLink } from "./peer";
import { FakeConnection } from "./testing/connection";
import { FakeTime } from "./testing/time";

function seat(id: string, changes: Partial<Peer> = {}): Peer {
  return { id, session: `session ${id}`, connected: true, tracks: [], offers_only: false, ...changes } as unknown as Peer;
}

/** Two links, each the other's other side, and the post between them. */
class Pair {
  readonly time = new FakeTime();
  readonly made: Record<string, FakeConnection[]> = { "1": [], "2": [] };
  readonly sent: CallSignal[] = [];
  lost = 0;
  offline = false;
  readonly links: Record<string, PeerLink>;

  constructor() {
    this.links = { "1": this.link("1", "2"), "2": this.link("2", "1") };
  }

  link(from: string, to: string): PeerLink {
    return new PeerLink(
      seat(to),
      {
        me: { id: from, offers_only: false },
        clockwork: this.time,
        makeConnection: () => {
          const connection = new FakeConnection();
          this.made[from]?.push(connection);
          return connection as unknown as RTCPeerConnection;
        },
        changed: () => undefined,
        post: async ({ to_session, ...signal }) => {
          if (this.offline) throw { code: "offline", retryable: true };
          expect(to_session).toBe(`session ${to}`);
          if (this.lost > 0) return void (this.lost -= 1);
          const arrived = { ...signal, call_id: "c", from_peer: from, from_session: `session ${from}` } as unknown as CallSignal;
          this.sent.push(arrived);
          this.links[to]?.receive(arrived);
        },
      },
      new Map(),
    );
  }

  latest(side: string): FakeConnection {
    const connection = this.made[side]?.at(-1);
    if (!connection) throw new Error("none");
    return connection;
  }

  connect(): void {
    for (const side of ["1", "2"]) this.latest(side).become("connected");
  }
}

describe("a link", () => {
  let pair: Pair;

  beforeEach(() => {
    pair = new Pair();
  });

  function expectStable(number: number): void {
    for (const side of ["1", "2"]) {
      expect(pair.links[side]?.negotiation.state).toBe("stable");
      expect(pair.links[side]?.connectionNumber).toBe(number);
      expect(pair.latest(side).signalingState).toBe("stable");
    }
  }

  test("is begun by the older side alone", async () => {
    await pair.time.pass(100);
    expect(pair.sent.map(({ from_peer, description }) => [from_peer, description?.type])).toEqual([
      ["1", "offer"],
      ["2", "answer"],
    ]);
    expectStable(0);
  });

  test("restarts ICE after three seconds without connection, and not before", async () => {
    await pair.time.pass(100);
    pair.connect();
    pair.latest("1").become("disconnected");
    await pair.time.pass(2_900);
    expect(pair.latest("1").restarts).toBe(0);
    await pair.time.pass(200);
    expect(pair.latest("1").restarts).toBe(1);
    expect(pair.made["1"]).toHaveLength(1);
    expectStable(0);
  });

  test("becomes a new connection when restarts do not help, at both ends the same", async () => {
    await pair.time.pass(100);
    pair.connect();
    pair.latest("1").become("failed");
    expect(pair.links["1"]?.state).toBe("reconnecting");
    await pair.time.pass(15_000);
    expect(pair.latest("1").restarts + (pair.made["1"]?.[0]?.restarts ?? 0)).toBeGreaterThan(0);
    expect(pair.made["1"]?.length).toBeGreaterThan(1);
    expect(pair.made["1"]?.[0]?.closed).toBe(true);
    pair.connect();
    await pair.time.pass(10_000);
    expect(pair.links["1"]?.state).toBe("connected");
    expectStable(pair.links["2"]?.connectionNumber ?? -1);
  });

  test("both failing at once meet in one new connection", async () => {
    await pair.time.pass(100);
    pair.connect();
    for (const side of ["1", "2"]) pair.latest(side).fails = true;
    for (const side of ["1", "2"]) pair.latest(side).become("failed");
    await pair.time.pass(3_000);
    pair.connect();
    await pair.time.pass(20_000);
    expectStable(pair.links["1"]?.connectionNumber ?? -1);
    expect(pair.links["1"]?.connectionNumber).toBeGreaterThan(0);
  });

  test("a lost answer is found out and made good", async () => {
    pair.links["2"]?.close();
    await pair.time.pass(50);
    pair.links["2"] = pair.link("2", "1");
    await pair.time.pass(12_000);
    expectStable(pair.links["1"]?.connectionNumber ?? -1);
    expect(pair.links["1"]?.connectionNumber).toBeGreaterThan(0);
  });

  test("signals wait for the connection to the server, in order and once", async () => {
    pair = new Pair();
    pair.offline = true;
    await pair.time.pass(100);
    expect(pair.sent).toEqual([]);
    pair.offline = false;
    await pair.time.pass(1_000);
    expect(pair.sent.map(({ seq, from_peer }) => [from_peer, seq])).toEqual([
      ["1", 1],
      ["2", 1],
    ]);
    expectStable(0);
  });

  test("a reloaded page of the other gets a new connection, and numbers go on", async () => {
    await pair.time.pass(100);
    pair.links["1"]?.update(seat("2", { session: "session 2" }));
    expect(pair.made["1"]).toHaveLength(1);
    pair.links["1"]?.update(seat("2", { session: "another" }));
    expect(pair.made["1"]).toHaveLength(2);
    expect(pair.links["1"]?.connectionNumber).toBe(1);
  });

  test("late, doubled and foreign signals change nothing", async () => {
    await pair.time.pass(100);
    const [offer] = pair.sent;
    if (!offer) throw new Error("no offer");
    pair.links["2"]?.receive(offer);
    pair.links["2"]?.receive({ ...offer, from_session: "before", seq: 99 });
    pair.links["2"]?.receive({ ...offer, candidate: { candidate: "nonsense" }, seq: 50 });
    await pair.time.pass(100);
    expectStable(0);
  });

  test("nothing happens any more after closing", async () => {
    await pair.time.pass(100);
    const count = pair.sent.length;
    pair.links["1"]?.close();
    pair.links["1"]?.restart();
    await pair.time.pass(60_000);
    expect(pair.made["1"]).toHaveLength(1);
    expect(pair.sent.filter(({ from_peer }) => from_peer === "1").length).toBe(1);
    expect(count).toBe(2);
  });
});
