"""Presence across nodes: joins and leaves of this node are gossiped, those of the others merged. Nothing is stored."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable

from contract.clock import Clock
from realtime.bus.port import Bus, Notice
from realtime.presence.gossip import (
    KIND,
    Ask,
    Beat,
    Body,
    Delta,
    Digest,
    Goodbye,
    Message,
    from_body,
    to_body,
)
from realtime.presence.people import Person, PresenceChange, PresentPerson, Status
from realtime.presence.roster import Roster
from realtime.presence.rules import Changes, Place, Timing, View

_LOG = logging.getLogger(__name__)

_TICK_SECONDS = 0.5
_STALL_SECONDS = 3.0
"""A tick later than this shows that this process stood still, and heard nobody for that reason."""

_GATHER_SECONDS = 0.05
"""Joins and leaves of this long travel together: after a reconnect storm it is one notice, not a thousand."""

_AGAIN_SECONDS = 1.0
"""Between two digests, or two questions to the same node."""

ChangeListener = Callable[[PresenceChange], None]


class Presence:
    """One per node. Built before the bus starts; started after it and closed before it."""

    def __init__(self, bus: Bus, clock: Clock, timing: Timing | None = None) -> None:
        self._bus = bus
        self._clock = clock
        self._timing = timing or Timing()
        self._view = View(bus.node_id, self._timing)
        self._roster = Roster()
        self._listeners: list[ChangeListener] = []
        self._outbox: deque[Body] = deque()
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._next_beat = self._ticked_at = clock.monotonic()
        self._digest_due: float | None = None
        self._digest_sent_at = float("-inf")
        self._asked_at: dict[str, float] = {}
        bus.subscribe(KIND, self._receive)
        bus.on_restored(self._exchange)

    # Lifetime

    async def start(self) -> None:
        """Ask the other nodes who is with them, and begin to say who is here."""
        self._ticked_at = self._next_beat = self._clock.monotonic()
        self._exchange()
        self._tasks = [
            asyncio.create_task(self._tick_for_ever(), name="presence-tick"),
            asyncio.create_task(self._send_for_ever(), name="presence-send"),
        ]

    async def close(self) -> None:
        """Say goodbye: the others keep this node's people for the grace only. May be called twice."""
        if not self._tasks:
            return
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._say(Goodbye())
        await self._publish_outbox()

    # Who is here

    def join(self, room_id: str, connection_id: str, person: Person) -> None:
        """`connection_id` is in the room now. Joining again with other details updates these everywhere."""
        self._touched(self._roster.join(room_id, connection_id, person))

    def leave(self, room_id: str, connection_id: str) -> None:
        self._touched(self._roster.leave(room_id, connection_id))

    def drop(self, connection_id: str) -> None:
        """The connection is gone, and with it its place in every room."""
        self._touched(self._roster.drop(connection_id))

    def set_status(self, connection_id: str, status: Status) -> None:
        """Somebody is away only when all their connections in the room are. The status outlives joins and leaves; `drop` ends it."""
        self._touched(self._roster.set_status(connection_id, status))

    def people(self, room_id: str) -> list[PresentPerson]:
        """Over all nodes, sorted by name; whoever left less than the grace ago is still in it."""
        return self._view.people(room_id)

    def count(self, room_id: str) -> int:
        """len(people(room_id)), cheaply."""
        return self._view.count(room_id)

    def on_change(self, listener: ChangeListener) -> None:
        """Call `listener`, synchronously, for each change in a room that somebody on this node is in."""
        self._listeners.append(listener)

    # Time

    def tick(self) -> None:
        """What is due by now: ends of leases and graces, the beat, questions and answers. Runs every half second."""
        now = self._clock.monotonic()
        if now - self._ticked_at > _STALL_SECONDS or not self._bus.health.up:
            self._view.renew(now)
        self._ticked_at = now
        self._report(self._view.sweep(now))
        if now >= self._next_beat:
            self._next_beat = now + self._timing.beat
            self._tell_changes()
            self._say(Beat(self._roster.version))
        if self._digest_due is not None and now >= self._digest_due:
            self._send_digest(now)
        self._ask_for_missing(now)

    async def flush(self) -> None:
        """Hand everything that is to be said to the bus."""
        self._tell_changes()
        await self._publish_outbox()

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            try:
                self.tick()
            except Exception as problem:
                _LOG.error("presence: a tick failed with %s", type(problem).__name__)

    async def _send_for_ever(self) -> None:
        while True:
            await self._work.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._work.clear()
            try:
                await self.flush()
            except Exception as problem:
                _LOG.error("presence: sending failed with %s", type(problem).__name__)

    # Saying

    def _touched(self, places: Iterable[Place]) -> None:
        now = self._clock.monotonic()
        changes = [
            change for place in places for change in self._view.own(place, self._roster.entry(place), now)
        ]
        self._work.set()
        self._report(changes)

    def _say(self, message: Message) -> None:
        self._outbox.append(to_body(message))
        self._work.set()

    def _tell_changes(self) -> None:
        for delta in self._roster.tell():
            self._say(delta)

    def _send_digest(self, now: float) -> None:
        self._digest_due, self._digest_sent_at = None, now
        self._tell_changes()
        for digest in self._roster.tell_all():
            self._say(digest)

    async def _publish_outbox(self) -> None:
        while self._outbox:
            await self._bus.publish(KIND, self._bus.node_id, self._outbox.popleft())

    def _exchange(self) -> None:
        """After a start or a loss: our whole state to all, and theirs please."""
        now = self._clock.monotonic()
        self._view.renew(now)
        self._say(Ask(None))
        self._send_digest(now)

    def _ask_for_missing(self, now: float) -> None:
        behind = self._view.behind()
        self._asked_at = {name: at for name, at in self._asked_at.items() if name in behind}
        for name in behind:
            if now - self._asked_at.get(name, float("-inf")) >= _AGAIN_SECONDS:
                self._asked_at[name] = now
                self._say(Ask(name))

    # Hearing

    def _receive(self, notice: Notice) -> None:
        message = from_body(notice.body)
        now = self._clock.monotonic()
        match message:
            case Delta(version, put, gone):
                self._report(self._view.delta(notice.node, version, put, gone, now))
            case Beat(version):
                self._view.beat(notice.node, version, now)
            case Digest(version, index, total, entries):
                self._report(self._view.digest(notice.node, version, (index, total), entries, now))
            case Ask(node) if node is None or node == self._bus.node_id:
                self._digest_due = max(now, self._digest_sent_at + _AGAIN_SECONDS)
                if self._digest_due <= now:
                    self._send_digest(now)
            case Goodbye():
                self._report(self._view.goodbye(notice.node, now))
            case _:
                return
        self._ask_for_missing(now)

    def _report(self, changes: Changes) -> None:
        for change in changes:
            if not self._roster.has_room(change.room_id):
                continue
            for listener in self._listeners:
                try:
                    listener(change)
                except Exception as problem:
                    _LOG.error("presence: a listener failed with %s", type(problem).__name__)
