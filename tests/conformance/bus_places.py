"""The places where the bus suite runs: each makes nodes, writes raw bytes on a channel and plays an outage."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from contract.clock import SystemClock
from realtime.bus.memory import MemoryBus, MemoryExchange
from realtime.bus.port import PARTITIONS, Bus, Notice, partition_of
from realtime.bus.redis import RedisBus, RedisBusSettings
from tests.services.redis import RedisServer


class BusPlace(Protocol):
    def make(self, node_id: str) -> Bus:
        """A node, not started yet."""

    async def write(self, key: str, payload: bytes) -> None:
        """Put bytes that no node encoded where the notices of `key` travel."""

    async def cut(self) -> None:
        """Take the way between the nodes away."""

    async def mend(self) -> None:
        """Give it back."""


class MemoryPlace:
    def __init__(self) -> None:
        self.exchange = MemoryExchange()

    def make(self, node_id: str) -> Bus:
        return MemoryBus(node_id, self.exchange)

    async def write(self, key: str, payload: bytes) -> None:
        for bus in self.exchange.others("nobody"):
            bus.accept(payload)

    async def cut(self) -> None:
        self.exchange.cut()

    async def mend(self) -> None:
        self.exchange.mend()


class RedisPlace:
    def __init__(self, server: RedisServer, sharded: bool) -> None:
        self.server = server
        self.sharded = sharded

    def make(self, node_id: str) -> Bus:
        settings = RedisBusSettings(url=self.server.url, prefix="test", sharded=self.sharded)
        return RedisBus(node_id, settings, SystemClock())

    async def write(self, key: str, payload: bytes) -> None:
        verb = "SPUBLISH" if self.sharded else "PUBLISH"
        await command(self.server, verb, f"test:{{{partition_of(key, PARTITIONS)}}}", payload)

    async def cut(self) -> None:
        await self.server.stop()

    async def mend(self) -> None:
        await self.server.start()


async def command(server: RedisServer, *words: str | bytes) -> bytes:
    """One command as raw bytes, which redis-cli could not pass on; the reply, as far as it fits one read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    parts = [word if isinstance(word, bytes) else word.encode() for word in words]
    writer.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
    await writer.drain()
    reply = await reader.read(1 << 20)
    writer.close()
    await writer.wait_closed()
    return reply


class Ear:
    """A receiver that remembers, and can be waited for."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self._news = asyncio.Event()

    def __call__(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._news.set()

    @property
    def bodies(self) -> list[object]:
        return [dict(notice.body) for notice in self.notices]

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not enough():
                self._news.clear()
                await self._news.wait()

    async def hear(self, count: int) -> list[object]:
        """The bodies, once there are at least `count`."""
        await self.until(lambda: len(self.notices) >= count)
        return self.bodies


async def becomes(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that announces itself to nobody."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
