import { describe, expect, test } from "vitest";
import type { CallState, CallUpdated, IceServer, Peer } from "../contract.gen";
import { advance } from "./callstate";
import { Devices } from "./devices";
import { IceRefresher, refreshIn } from "./ice";
import { DELAYS, Ladder } from "./ladder";
import { ActiveSpeaker, loudnessOf } from "./level";
import { ProblemError, mediaProblem, refusalProblem } from "./problems";
import { sections } from "./sdp";
import { FakeTime, settle } from "./testing/time";

function named(name: string): Error {
  return Object.assign(new Error("Some words of the browser's."), { name });
}

describe("problems", () => {
  test.each([
    ["NotAllowedError", "denied", true],
    ["NotFoundError", "missing", true],
    ["NotReadableError", "busy", true],
    ["OverconstrainedError", "unsuitable", true],
    ["SecurityError", "insecure", false],
    ["AbortError", "system", true],
    ["SomethingElse", "unknown", true],
  ])("%s is told as %s", (name, kind, retry) => {
    const told = mediaProblem(named(name), "camera");
    expect(told).toMatchObject({ kind, retry, about: "camera" });
    expect(told.sentence).not.toContain("words of the browser");
    expect(told.sentence).toMatch(/camera.*\.$/);
  });

  test("whoever closes the choice of a screen is not scolded", () => {
    expect(mediaProblem(named("NotAllowedError"), "screen").kind).toBe("cancelled");
  });

  test("a refusal of the server says what it means here", () => {
    expect(refusalProblem({ code: "forbidden" }, "camera").kind).toBe("forbidden");
    expect(refusalProblem({ code: "forbidden" }, "call").kind).toBe("closed");
    expect(refusalProblem({ code: "timeout" }, "camera").kind).toBe("offline");
    expect(refusalProblem("what", "camera").kind).toBe("unknown");
  });
});

describe("devices", () => {
  function media(open: (constraints: MediaStreamConstraints) => Promise<MediaStream>): MediaDevices {
    return { getUserMedia: open, enumerateDevices: async () => [] } as unknown as MediaDevices;
  }

  test("a chosen device that is gone gives way to what the system prefers", async () => {
    const asked: MediaStreamConstraints[] = [];
    const track = {} as MediaStreamTrack;
    const devices = new Devices(
      media(async (constraints) => {
        asked.push(constraints);
        if (asked.length === 1) throw named("OverconstrainedError");
        return { getTracks: () => [track] } as unknown as MediaStream;
      }),
      { microphoneId: "gone", noiseSuppression: false },
    );
    expect(await devices.open("microphone")).toBe(track);
    expect(asked[0]?.audio).toMatchObject({ deviceId: { exact: "gone" }, noiseSuppression: false, echoCancellation: true });
    expect(asked[1]?.audio).not.toHaveProperty("deviceId");
  });

  test("an insecure page is told so", async () => {
    await expect(new Devices(undefined).open("camera")).rejects.toMatchObject({ problem: { kind: "insecure" } });
  });

  test("a refused permission is a problem with a way out", async () => {
    const failing = new Devices(media(() => Promise.reject(named("NotAllowedError")))).open("microphone");
    await expect(failing).rejects.toBeInstanceOf(ProblemError);
    await expect(failing).rejects.toMatchObject({ problem: { kind: "denied", retry: true } });
  });
});

describe("the ladder", () => {
  test("restarts first, then renews, each time later", () => {
    const ladder = new Ladder(new FakeTime());
    const climbed = DELAYS.map(() => ladder.climb(false));
    expect(climbed.map(({ delay }) => delay)).toEqual([0, 300, 1_200, 2_700, 4_800, 7_000, 7_000, 7_000, 7_000, 7_000]);
    expect(climbed.map(({ rung }) => rung).slice(0, 4)).toEqual(["restart", "restart", "renew", "renew"]);
    expect(ladder.exhausted).toBe(true);
    expect(ladder.climb(false)).toEqual({ rung: "renew", delay: 7_000 });
    ladder.reset();
    expect(ladder.climb(true)).toEqual({ rung: "renew", delay: 0 });
  });

  test("spreads what many would do at once", () => {
    const time = new FakeTime();
    time.chance = 0.5;
    const ladder = new Ladder(time);
    expect([ladder.climb(false).delay, ladder.climb(false).delay]).toEqual([0, 450]);
  });
});

