"""A WebSocket (RFC 6455) without a task: aiohttp shakes hands and parses frames, the rest is a protocol of its own.

After the handshake the transport is taken away from aiohttp's request handler, which then ends together with its tasks and the
request. What arrives goes through aiohttp's compiled reader straight to the session; what leaves is written to the transport
as a whole frame.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader

from realtime.engine.reasons import CloseReason

if TYPE_CHECKING:
    from realtime.engine.session import Session
    from realtime.engine.upgrade import Probe

_HIGH_WATER = 64 * 1024
"""Bytes in a transport's buffer from which on the session's own queue is used."""

_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY
_MASKED = 0x80


class Inbox(WebSocketDataQueue):
    """What the reader found in the bytes it was just given; one for all connections, since reading never waits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(cast("Any", None), 1, loop=loop)
        self._messages: list[Any] = []

    def feed_data(self, data: Any, size: int) -> None:
        self._messages.append(data)

    def set_exception(self, exc: BaseException, exc_cause: Any = None) -> None:
        self._messages.append((WSMsgType.ERROR, exc, None))

    def feed_eof(self) -> None:
        """The transport says so itself."""

    def take(self) -> list[Any]:
        messages, self._messages = self._messages, []
        return messages


class Handshake(web.WebSocketResponse):
    """The answer to an upgrade request, without permessage-deflate (about 90 KiB for each connection)."""

    def __init__(self, adopt: Callable[[asyncio.Transport, bytes], None]) -> None:
        super().__init__(compress=False)
        self._adopt = adopt

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Answer, give the transport to `adopt`, and let the request handler end. Raises HTTPBadRequest."""
        try:
            await self.prepare(request)
        except ConnectionError:
            return web.Response(status=400)  # nobody is there any more to read it
        handler = request.protocol
        handler.keep_alive(False)
        if handler._manager is not None:
            handler._manager.connection_lost(handler, None)
        handler.transport = None
        handler._parser = None
        handler._force_close = True
        return self

    def _post_start(self, request: web.BaseRequest, protocol: str | None, writer: Any) -> None:
        handler = request.protocol
        transport, tail = handler.transport, handler._message_tail
        handler._message_tail = b""
        if transport is None:
            raise ConnectionResetError("Connection lost")
        self._adopt(transport, tail)

    async def write_eof(self, data: bytes = b"") -> None:
        """The end of the handler is not the end of the connection."""


class WebSocket(asyncio.Protocol):
    """One connection. The session's `write` is the transport's whenever nothing waits, and None otherwise."""

    __slots__ = (
        "_feed",
        "_inbox",
        "_rest",
        "_said_goodbye",
        "_started",
        "lost",
        "paused",
        "session",
        "transport",
    )

    def __init__(self, session: "Session | Probe", transport: asyncio.Transport, inbox: Inbox) -> None:
        limits = session.server.limits
        self.session: Session | Probe = session
        self.transport = transport
        self.paused = self.lost = False
        self._inbox = inbox
        self._feed = WebSocketReader(inbox, session.server.message_bytes + 1, False, True).feed_data
        self._rest: list[Any] = []
        self._said_goodbye = self._started = False
        transport.set_write_buffer_limits(high=min(_HIGH_WATER, limits.max_waiting_bytes))
        transport.set_protocol(self)
        transport.resume_reading()

    # -------------------------------------------------------------------------------------------- from the transport

    def data_received(self, data: bytes) -> None:
        if not self._started and len(data) > 1:
            self._started = True
            if not data[1] & _MASKED:  # RFC 6455 section 5.1: what a client sends is masked
                self.session.reject(
                    CloseReason.PROTOCOL_ERROR, "frame without a mask", WSCloseCode.PROTOCOL_ERROR
                )
                return
        self._feed(data)
        messages = self._inbox.take()
        if messages:
            if self._rest:
                self._rest += messages
            else:
                self._handle(messages)

    def eof_received(self) -> None:
        """Nothing to do: returning None closes the transport."""

    def connection_lost(self, exc: Exception | None) -> None:
        """As little as possible: thousands may be lost at once."""
        self.lost = self.paused = True
        self.session.write = None
        self.session.server.lost(self)

    def pause_writing(self) -> None:
        self.paused = True
        self.session.write = None

    def resume_writing(self) -> None:
        self.paused = False
        self.session.flush()

    # ---------------------------------------------------------------------------------------------- from the session

    @property
    def waiting_bytes(self) -> int:
        return 0 if self.lost else self.transport.get_write_buffer_size()

    def write(self, encoded: bytes) -> None:
        """Unless the connection is gone already."""
        if not self.lost:
            self.transport.write(encoded)

    def hold(self) -> None:
        """Read nothing more; what was read already waits."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Handle what waits, then read on."""
        messages, self._rest = self._rest, []
        self._handle(messages)
        if not self.lost and not self.session.is_held and not self.transport.is_closing():
            self.transport.resume_reading()

    def say_goodbye(self, code: int) -> None:
        """Send a close frame; the client answers with its own, and that ends the connection."""
        if not self._said_goodbye:
            self._said_goodbye = True
            self._rest.clear()
            self.write(b"\x88\x02" + code.to_bytes(2, "big"))

    def abort(self) -> None:
        self.transport.abort()

    # ---------------------------------------------------------------------------------------------------------------

    def _handle(self, messages: list[Any]) -> None:
        for index, (kind, data, _) in enumerate(messages):
            if kind is _TEXT:
                self.session.receive(data)
            elif kind is _BINARY:
                self.session.receive_binary(data)
            else:
                self._control(kind, data)
            if self.session.is_held:
                self._rest = messages[index + 1 :] + self._rest
                return

    def _control(self, kind: WSMsgType, data: Any) -> None:
        match kind:
            case WSMsgType.PING:
                if not self._said_goodbye and not self.paused:  # who does not read needs no answer
                    self.write(bytes((0x8A, len(data))) + bytes(data))
            case WSMsgType.CLOSE:
                self.session.client_closed()
                self.say_goodbye(data or WSCloseCode.OK)
                self.transport.close()
            case WSMsgType.ERROR if isinstance(data, WebSocketError):
                too_big = data.code == WSCloseCode.MESSAGE_TOO_BIG
                reason = CloseReason.MESSAGE_TOO_BIG if too_big else CloseReason.PROTOCOL_ERROR
                self.session.reject(reason, "WebSocket error", data.code)
            case WSMsgType.ERROR:
                self.session.reject(CloseReason.PROTOCOL_ERROR, "WebSocket error", WSCloseCode.PROTOCOL_ERROR)


async def turn_away(request: web.Request) -> web.StreamResponse:
    """A second WebSocket for a session that has one: accepted and closed, as the protocol's test suite wants it."""
    ws = web.WebSocketResponse(compress=False, max_msg_size=1024, timeout=1)
    await ws.prepare(request)
    await ws.close(code=WSCloseCode.POLICY_VIOLATION)
    return ws
