"""What the engine asks of the application and tells the metrics, and the bounds it keeps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from realtime.engine.connection import Connection

IPNetwork = IPv4Network | IPv6Network


class CloseReason(StrEnum):
    """Why a connection ended, as told to `on_disconnect` and to the metrics. `Connection.close` adds its own words."""

    CLIENT_DISCONNECT = "client_disconnect"
    TRANSPORT_CLOSE = "transport_close"
    PING_TIMEOUT = "ping_timeout"
    AUTH_DEADLINE = "auth_deadline"
    REFUSED = "refused"
    PROTOCOL_ERROR = "protocol_error"
    MESSAGE_TOO_BIG = "message_too_big"
    TOO_MANY_COMMANDS = "too_many_commands"
    SLOW_CONSUMER = "slow_consumer"
    SERVER_SHUTDOWN = "server_shutdown"


class Refused(Exception):
    """Raised by `Application.on_connect`: the client gets a CONNECT_ERROR and loses its transport.

    On the wire: `{"message": message, "data": {"code": code, **details}}`.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = dict(details or {})


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


class EngineObserver(Protocol):
    """Counters for metrics. Called on the hot path: must return at once and not raise."""

    def connection_opened(self) -> None:
        """A client got its CONNECT reply."""

    def connection_closed(self, reason: str) -> None:
        """A connection counted by `connection_opened` has ended."""

    def request_refused(self, why: str) -> None:
        """An HTTP request was refused before a session: "origin", "draining", "full"."""

    def slow_consumer(self) -> None:
        """A client was cut off because too much waited for it."""

    def protocol_error(self) -> None:
        """A session was closed for something the protocol does not allow."""


class SilentObserver:
    """Counts nothing."""

    def connection_opened(self) -> None:
        pass

    def connection_closed(self, reason: str) -> None:
        pass

    def request_refused(self, why: str) -> None:
        pass

    def slow_consumer(self) -> None:
        pass

    def protocol_error(self) -> None:
        pass


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
    retry_after: int = 5
    """Seconds, told to those who come while the node drains or is full."""
    allowed_origins: frozenset[str] = field(default_factory=frozenset)
    """`scheme://host[:port]`, compared exactly."""
    same_origin: bool = False
    """Also allow the origin that the request itself was sent to."""
    trusted_proxies: tuple[IPNetwork, ...] = ()
    """Networks whose X-Forwarded-For, -Host and -Proto are believed."""
