"""Typing: told at once, not told again too soon, over by itself."""

from collections.abc import AsyncIterator

import pytest_asyncio

from realtime.bus.memory import MemoryBus, MemoryExchange
from realtime.presence.people import Person
from realtime.presence.typing import Typing, TypingChange, TypingRules
from tests.realtime.presence.nodes import ANA, BEN, ManualClock

ROOM = "room_1"


class TypingNode:
    def __init__(self, name: str, nodes: "TypingNodes") -> None:
        self.bus = MemoryBus(name, nodes.exchange)
        self.typing = Typing(self.bus, nodes.clock, count=lambda room_id: nodes.present)
        self.changes: list[TypingChange] = []
        self.typing.on_change(self.changes.append)

    def heard(self) -> list[tuple[str, bool]]:
        """What was reported since the last call: (name, typing)."""
        news = [(change.person.name, change.typing) for change in self.changes]
        self.changes.clear()
        return news


class TypingNodes:
    """Two nodes, `a` and `b`; `present` is how many people each room has."""

    def __init__(self) -> None:
        self.exchange = MemoryExchange()
        self.clock = ManualClock()
        self.present = 2
        self.a, self.b = TypingNode("a", self), TypingNode("b", self)

    async def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 2)):
            self.clock.move(0.5)
            for node in (self.a, self.b):
                await node.typing.tick()
            await self.exchange.settle()


@pytest_asyncio.fixture
async def nodes() -> AsyncIterator[TypingNodes]:
    nodes = TypingNodes()
    for node in (nodes.a, nodes.b):
        await node.bus.start()
        await node.typing.open()
    yield nodes
    for node in (nodes.a, nodes.b):
        await node.typing.close()
        await node.typing.close()
        await node.bus.close()


async def test_a_start_and_a_stop_are_told_on_every_node(nodes: TypingNodes) -> None:
    await nodes.a.typing.start(ROOM, BEN)
    await nodes.exchange.settle()
    assert nodes.a.changes == nodes.b.changes == [TypingChange(ROOM, BEN, typing=True)]
    await nodes.a.typing.stop(ROOM, BEN)
    await nodes.exchange.settle()
    assert nodes.a.changes == nodes.b.changes
    assert nodes.b.changes[-1] == TypingChange(ROOM, BEN, typing=False)


async def test_starts_repeated_within_three_seconds_are_not_told_again(nodes: TypingNodes) -> None:
    for _ in range(5):
        await nodes.a.typing.start(ROOM, ANA)
        await nodes.wait(0.5)
    assert nodes.b.heard() == [("Ana", True)]
    await nodes.wait(1)
    await nodes.a.typing.start(ROOM, ANA)
    await nodes.wait(0.5)
    assert nodes.a.heard() == [("Ana", True), ("Ana", True)]
    assert nodes.b.heard() == [("Ana", True)]


async def test_typing_not_renewed_is_over_after_six_seconds_once(nodes: TypingNodes) -> None:
    await nodes.a.typing.start(ROOM, ANA)
    await nodes.wait(2)
    await nodes.a.typing.start(ROOM, ANA)  # Not told, but it counts from here.
    await nodes.wait(5.5)
    assert nodes.a.heard() == [("Ana", True)]
    await nodes.wait(4)
    assert nodes.a.heard() == [("Ana", False)]
    assert [typing for _, typing in nodes.b.heard()].count(False) == 1


async def test_typing_ends_even_when_its_node_crashes(nodes: TypingNodes) -> None:
    await nodes.a.typing.start(ROOM, ANA)
    await nodes.exchange.settle()
    await nodes.a.typing.close()
    await nodes.a.bus.close()
    await nodes.wait(8)
    assert nodes.b.heard() == [("Ana", True), ("Ana", False)]


async def test_a_stop_without_a_start_says_nothing(nodes: TypingNodes) -> None:
    await nodes.a.typing.stop(ROOM, ANA)
    await nodes.exchange.settle()
    assert nodes.a.heard() == nodes.b.heard() == []


async def test_flicker_is_not_fanned_out(nodes: TypingNodes) -> None:
    for _ in range(50):
        await nodes.a.typing.start(ROOM, ANA)
        await nodes.a.typing.stop(ROOM, ANA)
    await nodes.exchange.settle()
    assert nodes.b.heard() == [("Ana", True), ("Ana", False)]
    await nodes.wait(1)
    await nodes.a.typing.start(ROOM, ANA)
    await nodes.exchange.settle()
    assert nodes.b.heard() == [("Ana", True)]


async def test_two_people_and_two_rooms_do_not_mix(nodes: TypingNodes) -> None:
    await nodes.a.typing.start(ROOM, ANA)
    await nodes.b.typing.start(ROOM, BEN)
    await nodes.a.typing.start("room_2", ANA)
    await nodes.a.typing.stop("room_2", ANA)
    await nodes.exchange.settle()
    told = {(change.room_id, change.person.name, change.typing) for change in nodes.b.changes}
    assert told == {
        (ROOM, "Ana", True),
        (ROOM, "Ben", True),
        ("room_2", "Ana", True),
        ("room_2", "Ana", False),
    }


async def test_typing_is_not_told_in_a_crowd(nodes: TypingNodes) -> None:
    nodes.present = TypingRules().crowd + 1
    assert nodes.a.typing.suppressed(ROOM)
    await nodes.a.typing.start(ROOM, ANA)
    await nodes.a.typing.stop(ROOM, ANA)
    nodes.present = TypingRules().crowd
    assert not nodes.a.typing.suppressed(ROOM)
    await nodes.a.typing.start(ROOM, BEN)
    await nodes.exchange.settle()
    assert nodes.a.heard() == nodes.b.heard() == [("Ben", True)]


async def test_nothing_is_kept_of_those_who_stopped(nodes: TypingNodes) -> None:
    for number in range(100):
        await nodes.a.typing.start(ROOM, Person(f"u{number}", "Somebody", "student"))
    await nodes.wait(20)
    for node in (nodes.a, nodes.b):
        assert not node.typing._typists
        assert not node.typing._last_told


async def test_a_strange_notice_is_ignored(nodes: TypingNodes) -> None:
    bodies: list[dict[str, object]] = [
        {},
        {"typing": True},
        {"typing": True, "person": {"id": 7, "name": "x", "role": "y"}},
        {"typing": "yes", "person": {"id": "x", "name": "x", "role": "y"}},
        {"typing": True, "person": {"id": "x", "name": "x", "role": "y", "picture": []}},
    ]
    for body in bodies:
        await nodes.a.bus.publish("typing", ROOM, body)
    await nodes.exchange.settle()
    assert nodes.b.heard() == []
    assert nodes.b.bus.counts.failed == 0
