"""What others send: decoded frames, as they come in."""

import asyncio
from collections import deque

from av import AudioFrame, VideoFrame

from bots.errors import BotError
from bots.media.view import KINDS
from contract.calls import Peer, Source, Track

Frame = AudioFrame | VideoFrame

_WAITING = {"audio": 250, "video": 60}
"""Frames that wait for a slow listener: 5 s of speech, 2 s of picture. Then the oldest are lost."""


class TrackEnded(BotError):
    """It was taken back, or whoever sent it has left."""


class RemoteTrack:
    """`frame = await track.recv()`, or `async for frame in track`. Frames that nobody reads are lost, never piled up.

    A muted track is silent whatever is still on its way; it may be unmuted later.
    """

    def __init__(self, peer: Peer, track: Track) -> None:
        self.id = track.id
        self.source: Source = track.source
        self.kind = KINDS[track.source]
        self.stream_id = track.stream_id
        self.peer = peer
        self.muted = track.muted
        self._frames: deque[Frame] = deque(maxlen=_WAITING[self.kind])
        self._changed = asyncio.Event()
        self._over = False

    @property
    def over(self) -> bool:
        return self._over

    def update(self, peer: Peer, track: Track) -> None:
        """As the call's state has it now."""
        self.peer, self.muted = peer, track.muted
        if self.muted:
            self._frames.clear()

    def take(self, frame: Frame) -> None:
        """A frame has arrived."""
        if not self.muted and not self._over:
            self._frames.append(frame)
            self._changed.set()

    def end(self) -> None:
        self._over = True
        self._changed.set()

    async def recv(self) -> Frame:
        """The next frame. Raises TrackEnded when there will be none."""
        while not self._frames:
            if self._over:
                raise TrackEnded(f"the {self.source} of {self.peer.user.name} has ended")
            self._changed.clear()
            await self._changed.wait()
        return self._frames.popleft()

    def __aiter__(self) -> "RemoteTrack":
        return self

    async def __anext__(self) -> Frame:
        try:
            return await self.recv()
        except TrackEnded:
            raise StopAsyncIteration from None
