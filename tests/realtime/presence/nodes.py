"""A clock that tests move, and nodes with presence on one exchange."""

from datetime import UTC, datetime, timedelta

from realtime.bus.memory import MemoryBus, MemoryExchange
from realtime.presence.people import Person, PresenceChange
from realtime.presence.service import Presence

ANA = Person("u_ana", "Ana", "student")
BEN = Person("u_ben", "Ben", "student", "https://example.org/ben.png")
EVE = Person("u_eve", "eve", "instructor")


class ManualClock:
    def __init__(self) -> None:
        self._seconds = 1000.0

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    def move(self, seconds: float) -> None:
        self._seconds += seconds


class Node:
    """One node; its tasks do not run: the cluster moves the time and flushes."""

    def __init__(self, name: str, exchange: MemoryExchange, clock: ManualClock) -> None:
        self.bus = MemoryBus(name, exchange)
        self.presence = Presence(self.bus, clock)
        self.changes: list[PresenceChange] = []
        self.presence.on_change(self.changes.append)

    def here(self, room_id: str = "room_1") -> list[str]:
        return [person.name for person in self.presence.people(room_id)]

    def heard(self) -> list[tuple[str, str]]:
        """What was reported since the last call: (what, name)."""
        news: list[tuple[str, str]] = [(change.what, change.person.name) for change in self.changes]
        self.changes.clear()
        return news


class Cluster:
    def __init__(self) -> None:
        self.exchange = MemoryExchange()
        self.clock = ManualClock()
        self.nodes: dict[str, Node] = {}

    async def add(self, name: str) -> Node:
        node = self.nodes[name] = Node(name, self.exchange, self.clock)
        await node.bus.start()
        await node.presence.start()
        await self.settle()
        return node

    async def crash(self, name: str) -> None:
        """Gone without a word."""
        node = self.nodes.pop(name)
        await node.bus.close()
        await node.presence.close()

    async def settle(self) -> None:
        """Everything said has been heard, and answered."""
        for _ in range(4):
            for node in self.nodes.values():
                await node.presence.flush()
            await self.exchange.settle()

    async def wait(self, seconds: float) -> None:
        """Let time pass in steps of half a second."""
        for _ in range(round(seconds * 2)):
            self.clock.move(0.5)
            for node in self.nodes.values():
                node.presence.tick()
            await self.settle()

    async def close(self) -> None:
        for name in list(self.nodes):
            await self.crash(name)
