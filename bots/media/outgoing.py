"""What the bot sends: one channel for each source, and an outlet of it for each peer.

An outlet never ends: aiortc stops a sender for good when its track ends, and the next file could not be heard.
"""

import asyncio
import time
from fractions import Fraction
from pathlib import Path

from aiortc.contrib.media import MediaPlayer
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame

from bots.media.incoming import Frame
from bots.media.view import KINDS
from contract.calls import Source

_CLOCKS = {"audio": 48_000, "video": 90_000}
"""Hz, of RTP (RFC 7587 section 4.1, RFC 7741 section 4.1)."""

_WAITING = {"audio": 25, "video": 2}
"""Frames that wait for a peer whose connection is slow; then the oldest are lost."""

_LONGEST_GAP = 1.0
"""Seconds: timestamps that jump further, or backwards, begin a new piece."""


class Outlet(MediaStreamTrack):
    """What one peer is sent of a channel."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._frames: asyncio.Queue[Frame] = asyncio.Queue(_WAITING[kind])

    def push(self, frame: Frame) -> None:
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)

    async def recv(self) -> Frame:
        """As aiortc's senders ask for frames."""
        return await self._frames.get()


class Channel:
    """All frames of one source, with timestamps that only grow, whatever files they come from."""

    def __init__(self, source: Source, stream_id: str) -> None:
        self.source = source
        self.kind = KINDS[source]
        self.stream_id = stream_id
        self.track_id: str | None = None
        """Of the published track; None while nothing is published."""
        self.muted = False
        self._outlets: set[Outlet] = set()
        self._last_in: Fraction | None = None
        self._last_out = Fraction(0)
        self._last_time = time.monotonic()

    def outlet(self) -> Outlet:
        outlet = Outlet(self.kind)
        self._outlets.add(outlet)
        return outlet

    def close(self, outlet: Outlet) -> None:
        self._outlets.discard(outlet)
        outlet.stop()

    def push(self, frame: Frame) -> None:
        """Send a frame to everybody, now."""
        clock = _CLOCKS[self.kind]
        frame.pts = int(self._retimed(frame) * clock)
        frame.time_base = Fraction(1, clock)
        if not self.muted and self.track_id is not None:
            for outlet in self._outlets:
                outlet.push(frame)

    def _retimed(self, frame: Frame) -> Fraction:
        """Seconds since the channel began. Within a piece the frame's own timestamps count, between pieces the clock on the wall."""
        now = time.monotonic()
        given = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
        step = None if given is None or self._last_in is None else given - self._last_in
        if step is None or not 0 < step <= _LONGEST_GAP:
            step = Fraction(max(now - self._last_time, 0.001)).limit_denominator(1000)
        self._last_in, self._last_time = given, now
        self._last_out += step
        return self._last_out


class Playback:
    """A file, or tracks of one's own, being played. `await playback.finished()` waits for its end."""

    def __init__(self, task: "asyncio.Task[None]") -> None:
        self._task = task

    @property
    def done(self) -> bool:
        return self._task.done()

    async def finished(self) -> None:
        """Returns when all is played or it was stopped. Raises what went wrong."""
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()

    async def stop(self) -> None:
        """End it now, and take its tracks back."""
        self._task.cancel()
        await asyncio.wait([self._task])


async def pump(track: MediaStreamTrack, channel: Channel) -> None:
    """Read a track to its end, at its own pace, into a channel."""
    try:
        while True:
            frame = await track.recv()
            if isinstance(frame, AudioFrame | VideoFrame):
                channel.push(frame)
    except MediaStreamError:
        return
    finally:
        track.stop()


async def open_file(file: str | Path, loop: bool) -> list[MediaStreamTrack]:
    """The tracks of a media file, at most one of each kind. Raises OSError, or av.error.FFmpegError (an OSError or ValueError)."""
    player = await asyncio.to_thread(MediaPlayer, str(file), loop=loop)
    return [track for track in (player.audio, player.video) if track is not None]
