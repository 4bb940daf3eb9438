import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Peer, Source, Track } from "../contract.gen";
import { Devices } from "./devices";
import { OwnMedia } from "./own";
import type { Problem } from "./problems";
import type { CallSignals } from "./signals";
import { settle } from "./testing/time";

class FakeTrack {
  readyState = "live";
  enabled = true;
  onended: (() => void) | null = null;
  stop(): void {
    this.readyState = "ended";
  }
}

let streams = 0;
class FakeStream {
  readonly id = `stream_${(streams += 1)}`;
}

/** One's own seat, as the server has it, and what was sent to others. */
class Seat {
  readonly asked: string[] = [];
  readonly problems: string[] = [];
  readonly sent = new Map<Source, unknown>();
  readonly opened: FakeTrack[] = [];
  peer = { id: "me", tracks: [], blocked: [], rights: { microphone: true, camera: true, screen: true } } as unknown as Peer;
  refuse: string | null = null;
  readonly own: OwnMedia;

  constructor() {
    const media = {
      getUserMedia: async () => {
        const track = new FakeTrack();
        this.opened.push(track);
        return { getTracks: () => [track] };
      },
      enumerateDevices: async () => [],
    };
    const answer = async (what: string, track: Track): Promise<Track> => {
      this.asked.push(what);
      if (this.refuse) throw { code: this.refuse, retryable: false };
      return track;
    };
    const signals = {
      publish: ({ source, stream_id }: { source: Source; stream_id: string }) =>
        answer(`publish ${source}`, { id: source, source, stream_id, muted: false }),
      mute: ({ track_id, muted }: { track_id: string; muted: boolean }) =>
        answer(`${muted ? "mute" : "unmute"} ${track_id}`, { id: track_id, source: track_id as Source, stream_id: "", muted }),
    };
    this.own = new OwnMedia({
      devices: new Devices(media as unknown as MediaDevices),
      signals: signals as unknown as CallSignals,
      callId: () => "call",
      seat: () => this.peer,
      send: (source, outgoing) => void this.sent.set(source, outgoing?.track ?? null),
      failed: ({ kind }: Problem) => void this.problems.push(kind),
    });
  }

  lists(source: Source, muted: boolean, changes: Partial<Peer> = {}): void {
    const track: Track = { id: source, source, muted, stream_id: "s" };
    this.peer = { ...this.peer, ...changes, tracks: [...this.peer.tracks.filter((one) => one.source !== source), track] };
    this.own.obey(this.peer);
  }
}

describe("one's own media", () => {
  let seat: Seat;

  beforeEach(() => {
    vi.stubGlobal("MediaStream", FakeStream);
    seat = new Seat();
  });

  test("are announced before they are sent", async () => {
    const on = seat.own.set("microphone", true);
    expect(seat.own.model.get().microphone).not.toBe("on");
    await on;
    expect(seat.asked).toEqual(["publish microphone"]);
    expect(seat.sent.get("microphone")).toBe(seat.opened[0]);
    expect(seat.own.model.get().microphone).toBe("on");
  });

  test("are not sent, and the device let go, when the server refuses", async () => {
    seat.refuse = "forbidden";
    await expect(seat.own.set("camera", true)).rejects.toMatchObject({ problem: { kind: "forbidden" } });
    expect(seat.sent.size).toBe(0);
    expect(seat.opened[0]?.readyState).toBe("ended");
    expect(seat.problems).toEqual(["forbidden"]);
  });

  test("are silent at once, before the server has heard of it", async () => {
    await seat.own.set("microphone", true);
    const off = seat.own.set("microphone", false);
    expect(seat.sent.get("microphone")).toBeNull();
    expect(seat.opened[0]?.enabled).toBe(false);
    await off;
    expect(seat.asked).toEqual(["publish microphone", "mute microphone"]);
  });

  test("a camera that is off is let go; a microphone stays open, to be quick", async () => {
    for (const what of ["camera", "microphone"] as const) {
      await seat.own.set(what, true);
      await seat.own.set(what, false);
    }
    expect(seat.opened.map(({ readyState }) => readyState)).toEqual(["ended", "live"]);
    await seat.own.set("microphone", true);
    expect(seat.opened).toHaveLength(2);
  });

  test("a state from before the answer is not taken for a moderator", async () => {
    await seat.own.set("microphone", true);
    seat.own.obey(seat.peer);
    expect(seat.own.model.get().microphone).toBe("on");
    expect(seat.problems).toEqual([]);
  });

  test("what staff mutes is off, and stays off until the block is lifted", async () => {
    await seat.own.set("microphone", true);
    seat.lists("microphone", false);
    seat.lists("microphone", true, { blocked: ["microphone"] });
    expect(seat.own.model.get().microphone).toBe("off");
    expect(seat.sent.get("microphone")).toBeNull();
    await expect(seat.own.set("microphone", true)).rejects.toMatchObject({ problem: { kind: "blocked" } });
    seat.lists("microphone", true, { blocked: [] });
    await settle();
    expect(seat.own.model.get().microphone).toBe("off");
    await seat.own.set("microphone", true);
    expect(seat.asked.at(-1)).toBe("unmute microphone");
  });

  test("a mute that the server missed is told again", async () => {
    await seat.own.set("microphone", true);
    seat.lists("microphone", false);
    seat.refuse = "offline";
    await seat.own.set("microphone", false);
    seat.refuse = null;
    seat.lists("microphone", false);
    await settle();
    expect(seat.asked.filter((what) => what === "mute microphone").length).toBeGreaterThan(1);
  });

  test("an unplugged device is said, and switched off for everybody", async () => {
    await seat.own.set("camera", true);
    seat.opened[0]?.onended?.();
    await settle();
    expect(seat.problems).toEqual(["unplugged"]);
    expect(seat.own.model.get().camera).toBe("off");
    expect(seat.asked).toEqual(["publish camera", "mute camera"]);
  });

  test("a new seat publishes again what was on", async () => {
    await seat.own.set("microphone", true);
    seat.lists("microphone", false);
    seat.peer = { ...seat.peer, tracks: [] };
    const again = seat.own.republish();
    seat.own.obey(seat.peer);
    await again;
    expect(seat.asked).toEqual(["publish microphone", "publish microphone"]);
    expect(seat.own.model.get().microphone).toBe("on");
    expect(seat.problems).toEqual([]);
  });
});
