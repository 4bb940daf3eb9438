"""What the Redis bus must survive beyond the common suite: outages, a frozen server, cut and deaf subscriptions."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from contract.clock import SystemClock
from realtime.bus.redis import RedisBus, RedisBusSettings
from tests.conformance.bus_places import Ear, becomes, command
from tests.services.redis import RedisServer


class Pair:
    """Two nodes on one Redis, with a sender that never stops."""

    def __init__(self, url: str, sharded: bool = False) -> None:
        settings = RedisBusSettings(url=url, prefix="test", sharded=sharded)
        self.a = RedisBus("a", settings, SystemClock())
        self.b = RedisBus("b", settings, SystemClock())
        self.ear = Ear()
        self.b.subscribe("log", self.ear)
        self.restored_at: list[float] = []
        self.b.on_restored(lambda: self.restored_at.append(time.monotonic()))
        self.sent = 0

    async def talk(self) -> None:
        while True:
            self.sent += 1
            before = time.monotonic()
            await self.a.publish("log", "room_1", {"number": self.sent})
            assert time.monotonic() - before < 1, "publish must not wait for Redis"
            await asyncio.sleep(0.02)

    async def hears_news(self) -> None:
        known, heard = self.sent, len(self.ear.notices)
        await self.ear.until(lambda: self._last() > known and len(self.ear.notices) > heard)

    def _last(self) -> int:
        return int(str(self.ear.notices[-1].body["number"])) if self.ear.notices else 0

    def numbers(self) -> list[int]:
        return [int(str(notice.body["number"])) for notice in self.ear.notices]


@asynccontextmanager
async def talking(pair: Pair) -> AsyncIterator[Pair]:
    await pair.a.start()
    await pair.b.start()
    talker = asyncio.create_task(pair.talk())
    try:
        await pair.hears_news()
        yield pair
    finally:
        talker.cancel()
        await asyncio.gather(talker, return_exceptions=True)
        await pair.a.close()
        await pair.b.close()
    assert pair.numbers() == sorted(set(pair.numbers())), "no notice twice, none out of order"


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_after_eight_seconds_without_redis_both_directions_work_again_within_two(
    redis_server: RedisServer, how: str
) -> None:
    async with talking(Pair(redis_server.url)) as pair:
        await (redis_server.stop() if how == "stopped" else redis_server.kill())
        await asyncio.sleep(8)
        assert not pair.a.health.up
        assert not pair.b.health.up
        assert pair.a.counts.dropped > 0
        await redis_server.start()
        back = time.monotonic()
        await pair.hears_news()
        assert time.monotonic() - back < 2
        assert len(pair.restored_at) == 1
        assert pair.restored_at[0] - back < 2
        await becomes(lambda: pair.a.health.up and pair.b.health.up, 3)


async def test_a_frozen_server_is_noticed_and_taken_up_again_within_two_seconds(
    redis_server: RedisServer,
) -> None:
    async with talking(Pair(redis_server.url)) as pair:
        redis_server.pause()
        await becomes(lambda: not pair.b.health.up and pair.b.counts.losses == 1, 10)
        await asyncio.sleep(2)
        redis_server.resume()
        back = time.monotonic()
        await pair.hears_news()
        await becomes(lambda: len(pair.restored_at) == 1, 5)
        assert pair.restored_at[0] - back < 2
        await becomes(lambda: pair.b.health.up, 3)


@pytest.mark.parametrize("sharded", [False, True], ids=["classic", "sharded"])
async def test_killed_subscriptions_come_back(redis_server: RedisServer, sharded: bool) -> None:
    async with talking(Pair(redis_server.url, sharded)) as pair:
        for times in (1, 2, 3):
            await command(redis_server, "CLIENT", "KILL", "TYPE", "pubsub")
            await becomes(lambda times=times: len(pair.restored_at) == times, 2)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            await pair.hears_news()
        assert pair.a.health.up


async def test_a_subscription_that_hears_all_but_its_probe_is_replaced(redis_server: RedisServer) -> None:
    """The deaf worker: the connection lives, but the server no longer sends on it what it should."""
    pair = Pair(redis_server.url)
    pair.b._probe_channel = (
        "test:{nowhere}"  # Probes go astray from now on; the subscription itself was made before.
    )
    async with talking(pair):
        await becomes(lambda: pair.b.counts.losses >= 1, 10)
        assert not pair.b.health.up
        assert pair.a.health.up
        pair.b._probe_channel = "test:{probe.b}"
        await becomes(lambda: pair.b.health.up, 10)


async def test_a_huge_payload_on_the_channel_costs_at_most_a_reconnect(redis_server: RedisServer) -> None:
    async with talking(Pair(redis_server.url)) as pair:
        await command(redis_server, "PUBLISH", "test:{3}", b"x" * 40_000_000)
        await pair.hears_news()
        await becomes(lambda: pair.b.counts.garbage + pair.b.counts.losses >= 1)
        await becomes(lambda: pair.b.health.up)


async def test_a_node_started_without_redis_joins_when_it_comes(redis_server: RedisServer) -> None:
    await redis_server.stop()
    pair = Pair(redis_server.url)
    await asyncio.gather(pair.a.start(), pair.b.start())
    try:
        assert not pair.b.health.up
        await redis_server.start()
        await becomes(lambda: len(pair.restored_at) == 1, 2)
        await pair.a.publish("log", "room_1", {"number": 1})
        await pair.ear.hear(1)
    finally:
        await pair.a.close()
        await pair.b.close()


async def test_the_round_trip_of_the_probe_is_measured(redis_server: RedisServer) -> None:
    async with talking(Pair(redis_server.url)) as pair:
        await becomes(lambda: pair.a.health.up)
        assert pair.a.health.probe_seconds is not None
        assert 0 < pair.a.health.probe_seconds < 3


async def test_closing_leaves_no_connection_behind(redis_server: RedisServer) -> None:
    async with talking(Pair(redis_server.url)):
        assert (await command(redis_server, "CLIENT", "LIST")).count(b"name=test:") == 4
    await settles_at_connections(redis_server, 0)


async def test_the_number_of_connections_stays_the_same_through_losses(redis_server: RedisServer) -> None:
    async with talking(Pair(redis_server.url)) as pair:
        for times in (1, 2, 3, 4, 5):
            await command(redis_server, "CLIENT", "KILL", "TYPE", "pubsub")
            await command(redis_server, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            await becomes(lambda times=times: len(pair.restored_at) == times, 2)  # type: ignore[misc]  # as above
            await pair.hears_news()
        await settles_at_connections(redis_server, 4)


async def settles_at_connections(redis_server: RedisServer, count: int) -> None:
    async with asyncio.timeout(5):
        while (await command(redis_server, "CLIENT", "LIST")).count(b"name=test:") != count:
            await asyncio.sleep(0.02)


async def test_a_password_never_reaches_the_logs(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = redis_server.url.replace("redis://", "redis://some-user:CANARY-password@")
    settings = RedisBusSettings(url=url)
    bus = RedisBus("a", settings, SystemClock())
    await bus.start()
    assert not bus.health.up
    await bus.close()
    with pytest.raises(ValueError, match="cannot be read") as refusal:
        RedisBus("a", RedisBusSettings(url="redis://:CANARY-password/x@host:port"), SystemClock())
    assert any("no subscription" in line for line in caplog.messages)
    for text in (caplog.text, repr(settings), repr(bus), str(refusal.value)):
        assert "CANARY" not in text
        assert "some-user" not in text


async def test_a_flood_while_redis_is_away_costs_bounded_memory(redis_server: RedisServer) -> None:
    await redis_server.stop()
    bus = RedisBus("a", RedisBusSettings(url=redis_server.url), SystemClock())
    await bus.start()
    for number in range(20_000):
        await bus.publish("log", "room_1", {"number": number, "text": "x" * 2_000})
    assert bus.counts.dropped > 10_000
    await bus.close()
