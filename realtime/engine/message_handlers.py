"""The handlers of a plain Engine.IO application: connect, message, disconnect."""

from collections.abc import Callable, Mapping
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from aiohttp import web

from realtime.engine.environ import environ_of
from realtime.engine.lane import Lane
from realtime.engine.logs import logger, trail
from realtime.engine.quick_json import decode
from realtime.engine.reasons import CloseReason

if TYPE_CHECKING:
    from realtime.engine.engine_server import EngineServer
    from realtime.engine.session import Session


class MessageHandlers:
    """Calls what was registered with `EngineServer.on`."""

    def __init__(self, server: "EngineServer") -> None:
        self._server = server

    async def opening(self, session: "Session", request: web.Request) -> object | None:
        handler = self._server.handlers.get("connect")
        if handler is None:
            return None
        try:
            answer = handler(session.sid, environ_of(request, self._server))
            if isinstance(answer, CoroutineType):
                answer = await answer
        except Exception as error:
            logger.error("connect handler failed: %s", trail(error))
            answer = False
        return None if answer is None or answer is True else answer

    def opened(self, session: "Session") -> None:
        session.application = Lane(session, self._server.starter, serial=not self._server.async_handlers)

    def text(self, session: "Session", packet: str) -> None:
        data: Any = packet[1:]
        if data[:1] in {"{", "["}:  # as upstream: what was sent as a dict or a list comes in as one
            try:
                data = decode(data)
            except ValueError:
                data = packet[1:]
        self._message(session, data, len(packet))

    def binary(self, session: "Session", data: bytes) -> None:
        self._message(session, data, len(data))

    def ended(self, session: "Session") -> None:
        lane: Lane = session.application
        handler = self._server.handlers.get("disconnect")
        if handler is not None:
            lane.add(_said_goodbye(handler, session.sid, upstream_reason(session.reason)), 0)

    def _message(self, session: "Session", data: Any, size: int) -> None:
        handler = self._server.handlers.get("message")
        if handler is not None:
            lane: Lane = session.application
            lane.add(_called(handler, session.sid, data), size)


async def _called(handler: Callable[..., Any], *arguments: Any) -> None:
    result = handler(*arguments)
    if isinstance(result, CoroutineType):
        await result


async def _said_goodbye(handler: Callable[..., Any], sid: str, reason: str) -> None:
    try:
        await _called(handler, sid, reason)
    except TypeError:
        await _called(handler, sid)  # handlers of old take no reason


def upstream_reason(reason: str | None) -> str:
    """In the words of python-engineio."""
    return _WORDS.get(str(reason), reason or "transport error")


_WORDS: Mapping[str, str] = {
    CloseReason.CLIENT_DISCONNECT: "client disconnect",
    CloseReason.TRANSPORT_CLOSE: "transport close",
    CloseReason.PING_TIMEOUT: "ping timeout",
    CloseReason.SERVER_SHUTDOWN: "server disconnect",
    CloseReason.SERVER_DISCONNECT: "server disconnect",
    CloseReason.PROTOCOL_ERROR: "transport error",
    CloseReason.MESSAGE_TOO_BIG: "transport error",
    CloseReason.TOO_MANY_COMMANDS: "transport error",
    CloseReason.AUTH_DEADLINE: "transport error",
    CloseReason.REFUSED: "transport error",
    CloseReason.SLOW_CONSUMER: "slow",
}
