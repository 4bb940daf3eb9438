"""HTTP long-polling: one GET that waits for packets, one POST at a time that brings some."""

import asyncio
import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from aiohttp import web

from realtime.engine import frame
from realtime.engine.frame import Frame
from realtime.engine.reasons import CloseReason, ProtocolViolation

if TYPE_CHECKING:
    from realtime.engine.session import Session

_PACKETS_PER_POLL = 16
"""The stock Python client refuses a payload of more (`Payload.max_decode_packets`)."""


class Poll:
    """The polling transport of one session."""

    __slots__ = ("_post", "_request", "_room", "_session", "_waiter")

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._request: web.Request | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._post = False

    @property
    def is_waiting(self) -> bool:
        """Whether a GET waits, or is being answered."""
        return self._request is not None

    @property
    def waiting_bytes(self) -> int:
        """Of an answer that the client is still reading."""
        transport = self._request.transport if self._request is not None else None
        return transport.get_write_buffer_size() if transport is not None else 0

    def wake(self) -> None:
        """Let the GET look again, though nothing may have been added."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def go_on(self) -> None:
        """The session takes packets again, or is over."""
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def end(self) -> None:
        self.wake()
        self.go_on()

    async def get(self, request: web.Request) -> list[Frame] | None:
        """The packets that wait, as soon as there are some. None when the session is over, or the poll one too many."""
        session = self._session
        if self._request is not None:
            session.reject(CloseReason.PROTOCOL_ERROR, "two polls at once")
            return None
        if session.is_probing():
            return [frame.NOOP]
        self._request = request
        if not session.outbox and not session.closing:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if request.transport is None or request.transport.is_closing():
            session.abort(CloseReason.TRANSPORT_CLOSE)  # nobody would read the answer
        if session.is_probing():
            return [frame.NOOP]
        packets = session.take(_PACKETS_PER_POLL)
        if session.closing and not session.outbox:
            session.abort(session.reason or CloseReason.TRANSPORT_CLOSE)
        return packets or None

    def answered(self, request: web.Request) -> None:
        """The answer to this request has left the process; if it was a poll, the next one may come."""
        if self._request is request:
            self._request = None

    async def post(self, request: web.Request) -> bool:
        """Take in a payload. False, having closed the session, when it is not acceptable."""
        session = self._session
        try:
            if self._post or session.closing:
                raise ProtocolViolation("payload out of turn")
            self._post = True
            try:
                body = await _read(request, session)
            finally:
                self._post = False
            await self._take_in(_split(body, session))
        except ProtocolViolation as violation:
            session.reject(CloseReason.PROTOCOL_ERROR, str(violation))
        return session.reason not in {CloseReason.PROTOCOL_ERROR, CloseReason.TOO_MANY_COMMANDS}

    async def _take_in(self, packets: list[str]) -> None:
        session = self._session
        self._post = True
        try:
            for packet in packets:
                if session.is_held and not session.closing:
                    self._room = asyncio.get_running_loop().create_future()
                    await self._room
                if packet.startswith("b"):
                    session.receive_binary(_from_base64(packet))
                else:
                    session.receive(packet)
        finally:
            self._post = False


async def _read(request: web.Request, session: "Session") -> bytes:
    """The declared length is not relied on: a chunked body has none."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProtocolViolation("compressed payload")
    body, limit = bytearray(), session.server.max_http_buffer_size
    try:
        async with asyncio.timeout(session.server.limits.body_timeout):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise ProtocolViolation("payload too large")
    except TimeoutError:
        raise ProtocolViolation("payload too slow") from None
    return bytes(body)


def _split(body: bytes, session: "Session") -> list[str]:
    most = session.server.limits.max_payload_packets
    packets = body.split(frame.SEPARATOR, most)
    if len(packets) > most:
        raise ProtocolViolation("too many packets in one payload")
    if any(len(packet) > session.server.message_bytes for packet in packets):
        raise ProtocolViolation("message too large")
    try:
        return [packet.decode() for packet in packets]
    except UnicodeDecodeError:
        raise ProtocolViolation("not UTF-8") from None


def _from_base64(packet: str) -> bytes:
    try:
        return b64decode(packet[1:], validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolViolation("not base64") from None
