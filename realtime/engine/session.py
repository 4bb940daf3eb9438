"""One Engine.IO session: its bounds, its heartbeat, its two transports and its end."""

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web
from engineio.async_socket import AsyncSocket
from engineio.exceptions import EngineIOError

from realtime.engine import frame
from realtime.engine.logs import logger
from realtime.engine.outbox import Outbox
from realtime.engine.packets import ProtocolViolation
from realtime.engine.payload import read_payload
from realtime.engine.ports import CloseReason
from realtime.engine.websocket import BoundedWebSocket, serve

if TYPE_CHECKING:
    from realtime.engine.connection import Connection
    from realtime.engine.server import SessionServer


_PACKETS_PER_POLL = 16
"""The stock Python client refuses a payload of more (`Payload.max_decode_packets`)."""


class Session(AsyncSocket):  # type: ignore[misc]  # engineio ships no types
    """Replaces the library's socket: nothing here starts a task per packet, and nothing grows without bound.

    `closed`, `connected`, `upgrading` and `upgraded` are read by the library's request handling.
    """

    def __init__(self, server: "SessionServer", sid: str, address: str) -> None:
        self.server = server
        self.settings = server.settings
        self.sid = sid
        self.address = address
        self.connected = self.upgrading = self.upgraded = self.closing = self.closed = False
        self.session: dict[str, object] = {}
        self.outbox = Outbox()
        self.connection: Connection | None = None
        self.incoming_size = 0
        """Characters of the message being read."""
        self.close_code = 1000
        """The WebSocket close code the client will see."""
        self.transport: asyncio.Transport | None = None
        """That of the WebSocket, or of the poll being answered."""
        self._loop = asyncio.get_running_loop()
        self._poller: web.Request | None = None
        self._posting = False
        self._heartbeat = self._loop.call_later(self.settings.ping_interval, self._ping)
        self._ping_is_out = False
        self._deadline: asyncio.TimerHandle | None = None
        self.expect_connect()

    # ------------------------------------------------------------------------------------------------ to the client

    @property
    def waiting_bytes(self) -> int:
        """What the client has not taken yet, as far as this process can see."""
        transport = self.transport
        if transport is None:
            return self.outbox.waiting
        return self.outbox.waiting + transport.get_write_buffer_size()

    def push(self, encoded: bytes) -> None:
        """Queue one encoded packet; cut off a client for whom too much waits already."""
        if self.closing:
            return
        waiting = self.waiting_bytes
        if waiting and waiting + len(encoded) > self.settings.max_waiting_bytes:
            self.server.observer.slow_consumer()
            self.abort(CloseReason.SLOW_CONSUMER)
            return
        self.outbox.add(encoded)

    # -------------------------------------------------------------------------------------------------- the heartbeat

    def expect_connect(self) -> None:
        """Start the auth deadline."""
        self.cancel_deadline()
        self._deadline = self._loop.call_later(
            self.settings.auth_deadline, self.finish, CloseReason.AUTH_DEADLINE, 1008
        )

    def cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _ping(self) -> None:
        self._ping_is_out = True
        self._heartbeat = self._loop.call_later(
            self.settings.ping_timeout, self.abort, CloseReason.PING_TIMEOUT
        )
        self.push(frame.PING)

    def _pong(self) -> None:
        """A PONG that nobody asked for changes nothing."""
        if self._ping_is_out:
            self._ping_is_out = False
            self._heartbeat.cancel()
            self._heartbeat = self._loop.call_later(self.settings.ping_interval, self._ping)

    async def hold_back(self, connection: "Connection") -> None:
        """Read nothing more until the connection's queue has room: TCP then slows the client down.

        Its PONG may be behind what is not read, so meanwhile the heartbeat rests; for as long as it could have, at most.
        """
        settings = self.settings
        self._heartbeat.cancel()
        try:
            async with asyncio.timeout(settings.ping_interval + settings.ping_timeout):
                await connection.room()
        except TimeoutError:
            self.reject(CloseReason.TOO_MANY_COMMANDS, "commands wait for too long", 1008)
        if not self.closing:
            self._ping_is_out = False
            self._heartbeat = self._loop.call_later(settings.ping_interval, self._ping)

    # ------------------------------------------------------------------------------------------------------- the end

    def finish(self, reason: str, code: int = 1000) -> None:
        """Take nothing more in, hand over what waits (within the flush timeout), then close the transport."""
        if self._end(reason, code):
            if not self.upgraded and self._poller is None and not self.outbox:
                self.forget()
                return
            self._deadline = self._loop.call_later(self.settings.flush_timeout, self._cut)
            self.outbox.wake()

    def reject(self, reason: CloseReason, why: str, code: int = 1002) -> None:
        """Close for something the client did wrong, forgetting what waits. The session's only log line about it."""
        if self.closing:
            return
        self.server.observer.protocol_error()
        logger.warning(
            "session closed: %s", reason, extra={"eio_sid": self.sid, "reason": reason, "why": why}
        )
        self.outbox.clear()
        if self._poller is not None:
            self.outbox.add(frame.CLOSE)
        self.finish(reason, code)

    def abort(self, reason: str) -> None:
        """Close the transport now; what waits is lost."""
        self._end(reason, 1000)
        self._cut()

    def _end(self, reason: str, code: int) -> bool:
        """Tell the connection, once. False when the session was ending already."""
        if self.closing:
            return False
        self.closing = True
        self.close_code = code
        self._heartbeat.cancel()
        self.cancel_deadline()
        if self.connection is not None:
            self.connection.lost(reason)
        return True

    def _cut(self) -> None:
        self.outbox.clear()
        if self.transport is not None:
            self.transport.abort()
        self.forget()

    def forget(self) -> None:
        """The transport is gone: leave the server's table."""
        self.closed = True
        self.cancel_deadline()
        self.outbox.clear()
        self.outbox.wake()
        # Later, because the library's request handling still looks the session up after a handler has returned.
        self._loop.call_soon(self.server.released, self.sid)

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """As the library calls it, when a request went wrong."""
        if not self.closing:
            self.abort(reason or CloseReason.PROTOCOL_ERROR)

    # ---------------------------------------------------------------------------------------------- from the client

    async def receive(self, encoded: str) -> None:
        """One Engine.IO packet. Raises ProtocolViolation."""
        kind = encoded[:1]
        if kind == "4":
            await self.server.handlers["message"](self.sid, encoded[1:])
        elif kind == "3":
            self._pong()
        elif kind == "1":
            self.outbox.clear()
            if self._poller is not None:
                self.outbox.add(frame.NOOP)  # a decent answer to the poll that waits
            self.finish(CloseReason.CLIENT_DISCONNECT)
        elif encoded != "6":
            raise ProtocolViolation("packet type not accepted")

    async def handle_get_request(self, environ: dict[str, Any]) -> Any:
        """A poll, or the request that becomes a WebSocket. Raises EngineIOError when there is nothing to poll for."""
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            return await self._upgrade_websocket(environ)
        if self._poller is not None:
            self.reject(CloseReason.PROTOCOL_ERROR, "two polls at once")
            raise EngineIOError
        if self.upgrading:
            return [frame.NOOP]
        return await self._poll(environ["aiohttp.request"])

    async def _poll(self, request: web.Request) -> list[bytes]:
        self._poller, self.transport = request, request.transport
        if not self.outbox and not self.closing:
            await self.outbox.sleep()
        if request.transport is None or request.transport.is_closing():
            self.abort(CloseReason.TRANSPORT_CLOSE)  # nobody would read the answer
        if self.upgrading:
            return [frame.NOOP]
        packets = self.outbox.take_some(_PACKETS_PER_POLL)
        if self.closing and not self.outbox:
            self.forget()
        if not packets:
            raise EngineIOError
        return packets

    def answered(self, request: web.Request) -> None:
        """The answer to this request has left the process; if it was a poll, the next one may come."""
        if self._poller is request:
            self._poller = None
            if not self.upgraded:
                self.transport = None

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """A payload of packets. Raises EngineIOError, having closed the session, when it is not acceptable."""
        try:
            await self._read_post(environ["aiohttp.request"])
        except ProtocolViolation as violation:
            self.reject(CloseReason.PROTOCOL_ERROR, str(violation))
            # The library answers 400 only if it still finds the session; it takes a closed one out itself.
            self.server.sockets.setdefault(self.sid, self)
            raise EngineIOError from None

    async def _read_post(self, request: web.Request) -> None:
        if self._posting or self.closing:
            raise ProtocolViolation("payload out of turn")
        self._posting = True
        try:
            for encoded in await read_payload(request, self.settings):
                await self.receive(encoded)
        finally:
            self._posting = False

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> Any:
        if self.upgrading:
            return self.server._bad_request()
        return await BoundedWebSocket(self._websocket_handler, self.server)(environ)

    async def _websocket_handler(self, ws: BoundedWebSocket) -> None:
        await serve(self, ws)
