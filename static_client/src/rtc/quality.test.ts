import { describe, expect, test } from "vitest";
import type { Source } from "../contract.gen";
import { Watchdog, qualityOf, sampleOf } from "./quality";
import type { Sample } from "./quality";

function sample(at: number, changes: Partial<Sample> = {}): Sample {
  return { at, roundTripMs: 20, jitterMs: 3, packets: 0, lost: 0, bytes: 0, relayed: false, tracks: new Map(), ...changes };
}

function track(at: number, frames: number, packets: number): Sample {
  return sample(at, { tracks: new Map([["t", { frames, packets }]]) });
}

describe("the quality of a link", () => {
  test("is read from the statistics of a browser", () => {
    const report = new Map<string, unknown>([
      ["v", { type: "inbound-rtp", trackIdentifier: "t", framesDecoded: 7, packetsReceived: 90, packetsLost: 10, jitter: 0.02, bytesReceived: 5 }],
      ["T", { type: "transport", selectedCandidatePairId: "P" }],
      ["P", { type: "candidate-pair", currentRoundTripTime: 0.3, localCandidateId: "L" }],
      ["L", { type: "local-candidate", candidateType: "relay" }],
    ]);
    const now = sampleOf(report, 5);
    expect(now).toMatchObject({ packets: 90, lost: 10, roundTripMs: 300, jitterMs: 20, relayed: true });
    expect(now.tracks.get("t")).toEqual({ packets: 90, frames: 7 });
    expect(qualityOf(sample(0), { ...now, at: 1_000 }, true)).toMatchObject({ level: "poor", loss: 0.1, incoming: 40 });
  });

  test.each([
    [{ roundTripMs: 20 }, true, "good"],
    [{ roundTripMs: 300 }, true, "fair"],
    [{ jitterMs: 200 }, true, "poor"],
    [{ roundTripMs: 20 }, false, "lost"],
  ])("%o, connected %s: %s", (changes, connected, level) => {
    expect(qualityOf(sample(0), sample(1_000, changes), connected).level).toBe(level);
  });
});

describe("the watchdog", () => {
  const camera = new Map<Source, string | null>([["camera", "t"]]);

  test("lets nothing look alive that brings no frame for three seconds", () => {
    const watchdog = new Watchdog();
    expect(watchdog.look(track(0, 0, 0), camera).get("camera")).toEqual({ flow: "waiting", act: false });
    expect(watchdog.look(track(1_000, 5, 9), camera).get("camera")).toEqual({ flow: "flowing", act: false });
    expect(watchdog.look(track(3_900, 5, 9), camera).get("camera")?.flow).toBe("flowing");
    expect(watchdog.look(track(4_000, 5, 9), camera).get("camera")).toEqual({ flow: "stalled", act: true });
  });

  test("waits with acting while packets come, and then between attempts", () => {
    const watchdog = new Watchdog();
    watchdog.look(track(0, 0, 0), camera);
    expect(watchdog.look(track(3_000, 0, 50), camera).get("camera")).toEqual({ flow: "stalled", act: false });
    expect(watchdog.look(track(9_000, 0, 90), camera).get("camera")?.act).toBe(true);
    expect(watchdog.look(track(12_000, 0, 99), camera).get("camera")?.act).toBe(false);
    expect(watchdog.look(track(15_000, 0, 99), camera).get("camera")?.act).toBe(true);
    expect(watchdog.look(track(16_000, 1, 120), camera).get("camera")).toEqual({ flow: "flowing", act: false });
  });

  test("counts sound by packets, and what never came at all as stalled", () => {
    const watchdog = new Watchdog();
    const expected = new Map<Source, string | null>([["microphone", "t"], ["camera", null]]);
    watchdog.look(track(0, 0, 1), expected);
    const later = watchdog.look(track(3_000, 0, 80), expected);
    expect([later.get("microphone")?.flow, later.get("camera")?.flow]).toEqual(["flowing", "stalled"]);
  });

  test("begins anew with what was muted meanwhile", () => {
    const watchdog = new Watchdog();
    watchdog.look(track(0, 5, 5), camera);
    watchdog.look(track(2_000, 5, 5), new Map());
    expect(watchdog.look(track(60_000, 5, 5), camera).get("camera")?.flow).not.toBe("stalled");
  });
});
