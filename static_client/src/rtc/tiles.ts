/** What there is to see of a call: pure, from the call's state and the media that arrive. */

import type { Actor, CallState, Peer } from "../contract.gen";
import type { OwnModel } from "./own";
import { UNKNOWN_QUALITY } from "./quality";
import type { Quality } from "./quality";
import type { Flow, RemotePeer } from "./transport";

/**
 * `connecting`: no media link yet. `live`: all that is published arrives. `waiting`: its first picture or sound is on
 * its way. `stalled`: it stopped arriving. `reconnecting`: the link is down, new ways are tried. `away`: the person's own
 * connection dropped, the seat is kept. `lost`: nothing helped so far.
 */
export type TileState = "connecting" | "live" | "waiting" | "stalled" | "reconnecting" | "away" | "lost";

export interface Tile {
  /** Stable over the tile's life: the peer's id, or that and `/screen`. */
  readonly key: string;
  readonly kind: "person" | "screen";
  readonly peerId: string;
  readonly user: Actor;
  readonly self: boolean;
  readonly staff: boolean;
  readonly state: TileState;
  /** To be shown; missing where the camera is off or nothing may be shown. */
  readonly video: MediaStream | null;
  /** To be played; always null on one's own tiles. */
  readonly audio: MediaStream | null;
  /** Of a person: whether the microphone is off. */
  readonly muted: boolean;
  readonly cameraOff: boolean;
  readonly handRaised: boolean;
  readonly floor: boolean;
  readonly speaking: boolean;
  readonly quality: Quality;
}

export interface Scene {
  readonly state: CallState;
  readonly meId: string;
  readonly own: OwnModel;
  readonly remote: ReadonlyMap<string, RemotePeer>;
  readonly speaking: ReadonlySet<string>;
  /** One stream for one's own track, always the same. */
  mirror(track: MediaStreamTrack): MediaStream;
}

export function tilesOf(scene: Scene): Tile[] {
  const inside = scene.state.peers.filter(({ seat }) => seat === "in");
  const screens = inside.flatMap((peer) => screenTile(peer, scene) ?? []);
  return [...screens, ...inside.map((peer) => personTile(peer, scene))];
}

function personTile(peer: Peer, scene: Scene): Tile {
  const self = peer.id === scene.meId;
  const media = scene.remote.get(peer.id)?.media ?? {};
  const listed = (source: string): boolean => peer.tracks.some((track) => track.source === source && !track.muted);
  const { camera, microphone } = scene.remote.get(peer.id)?.flow ?? {};
  return {
    ...common(peer, scene, [camera, microphone]),
    key: peer.id,
    kind: "person",
    video: self ? (scene.own.cameraTrack ? scene.mirror(scene.own.cameraTrack) : null) : (media.camera ?? null),
    audio: media.microphone ?? null,
    muted: self ? scene.own.microphone === "off" : !listed("microphone"),
    cameraOff: self ? scene.own.camera === "off" : !listed("camera"),
  };
}

function screenTile(peer: Peer, scene: Scene): Tile | null {
  if (!peer.tracks.some(({ source, muted }) => source === "screen" && !muted)) return null;
  const media = scene.remote.get(peer.id)?.media ?? {};
  const self = peer.id === scene.meId;
  return {
    ...common(peer, scene, [scene.remote.get(peer.id)?.flow.screen]),
    key: `${peer.id}/screen`,
    kind: "screen",
    video: self ? (scene.own.screenTrack ? scene.mirror(scene.own.screenTrack) : null) : (media.screen ?? null),
    audio: media.screen_audio ?? null,
    muted: !media.screen_audio,
    cameraOff: false,
    speaking: false,
  };
}

/** `due`: how what should arrive arrives; undefined where nothing is due. */
function common(peer: Peer, scene: Scene, due: readonly (Flow | undefined)[]) {
  const self = peer.id === scene.meId;
  const remote = scene.remote.get(peer.id);
  const flows = due.filter((one) => one !== undefined);
  return {
    peerId: peer.id,
    user: peer.user,
    self,
    staff: peer.staff,
    state: self ? ("live" as const) : stateOf(peer, remote, flows),
    handRaised: scene.state.hands.includes(peer.id),
    floor: peer.floor,
    speaking: scene.speaking.has(peer.id),
    quality: remote?.quality ?? UNKNOWN_QUALITY,
  };
}

function stateOf(peer: Peer, remote: RemotePeer | undefined, flows: readonly Flow[]): TileState {
  const link = remote?.link ?? "connecting";
  const stalled = flows.includes("stalled");
  // Media may well go on while the other's connection to the server is away.
  if (!peer.connected && (link !== "connected" || stalled || flows.length === 0)) return "away";
  if (link !== "connected") return link;
  if (stalled) return "stalled";
  return flows.includes("waiting") ? "waiting" : "live";
}
