/** The active tile in a small window over everything else. */

/** Shows it, or takes it back. Resolves to a sentence when that did not work. */
export async function pictureInPicture(): Promise<string | null> {
  if (document.pictureInPictureElement) {
    await document.exitPictureInPicture().catch(() => undefined);
    return null;
  }
  const video = document.querySelector<HTMLVideoElement>(".tile[data-main] video:not(.mirrored)") ?? document.querySelector<HTMLVideoElement>(".tile video:not(.mirrored)");
  if (!video) return "Nobody else shows a picture just now.";
  try {
    await video.requestPictureInPicture();
    return null;
  } catch {
    return "This browser did not open the small picture. Try again when the picture has started.";
  }
}
