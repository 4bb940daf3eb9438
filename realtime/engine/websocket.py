"""A session on a WebSocket (RFC 6455): the probe of an upgrade, one loop that reads and one task that writes."""

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web
from engineio.async_drivers.aiohttp import WebSocket

from realtime.engine import frame
from realtime.engine.packets import ProtocolViolation
from realtime.engine.ports import CloseReason

if TYPE_CHECKING:
    from realtime.engine.session import Session

_GONE = (ConnectionError, RuntimeError)
"""What aiohttp raises when one writes to a WebSocket that has closed meanwhile."""


class BoundedWebSocket(WebSocket):  # type: ignore[misc]  # engineio ships no types
    """The library's adapter without permessage-deflate (about 90 KiB per connection) and with our message bound."""

    async def __call__(self, environ: dict[str, Any]) -> web.StreamResponse:
        request: web.Request = environ["aiohttp.request"]
        settings = self.server.settings
        self._sock = web.WebSocketResponse(
            compress=False,
            max_msg_size=settings.max_message_bytes + 1,  # aiohttp refuses from this size on
            timeout=settings.flush_timeout,
            writer_limit=16 * 1024,  # waits for a paused transport early: more stays where it is counted
        )
        await self._sock.prepare(request)
        self.transport = request.transport
        await self.handler(self)
        return self._sock

    @property
    def response(self) -> web.WebSocketResponse:
        socket: web.WebSocketResponse = self._sock
        return socket


async def turn_away(request: web.Request) -> web.StreamResponse:
    """A second WebSocket for a session that has one: accepted and closed, as the protocol's test suite wants it."""
    ws = web.WebSocketResponse(compress=False, max_msg_size=1024, timeout=1)
    await ws.prepare(request)
    await ws.close(code=WSCloseCode.POLICY_VIOLATION)
    return ws


async def serve(session: "Session", adapter: BoundedWebSocket) -> None:
    """Until the WebSocket closes. After a failed upgrade the session goes on by polling."""
    ws = adapter.response
    if session.connected and not await _upgrade(session, ws):
        await ws.close()
        return
    session.connected = session.upgraded = True
    session.upgrading = False
    session.transport = adapter.transport
    writer = session.server.start_background_task(_write, session, ws)
    try:
        await _read(session, ws)
        if not session.closing:
            session.finish(CloseReason.TRANSPORT_CLOSE)
        await writer
    finally:
        writer.cancel()
        session.abort(CloseReason.TRANSPORT_CLOSE)


async def _upgrade(session: "Session", ws: web.WebSocketResponse) -> bool:
    """The probe: `2probe`, `3probe`, then `5` once the client has stopped polling."""
    try:
        async with asyncio.timeout(session.settings.auth_deadline):
            if (await ws.receive()).data != "2probe":
                return False
            session.upgrading = True
            await ws.send_frame(frame.PROBE_ANSWER, WSMsgType.TEXT)
            session.outbox.wake()  # ends the poll that waits
            return (await ws.receive()).data == "5" and not session.closed
    except (TimeoutError, *_GONE):
        return False
    finally:
        session.upgrading = False


async def _write(session: "Session", ws: web.WebSocketResponse) -> None:
    outbox = session.outbox
    try:
        while True:
            while outbox:
                await ws.send_frame(outbox.take(), WSMsgType.TEXT)
            if session.closing:
                break
            await outbox.sleep()
        await ws.close(code=session.close_code)
    except _GONE:
        session.abort(CloseReason.TRANSPORT_CLOSE)


async def _read(session: "Session", ws: web.WebSocketResponse) -> None:
    while not session.closing:
        message = await ws.receive()
        if message.type is WSMsgType.TEXT:
            try:
                await session.receive(message.data)
            except ProtocolViolation as violation:
                session.reject(CloseReason.PROTOCOL_ERROR, str(violation))
        elif message.type is WSMsgType.BINARY:
            session.reject(CloseReason.PROTOCOL_ERROR, "binary message", 1003)
        else:
            if isinstance(message.data, WebSocketError):  # aiohttp has sent the close frame itself
                too_big = message.data.code == WSCloseCode.MESSAGE_TOO_BIG
                reason = CloseReason.MESSAGE_TOO_BIG if too_big else CloseReason.PROTOCOL_ERROR
                session.reject(reason, "WebSocket error", message.data.code)
            return
