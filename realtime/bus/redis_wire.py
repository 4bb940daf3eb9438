"""One connection to Redis, as the listener and the publisher need it: dialled within a bound, never retried inside.

redis-py's own PubSub resubscribes silently after a loss, and its clients retry; both would hide exactly what this bus
has to report. So the connection class is used alone, and the retry policy stands in `Backoff`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, cast

from redis.asyncio import Connection
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

DIAL_SECONDS = 1.0
"""For connecting with its handshake; with the longest back-off it keeps a reconnect under two seconds."""

REPLY_SECONDS = 1.0

LOST = (RedisError, OSError, TimeoutError)
"""What a connection raises when it, or the server behind it, is of no more use."""


class Wire(Protocol):
    """The part of redis.asyncio.Connection in use here, with the types it does not state."""

    async def connect(self) -> None: ...

    async def disconnect(self, nowait: bool = False) -> None: ...

    def pack_commands(self, commands: Iterable[Iterable[bytes | str]]) -> list[bytes]: ...

    async def send_packed_command(self, command: list[bytes]) -> None: ...

    async def read_response(self, *, timeout: float | None = None) -> object:
        """The next reply. With `timeout`, None when none came; without, raises TimeoutError after REPLY_SECONDS."""

    async def can_read(self) -> bool:
        """Whether something unasked for has arrived, most likely the end of the stream. Does not wait."""


Dial = Callable[[], Awaitable[Wire]]


def dialler(url: str, name: str) -> Dial:
    """What opens a connection to `url`. Raises ValueError for a URL that cannot be read, without quoting it."""
    try:
        options = dict(parse_url(url))
    except ValueError:
        raise ValueError(
            "the Redis URL cannot be read; it looks like redis://:password@host:6379/0"
        ) from None
    connection_class = cast(Callable[..., Wire], options.pop("connection_class", Connection))
    options |= {
        "socket_timeout": REPLY_SECONDS,
        "socket_connect_timeout": DIAL_SECONDS,
        "health_check_interval": 0,  # The bus probes the whole way instead, through the subscription.
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "client_name": name,
    }
    if "path" not in options:  # A Unix socket has no keepalive.
        options["socket_keepalive"] = True

    async def dial() -> Wire:
        wire = connection_class(**options)
        try:
            async with asyncio.timeout(DIAL_SECONDS):
                await wire.connect()
        except BaseException:
            await hang_up(wire)
            raise
        return wire

    return dial


async def hang_up(wire: Wire) -> None:
    """Close the socket; a connection that is already broken is closed as well as any."""
    try:
        await wire.disconnect(nowait=True)
    except LOST:
        return


@dataclass
class Backoff:
    """Seconds to wait before the next attempt: doubling from `first` to at most `cap`, with jitter."""

    first: float = 0.05
    cap: float = 0.8
    chance: Callable[[], float] = random.random
    _attempts: int = 0

    def next(self) -> float:
        ceiling = min(self.cap, self.first * (1 << self._attempts))
        self._attempts = min(self._attempts + 1, 16)
        return ceiling * (0.5 + self.chance() / 2)

    def reset(self) -> None:
        self._attempts = 0
