import { useEffect, useRef } from "preact/hooks";
import { Hand, MicOff, Mic, SignalHigh, SignalLow, SignalMedium, SignalZero } from "lucide";
import type { Tile } from "../../rtc/tiles";
import { Avatar } from "../../ui/Avatar";
import { Icon } from "../../ui/Icon";
import { LEVELS, TILE_STATES, tileName } from "./words";

const SIGNALS = { good: SignalHigh, fair: SignalMedium, poor: SignalLow, lost: SignalZero } as const;

interface VideoTileProps {
  readonly tile: Tile;
  /** The place of the raised hand in the queue, from 1. */
  readonly hand: number | null;
  readonly emoji: string | null;
}

/** One person, or one shared screen. What does not arrive is said; an old picture never looks alive. */
export function VideoTile({ tile, hand, emoji }: VideoTileProps) {
  const name = tileName(tile);
  const said = TILE_STATES[tile.state];
  return (
    <>
      {tile.video ? (
        <Video stream={tile.video} name={name} mirrored={tile.self && tile.kind === "person"} />
      ) : (
        <span class="tile-face">
          <Avatar person={tile.user} />
        </span>
      )}
      {said && (
        <p class="tile-said">
          <span class="tile-spinner" aria-hidden="true" />
          {tile.video || tile.state !== "waiting" ? said : "Waiting for sound…"}
        </p>
      )}
      {emoji && (
        <span class="tile-emoji" aria-hidden="true">
          {emoji}
        </span>
      )}
      {hand !== null && (
        <span class="tile-hand">
          <Icon of={Hand} />
          {hand}
          <span class="unseen">. in the queue of raised hands</span>
        </span>
      )}
      <p class="tile-name">
        {tile.kind === "person" && (
          <span class={tile.muted ? "tile-mic tile-mic-off" : "tile-mic"}>
            <Icon of={tile.muted ? MicOff : Mic} />
            <span class="unseen">{tile.muted ? "Muted:" : ""}</span>
          </span>
        )}
        <span class="tile-who">{name}</span>
        {tile.floor && <span class="tile-floor">has the floor</span>}
        {!tile.self && (
          <span class={`tile-quality tile-quality-${tile.quality.level}`} title={qualityWords(tile)}>
            <Icon of={SIGNALS[tile.quality.level]} />
            <span class="unseen">{LEVELS[tile.quality.level]}</span>
          </span>
        )}
      </p>
    </>
  );
}

function qualityWords({ quality }: Tile): string {
  const parts = [
    LEVELS[quality.level],
    quality.roundTripMs !== null && `${Math.round(quality.roundTripMs)} ms`,
    quality.loss !== null && quality.loss > 0.005 && `${Math.round(quality.loss * 100)} % lost`,
    quality.relayed && "through the relay",
  ];
  return parts.filter(Boolean).join(" · ");
}

interface VideoProps {
  readonly stream: MediaStream;
  readonly name: string;
  readonly mirrored: boolean;
}

function Video({ stream, name, mirrored }: VideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const player = video.current;
    if (!player) return;
    player.srcObject = stream;
    // Without sound it may always play; a rejection only means that another stream came in between.
    void player.play().catch(() => undefined);
    return () => void (player.srcObject = null);
  }, [stream]);
  return <video ref={video} class={mirrored ? "mirrored" : undefined} aria-label={name} muted playsInline autoPlay disablePictureInPicture={mirrored} />;
}
