"""One Socket.IO connection, from its opening to its end. It never reconnects: the bot opens the next one."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import socketio
from pydantic import ValidationError

from bots.errors import BotError, CommandFailed, ConnectionEnded, ConnectionLost
from bots.tolerant import read
from contract.ack import ErrorBody
from contract.connection import ConnectionFailed, ConnectionOk

OPENING_SECONDS = 10.0
ANSWER_SECONDS = 20.0
"""A connection on which an answer takes longer is taken for dead."""

_MAX_BYTES = 16 * 2**20
"""Of one incoming packet: a page of the longest messages is some 4 MB as JSON."""

Handler = Callable[[str, Mapping[str, Any]], None]
Apply = Callable[[Mapping[str, Any]], None]


class Link:
    """`heard` gets every event in the order in which the server sent them, on the event loop, and must not raise."""

    def __init__(self, heard: Handler) -> None:
        self._heard = heard
        self._session: aiohttp.ClientSession | None = None
        self._socket: Any = None
        self._greeting: asyncio.Future[Any] = _future()
        self._admitted = asyncio.Event()
        self._asked: set[asyncio.Future[Mapping[str, Any]]] = set()
        self._farewell: ConnectionFailed | None = None

    async def open(self, url: str, token: str) -> ConnectionOk:
        """Connect and wait for `connection.ok`. Raises ConnectionLost (try again) or ConnectionEnded (do not)."""
        self._session = aiohttp.ClientSession()
        options = {"max_msg_size": _MAX_BYTES}
        self._socket = socketio.AsyncClient(
            reconnection=False,
            http_session=self._session,
            handle_sigint=False,
            websocket_extra_options=options,
        )
        self._socket.on("*", self._on_event)
        self._socket.on("connect", self._admitted.set)
        self._socket.on("connect_error", self._on_refusal)
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                await self._socket.connect(url, auth={"token": token}, transports=["websocket"], wait=False)
                return await self._greeted()
        except (socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ConnectionLost(f"cannot connect to {url}: {error or 'no answer'}") from error

    async def _greeted(self) -> ConnectionOk:
        ended: asyncio.Future[Any] = asyncio.ensure_future(self._reading())
        try:
            await asyncio.wait([self._greeting, ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
        if self._greeting.done():
            greeting: ConnectionOk = self._greeting.result()
            await self._admitted.wait()
            return greeting
        raise self.reason()

    async def ask(
        self, name: str, payload: Mapping[str, Any], apply: Apply | None = None
    ) -> Mapping[str, Any]:
        """The `data` of the answer. `apply` sees it before any event that the server sent after it.

        Raises CommandFailed, or ConnectionLost when the connection ended, or went dead, before the answer.
        """
        answer: asyncio.Future[Mapping[str, Any]] = _future()
        self._asked.add(answer)
        try:
            await self._socket.emit(name, dict(payload), callback=_settle(answer, name, apply))
            async with asyncio.timeout(ANSWER_SECONDS):
                return await answer
        except TimeoutError as error:
            await self.close()
            raise ConnectionLost(f"{name}: no answer") from error
        except socketio.exceptions.SocketIOError as error:
            raise ConnectionLost(f"{name}: not connected") from error
        finally:
            self._asked.discard(answer)

    async def ended(self) -> None:
        """Return when the connection is over, whoever ended it; pending questions have failed by then."""
        await self._reading()
        self._fail_pending()

    async def _reading(self) -> None:
        """Return when nothing more is read. Cancelling this must not cancel the reading itself."""
        if self._socket.eio.read_loop_task is not None:
            await asyncio.shield(self._socket.eio.read_loop_task)

    def reason(self) -> ConnectionLost | ConnectionEnded:
        """Why it ended, as far as the server said."""
        said = self._farewell
        if said is None:
            return ConnectionLost("the connection broke")
        if said.reconnect:
            return ConnectionLost(said.message, (said.retry_after_ms or 0) / 1000)
        return ConnectionEnded(str(said.code), said.message)

    async def close(self) -> None:
        """End it, in good order when the other side still listens."""
        if self._socket is not None:
            try:
                async with asyncio.timeout(2):
                    await self._socket.disconnect()
            except (TimeoutError, OSError, aiohttp.ClientError):
                pass  # closing the session below drops what did not go in good order
        if self._session is not None:
            await self._session.close()
        self._fail_pending()
        if not self._greeting.done():
            self._greeting.cancel()

    def _fail_pending(self) -> None:
        for answer in self._asked:
            if not answer.done():
                answer.set_exception(ConnectionLost("the connection broke"))

    def _on_event(self, name: str, payload: object = None, *_more: object) -> None:
        if not isinstance(payload, Mapping):
            return
        try:
            if name == "connection.ok" and not self._greeting.done():
                self._greeting.set_result(read(ConnectionOk, payload.get("data")))
            elif name == "connection.error":
                self._farewell = read(ConnectionFailed, payload.get("data"))
        except ValidationError:
            return
        self._heard(name, payload)

    def _on_refusal(self, reason: object = None) -> None:
        if not self._greeting.done():
            self._greeting.set_exception(_refusal(reason))


def _future() -> "asyncio.Future[Any]":
    """A future whose failure nobody need fetch."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future


def _settle(
    answer: "asyncio.Future[Mapping[str, Any]]", name: str, apply: Apply | None
) -> Callable[[object], None]:
    def settle(reply: object = None) -> None:
        if answer.done():
            return
        try:
            data = _data(name, reply)
            if apply is not None:
                apply(data)
        except ValidationError as error:
            answer.set_exception(BotError(f"{name}: the answer does not fit the protocol: {error}"))
        except BotError as error:
            answer.set_exception(error)
        else:
            answer.set_result(data)

    return settle


def _data(name: str, reply: object) -> Mapping[str, Any]:
    """What an ack holds. One that does not keep to the contract counts as a broken connection."""
    if (
        isinstance(reply, Mapping)
        and isinstance(data := reply.get("data"), Mapping)
        and reply.get("ok") is True
    ):
        return data
    if isinstance(reply, Mapping) and reply.get("ok") is False:
        raise CommandFailed(name, read(ErrorBody, reply.get("error")))
    raise ConnectionLost(f"{name}: the answer is not one of this protocol")


def _refusal(reason: object) -> ConnectionLost | ConnectionEnded:
    """CONNECT was answered by CONNECT_ERROR `{message, data: {code, retry_after_ms?}}`, or the transport failed."""
    if not isinstance(reason, Mapping):
        return ConnectionLost(f"cannot connect: {reason}")
    message = str(reason.get("message", "refused"))
    data = reason.get("data")
    details: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    code = str(details.get("code", "unauthorized"))
    if code in {"rate_limited", "unavailable", "internal", "server_draining"}:
        wait = details.get("retry_after_ms")
        return ConnectionLost(message, wait / 1000 if isinstance(wait, int) else None)
    return ConnectionEnded(code, message)