describe("the call's state", () => {
  const peer = (id: string, session = "s"): Peer => ({ id, session }) as unknown as Peer;
  const state = { call: { id: "c" }, version: 4, peers: [peer("a"), peer("b")], hands: [] } as unknown as CallState;
  const update = (changes: Partial<CallUpdated>): CallUpdated => ({ call_id: "c", since: 4, version: 5, peers: [], gone: [], hands: [], ...changes });

  test("takes who came, who changed and who went", () => {
    const next = advance(state, update({ peers: [peer("b", "t"), peer("d")], gone: [{ peer_id: "a", reason: "left" }], hands: ["d"] }));
    expect(next?.peers).toEqual([peer("b", "t"), peer("d")]);
    expect(next).toMatchObject({ version: 5, hands: ["d"] });
  });

  test("does not go back, and knows when something was missed", () => {
    expect(advance(state, update({ since: 2, version: 4 }))).toBe(state);
    expect(advance(state, update({ since: 5, version: 6 }))).toBeNull();
    expect(advance(state, update({ since: 2, version: 6 }))?.version).toBe(6);
  });
});

describe("a description", () => {
  test("says what comes on which line", () => {
    const sdp = "v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=sendrecv\r\na=msid:mine one\r\nm=video 9 X 96\r\na=mid:1\r\na=recvonly\r\n";
    expect(sections(sdp)).toEqual([
      { mid: "0", kind: "audio", sends: true, streamId: "mine" },
      { mid: "1", kind: "video", sends: false, streamId: null },
    ]);
  });
});

describe("ICE servers", () => {
  const servers: IceServer[] = [{ urls: ["turn:x"], expires_at: new Date(100_000).toISOString() }, { urls: ["stun:x"] }];

  test("are asked for again before they run out", async () => {
    const time = new FakeTime();
    const got: (readonly IceServer[])[] = [];
    let attempts = 0;
    const refresher = new IceRefresher(
      async () => {
        attempts += 1;
        if (attempts === 1) throw new Error("not now");
        return [{ urls: ["turn:y"] }];
      },
      (fresh) => void got.push(fresh),
      time,
    );
    expect(refreshIn(servers, 0)).toBe(80_000);
    refresher.watch(servers);
    await time.pass(79_000);
    expect(attempts).toBe(0);
    await time.pass(1_000);
    expect([attempts, got.length]).toEqual([1, 0]);
    await time.pass(10_000);
    await settle();
    expect(got).toEqual([[{ urls: ["turn:y"] }]]);
  });
});

describe("loudness", () => {
  test("goes from silence to full scale", () => {
    expect(loudnessOf(new Float32Array(8))).toBe(0);
    expect(loudnessOf(new Float32Array(8).fill(1))).toBe(1);
    expect(loudnessOf(new Float32Array(8).fill(0.1))).toBeCloseTo(2 / 3);
  });

  test("a cough does not take the floor, steady louder speech does, silence gives it up", () => {
    const speaker = new ActiveSpeaker();
    const hear = (a: number, b: number, from: number, to: number): string | null => {
      let now: string | null = null;
      for (let at = from; at < to; at += 100) now = speaker.feed(new Map([["a", a], ["b", b]]), at);
      return now;
    };
    expect(hear(0.2, 0, 0, 1_000)).toBe("a");
    expect(hear(0.1, 0.5, 1_000, 1_400)).toBe("a");
    expect(hear(0.1, 0, 1_400, 3_000)).toBe("a");
    expect(hear(0.05, 0.5, 3_000, 5_000)).toBe("b");
    expect(hear(0, 0, 5_000, 8_000)).toBe("b");
    expect(hear(0, 0, 8_000, 11_000)).toBeNull();
    expect(speaker.feed(new Map(), 12_000)).toBeNull();
  });
});
