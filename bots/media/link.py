"""One peer: the RTCPeerConnection to it, and what is negotiated over it.

What aiortc can and cannot do decides the shape. It cannot take an offer of its own back, so of two peers one makes all
offers, for good. It cannot restart ICE, so whatever goes wrong is mended by a new connection, with the next number.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import AudioFrame, VideoFrame

from bots.backoff import Backoff
from bots.errors import BotError
from bots.media.incoming import Frame
from bots.media.lines import MediaLine, ice_user, media_lines, with_streams
from bots.media.outgoing import Channel, Outlet
from contract.calls import CallSignal, Candidate, Description, IceServer, Source

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 15.0
_ASK_AGAIN_SECONDS = 4.0


class Office(Protocol):
    """What a link needs of its call."""

    @property
    def relay_only(self) -> bool:
        """Whether no other way than TURN may be taken."""

    @property
    def channels(self) -> Mapping[Source, Channel]:
        """What this side publishes, or has published."""

    async def signal(self, link: "PeerLink", content: Mapping[str, object]) -> None: ...

    async def ice_servers(self) -> Sequence[IceServer]: ...

    def kinds_of(self, peer_id: str) -> Counter[str]:
        """How many audio and video tracks a peer has published."""

    def deliver(self, peer_id: str, stream_id: str, kind: str, frame: Frame) -> None: ...

    def connected(self) -> None:
        """Some link has come up."""


class PeerLink:
    """Everything is done one after the other, in a task of its own. `offers`: this side makes the offers."""

    def __init__(self, office: Office, peer_id: str, session: str, offers: bool, backoff: Backoff) -> None:
        self.peer_id = peer_id
        self.session = session
        self.sent = 0
        """The `seq` of the last signal sent to this session."""
        self.connection = 0
        self.up = False
        self._office = office
        self._offers = offers
        self._backoff = backoff
        self._heard = -1
        self._jobs: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._pc: RTCPeerConnection | None = None
        self._lines: dict[str, MediaLine] = {}
        self._ice_user: str | None = None
        self._outlets: dict[Source, tuple[RTCRtpTransceiver, Outlet]] = {}
        self._candidates: list[Candidate] = []
        self._awaiting_answer = False
        self._timer: asyncio.TimerHandle | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self._jobs.put_nowait(self._negotiate)
        self._task = asyncio.create_task(self._run(), name=f"link to {peer_id}")

    def hear(self, signal: CallSignal) -> None:
        """A signal of this peer's present session. Late and repeated ones are dropped."""
        if signal.seq > self._heard and signal.connection >= self.connection:
            self._heard = signal.seq
            self._jobs.put_nowait(lambda: self._take(signal))

    def check(self) -> None:
        """What is published, here or there, has changed."""
        self._jobs.put_nowait(self._negotiate)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._drop()

    async def _run(self) -> None:
        while True:
            job = await self._jobs.get()
            try:
                await job()
            except BotError as error:
                log.info("call: nothing can be told to peer %s: %s", self.peer_id, error)
            except Exception as error:  # aiortc raises nearly anything when a description does not suit it
                log.warning("call: connection %d to peer %s failed: %r", self.connection, self.peer_id, error)
                self._jobs.put_nowait(self._renew)

    async def _take(self, signal: CallSignal) -> None:
        if signal.connection < self.connection:
            return
        if signal.connection > self.connection:
            await self._drop()
            self.connection = signal.connection
        if signal.description is not None:
            await self._described(signal.description)
        elif signal.candidate is not None:
            await self._candidate(signal.candidate)
        elif signal.wants_offer and self._offers:
            await self._offer()

    async def _described(self, description: Description) -> None:
        if (description.type == "offer") is self._offers or (self._offers and not self._awaiting_answer):
            return
        restarted = self._ice_user not in {None, ice_user(description.sdp)}
        if restarted:
            await self._renew()
            return
        connection = await self._ensure()
        self._ice_user = ice_user(description.sdp)
        self._lines = {line.mid: line for line in media_lines(description.sdp)}
        await connection.setRemoteDescription(RTCSessionDescription(description.sdp, description.type))
        waiting, self._candidates = self._candidates, []
        for candidate in waiting:
            await self._candidate(candidate)
        self._stop_timer()
        if description.type == "offer":
            self._attach(connection)
            await connection.setLocalDescription(await connection.createAnswer())
            await self._send_description(connection)
        else:
            self._awaiting_answer = False
        await self._negotiate()

    async def _candidate(self, candidate: Candidate) -> None:
        if self._pc is None or self._pc.remoteDescription is None:
            self._candidates.append(candidate)
            return
        with contextlib.suppress(
            ValueError, AssertionError, IndexError
        ):  # one that aioice does not understand is no loss
            parsed = None
            if candidate.candidate:
                parsed = candidate_from_sdp(candidate.candidate.removeprefix("candidate:"))
                parsed.sdpMid, parsed.sdpMLineIndex = candidate.sdp_mid, candidate.sdp_m_line_index
            await self._pc.addIceCandidate(parsed)

    async def _negotiate(self) -> None:
        """Offer, or ask for an offer, if something is published that has no media line yet."""
        if self._offers:
            if not self._awaiting_answer and (self._unattached() or self._lines_missing()):
                await self._offer()
        elif self._unattached() and self._timer is None:
            self._later(_ASK_AGAIN_SECONDS, self._negotiate)
            await self._office.signal(self, {"wants_offer": True})

    async def _offer(self) -> None:
        if self._awaiting_answer:
            return
        connection = await self._ensure()
        for kind, count in self._lines_missing().items():
            for _ in range(count):
                connection.addTransceiver(kind, "recvonly")
        self._attach(connection)
        if not connection.getTransceivers():
            return
        await connection.setLocalDescription(await connection.createOffer())
        self._awaiting_answer = True
        self._later(_ANSWER_SECONDS, self._renew)
        await self._send_description(connection)

    def _unattached(self) -> list[Channel]:
        published = (channel for channel in self._office.channels.values() if channel.track_id is not None)
        return [channel for channel in published if channel.source not in self._outlets]

    def _lines_missing(self) -> Counter[str]:
        """Of each kind, how many more lines the other needs for what it has published."""
        there = (
            Counter(line.kind for line in self._pc.getTransceivers())
            if self._pc is not None
            else Counter[str]()
        )
        return self._office.kinds_of(self.peer_id) - there

    def _attach(self, connection: RTCPeerConnection) -> None:
        """Give what is published a media line each: one the other side offered, or a new one in an offer of our own."""
        for channel in self._unattached():
            free = (one for one in connection.getTransceivers() if self._is_free(one, channel.kind))
            transceiver = next(free, None)
            if transceiver is None and self._offers:
                transceiver = connection.addTransceiver(channel.kind, "sendrecv")
            if transceiver is not None:
                outlet = channel.outlet()
                transceiver.sender.replaceTrack(outlet)
                transceiver.direction = "sendrecv" if "recv" in transceiver.direction else "sendonly"
                self._outlets[channel.source] = (transceiver, outlet)

    def _is_free(self, transceiver: RTCRtpTransceiver, kind: str) -> bool:
        line = self._lines.get(transceiver.mid or "")
        offered = self._offers or (line is not None and line.receives)
        taken = any(transceiver is used for used, _outlet in self._outlets.values())
        return transceiver.kind == kind and offered and not taken

    async def _send_description(self, connection: RTCPeerConnection) -> None:
        local = connection.localDescription
        streams = {
            transceiver.mid or "": self._office.channels[source].stream_id
            for source, (transceiver, _outlet) in self._outlets.items()
        }
        description = Description.model_validate(
            {"type": local.type, "sdp": with_streams(local.sdp, streams)}
        )
        await self._office.signal(self, {"description": description.model_dump(mode="json")})

    async def _ensure(self) -> RTCPeerConnection:
        """The present connection; made when first needed."""
        if self._pc is not None:
            return self._pc
        servers = [
            RTCIceServer(server.urls, server.username, server.credential)
            for server in await self._office.ice_servers()
        ]
        policy = RTCIceTransportPolicy.RELAY if self._office.relay_only else RTCIceTransportPolicy.ALL
        connection = RTCPeerConnection(RTCConfiguration(servers, policy, RTCBundlePolicy.MAX_BUNDLE))
        connection.on("track", lambda track: self._receive(connection, track))
        connection.on("connectionstatechange", lambda: self._state_changed(connection))
        self._pc = connection
        return connection

    def _state_changed(self, connection: RTCPeerConnection) -> None:
        if connection is not self._pc:
            return
        self.up = connection.connectionState == "connected"
        if self.up:
            self._backoff.reset()
            self._office.connected()
        elif connection.connectionState in {"failed", "closed"}:
            self._jobs.put_nowait(self._renew)

    def _receive(self, connection: RTCPeerConnection, track: MediaStreamTrack) -> None:
        """Read a track for as long as it lives: what nobody listens to must not pile up inside aiortc."""
        mid = next((one.mid for one in connection.getTransceivers() if one.receiver.track is track), None)
        pump = asyncio.create_task(self._read(track, mid or ""))
        self._pumps.add(pump)
        pump.add_done_callback(self._pumps.discard)

    async def _read(self, track: MediaStreamTrack, mid: str) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                line = self._lines.get(mid)
                if (
                    line is not None
                    and line.stream_id is not None
                    and isinstance(frame, AudioFrame | VideoFrame)
                ):
                    self._office.deliver(self.peer_id, line.stream_id, line.kind, frame)

    async def _renew(self) -> None:
        """Begin a new connection, with the next number, and not too often."""
        await self._drop()
        self.connection += 1
        number = self.connection
        await asyncio.sleep(self._backoff.next())
        if number == self.connection:
            if self._offers:
                await self._offer()
            else:
                self._later(_ANSWER_SECONDS, self._renew)
                await self._office.signal(self, {"wants_offer": True})

    async def _drop(self) -> None:
        self._stop_timer()
        connection, self._pc, self.up = self._pc, None, False
        for source, (_transceiver, outlet) in self._outlets.items():
            self._office.channels[source].close(outlet)
        self._outlets, self._lines, self._candidates = {}, {}, []
        self._ice_user, self._awaiting_answer = None, False
        if connection is not None:
            await connection.close()
            await asyncio.sleep(
                0
            )  # lets aiortc's own closing, begun by the other side's goodbye, end as well
        for pump in list(self._pumps):
            pump.cancel()

    def _later(self, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        def now() -> None:
            self._timer = None
            self._jobs.put_nowait(job)

        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, now)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
