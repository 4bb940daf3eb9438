"""Presence with its own tasks, the machine's clock and a real Redis."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from contract.clock import SystemClock
from realtime.bus.redis import RedisBus, RedisBusSettings
from realtime.presence.people import PresenceChange
from realtime.presence.service import Presence
from tests.realtime.presence.nodes import ANA, BEN, EVE
from tests.services.redis import RedisServer

ROOM = "room_1"


class Node:
    def __init__(self, name: str, url: str) -> None:
        clock = SystemClock()
        self.bus = RedisBus(name, RedisBusSettings(url=url), clock)
        self.presence = Presence(self.bus, clock)
        self.changes: list[PresenceChange] = []
        self.presence.on_change(self.changes.append)

    async def start(self) -> None:
        await self.bus.start()
        await self.presence.start()

    async def close(self) -> None:
        await self.presence.close()
        await self.bus.close()

    async def crash(self) -> None:
        await self.bus.close()
        await self.presence.close()

    def here(self) -> list[str]:
        return [person.name for person in self.presence.people(ROOM)]

    def left(self) -> list[str]:
        return [change.person.name for change in self.changes if change.what == "left"]


@asynccontextmanager
async def two_nodes(redis: RedisServer) -> AsyncIterator[tuple[Node, Node]]:
    a, b = Node("a", redis.url), Node("b", redis.url)
    await a.start()
    await b.start()
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    try:
        await becomes(lambda: a.here() == b.here() == ["Ana", "Ben"])
        yield a, b
    finally:
        await a.close()
        await b.close()


async def becomes(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_eight_seconds_without_redis_make_nobody_leave(redis_server: RedisServer) -> None:
    async with two_nodes(redis_server) as (a, b):
        await redis_server.stop()
        b.presence.join(ROOM, "c3", EVE)
        await asyncio.sleep(8)
        await redis_server.start()
        await becomes(lambda: a.here() == b.here() == ["Ana", "Ben", "eve"], 3)
        await asyncio.sleep(4)
        assert a.left() == b.left() == []


async def test_a_crash_is_seen_within_fifteen_seconds_and_a_goodbye_after_the_grace(
    redis_server: RedisServer,
) -> None:
    async with two_nodes(redis_server) as (a, b):
        polite = Node("c", redis_server.url)
        await polite.start()
        polite.presence.join(ROOM, "c3", EVE)
        await becomes(lambda: a.here() == ["Ana", "Ben", "eve"])
        await b.crash()
        await polite.close()
        crashed_at = time.monotonic()
        await becomes(lambda: a.here() == ["Ana"], 15)
        assert a.left() == ["eve", "Ben"]
        assert time.monotonic() - crashed_at > 5


async def test_closing_leaves_no_task_behind(redis_server: RedisServer) -> None:
    before = asyncio.all_tasks()
    async with two_nodes(redis_server):
        assert len(asyncio.all_tasks()) > len(before)
    assert asyncio.all_tasks() == before
