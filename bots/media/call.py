"""A room's call, as a bot is in it: who else is, what they send, what it sends itself."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiortc.mediastreams import MediaStreamTrack

from bots.errors import BotError, CommandFailed
from bots.media.incoming import RemoteTrack
from bots.media.mesh import Mesh
from bots.media.outgoing import Channel, Playback, open_file, pump
from bots.media.seat import CallOver, SeatKeeper
from bots.media.view import others
from bots.tolerant import read
from contract.calls import CallReacted, CallState, Moderate, Peer, Source, TrackAnswer
from contract.errors import ErrorCode

if TYPE_CHECKING:
    from bots.bot import Bot

__all__ = ["CallOver", "MediaCall"]

_FIRST_LISTENER_SECONDS = 5.0
"""A file begins when the first connection is up, or after this time, so that its beginning is heard."""


class MediaCall:
    """`call = await room.join_call()`, or `async with await room.join_call() as call:` to leave at the end of the block.

    A lost connection to the server is made again and the seat resumed; what is being said goes on meanwhile.
    """

    def __init__(self, bot: "Bot", room_id: str, *, relay_only: bool = False) -> None:
        self._seat = SeatKeeper(bot, room_id)
        self._mesh = Mesh(self._seat, relay_only)
        self._playbacks: set[asyncio.Task[None]] = set()

    @classmethod
    async def join(cls, bot: "Bot", room_id: str, *, relay_only: bool = False) -> "MediaCall":
        """Take a seat in the room's call, starting it if need be; waits in the lobby for as long as it takes.

        Raises CommandFailed, or CallOver when the staff does not let the bot in.
        """
        call = cls(bot, room_id, relay_only=relay_only)
        try:
            await call._seat.enter()
        except BaseException:
            await call.close()
            raise
        return call

    async def __aenter__(self) -> "MediaCall":
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.leave()

    @property
    def id(self) -> str:
        return self._seat.call_id

    @property
    def over(self) -> bool:
        """The bot is no longer in the call, or nobody is."""
        return self._seat.over is not None

    @property
    def state(self) -> CallState:
        """The call as it is now."""
        return self._seat.state

    @property
    def me(self) -> Peer:
        """The bot's own seat."""
        return next(peer for peer in self.state.peers if peer.id == self._seat.peer_id)

    @property
    def peers(self) -> list[Peer]:
        """The others."""
        return others(self.state, self._seat.peer_id)

    def states(self) -> AsyncIterator[CallState]:
        """The call as it is now, and then whenever something has changed, until it is over."""
        return self._seat.states.listen((self.state,))

    def reactions(self) -> AsyncIterator[CallReacted]:
        """The emojis that people in the call show, from now on."""
        return self._seat.reactions.listen()

    def tracks(self) -> AsyncIterator[RemoteTrack]:
        """What others have published, and then whatever they publish, until the call is over."""
        return self._mesh.arrivals.listen(tuple(self._mesh.tracks))

    async def play(
        self,
        file: str | Path,
        *,
        loop: bool = False,
        audio: Source = Source.MICROPHONE,
        video: Source = Source.CAMERA,
    ) -> Playback:
        """Play a media file into the call; returns when it is announced. What it is announced as is taken back at its end.

        Raises OSError for a file that cannot be read, CommandFailed without the right to publish.
        """
        tracks = await open_file(file, loop)
        return await self._play({audio if track.kind == "audio" else video: track for track in tracks})

    async def publish(self, track: MediaStreamTrack, source: Source) -> Playback:
        """As `play`, with a track of aiortc's kind that the caller makes."""
        return await self._play({source: track})

    async def mute(self, source: Source, muted: bool = True) -> None:
        """One's own track; unmuting is refused (CommandFailed) while staff has blocked it."""
        channel = self._mesh.channels[source]
        if channel.track_id is not None:
            wish = {"call_id": self.id, "track_id": channel.track_id, "muted": muted}
            channel.muted = read(TrackAnswer, await self._seat.ask("track:mute", wish)).track.muted

    async def raise_hand(self) -> None:
        await self._seat.ask("hand:raise", {"call_id": self.id})

    async def lower_hand(self) -> None:
        await self._seat.ask("hand:lower", {"call_id": self.id})

    async def react(self, emoji: str) -> None:
        await self._seat.ask("reaction:send", {"call_id": self.id, "emoji": emoji})

    async def moderate(self, action: str, **details: object) -> None:
        """What staff can do: `await call.moderate("mute", peer_id=…, source="microphone")`; fields as of `call:moderate`."""
        wish = Moderate.model_validate({"call_id": self.id, "action": action, **details})
        await self._seat.ask("call:moderate", wish.model_dump(mode="json", exclude_none=True))

    async def end(self) -> None:
        """End the call for everybody."""
        await self._seat.ask("call:end", {"call_id": self.id})

    async def leave(self) -> None:
        """Give up the seat; tracks end, and nothing is sent or heard any more."""
        if not self.over:
            with contextlib.suppress(BotError):  # the connection, or the call, is gone already
                await self._seat.ask("call:leave", {"call_id": self.id})
        await self.close()

    async def close(self) -> None:
        """As `leave`, without a word to the server: the seat stays taken for the grace."""
        self._seat.end(CallOver("left", "the bot has left the call"))
        for playback in list(self._playbacks):
            playback.cancel()
        await asyncio.gather(*self._playbacks, return_exceptions=True)
        await self._mesh.close()
        await self._seat.close()

    async def _play(self, tracks: dict[Source, MediaStreamTrack]) -> Playback:
        if not tracks:
            raise ValueError("there is neither sound nor picture in it")
        try:
            published = await self._publish_all(tracks)
        except BaseException:
            for track in tracks.values():
                track.stop()
            raise
        self._mesh.check()
        return Playback(self._start(self._run(tracks, published)))

    async def _publish_all(self, sources: Iterable[Source]) -> list[Channel]:
        """All of them, or none."""
        async with AsyncExitStack() as undo:
            channels = []
            for source in sources:
                channel = await self._publish(source)
                channels.append(channel)
                undo.push_async_callback(self._take_back, [channel])
            undo.pop_all()
        return channels

    async def _publish(self, source: Source) -> Channel:
        channel = self._mesh.channels.setdefault(source, Channel(source, str(uuid.uuid4())))
        wish = {"call_id": self.id, "source": source.value, "stream_id": channel.stream_id}
        track = read(TrackAnswer, await self._seat.ask("track:publish", wish)).track
        channel.track_id, channel.muted = track.id, track.muted
        return channel

    async def _run(self, tracks: dict[Source, MediaStreamTrack], published: list[Channel]) -> None:
        mine = {channel.source: channel.track_id for channel in published}
        try:
            await self._mesh.someone(_FIRST_LISTENER_SECONDS)
            await asyncio.gather(
                *(pump(track, self._mesh.channels[source]) for source, track in tracks.items())
            )
        finally:
            for track in tracks.values():
                track.stop()
            await self._take_back([one for one in published if one.track_id == mine[one.source]])

    async def _take_back(self, channels: list[Channel]) -> None:
        for channel in channels:
            track_id, channel.track_id = channel.track_id, None
            if track_id is not None and not self.over:
                try:
                    await self._seat.ask("track:unpublish", {"call_id": self.id, "track_id": track_id})
                except CommandFailed as error:
                    if error.code is not ErrorCode.NOT_FOUND:
                        raise

    def _start(self, work: Any) -> "asyncio.Task[None]":
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._playbacks.add(task)
        task.add_done_callback(self._playbacks.discard)
        return task
