"""The bus inside one process: a single node talks to nobody, and several nodes of a test share an exchange."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping

from realtime.bus.codec import Unsendable, decode, encode
from realtime.bus.port import BusCounts, BusHealth, Notice, Receiver
from realtime.bus.receivers import Receivers

_LOG = logging.getLogger(__name__)


class MemoryExchange:
    """Where the nodes of one process meet. `cut` and `mend` play an outage for one node or for all."""

    def __init__(self) -> None:
        self._buses: dict[str, MemoryBus] = {}

    def enter(self, bus: "MemoryBus") -> None:
        self._buses[bus.node_id] = bus

    def leave(self, bus: "MemoryBus") -> None:
        if self._buses.get(bus.node_id) is bus:
            del self._buses[bus.node_id]

    def others(self, node_id: str) -> "list[MemoryBus]":
        return [bus for name, bus in self._buses.items() if name != node_id]

    def cut(self, *node_ids: str) -> None:
        """Lose everything to and from these nodes (all, if none is named) until `mend`."""
        for name in node_ids or tuple(self._buses):
            self._buses[name].go_down()

    def mend(self, *node_ids: str) -> None:
        """Join these nodes (all, if none is named) again; their `on_restored` callbacks run."""
        returning = [self._buses[name] for name in node_ids or tuple(self._buses)]
        for bus in returning:
            bus.reconnect()
        for bus in returning:
            bus.announce_return()

    async def settle(self) -> None:
        """Return when nothing is on the way between nodes any more, answers to answers included."""
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0)
            quiet = 0 if any(bus.waiting for bus in self._buses.values()) else quiet + 1


class MemoryBus:
    """A node's end of a MemoryExchange. Notices pass through the codec, as they would on a wire."""

    def __init__(self, node_id: str, exchange: MemoryExchange | None = None) -> None:
        self.node_id = node_id
        self.counts = BusCounts()
        self._exchange = exchange or MemoryExchange()
        self._receivers = Receivers(node_id, self.counts)
        self._inbox: deque[bytes] = deque()
        self._started = False
        self._connected = True
        self._returning = False

    @property
    def health(self) -> BusHealth:
        return BusHealth(up=self._started and self._connected, probe_seconds=None)

    @property
    def waiting(self) -> int:
        """Notices that arrived and were not handed to the receivers yet."""
        return len(self._inbox)

    async def start(self) -> None:
        self._receivers.seal()
        self._started = True
        self._exchange.enter(self)

    async def close(self) -> None:
        self._exchange.leave(self)
        self._started = False
        self._inbox.clear()

    def subscribe(self, kind: str, receiver: Receiver) -> None:
        self._receivers.add(kind, receiver)

    def on_restored(self, callback: Callable[[], None]) -> None:
        self._receivers.add_restored(callback)

    async def publish(self, kind: str, key: str, body: Mapping[str, object]) -> None:
        others = self._exchange.others(self.node_id)
        if not others and self._started:
            self.counts.published += 1
            return  # A server of one node does not pay for encoding.
        try:
            payload = encode(Notice(kind, key, self.node_id, body))
        except Unsendable as problem:
            self.counts.refused += 1
            _LOG.error("bus refused %s", problem)
            return
        if not (self._started and self._connected):
            self.counts.dropped += 1
            return
        self.counts.published += 1
        for bus in others:
            bus.accept(payload)

    def accept(self, payload: bytes) -> None:
        """Take bytes from the exchange; receivers run in a later step of the loop, as with a real wire."""
        if self._connected:
            self._inbox.append(payload)
            asyncio.get_running_loop().call_soon(self._deliver_one)

    def go_down(self) -> None:
        if self._connected:
            self._connected = False
            self.counts.losses += 1
            self._inbox.clear()

    def reconnect(self) -> None:
        self._returning = not self._connected
        self._connected = True

    def announce_return(self) -> None:
        if self._returning:
            self._returning = False
            self._receivers.restored()

    def _deliver_one(self) -> None:
        if not self._inbox:
            return  # Closed or cut since.
        notice = decode(self._inbox.popleft())
        if notice is None:
            self.counts.garbage += 1
        else:
            self._receivers.deliver(notice)
