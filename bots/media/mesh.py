"""All the connections of one call: one for each peer, kept as the call's state says."""

import asyncio
import contextlib
import random
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

from bots.backoff import Backoff
from bots.errors import BotError, CommandFailed
from bots.media.broadcast import Broadcast
from bots.media.incoming import Frame, RemoteTrack
from bots.media.link import PeerLink
from bots.media.outgoing import Channel
from bots.media.seat import SeatKeeper
from bots.media.view import KINDS, makes_offers, others
from contract.calls import CallSignal, CallState, IceServer, Peer, Source
from contract.errors import ErrorCode

_ARRIVALS = 200
_EARLY_SIGNALS = 200
"""Signals that may come before the state that names their session."""

_Place = tuple[str, str, str]
"""Peer id, msid stream id, kind: by these a received track is known."""


class Mesh:
    """Follows `SeatKeeper`'s state: links come and go with peers and their sessions, tracks with what they publish."""

    def __init__(self, seat: SeatKeeper, relay_only: bool) -> None:
        self.relay_only = relay_only
        self.channels: dict[Source, Channel] = {}
        self.arrivals: Broadcast[RemoteTrack] = Broadcast(_ARRIVALS)
        self._seat = seat
        self._mine: tuple[str, str] | None = None
        self._links: dict[str, PeerLink] = {}
        self._tracks: dict[_Place, RemoteTrack] = {}
        self._early: deque[CallSignal] = deque(maxlen=_EARLY_SIGNALS)
        self._closing: set[asyncio.Task[None]] = set()
        self._someone = asyncio.Event()
        seat.on_state, seat.on_signal, seat.on_over = self._follow, self._hear, self._end

    @property
    def tracks(self) -> Iterable[RemoteTrack]:
        return self._tracks.values()

    async def someone(self, seconds: float) -> None:
        """Wait until some connection is up, but no longer than this."""
        if not any(link.up for link in self._links.values()):
            self._someone.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._someone.wait(), seconds)

    def check(self) -> None:
        """What this side publishes has changed."""
        for link in self._links.values():
            link.check()

    async def close(self) -> None:
        self._end()
        await asyncio.gather(*self._closing, return_exceptions=True)

    # ---- what links need (`bots.media.link.Office`)

    async def signal(self, link: PeerLink, content: Mapping[str, object]) -> None:
        """Send, in the order of the calls. Raises BotError when it cannot be delivered."""
        link.sent += 1
        place = {"call_id": self._seat.call_id, "to": link.peer_id, "to_session": link.session}
        try:
            await self._seat.ask(
                "signal", {**place, "seq": link.sent, "connection": link.connection, **content}
            )
        except CommandFailed as error:
            if error.code in {ErrorCode.CONFLICT, ErrorCode.NOT_FOUND}:
                self._seat.refresh()
            raise

    async def ice_servers(self) -> Sequence[IceServer]:
        return await self._seat.ice_servers()

    def kinds_of(self, peer_id: str) -> Counter[str]:
        return Counter(kind for peer, _stream, kind in self._tracks if peer == peer_id)

    def deliver(self, peer_id: str, stream_id: str, kind: str, frame: Frame) -> None:
        track = self._tracks.get((peer_id, stream_id, kind))
        if track is not None:
            track.take(frame)

    def connected(self) -> None:
        self._someone.set()

    # ---- what the seat tells

    def _follow(self, state: CallState) -> None:
        mine = (self._seat.peer_id, self._seat.session)
        if self._mine not in {None, mine}:
            self._start_over()
        self._mine = mine
        peers = {peer.id: peer for peer in others(state, mine[0])}
        self._follow_own(next((peer for peer in state.peers if peer.id == mine[0]), None))
        self._follow_tracks(peers)
        self._follow_links(peers)
        self.check()

    def _start_over(self) -> None:
        """Another seat than before: nobody knows of the old connections any more."""
        for peer_id in list(self._links):
            self._close(peer_id)
        for channel in self.channels.values():
            if channel.track_id is not None:
                self._closing_task(self._publish_again(channel))

    async def _publish_again(self, channel: Channel) -> None:
        wish = {"call_id": self._seat.call_id, "source": channel.source.value, "stream_id": channel.stream_id}
        with contextlib.suppress(BotError):
            answer = await self._seat.ask("track:publish", wish)
            channel.track_id = str(answer["track"]["id"])
            self.check()

    def _follow_own(self, me: Peer | None) -> None:
        """Staff may have muted or stopped what this side sends."""
        muted = {track.source: track.muted for track in me.tracks} if me is not None else {}
        for channel in self.channels.values():
            channel.muted = muted.get(channel.source, channel.muted)

    def _follow_tracks(self, peers: Mapping[str, Peer]) -> None:
        listed = {
            (peer.id, track.stream_id, KINDS[track.source]): (peer, track)
            for peer in peers.values()
            for track in peer.tracks
        }
        for place, track in list(self._tracks.items()):
            if place not in listed or listed[place][1].id != track.id:
                self._tracks.pop(place).end()
        for place, (peer, published) in listed.items():
            known = self._tracks.get(place)
            if known is not None:
                known.update(peer, published)
            else:
                self._tracks[place] = RemoteTrack(peer, published)
                self.arrivals.tell(self._tracks[place])

    def _follow_links(self, peers: Mapping[str, Peer]) -> None:
        for peer_id, link in list(self._links.items()):
            if peer_id not in peers or peers[peer_id].session != link.session:
                self._close(peer_id)
        for peer in peers.values():
            if peer.id not in self._links:
                offers = makes_offers(self._seat.peer_id, peer)
                self._links[peer.id] = PeerLink(self, peer.id, peer.session, offers, Backoff(random.uniform))
        early, self._early = self._early, deque(maxlen=_EARLY_SIGNALS)
        for signal in early:
            self._hear(signal)

    def _hear(self, signal: CallSignal) -> None:
        link = self._links.get(signal.from_peer)
        if link is not None and link.session == signal.from_session:
            link.hear(signal)
        else:
            self._early.append(signal)

    def _close(self, peer_id: str) -> None:
        self._closing_task(self._links.pop(peer_id).close())

    def _closing_task(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)  # type: ignore[arg-type]  # a coroutine
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _end(self) -> None:
        for peer_id in list(self._links):
            self._close(peer_id)
        for track in self._tracks.values():
            track.end()
        self._tracks.clear()
        self.arrivals.end()
        self._someone.set()
