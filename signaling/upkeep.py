"""What happens to seats by itself: the grace runs out, a node dies, a notice was lost, somebody leaves the room."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from auth.identity import Identity
from auth.permissions import Action
from contract.calls import LeaveReason
from contract.clock import Clock
from contract.errors import DomainError
from contract.people import Actor, SignInRole
from db.engine import Database, is_outage
from realtime.log.writer import Writer
from realtime.rooms import store as rooms
from realtime.rooms.store import Access
from realtime.sessions import Session
from signaling import rules, store
from signaling.hub import CallHub
from signaling.model import EVERYTHING, CallRecord
from signaling.nodes import NodeWatch
from signaling.writes import Beat, Change, ChangeCall

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
"""Attendance of those whose node died is right to about this."""

LOOK_SECONDS = 3.0
LEASE_SECONDS = 11.0
"""A node that has not counted on for so long is dead: what it held is swept at most two looks later, 17 s after its last
beat, and not before those who were connected to it had 10 s to take their seats again elsewhere.
"""

SYSTEM = Actor(id="homeroom", name="Homeroom", role=SignInRole.BOT)


class CallUpkeep:
    """Runs in the background of each node."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        hub: CallHub,
        clock: Clock,
        *,
        node_id: str,
        grace_seconds: float,
        is_revoked: Callable[[Identity], bool],
    ) -> None:
        self._database = database
        self._writer = writer
        self._hub = hub
        self._clock = clock
        self._node_id = node_id
        self._grace = timedelta(seconds=grace_seconds)
        self._is_revoked = is_revoked
        self._watch = NodeWatch(node_id, lease=LEASE_SECONDS, blink=1.5 * LOOK_SECONDS)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._spawn(self._for_ever(self._look, LOOK_SECONDS))
        self._spawn(self._for_ever(self._beat, BEAT_SECONDS))

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def connection_gone(self, session: Session) -> None:
        """The seats of a connection that is gone are kept for the grace; not for somebody whose sign-in was ended."""
        for call_id, room_id, peer_id in self._hub.seats_of(session):
            self._hub.forget(call_id, peer_id)
            if self._is_revoked(session.identity):
                self._spawn(self._leave(call_id, room_id, peer_id, LeaveReason.REMOVED))
            else:
                self._spawn(self._drop(call_id, room_id, peer_id, session.sid))

    def left_room(self, session: Session, room_id: str) -> None:
        """Whoever no longer belongs to the room is no longer in its call."""
        for call_id, room, peer_id in self._hub.seats_of(session):
            if room == room_id:
                self._spawn(self._leave(call_id, room_id, peer_id, LeaveReason.REMOVED))

    async def _beat(self) -> None:
        """Often while people here are in a call; otherwise `_look` does it."""
        if self._hub.records():
            await self._writer.submit(Beat(self._node_id))

    async def _look(self) -> None:
        """Says that this node lives; sweeps what dead nodes held, and what this one has lost; looks for changes whose notice was lost."""
        await self._writer.submit(Beat(self._node_id))
        await self._sweep()
        records = self._hub.records()
        if records:
            async with self._database.reading() as connection:
                present = await store.versions(connection, [record.call.id for record in records])
            for record in records:
                if present.get(record.call.id) != record.version:
                    await self._hub.refresh(record.call.id)
            for record in self._hub.records():
                await self._restand(record)

    async def _restand(self, record: CallRecord) -> None:
        """Brings the standing of those here up to what their room and token say by now."""
        here = self._hub.sessions_in(record.call.id)
        room_id = record.call.room_id
        async with self._database.reading() as connection:
            found = await rooms.accesses(
                connection, [(room_id, session.user_id, session.identity.role) for _, session in here]
            )
        for peer_id, session in here:
            access, seat = found.get((room_id, session.user_id)), record.seats.get(peer_id)
            if access is None or not access.allows(Action.CALL_JOIN):
                await self._put_out(record, peer_id, access)
                continue
            staff, grants = access.allows(Action.CALL_MODERATE), session.identity.call_rights or EVERYTHING
            if seat is not None and (seat.staff, seat.grants) != (staff, grants):
                await self._change(
                    record.call.id, room_id, _restanding(session.user_id, access, session.identity)
                )

    async def _put_out(self, record: CallRecord, peer_id: str, access: Access | None) -> None:
        """One who no longer belongs to the room; or everybody, when the room was archived."""
        if access is not None and access.room.archived:
            await self._change(
                record.call.id, record.call.room_id, lambda one, now: rules.end(one, LeaveReason.ENDED, now)
            )
        else:
            await self._leave(record.call.id, record.call.room_id, peer_id, LeaveReason.REMOVED)

    async def _drop(self, call_id: str, room_id: str, peer_id: str, sid: str) -> None:
        if await self._change(call_id, room_id, lambda one, now: rules.drop(one, peer_id, sid, now)):
            await asyncio.sleep(self._grace.total_seconds())
            await self._lapse(call_id, room_id, peer_id)

    async def _lapse(self, call_id: str, room_id: str, peer_id: str) -> None:
        grace = self._grace
        await self._change(call_id, room_id, lambda one, now: rules.lapse(one, peer_id, grace, now))

    async def _leave(self, call_id: str, room_id: str, peer_id: str, reason: LeaveReason) -> None:
        await self._change(call_id, room_id, lambda one, now: rules.leave(one, peer_id, reason, now))

    async def _sweep(self) -> None:
        async with self._database.reading() as connection:
            beats = await store.beats(connection)
            holding = await store.nodes_with_seats(connection)
            dead = self._watch.dead(beats, holding, self._clock.monotonic())
            swept = dead | (holding & {self._node_id})
            seats = await store.seats_on(connection, swept) if swept else []
        for placed in seats:
            if placed.node_id == self._node_id:
                await self._sweep_own(placed)
            else:
                beat = beats.get(placed.node_id)
                await self._change(placed.call_id, placed.room_id, _losing(placed, beat))

    async def _sweep_own(self, placed: store.Placed) -> None:
        """What a failing database, or an earlier run under the same name, kept from being done."""
        if placed.dropped_at is not None:
            if self._clock.now() - placed.dropped_at >= self._grace:
                await self._lapse(placed.call_id, placed.room_id, placed.peer_id)
        elif not self._hub.is_here(placed.sid):
            peer_id, sid = placed.peer_id, placed.sid
            await self._change(
                placed.call_id, placed.room_id, lambda one, now: rules.drop(one, peer_id, sid, now)
            )

    async def _change(self, call_id: str, room_id: str, change: Change) -> bool:
        """Whether there was anything to change."""
        try:
            changed = await self._writer.submit(ChangeCall(room_id, call_id, SYSTEM, change))
        except DomainError:
            return False  # over by now, or the database is away: then a later sweep finds it
        if changed.before is changed.after:
            return False
        await self._hub.announce(changed.after)
        return True

    async def _for_ever(self, work: Callable[[], Coroutine[Any, Any, None]], seconds: float) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                if not isinstance(error, DomainError) and not is_outage(error):
                    log.exception("the upkeep of calls failed")
            await asyncio.sleep(seconds)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _losing(placed: store.Placed, beat: store.Beat | None) -> Change:
    def change(record: CallRecord, now: datetime) -> CallRecord:
        return rules.lose(record, placed.peer_id, placed.node_id, beat.at if beat is not None else now, now)

    return change


def _restanding(user_id: str, access: Access, who: Identity) -> Change:
    staff, grants = access.allows(Action.CALL_MODERATE), who.call_rights or EVERYTHING
    return lambda record, _: rules.restand(record, user_id, staff=staff, grants=grants)
