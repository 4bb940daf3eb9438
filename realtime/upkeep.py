"""What is looked after from time to time, because notices between nodes may be lost: heads, the epoch, revocations,
membership. The database is asked, and what differs is mended.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from auth.permissions import Action, allows
from auth.service import RevocationService
from contract.connection import ConnectionFailed
from contract.errors import DomainError, ErrorCode
from db.engine import Database, is_outage
from realtime.log.delivery import Delivery
from realtime.log.epoch import EpochKeeper
from realtime.personal import Personal
from realtime.rooms import store as rooms
from realtime.sessions import Sessions

log = logging.getLogger(__name__)

HEADS_SECONDS = 3.0
"""How long a last message whose notice was lost may stay unseen."""

REST_SECONDS = 20.0
_CHUNK = 200


@dataclass(frozen=True)
class Parts:
    """What is looked after."""

    database: Database
    delivery: Delivery
    epochs: EpochKeeper
    revocations: RevocationService
    sessions: Sessions
    personal: Personal


class Upkeep:
    """Runs in the background of each node."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tasks: list[asyncio.Task[None]] = []
        self._restored = asyncio.Event()
        self._revoked = asyncio.Event()

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._every(HEADS_SECONDS, self.check_heads), name="upkeep-heads"),
            asyncio.create_task(self._every(REST_SECONDS, self.check_rest), name="upkeep-rest"),
            asyncio.create_task(self._each_time(self._restored, self._look_at_all), name="upkeep-restored"),
            asyncio.create_task(self._each_time(self._revoked, self.check_revoked), name="upkeep-revoked"),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def bus_restored(self) -> None:
        """Notices were lost: look at everything now."""
        self._restored.set()

    def revoked_elsewhere(self) -> None:
        """Another node says that it wrote down a revocation: look whether it did."""
        self._revoked.set()

    async def check_heads(self) -> None:
        """Finds last messages that were not announced, and a database that went back."""
        if await self._parts.delivery.check_heads():
            log.warning("the database holds less than was delivered: a new epoch begins")
            await self._parts.epochs.renew()
            self._start_over()
        elif await self._parts.epochs.changed():
            log.warning("the database was restored: a new epoch has begun")
            self._start_over()

    async def check_revoked(self) -> None:
        async with self._parts.database.reading() as connection:
            await self._parts.revocations.reload(connection)

    async def check_rest(self) -> None:
        await self.check_revoked()
        await self.check_memberships()

    async def check_memberships(self) -> None:
        """Whoever listens to a room must still be allowed to."""
        listening = [
            (session, room_id) for session in self._parts.sessions for room_id in list(session.rooms)
        ]
        for start in range(0, len(listening), _CHUNK):
            chunk = listening[start : start + _CHUNK]
            pairs = {(room_id, one.user_id, one.identity.role) for one, room_id in chunk}
            async with self._parts.database.reading() as connection:
                found = await rooms.accesses(connection, pairs)
            for session, room_id in chunk:
                access = found.get((room_id, session.user_id))
                if access is None or not allows(Action.ROOM_VIEW, access.standing, access.room.kind):
                    self._parts.personal.tell_removed(session.user_id, room_id)
                elif room_id in session.rooms:
                    session.rooms[room_id] = access

    def _start_over(self) -> None:
        """Everybody comes back with the old epoch, and is given snapshots."""
        self._parts.delivery.start_over()
        for session in self._parts.sessions:
            self._parts.sessions.cut(
                session,
                ConnectionFailed(
                    code=ErrorCode.UNAVAILABLE, message="The rooms have to be loaded again.", reconnect=True
                ),
            )

    async def _look_at_all(self) -> None:
        await _quietly(self.check_heads)
        await _quietly(self.check_rest)

    async def _each_time(self, event: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
        """However often it was set meanwhile, the work is done once more."""
        while True:
            await event.wait()
            event.clear()
            await _quietly(work)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await _quietly(work)


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    """A database that is away is tried again next time; whatever else goes wrong is logged, and the loop goes on."""
    try:
        await work()
    except Exception as error:
        if not isinstance(error, DomainError) and not is_outage(error):
            log.exception("upkeep failed")
