"""One connection of an application of commands: let in, served one command at a time, seen off once."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from realtime.engine import frame
from realtime.engine.frame import Frame
from realtime.engine.logs import logger, trail
from realtime.engine.ports import INTERNAL, Application, Refused
from realtime.engine.reasons import CloseReason

if TYPE_CHECKING:
    from realtime.engine.session import Session

_HANDLED_TO_THE_END = {CloseReason.CLIENT_DISCONNECT, CloseReason.TRANSPORT_CLOSE}
"""When the client leaves, what it said before is still handled."""


class Register(Protocol):
    """Who is told of connections that were let in, have left, and need no more attention."""

    def entered(self, connection: "Connection") -> None: ...

    def left(self, connection: "Connection", reason: str) -> None: ...

    def over(self, connection: "Connection") -> None: ...


@dataclass(slots=True)
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

    __slots__ = (
        "__weakref__",
        "_application",
        "_auth",
        "_command_bytes",
        "_commands",
        "_draining",
        "_held",
        "_held_bytes",
        "_is_working",
        "_reason",
        "_register",
        "_session",
        "_stage",
        "_task",
        "address",
        "context",
        "sid",
    )

    def __init__(self, sid: str, session: "Session", application: Application, register: Register) -> None:
        self.sid = sid
        self.address = session.address
        """The client's own, behind the proxies we trust."""
        self.context: Any = None
        """The application's: the identity and whatever else it keeps with a connection."""
        self._session = session
        self._application = application
        self._register = register
        self._stage = _Stage.CONNECTING
        self._auth: Mapping[str, object] | None = None
        self._held: list[Frame] | None = None
        self._held_bytes = 0
        self._commands: deque[Command] = deque()
        self._command_bytes = 0
        self._reason: str | None = None
        self._draining = self._is_working = False
        self._task: asyncio.Task[None] | None = None

    def send(self, event: Frame) -> None:
        """Queue an event. Never blocks; a client that takes too little too slowly is disconnected instead."""
        if self._stage is _Stage.OPEN:
            self._session.send(event)
        elif self._stage is _Stage.CONNECTING:
            self._hold(event)

    async def close(self, reason: str, *, final: bool) -> None:
        """Disconnect the client. Queued commands are dropped; `on_disconnect` follows the one being handled.

        `final`: the client is told not to come back by itself (packet 41). Otherwise its transport just closes, after
        which stock clients reconnect.
        """
        if final and self._stage is _Stage.OPEN:
            self._session.send(frame.DISCONNECT)
        self._session.finish(reason)

    # ------------------------------------------------------------------------------------ called by the engine only

    @property
    def is_open(self) -> bool:
        return self._stage is _Stage.OPEN and self._reason is None

    def begin(self, auth: Mapping[str, object]) -> None:
        """Ask the application whether to let it in."""
        self._auth = auth
        self._wake()

    def accept(self, command: Command) -> None:
        """Handle a command, after those before it. When too many wait, nothing more is read from the client."""
        if self._draining or self._reason is not None:
            return  # unanswered, so the client sends it again to the next node
        self._commands.append(command)
        self._command_bytes += command.size
        self._wake()
        if self.is_full:
            self._session.hold()

    @property
    def is_full(self) -> bool:
        limits = self._session.server.limits
        return (
            len(self._commands) >= limits.max_waiting_events
            or self._command_bytes >= limits.max_waiting_event_bytes
        )

    def lost(self, reason: str) -> None:
        """The session is ending. Nothing more reaches the client."""
        if self._reason is not None:
            return
        self._reason = reason
        if reason == CloseReason.AUTH_DEADLINE and self._task is not None:
            self._task.cancel()
        self._wake()

    def drain(self) -> None:
        """Take no more commands; when the queued ones are answered, close the transport."""
        self._draining = True
        self._wake()

    def cancel(self) -> None:
        """Give up what it is waiting for."""
        if self._task is not None:
            self._task.cancel()

    # ---------------------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if not self._is_working and self._stage is not _Stage.GONE:
            self._is_working = True
            self._task = self._session.server.starter.start(self._work())
            if self._task is not None and not self._is_working:
                self._task = None

    async def _work(self) -> None:
        """Until there is nothing left to do; what comes meanwhile is done as well."""
        admitted = True
        try:
            if self._auth is not None:
                auth, self._auth = self._auth, None
                admitted = await self._admitted(auth)
            while admitted and (command := self._next()) is not None:
                await self._answer(command)
            if admitted and self._draining:
                self._session.finish(CloseReason.SERVER_SHUTDOWN, 1001)
                self._reason = self._reason or self._session.reason
        except asyncio.CancelledError:
            self._session.finish(CloseReason.SERVER_SHUTDOWN, 1001)
            self._reason = self._reason or CloseReason.SERVER_SHUTDOWN
        finally:
            if self._reason is not None or not admitted:
                await self._farewell(told=admitted)
            self._is_working = False
            self._task = None

    async def _admitted(self, auth: Mapping[str, object]) -> bool:
        """Ask the application, answer the client. False when the application did not let it in."""
        try:
            await self._application.on_connect(self, auth)
        except Refused as refusal:
            self._refuse(refusal)
            return False
        except asyncio.CancelledError:
            if self._reason != CloseReason.AUTH_DEADLINE:
                raise
            return True  # it was cut short: on_disconnect clears what it had begun
        except Exception as error:
            self._log("connect failed", error)
            self._refuse(INTERNAL)
            return False
        if self._reason is None and not self._session.closing:
            self._open()
        return True

    def _open(self) -> None:
        session = self._session
        session.cancel_deadline()
        self._stage = _Stage.OPEN
        self._register.entered(self)
        session.send(frame.connected(self.sid))
        held, self._held = self._held, None
        for event in held or ():
            session.send(event)

    def _refuse(self, refusal: Refused) -> None:
        data = {"code": refusal.code, **refusal.details}
        self._session.send(frame.connect_error(refusal.message, data))
        self._session.finish(CloseReason.REFUSED)

    def _hold(self, event: Frame) -> None:
        if self._held is None:
            self._held = []
        self._held_bytes += event.size
        server = self._session.server
        if self._held and self._held_bytes > server.limits.max_waiting_bytes:
            self._held.clear()
            server.observer.slow_consumer()
            self._session.abort(CloseReason.SLOW_CONSUMER)
        else:
            self._held.append(event)

    def _next(self) -> Command | None:
        """The oldest waiting command, or None when there is none to handle."""
        if not self._commands or (self._reason is not None and self._reason not in _HANDLED_TO_THE_END):
            return None
        command = self._commands.popleft()
        self._command_bytes -= command.size
        if self._session.is_held and not self.is_full:
            self._session.release()
        return command

    async def _answer(self, command: Command) -> None:
        session, number = self._session, command.id
        try:
            reply = await self._application.on_command(self, command.name, command.arguments)
            ack = None if number is None else frame.acknowledgement(number, reply.ack)
        except Exception as error:
            self._log("command failed", error)
            if number is not None:
                session.send_text(frame.acknowledgement(number, _FAILED))
            return
        if ack is not None:
            session.send_text(ack)
        if reply.after is not None:
            self._run_after(reply.after)

    def _run_after(self, after: Callable[[], None]) -> None:
        try:
            after()
        except Exception as error:
            self._log("after a command failed", error)

    async def _farewell(self, *, told: bool) -> None:
        was_open, self._stage = self._stage is _Stage.OPEN, _Stage.GONE
        self._commands.clear()
        reason = self._reason or CloseReason.REFUSED
        if was_open:
            self._register.left(self, reason)
        try:
            if told:
                await self._application.on_disconnect(self, reason)
        except Exception as error:
            self._log("disconnect failed", error)
        finally:
            self._register.over(self)

    def _log(self, what: str, error: Exception) -> None:
        logger.error("%s: %s", what, trail(error), extra={"sid": self.sid})


_FAILED: Mapping[str, object] = {
    "ok": False,
    "error": {"code": INTERNAL.code, "message": INTERNAL.message, **INTERNAL.details},
}
