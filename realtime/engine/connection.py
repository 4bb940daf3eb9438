"""One Socket.IO connection: let in, served one command at a time, seen off once."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from contract.errors import ErrorCode
from realtime.engine import frame
from realtime.engine.frame import Frame
from realtime.engine.logs import logger, trail
from realtime.engine.ports import Application, CloseReason, EngineSettings, Refused

if TYPE_CHECKING:
    from realtime.engine.session import Session

_HANDLED_TO_THE_END = {CloseReason.CLIENT_DISCONNECT, CloseReason.TRANSPORT_CLOSE}
"""When the client leaves, what it said before is still handled."""


class Register(Protocol):
    """Who is told of connections that were let in and have left."""

    def entered(self, connection: "Connection") -> None: ...

    def left(self, connection: "Connection", reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Command:
    """One event as the client sent it; `id` is set when it wants an acknowledgement."""

    name: str
    arguments: Sequence[object]
    id: int | None
    size: int


class _Stage(Enum):
    CONNECTING = "connecting"
    OPEN = "open"
    GONE = "gone"


class Connection:
    """What the application holds of a client."""

    def __init__(self, sid: str, session: "Session", application: Application, register: Register) -> None:
        self.sid = sid
        self.address = session.address
        """The client's own, behind the proxies we trust."""
        self.context: Any = None
        """The application's: the identity and whatever else it keeps with a connection."""
        self._session = session
        self._settings: EngineSettings = session.settings
        self._application = application
        self._register = register
        self._stage = _Stage.CONNECTING
        self._held: list[Frame] = []
        self._held_bytes = 0
        self._commands: deque[Command] = deque()
        self._command_bytes = 0
        self._arrival: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._reason: str | None = None
        self._draining = False

    def send(self, event: Frame) -> None:
        """Queue an event. Never blocks; a client that takes too little too slowly is disconnected instead."""
        if self._stage is _Stage.OPEN:
            self._session.push(event.encoded)
        elif self._stage is _Stage.CONNECTING:
            self._hold(event)

    async def close(self, reason: str, *, final: bool) -> None:
        """Disconnect the client. Queued commands are dropped; `on_disconnect` follows the one being handled.

        `final`: the client is told not to come back by itself (packet 41). Otherwise its transport just closes, after
        which stock clients reconnect.
        """
        if final and self._stage is _Stage.OPEN:
            self._session.push(frame.DISCONNECT)
        self._session.finish(reason)

    # ------------------------------------------------------------------------------------ called by the engine only

    @property
    def is_open(self) -> bool:
        return self._stage is _Stage.OPEN

    def accept(self, command: Command) -> None:
        """Put a command in the queue. The caller then waits for `room` before it reads on."""
        if self._draining or self._reason is not None:
            return  # unanswered, so the client sends it again to the next node
        self._commands.append(command)
        self._command_bytes += command.size
        self._wake()

    @property
    def is_full(self) -> bool:
        settings = self._settings
        return (
            len(self._commands) >= settings.max_waiting_commands
            or self._command_bytes >= settings.max_waiting_command_bytes
        )

    async def room(self) -> None:
        """Until the queue is no longer full, or the connection is over."""
        while self.is_full and self._reason is None:
            self._room = asyncio.get_running_loop().create_future()
            await self._room

    def lost(self, reason: str) -> None:
        """The session is ending. Nothing more reaches the client."""
        if self._reason is None:
            self._reason = reason
            self._wake()
            self._make_room()

    def drain(self) -> None:
        """Take no more commands; when the queued ones are answered, close the transport."""
        self._draining = True
        self._wake()

    async def run(self, auth: Mapping[str, object]) -> None:
        """The whole life of the connection."""
        admitted = True  # if on_connect is cancelled, on_disconnect clears what it had begun
        try:
            admitted = await self._admitted(auth)
            while admitted and (command := await self._next()) is not None:
                await self._answer(command)
        except asyncio.CancelledError:
            self._session.finish(CloseReason.SERVER_SHUTDOWN, 1001)
            raise
        finally:
            was_open, self._stage = self.is_open, _Stage.GONE
            if admitted:
                await self._farewell(was_open)

    # ---------------------------------------------------------------------------------------------------------------

    def _hold(self, event: Frame) -> None:
        self._held_bytes += event.size
        if self._held and self._held_bytes > self._settings.max_waiting_bytes:
            self._held.clear()
            self._session.server.observer.slow_consumer()
            self._session.abort(CloseReason.SLOW_CONSUMER)
        else:
            self._held.append(event)

    async def _admitted(self, auth: Mapping[str, object]) -> bool:
        """Ask the application, answer the client. False when the application did not let it in."""
        deadline = asyncio.timeout(self._settings.auth_deadline)
        try:
            async with deadline:
                await self._application.on_connect(self, auth)
        except Refused as refusal:
            self._refuse(refusal)
            return False
        except Exception as error:
            if deadline.expired():
                self._session.finish(CloseReason.AUTH_DEADLINE, 1008)
                return True  # it was cut short: on_disconnect clears what it had begun
            self._log("connect failed", error)
            meaning = ErrorCode.INTERNAL.meaning
            self._refuse(Refused(ErrorCode.INTERNAL, meaning.sentence, {"retryable": meaning.retryable}))
            return False
        if self._reason is None:
            self._open()
        return True

    def _open(self) -> None:
        self._session.cancel_deadline()
        self._stage = _Stage.OPEN
        self._register.entered(self)
        self._session.push(frame.connected(self.sid))
        for event in self._held:
            self._session.push(event.encoded)
        self._held.clear()

    def _refuse(self, refusal: Refused) -> None:
        data = {"code": refusal.code, **refusal.details}
        self._session.push(frame.connect_error(refusal.message, data))
        self._session.finish(CloseReason.REFUSED)

    async def _next(self) -> Command | None:
        """The oldest waiting command, or None when the connection is over."""
        while not self._commands and self._reason is None:
            if self._draining:
                self._session.finish(CloseReason.SERVER_SHUTDOWN, 1001)
                return None
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        if not self._commands or (self._reason is not None and self._reason not in _HANDLED_TO_THE_END):
            return None
        command = self._commands.popleft()
        self._command_bytes -= command.size
        self._make_room()
        return command

    def _make_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def _answer(self, command: Command) -> None:
        try:
            reply = await self._application.on_command(self, command.name, command.arguments)
            ack = None if command.id is None else frame.acknowledgement(command.id, reply.ack)
        except Exception as error:
            self._log("command failed", error)
            if command.id is not None:
                self._session.push(frame.acknowledgement(command.id, _INTERNAL))
            return
        if ack is not None:
            self._session.push(ack)
        if reply.after is not None:
            self._run_after(reply.after)

    def _run_after(self, after: Any) -> None:
        try:
            after()
        except Exception as error:
            self._log("after a command failed", error)

    async def _farewell(self, was_open: bool) -> None:
        reason = self._reason or CloseReason.SERVER_SHUTDOWN
        self._commands.clear()
        if was_open:
            self._register.left(self, reason)
        try:
            await self._application.on_disconnect(self, reason)
        except Exception as error:
            self._log("disconnect failed", error)

    def _log(self, what: str, error: Exception) -> None:
        logger.error("%s: %s", what, trail(error), extra={"sid": self.sid})


_INTERNAL: Mapping[str, object] = {
    "ok": False,
    "error": {
        "code": str(ErrorCode.INTERNAL),
        "message": ErrorCode.INTERNAL.meaning.sentence,
        "retryable": ErrorCode.INTERNAL.meaning.retryable,
    },
}
