"""What every bus must do, whichever adapter carries it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from realtime.bus.codec import VERSION
from realtime.bus.port import MAX_NOTICE_BYTES, Bus, Notice
from tests.conformance.bus_places import BusPlace, Ear, MemoryPlace, RedisPlace, becomes


@pytest.fixture(params=["memory", "redis", "redis-sharded"])
def place(request: pytest.FixtureRequest) -> BusPlace:
    if request.param == "memory":
        return MemoryPlace()
    return RedisPlace(request.getfixturevalue("redis_server"), sharded=request.param == "redis-sharded")


@asynccontextmanager
async def running(*buses: Bus) -> AsyncIterator[None]:
    for bus in buses:
        await bus.start()
    try:
        yield
    finally:
        for bus in buses:
            await bus.close()


def listening(bus: Bus, kind: str = "log") -> Ear:
    ear = Ear()
    bus.subscribe(kind, ear)
    return ear


async def test_every_other_node_hears_and_the_sender_does_not(place: BusPlace) -> None:
    a, b, c = (place.make(name) for name in "abc")
    ears = [listening(bus) for bus in (a, b, c)]
    async with running(a, b, c):
        await a.publish("log", "room_1", {"seq": 1, "text": "grüße 🙂"})
        await b.publish("log", "room_1", {"seq": 2})
        assert await ears[2].hear(2) == [{"seq": 1, "text": "grüße 🙂"}, {"seq": 2}]
        assert await ears[0].hear(1) == [{"seq": 2}]
        assert await ears[1].hear(1) == [{"seq": 1, "text": "grüße 🙂"}]
        assert ears[1].notices == [
            Notice(kind="log", key="room_1", node="a", body={"seq": 1, "text": "grüße 🙂"})
        ]


async def test_notices_of_one_key_arrive_in_the_order_they_were_published(place: BusPlace) -> None:
    a, b = place.make("a"), place.make("b")
    ear = listening(b)
    async with running(a, b):
        for number in range(2000):
            await a.publish("log", f"room_{number % 7}", {"number": number})
        await ear.hear(2000)
    for key in {notice.key for notice in ear.notices}:
        numbers = [notice.body["number"] for notice in ear.notices if notice.key == key]
        assert numbers == sorted(numbers, key=lambda number: int(str(number)))
        assert len(numbers) == len(set(numbers))


async def test_a_receiver_hears_its_own_kind_alone(place: BusPlace) -> None:
    a, b = place.make("a"), place.make("b")
    log, typing, typing_too = listening(b, "log"), listening(b, "typing"), listening(b, "typing")
    async with running(a, b):
        await a.publish("typing", "room_1", {"who": "ana"})
        await a.publish("unheard-of", "room_1", {})
        await a.publish("log", "room_1", {"seq": 1})
        assert await log.hear(1) == [{"seq": 1}]
        assert await typing.hear(1) == [{"who": "ana"}]
        assert await typing_too.hear(1) == [{"who": "ana"}]


GARBAGE = [
    b"",
    b"\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x94.",
    b"\xff\xfe",
    b"null",
    b"[" * 30_000,
    b'{"v":1,"n":"x","k":"log","y":"room_1","b":NaN}',
    b'{"v":1,"n":"x","k":"log","y":"room_1","b":[]}',
    b'{"v":1,"n":7,"k":"log","y":"room_1","b":{}}',
    b'{"v":true,"n":"x","k":"log","y":"room_1","b":{}}',
    b'{"n":"x","k":"log","y":"room_1","b":{}}',
    json.dumps({"v": VERSION + 1, "n": "x", "k": "log", "y": "room_1", "b": {}}).encode(),
    json.dumps({"v": VERSION, "n": "x", "k": "log", "y": "r", "b": {"t": "x" * MAX_NOTICE_BYTES}}).encode(),
    b"x" * 200_000,
]


async def test_garbage_is_ignored_and_counted(place: BusPlace, caplog: pytest.LogCaptureFixture) -> None:
    a, b = place.make("a"), place.make("b")
    ear = listening(b)
    async with running(a, b):
        for payload in GARBAGE:
            await place.write("room_1", payload)
        await a.publish("log", "room_1", {"seq": 1})
        assert await ear.hear(1) == [{"seq": 1}]
        await becomes(lambda: b.counts.garbage == len(GARBAGE))
        assert b.health.up or b.health.probe_seconds is None
    assert sum("not written by us" in line for line in caplog.messages) <= 2


@pytest.mark.parametrize(
    "body",
    [{"text": "x" * MAX_NOTICE_BYTES}, {"text": "\ud800"}, {"number": float("nan")}, {"thing": object()}],
    ids=["oversized", "lone surrogate", "nan", "not json"],
)
async def test_what_does_not_fit_the_wire_is_refused_and_counted(
    place: BusPlace, body: dict[str, object]
) -> None:
    a, b = place.make("a"), place.make("b")
    ear = listening(b)
    async with running(a, b):
        await a.publish("log", "room_1", body)
        await a.publish("log", "room_1", {"seq": 2})
        assert await ear.hear(1) == [{"seq": 2}]
        assert a.counts.refused == 1


async def test_a_receiver_that_raises_does_not_stop_the_others(place: BusPlace) -> None:
    a, b = place.make("a"), place.make("b")

    def broken(notice: Notice) -> None:
        raise ValueError(f"cannot cope with {notice.body}")

    b.subscribe("log", broken)
    ear = listening(b)
    async with running(a, b):
        await a.publish("log", "room_1", {"seq": 1})
        await a.publish("log", "room_1", {"seq": 2})
        assert await ear.hear(2) == [{"seq": 1}, {"seq": 2}]
        assert b.counts.failed == 2


async def test_subscribing_after_the_start_is_refused(place: BusPlace) -> None:
    a = place.make("a")
    async with running(a):
        with pytest.raises(RuntimeError, match="before the bus is started"):
            listening(a)


async def test_a_loss_is_survived_and_announced_when_it_is_over(place: BusPlace) -> None:
    a, b = place.make("a"), place.make("b")
    ear, returned, answers = listening(b), asyncio.Event(), Ear()
    a.subscribe("answer", answers)
    b.on_restored(returned.set)
    async with running(a, b):
        await becomes(lambda: a.health.up and b.health.up)
        await place.cut()
        await becomes(lambda: not a.health.up and not b.health.up)
        await a.publish("log", "room_1", {"seq": 1})
        assert not returned.is_set()
        await place.mend()
        await asyncio.wait_for(returned.wait(), 5)
        await becomes(lambda: a.health.up and b.health.up)
        await a.publish("log", "room_1", {"seq": 2})
        await b.publish("answer", "room_1", {})
        await answers.hear(1)
        await ear.until(lambda: {"seq": 2} in ear.bodies)
        assert b.counts.losses == 1
        assert ear.bodies in (
            [{"seq": 2}],
            [{"seq": 1}, {"seq": 2}],
        )  # Lost or late, never twice or out of order.


async def test_a_callback_that_raises_does_not_stop_the_next(place: BusPlace) -> None:
    a, called = place.make("a"), asyncio.Event()

    def broken() -> None:
        raise ValueError

    a.on_restored(broken)
    a.on_restored(called.set)
    async with running(a):
        await place.cut()
        await becomes(lambda: a.counts.losses == 1)
        await place.mend()
        await asyncio.wait_for(called.wait(), 5)


async def test_what_was_published_just_before_closing_still_arrives(place: BusPlace) -> None:
    a, b = place.make("a"), place.make("b")
    ear = listening(b)
    async with running(b):
        await a.start()
        for number in range(100):
            await a.publish("log", "room_1", {"number": number})
        await a.close()
        assert len(await ear.hear(100)) == 100


async def test_closing_leaves_no_task_behind_and_may_be_repeated(place: BusPlace) -> None:
    before = asyncio.all_tasks()
    a = place.make("a")
    await a.start()
    await a.close()
    await a.close()
    assert asyncio.all_tasks() == before
    assert not a.health.up
    await a.publish("log", "room_1", {})


async def test_a_node_that_never_started_can_be_closed(place: BusPlace) -> None:
    a = place.make("a")
    await a.close()
    assert not a.health.up
