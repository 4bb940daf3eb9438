"""Who is typing: told at once, kept nowhere, over by itself. Nobody misses it when it is lost."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from contract.clock import Clock
from realtime.bus.port import Bus, Notice
from realtime.presence.people import Person

_LOG = logging.getLogger(__name__)

_KIND = "typing"
_TICK_SECONDS = 0.5


@dataclass(frozen=True)
class TypingRules:
    """In seconds. Clients repeat a start every `repeat` while somebody types."""

    repeat: float = 3.0
    expire: float = 6.0
    again: float = 1.0
    """A start after a stop is told only this long after the start before, so that flicker is not fanned out."""
    crowd: int = 200
    """In a room with more people present, typing is not told: it would cost more than the messages."""


@dataclass(frozen=True)
class TypingChange:
    room_id: str
    person: Person
    typing: bool


@dataclass
class _Typist:
    person: Person
    here: bool
    """Typing on this node, which is then the one to tell the others of the end."""
    ends_at: float


class Typing:
    """One per node. `count` says how many people are present in a room (Presence.count)."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        count: Callable[[str], int] = lambda room_id: 0,
        rules: TypingRules | None = None,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._count = count
        self.rules = rules or TypingRules()
        self._typists: dict[tuple[str, str], _Typist] = {}
        self._last_told: dict[tuple[str, str], float] = {}
        self._listeners: list[Callable[[TypingChange], None]] = []
        self._task: asyncio.Task[None] | None = None
        bus.subscribe(_KIND, self._receive)

    async def open(self) -> None:
        """Begin to end what is not renewed."""
        self._task = asyncio.create_task(self._tick_for_ever(), name="typing-tick")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def on_change(self, listener: Callable[[TypingChange], None]) -> None:
        """Call `listener`, synchronously, for each start, renewal and stop, of this node and of the others."""
        self._listeners.append(listener)

    def suppressed(self, room_id: str) -> bool:
        """Whether the room is too large for typing to be told."""
        return self._count(room_id) > self.rules.crowd

    async def start(self, room_id: str, person: Person) -> None:
        """`person` types in the room. To be repeated while it goes on."""
        key, now = (room_id, person.id), self._clock.monotonic()
        if self.suppressed(room_id):
            return
        known = self._typists.get(key)
        pause = self.rules.again if known is None else self.rules.repeat
        told_at = self._last_told.get(key)
        if told_at is not None and now - told_at < pause:
            if known is not None:
                known.ends_at, known.here = now + self.rules.expire, True
            return
        self._typists[key] = _Typist(person, here=True, ends_at=now + self.rules.expire)
        self._last_told[key] = now
        await self._tell(TypingChange(room_id, person, typing=True))

    async def stop(self, room_id: str, person: Person) -> None:
        """`person` has stopped, or sent what they typed. Says nothing when they were not typing."""
        typist = self._typists.pop((room_id, person.id), None)
        if typist is not None:
            await self._tell(TypingChange(room_id, typist.person, typing=False))

    async def tick(self) -> None:
        """End what was not renewed. Runs every half second."""
        now = self._clock.monotonic()
        over = [(key, typist) for key, typist in self._typists.items() if typist.ends_at <= now]
        for key, _ in over:
            del self._typists[key]
        for key, typist in over:
            change = TypingChange(key[0], typist.person, typing=False)
            if typist.here:
                await self._tell(change)
            else:
                self._report(change)
        self._last_told = {key: at for key, at in self._last_told.items() if now - at < self.rules.expire}

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            try:
                await self.tick()
            except Exception as problem:
                _LOG.error("typing: a tick failed with %s", type(problem).__name__)

    async def _tell(self, change: TypingChange) -> None:
        self._report(change)
        body = {"typing": change.typing, "person": asdict(change.person)}
        await self._bus.publish(_KIND, change.room_id, body)

    def _receive(self, notice: Notice) -> None:
        person = _person(notice.body.get("person"))
        typing = notice.body.get("typing")
        if person is None or not isinstance(typing, bool):
            return
        key, now = (notice.key, person.id), self._clock.monotonic()
        if typing:
            # A little longer than the origin waits, whose own stop is to come first.
            ends_at = now + self.rules.expire + 2 * _TICK_SECONDS
            self._typists[key] = _Typist(person, here=False, ends_at=ends_at)
            self._last_told[key] = now
        elif self._typists.pop(key, None) is None:
            return
        self._report(TypingChange(notice.key, person, typing))

    def _report(self, change: TypingChange) -> None:
        for listener in self._listeners:
            try:
                listener(change)
            except Exception as problem:
                _LOG.error("typing: a listener failed with %s", type(problem).__name__)


def _person(value: object) -> Person | None:
    if not isinstance(value, Mapping):
        return None
    user_id, name, role, picture = (value.get(field) for field in ("id", "name", "role", "picture"))
    if not (isinstance(user_id, str) and isinstance(name, str) and isinstance(role, str)):
        return None
    return Person(user_id, name, role, picture) if picture is None or isinstance(picture, str) else None
