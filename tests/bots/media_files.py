"""Small media files with content that a test can recognise: a steady tone, and a picture of one colour."""

import math
from array import array
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

import av
from av import AudioFrame, VideoFrame

RATE = 48_000
_SAMPLES = 960


def write_webm(path: Path, seconds: float = 4.0, hertz: float = 440.0, picture: bool = True) -> Path:
    """Opus, and VP8 with a red picture unless told otherwise."""
    with av.open(str(path), "w", format="webm") as container:
        sound = container.add_stream("libopus", rate=RATE, layout="mono")
        shown = None
        if picture:
            shown = container.add_stream("libvpx", rate=15)
            shown.width, shown.height, shown.pix_fmt = 160, 120, "yuv420p"
        for number in range(round(seconds * RATE / _SAMPLES)):
            container.mux(sound.encode(_tone(number, hertz)))
            if shown is not None and number * _SAMPLES * 15 // RATE > (number - 1) * _SAMPLES * 15 // RATE:
                container.mux(shown.encode(_red(number * _SAMPLES * 15 // RATE)))
        for stream in (sound, shown):
            if stream is not None:
                container.mux(stream.encode(None))
    return path


def pitch(frames: list[AudioFrame]) -> float:
    """Hz, by the usual distance between two upward crossings of zero; a frame lost here and there does not disturb it."""
    left: list[int] = []
    for frame in frames:
        samples = array("h", bytes(frame.planes[0])[: frame.samples * 2 * frame.layout.nb_channels])
        left.extend(samples[:: frame.layout.nb_channels])
    upward = [place for place, (before, after) in enumerate(pairwise(left)) if before < 0 <= after]
    return RATE / median(later - earlier for earlier, later in pairwise(upward)) if len(upward) > 1 else 0.0


def loudness(frame: AudioFrame) -> int:
    """The loudest sample, of 32767."""
    return max(
        map(abs, array("h", bytes(frame.planes[0])[: frame.samples * 2 * frame.layout.nb_channels])),
        default=0,
    )


def redness(frame: VideoFrame) -> float:
    """How much more red than anything else the middle of the picture is, from -1 to 1."""
    picture = frame.reformat(format="rgb24")
    middle = picture.planes[0].line_size * (picture.height // 2) + picture.width // 2 * 3
    red, green, blue = bytes(picture.planes[0])[middle : middle + 3]
    return (red - max(green, blue)) / 255


def _tone(number: int, hertz: float) -> AudioFrame:
    start = number * _SAMPLES
    values = (int(12_000 * math.sin(2 * math.pi * hertz * (start + i) / RATE)) for i in range(_SAMPLES))
    frame = AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
    frame.planes[0].update(array("h", values).tobytes())
    frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
    return frame


def _red(number: int) -> VideoFrame:
    frame = VideoFrame(160, 120, "rgb24")
    frame.planes[0].update(bytes((230, 20, 20)) * (frame.planes[0].line_size // 3 * 120))
    frame.pts, frame.time_base = number, Fraction(1, 15)
    return frame.reformat(format="yuv420p")
