"""The bus over Redis publish/subscribe: a fixed number of channels, two connections per node, nothing stored in Redis.

Sharded publish/subscribe (SSUBSCRIBE, SPUBLISH; Redis 7) is a setting. The channel names carry the partition as a hash
tag, so that they spread over the slots of a cluster; following slots from one cluster node to another is not done here.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from contract.clock import Clock
from realtime.bus.codec import Unsendable, decode, encode
from realtime.bus.port import PARTITIONS, BusCounts, BusHealth, Notice, Receiver, partition_of
from realtime.bus.probe import PROBE_EVERY, Probe
from realtime.bus.receivers import Receivers
from realtime.bus.redis_listener import Listener, Subscription
from realtime.bus.redis_publisher import Publisher
from realtime.bus.redis_wire import dialler
from realtime.bus.seldom import Seldom

_LOG = logging.getLogger(__name__)

_START_SECONDS = 2.0
_FLUSH_SECONDS = 1.0


@dataclass(frozen=True)
class RedisBusSettings:
    """`prefix` keeps installations that share a Redis apart (databases do not: publish/subscribe ignores them)."""

    url: str = field(repr=False)
    prefix: str = "homeroom"
    partitions: int = PARTITIONS
    sharded: bool = False


class RedisBus:
    """A node's end of the bus. Each node hears all partitions over one connection and sends over another."""

    def __init__(self, node_id: str, settings: RedisBusSettings, clock: Clock) -> None:
        self.node_id = node_id
        self.counts = BusCounts()
        self._settings = settings
        self._receivers = Receivers(node_id, self.counts)
        self._probe = Probe(clock)
        self._probe_channel = f"{settings.prefix}:{{probe.{node_id}}}"
        self._garbage = Seldom(_LOG, clock)
        self._unsendable = Seldom(_LOG, clock)
        dial = dialler(settings.url, f"{settings.prefix}:{node_id}")
        self._publisher = Publisher(dial, settings.sharded, self.counts, clock)
        self._listener = Listener(dial, self._subscription(), self._probe, clock)
        self._subscribed = asyncio.Event()
        self._returning = False
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    def _subscription(self) -> Subscription:
        channels = [self._channel(number) for number in range(self._settings.partitions)]
        return Subscription(
            channels=[*channels, self._probe_channel],
            sharded=self._settings.sharded,
            receive=self._receive,
            began=self._began,
            lost=self._lost,
        )

    @property
    def health(self) -> BusHealth:
        up = bool(self._tasks) and self._probe.heard_lately()
        return BusHealth(up=up, probe_seconds=self._probe.seconds)

    async def start(self) -> None:
        """Waits at most two seconds for the subscription; a Redis that is away then counts as a loss."""
        self._receivers.seal()
        self._tasks = [
            asyncio.create_task(self._listener.run(), name="bus-listener"),
            asyncio.create_task(self._publisher.run(), name="bus-publisher"),
            asyncio.create_task(self._probe_for_ever(), name="bus-probe"),
        ]
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._subscribed.wait()
        except TimeoutError:
            self._lost()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._tasks and self._subscribed.is_set():
            try:
                async with asyncio.timeout(_FLUSH_SECONDS):
                    await self._publisher.flush()
            except TimeoutError:
                _LOG.warning("bus: closed with notices unsent")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def subscribe(self, kind: str, receiver: Receiver) -> None:
        self._receivers.add(kind, receiver)

    def on_restored(self, callback: Callable[[], None]) -> None:
        self._receivers.add_restored(callback)

    async def publish(self, kind: str, key: str, body: Mapping[str, object]) -> None:
        try:
            payload = encode(Notice(kind, key, self.node_id, body))
        except Unsendable as problem:
            self.counts.refused += 1
            self._unsendable.warning("bus refused %s", problem)
            return
        if self._closed or not self._tasks:
            self.counts.dropped += 1
            return
        self._publisher.offer(self._channel(partition_of(key, self._settings.partitions)), payload)

    def _channel(self, partition: int) -> str:
        return f"{self._settings.prefix}:{{{partition}}}"

    async def _probe_for_ever(self) -> None:
        while True:
            self._send_probe()
            await asyncio.sleep(PROBE_EVERY)

    def _send_probe(self) -> None:
        self._publisher.offer(self._probe_channel, self._probe.stamp(), counted=False)

    def _began(self) -> None:
        self._subscribed.set()
        self._publisher.hurry()
        self._send_probe()
        if self._returning:
            self._returning = False
            _LOG.info("bus: subscribed again")
            self._receivers.restored()

    def _lost(self) -> None:
        self._subscribed.clear()
        if not self._closed:
            self._returning = True
            self.counts.losses += 1

    def _receive(self, channel: bytes, payload: object) -> None:
        if channel == self._probe_channel.encode():
            if not self._probe.hear(payload):
                self._note_garbage()
            return
        notice = decode(payload)
        if notice is None:
            self._note_garbage()
        else:
            self._receivers.deliver(notice)

    def _note_garbage(self) -> None:
        self.counts.garbage += 1
        self._garbage.warning("bus: something on a channel of ours was not written by us")
