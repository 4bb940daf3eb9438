/** The connection test: each part by itself, with its result in plain words. */

import type { IceServer } from "../contract.gen";
import type { Devices } from "./devices";
import { configurationOf } from "./ice";
import { LevelMeter } from "./level";
import { ProblemError } from "./problems";

export type TestName = "camera" | "microphone" | "speaker" | "server" | "direct" | "relay";
export type Verdict = "running" | "good" | "weak" | "bad";

export interface TestResult {
  readonly name: TestName;
  readonly verdict: Verdict;
  /** What was found, and what to do about it. */
  readonly sentence: string;
}

export interface SelfTestOptions {
  readonly devices: Devices;
  readonly servers: readonly IceServer[];
  /** Resolves when the server has answered. */
  ping(): Promise<unknown>;
  makeConnection?(configuration: RTCConfiguration): RTCPeerConnection;
  makeContext?(): AudioContext;
}

const LISTEN_MS = 3_000;
const GATHER_MS = 8_000;
const RELAY_MS = 12_000;
const SLOW_MS = 400;
const AUDIBLE = 0.15;

export class SelfTest {
  constructor(private readonly options: SelfTestOptions) {}

  /** All that need no person's judgement, one after the other; `report` hears each begin and end. */
  async run(report: (result: TestResult) => void): Promise<TestResult[]> {
    const parts = { server: () => this.server(), camera: () => this.camera(), microphone: () => this.microphone(), direct: () => this.direct(), relay: () => this.relay() };
    const results: TestResult[] = [];
    for (const [name, part] of Object.entries(parts) as [TestName, () => Promise<TestResult>][]) {
      report({ name, verdict: "running", sentence: "Testing…" });
      const result = await part();
      report(result);
      results.push(result);
    }
    return results;
  }

  async server(): Promise<TestResult> {
    const start = performance.now();
    try {
      await this.options.ping();
    } catch {
      return said("server", "bad", "The server did not answer. Check your connection, then test again.");
    }
    const took = Math.round(performance.now() - start);
    return took < SLOW_MS
      ? said("server", "good", `The server answers in ${took} ms.`)
      : said("server", "weak", `The server answers, but slowly: ${took} ms. Calls may start with a delay.`);
  }

  async camera(): Promise<TestResult> {
    return this.withDevice("camera", async (track) => {
      const { width = 0, height = 0 } = track.getSettings();
      return said("camera", "good", `The camera works: ${track.label || "camera"}, ${width} × ${height}.`);
    });
  }

  async microphone(): Promise<TestResult> {
    return this.withDevice("microphone", async (track) => {
      const loudest = await this.listen(track);
      return loudest >= AUDIBLE
        ? said("microphone", "good", `The microphone works: ${track.label || "microphone"}.`)
        : said("microphone", "weak", "The microphone is on, but nothing was heard. Say something and test again, or check whether it is muted by a switch.");
    });
  }

