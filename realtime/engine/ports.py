"""What the engine asks of an application of commands, and the bounds it keeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from realtime.engine.limits import IPNetwork

if TYPE_CHECKING:
    from realtime.engine.connection import Connection


class Refused(Exception):
    """Raised by `Application.on_connect`: the client gets a CONNECT_ERROR and loses its transport.

    On the wire: `{"message": message, "data": {"code": code, **details}}`.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = dict(details or {})


INTERNAL: Final = Refused("internal", "The server made a mistake.", {"retryable": True})
"""What a client is told when the application fails."""


class Monotonic(Protocol):
    """A clock that never goes back, in seconds."""

    def monotonic(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command."""

    ack: Mapping[str, object]
    """The only argument of the acknowledgement."""
    after: Callable[[], None] | None = None
    """Called right after the ack was put in the connection's queue, before anything else can be."""


class Application(Protocol):
    """What runs on top of the engine. Its three methods never overlap for one connection."""

    async def on_connect(self, connection: "Connection", auth: Mapping[str, object]) -> None:
        """Let the connection in by returning, or raise `Refused`.

        Frames sent meanwhile are held until the client has its CONNECT reply.
        """

    async def on_command(self, connection: "Connection", name: str, arguments: Sequence[object]) -> Reply:
        """Answer one command. The connection's next command waits for it."""

    async def on_disconnect(self, connection: "Connection", reason: str) -> None:
        """Called once for each connection whose `on_connect` returned or was cut short by the auth deadline."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Bounds of the engine. Times are seconds, sizes are bytes."""

    path: str = "/socket.io/"
    ping_interval: float = 25.0
    ping_timeout: float = 20.0
    auth_deadline: float = 10.0
    """From the opening of a session to the end of its `on_connect`."""
    flush_timeout: float = 2.0
    """How long a closing session may take to hand over what still waits for its client."""
    body_timeout: float = 10.0
    """How long the body of a polling POST may take to arrive."""
    max_message_bytes: int = 64 * 1024
    max_payload_bytes: int = 1024 * 1024
    """Of one polling POST, which may carry many messages."""
    max_payload_packets: int = 1024
    max_waiting_commands: int = 256
    """Of one connection, besides the one being handled. When they are reached, its client is not read from."""
    max_waiting_command_bytes: int = 4 * 1024 * 1024
    max_waiting_bytes: int = 1024 * 1024
    """What may wait for one slow client, the transport's buffer included. A single larger frame is let through
    to a client for whom nothing else waits."""
    max_sessions: int = 50_000
    max_sessions_per_address: int | None = None
    max_handshakes_per_second: int | None = None
    max_packets_per_second: int | None = 5_000
    """From one client. Beyond, it is not read from until the second is over."""
    retry_after: int = 5
    """Seconds, told to those who come while the node drains or is full."""
    allowed_origins: frozenset[str] = field(default_factory=frozenset)
    """`scheme://host[:port]`, compared exactly."""
    same_origin: bool = False
    """Also allow the origin that the request itself was sent to."""
    trusted_proxies: tuple[IPNetwork, ...] = ()
    """Networks whose X-Forwarded-For, -Host and -Proto are believed."""
