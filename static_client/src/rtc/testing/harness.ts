/** The media layer in a real browser, several seats in one page, with the server in memory: for tests/journeys/rtc. */

import type { Resume } from "../../contract.gen";
import { Call, Devices, SelfTest } from "..";
import { Mesh } from "../mesh";
import { FakeServer } from "./server";
import type { FakeClient } from "./server";

class Harness {
  readonly server = new FakeServer({ delay: () => Math.random() * 30 });
  readonly calls = new Map<string, Call>();
  readonly clients = new Map<string, FakeClient>();

  private readonly players = new Map<MediaStream, HTMLAudioElement>();

  private readonly seats = new Map<string, Resume | null>();

  async join(name: string, media: boolean): Promise<string> {
    const seats = this.seats;
    const memory = { load: () => seats.get(name) ?? null, save: (seat: Resume | null) => void seats.set(name, seat) };
    const client = this.server.connect(name);
    const devices = new Devices(navigator.mediaDevices);
    const call = new Call({ roomId: "room_1", signals: client, devices, memory });
    this.calls.set(name, call);
    this.clients.set(name, client);
    call.model.subscribe(({ tiles }) => tiles.forEach(({ audio }) => this.play(audio)));
    await call.join({ microphone: media, camera: media });
    return client.peerId;
  }

  /** Chromium measures the energy only of what is played. */
  private play(audio: MediaStream | null): void {
    if (!audio || this.players.has(audio)) return;
    const player = new Audio();
    player.srcObject = audio;
    void player.play();
    this.players.set(audio, player);
  }

  /** As if the page were loaded again: nobody says goodbye, and the seat is taken up by the new one. */
  async reload(name: string): Promise<string> {
    const client = this.client(name);
    client.listener = null;
    this.server.dropped(client.peerId);
    this.call(name).media?.close();
    return this.join(name, true);
  }

  async selfTest() {
    const options = { devices: new Devices(navigator.mediaDevices), servers: [], ping: async () => undefined };
    const test = new SelfTest(options);
    return [...(await test.run(() => undefined)), await test.speaker(null)];
  }

  call(name: string): Call {
    const call = this.calls.get(name);
    if (!call) throw new Error(`${name} is not there`);
    return call;
  }

  client(name: string): FakeClient {
    const client = this.clients.get(name);
    if (!client) throw new Error(`${name} is not there`);
    return client;
  }

  /** The link from one to another. */
  link(name: string, other: string) {
    const { media } = this.call(name);
    const link = media instanceof Mesh ? media.link(this.client(other).peerId) : undefined;
    if (!link) throw new Error(`${name} has no link to ${other}`);
    return link;
  }

  /** What one sees of the other. */
  tile(name: string, other: string, kind: "person" | "screen" = "person") {
    const tile = this.call(name).model.get().tiles.find(({ peerId, kind: its }) => peerId === this.client(other).peerId && its === kind);
    if (!tile) return null;
    const { state, muted, cameraOff, video, audio, quality } = tile;
    return { state, muted, cameraOff, video: video !== null, audio: audio !== null, quality };
  }

  async received(name: string, other: string) {
    const totals = { frames: 0, packets: 0, energy: 0, sent: 0 };
    for (const row of (await this.link(name, other).connection.getStats()).values()) {
      if (row.type === "inbound-rtp") {
        totals.frames += row.framesDecoded ?? 0;
        totals.packets += row.packetsReceived ?? 0;
        totals.energy += row.totalAudioEnergy ?? 0;
      }
      if (row.type === "outbound-rtp") totals.sent += row.packetsSent ?? 0;
    }
    return totals;
  }

  negotiations() {
    const all: object[] = [];
    for (const name of this.calls.keys()) {
      for (const other of this.calls.keys()) {
        if (name === other) continue;
        const link = this.link(name, other);
        const { signalingState, connectionState } = link.connection;
        all.push({ name, other, signalingState, connectionState, machine: link.negotiation, number: link.connectionNumber });
      }
    }
    return all;
  }
}

declare global {
  interface Window {
    harness: Harness;
  }
}

window.harness = new Harness();
