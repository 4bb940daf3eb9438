/** Sharing the screen, a window or a tab. */

import { ProblemError, mediaProblem, problem } from "./problems";

export interface SharedScreen {
  readonly video: MediaStreamTrack;
  /** What the shared tab or system plays, where the browser and the person give it. */
  readonly audio: MediaStreamTrack | null;
  stop(): void;
}

/**
 * Asks what to share. `ended` is called once when sharing ends by the browser's own button or because the window was
 * closed, not after `stop`.
 *
 * @throws ProblemError
 */
export async function openScreen(media: MediaDevices | undefined, ended: () => void): Promise<SharedScreen> {
  if (!media) throw new ProblemError(problem("insecure", "screen"));
  if (!media.getDisplayMedia) throw new ProblemError(problem("unsupported", "screen"));
  const stream = await media.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: true }).catch((error: unknown) => {
    throw new ProblemError(mediaProblem(error, "screen"));
  });
  const [video] = stream.getVideoTracks();
  if (!video) throw new ProblemError(problem("missing", "screen"));
  // Text must stay legible: rather fewer frames than fewer pixels.
  video.contentHint = "detail";
  const [audio = null] = stream.getAudioTracks();
  if (audio) audio.contentHint = "music";
  let over = false;
  video.addEventListener("ended", () => {
    if (over) return;
    over = true;
    audio?.stop();
    ended();
  });
  return {
    video,
    audio,
    stop() {
      over = true;
      video.stop();
      audio?.stop();
    },
  };
}
