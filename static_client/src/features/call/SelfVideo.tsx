import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSelect } from "../../ui/app";
import { Avatar } from "../../ui/Avatar";

/** Oneself, as in a mirror. */
export function SelfVideo({ track }: { readonly track: MediaStreamTrack | null }) {
  const me = useSelect(({ session }) => session.me);
  const video = useRef<HTMLVideoElement>(null);
  const stream = useMemo(() => (track ? new MediaStream([track]) : null), [track]);
  useEffect(() => {
    const player = video.current;
    if (!player || !stream) return;
    player.srcObject = stream;
    void player.play().catch(() => undefined);
    return () => void (player.srcObject = null);
  }, [stream]);
  return (
    <div class="self-video">
      {stream ? (
        <video ref={video} class="mirrored" aria-label={`${me?.name ?? ""} (you)`} muted playsInline autoPlay disablePictureInPicture />
      ) : (
        <span class="tile-face">{me && <Avatar person={me} />}</span>
      )}
    </div>
  );
}