  /** Plays a short tone; whether it was heard only the person knows. */
  async speaker(speakerId: string | null): Promise<TestResult> {
    const context = this.options.makeContext?.() ?? new AudioContext();
    try {
      if (speakerId && "setSinkId" in context) await (context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(speakerId);
      await context.resume();
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      gain.gain.setValueAtTime(0, context.currentTime);
      gain.gain.linearRampToValueAtTime(0.2, context.currentTime + 0.1);
      gain.gain.linearRampToValueAtTime(0, context.currentTime + 1);
      oscillator.frequency.value = 440;
      oscillator.connect(gain).connect(context.destination);
      const ended = new Promise<void>((resolve) => oscillator.addEventListener("ended", () => resolve()));
      oscillator.start();
      oscillator.stop(context.currentTime + 1);
      await Promise.race([ended, pause(2_500)]);
      return said("speaker", "good", "A tone was played. If you did not hear it, choose another speaker or turn the volume up.");
    } catch {
      return said("speaker", "bad", "The tone could not be played. Choose another speaker and test again.");
    } finally {
      await context.close().catch(() => undefined);
    }
  }

  /** Which kinds of addresses this network gives (RFC 8445): its own, and as seen from outside. */
  async direct(): Promise<TestResult> {
    const connection = this.connect(configurationOf(this.options.servers));
    try {
      const kinds = await gather(connection);
      if (kinds.has("srflx")) return said("direct", "good", "Direct connections work: this network can be reached from outside.");
      if (!kinds.has("host")) return said("direct", "bad", "The browser found no network for calls. An extension or a setting may forbid WebRTC.");
      return said("direct", "weak", "Only this local network is reachable directly. With people elsewhere, calls go through the relay.");
    } catch {
      return said("direct", "bad", "This browser cannot make calls. Try a newer or another browser.");
    } finally {
      connection.close();
    }
  }

  /** Two connections of this page that may meet only through the TURN server. */
  async relay(): Promise<TestResult> {
    const turns = this.options.servers.some(({ urls }) => urls.some((url) => url.startsWith("turn")));
    if (!turns) return said("relay", "weak", "This server has no relay. Calls work only where direct connections do.");
    const a = this.connect(configurationOf(this.options.servers, "relay"));
    const b = this.connect(configurationOf(this.options.servers, "relay"));
    try {
      const took = await loop(a, b);
      return took === null
        ? said("relay", "bad", "The relay cannot be reached. A firewall may block it; ask whoever runs your network to allow it.")
        : said("relay", "good", `The relay works: calls get through even where direct connections are blocked (${took} ms).`);
    } catch {
      return said("relay", "bad", "The relay could not be tested in this browser.");
    } finally {
      a.close();
      b.close();
    }
  }

  private connect(configuration: RTCConfiguration): RTCPeerConnection {
    return this.options.makeConnection?.(configuration) ?? new RTCPeerConnection(configuration);
  }

  private async withDevice(what: "camera" | "microphone", test: (track: MediaStreamTrack) => Promise<TestResult>): Promise<TestResult> {
    let track: MediaStreamTrack | null = null;
    try {
      track = await this.options.devices.open(what);
      return await test(track);
    } catch (error) {
      const sentence = error instanceof ProblemError ? error.problem.sentence : `The ${what} does not work just now. Test again.`;
      return said(what, "bad", sentence);
    } finally {
      track?.stop();
    }
  }

  private async listen(track: MediaStreamTrack): Promise<number> {
    const meter = new LevelMeter(track, this.options.makeContext?.() ?? new AudioContext());
    let loudest = 0;
    const stop = meter.level.subscribe((level) => void (loudest = Math.max(loudest, level)));
    await pause(LISTEN_MS);
    stop();
    meter.close();
    return loudest;
  }
}

function said(name: TestName, verdict: Verdict, sentence: string): TestResult {
  return { name, verdict, sentence };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

async function gather(connection: RTCPeerConnection): Promise<ReadonlySet<string>> {
  const kinds = new Set<string>();
  connection.createDataChannel("test");
  const done = new Promise<void>((resolve) => {
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate) resolve();
      else if (candidate.type) kinds.add(candidate.type);
      if (kinds.has("srflx")) resolve();
    };
  });
  await connection.setLocalDescription();
  await Promise.race([done, pause(GATHER_MS)]);
  return kinds;
}

/** Milliseconds of a round trip between the two, or null when they did not find each other. */
async function loop(a: RTCPeerConnection, b: RTCPeerConnection): Promise<number | null> {
  a.onicecandidate = ({ candidate }) => void b.addIceCandidate(candidate ?? undefined).catch(() => undefined);
  b.onicecandidate = ({ candidate }) => void a.addIceCandidate(candidate ?? undefined).catch(() => undefined);
  b.ondatachannel = ({ channel }) => (channel.onmessage = ({ data }) => channel.send(data));
  const channel = a.createDataChannel("test");
  const trip = new Promise<number>((resolve) => {
    let sent = 0;
    channel.onopen = () => {
      sent = performance.now();
      channel.send("?");
    };
    channel.onmessage = () => resolve(Math.round(performance.now() - sent));
  });
  await a.setLocalDescription();
  await b.setRemoteDescription(required(a.localDescription));
  await b.setLocalDescription();
  await a.setRemoteDescription(required(b.localDescription));
  return Promise.race([trip, pause(RELAY_MS).then(() => null)]);
}

function required(description: RTCSessionDescription | null): RTCSessionDescription {
  if (!description) throw new Error("no description");
  return description;
}
