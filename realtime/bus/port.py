"""What the rest of the server knows about the way between nodes.

A bus wakes other nodes up. It promises order per key while it works and nothing more: a notice may be lost (Redis away,
queue full), so whatever must not be lost is in the database before it is published, and a receiver finds the gap itself.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

PARTITIONS = 64
"""How many channels the keys are spread over. All nodes of one installation must agree on it."""

MAX_NOTICE_BYTES = 32 * 1024
"""The largest notice on the wire, envelope included. Redis cuts off a subscriber that falls far behind in bytes, so
payloads stay small; a larger body is published as a reference that the receiver reads from the database."""

MAX_BODY_BYTES = 30 * 1024
"""What a body may weigh as compact UTF-8 JSON and still surely fit beside the envelope."""


@dataclass(frozen=True)
class Notice:
    """One thing another node said. `body` is plain JSON data and is shared by all receivers: read it, do not change it."""

    kind: str
    key: str
    node: str
    body: Mapping[str, object]


Receiver = Callable[[Notice], None]


@dataclass(frozen=True)
class BusHealth:
    """`probe_seconds` is the last round trip of the self-probe; None while none has come back (or none is needed)."""

    up: bool
    probe_seconds: float | None


@dataclass
class BusCounts:
    """Totals since start, for the metrics page. The bus writes them, others only read."""

    published: int = 0
    received: int = 0
    dropped: int = 0
    """Accepted by `publish` but not handed to the others: the way was down or the queue full."""
    refused: int = 0
    """Too large for the wire, or not JSON: a mistake of the caller."""
    garbage: int = 0
    """Arrived but unreadable: not JSON, oversized, an unknown version, the wrong shape."""
    failed: int = 0
    """Receivers and callbacks that raised."""
    losses: int = 0
    """Times the subscription was lost."""


class Bus(Protocol):
    """The port. One suite under tests/conformance holds for every adapter."""

    @property
    def node_id(self) -> str:
        """Names this process among the nodes; a node never receives its own notices."""

    @property
    def health(self) -> BusHealth:
        """Whether notices reach this node at this moment."""

    @property
    def counts(self) -> BusCounts:
        """The totals, live."""

    async def start(self) -> None:
        """Begin to receive. Returns in bounded time and without raising even when the way is down."""

    async def close(self) -> None:
        """Send what waits (for a bounded time), then leave no task and no connection behind. May be called twice."""

    def subscribe(self, kind: str, receiver: Receiver) -> None:
        """Call `receiver` for every notice of `kind`, synchronously in the event loop, in order per key.

        To be called before `start`; later calls raise RuntimeError. A receiver must not block.
        """

    async def publish(self, kind: str, key: str, body: Mapping[str, object]) -> None:
        """Tell all other nodes. Never raises for an unreachable bus and never waits long: a loss is counted instead."""

    def on_restored(self, callback: Callable[[], None]) -> None:
        """Call `callback` each time the subscription is back after a loss: notices in between are gone."""


def partition_of(key: str, partitions: int = PARTITIONS) -> int:
    """The partition of `key`, the same on every node and in every release (CRC-32 of its UTF-8 bytes)."""
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) % partitions
