"""One Socket.IO connection: a session on one namespace."""

from collections.abc import Callable
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING, Any

from realtime.engine.frame import Frame
from realtime.engine.reasons import CloseReason

if TYPE_CHECKING:
    from realtime.engine.lane import Lane
    from realtime.engine.session import Session

_MOST_CALLBACKS = 10_000
"""Of one client that never acknowledges."""


class State(Enum):
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LEAVING = "leaving"


class Client:
    """What the server knows of it besides the transport."""

    __slots__ = (
        "_callbacks",
        "_held",
        "_held_bytes",
        "_numbers",
        "lane",
        "namespace",
        "pid",
        "reason",
        "rooms",
        "session",
        "sid",
        "state",
    )

    def __init__(self, sid: str, session: "Session", namespace: str, lane: "Lane") -> None:
        self.sid = sid
        self.session = session
        self.namespace = namespace
        self.lane = lane
        self.state = State.CONNECTING
        self.rooms: set[Any] | None = None
        self.pid: str | None = None
        self.reason: str | None = None
        self._held: list[Frame] | None = None
        self._held_bytes = 0
        self._callbacks: dict[int, Callable[..., Any]] | None = None
        self._numbers: count[int] | None = None

    def send(self, messages: list[Frame]) -> None:
        """While the client is connecting they are kept until it has its CONNECT reply."""
        if self.state is State.CONNECTED:
            for message in messages:
                self.session.send(message)
        elif self.state is State.CONNECTING:
            self._hold(messages)

    def flush(self) -> None:
        """Send what was kept."""
        held, self._held = self._held, None
        for message in held or ():
            self.session.send(message)

    def _hold(self, messages: list[Frame]) -> None:
        if self._held is None:
            self._held = []
        self._held += messages
        self._held_bytes += sum(message.size for message in messages)
        server = self.session.server
        if len(self._held) > len(messages) and self._held_bytes > server.limits.max_waiting_bytes:
            self._held = None
            server.observer.slow_consumer()
            self.session.abort(CloseReason.SLOW_CONSUMER)

    # --------------------------------------------------------------------------------------------- acknowledgements

    def expect_ack(self, callback: Callable[..., Any]) -> int:
        """The id under which the client is to acknowledge."""
        if self._callbacks is None or self._numbers is None:
            self._callbacks, self._numbers = {}, count(1)
        number = next(self._numbers)
        self._callbacks[number] = callback
        if len(self._callbacks) > _MOST_CALLBACKS:
            del self._callbacks[next(iter(self._callbacks))]
        return number

    def take_callback(self, number: int) -> Callable[..., Any] | None:
        """Whom to tell of an acknowledgement; None if nobody waits for it (any more)."""
        return self._callbacks.pop(number, None) if self._callbacks is not None else None

    def forget_callback(self, callback: Callable[..., Any]) -> None:
        """Nobody waits any more."""
        for number, waiting in list((self._callbacks or {}).items()):
            if waiting is callback and self._callbacks is not None:
                del self._callbacks[number]
