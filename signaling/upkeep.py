"""What happens to seats by itself: the grace runs out, a node dies, a notice was lost, somebody leaves the room."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from contract.calls import LeaveReason
from contract.clock import Clock
from contract.errors import DomainError
from contract.events import LogEvent
from contract.people import Actor, SignInRole
from db.engine import Database, is_outage
from realtime.log.writer import Writer
from realtime.sessions import Session
from signaling import rules, store
from signaling.hub import CallHub
from signaling.model import CallRecord
from signaling.writes import Beat, Change, ChangeCall

log = logging.getLogger(__name__)

BEAT_SECONDS = 3.0
LEASE_SECONDS = 10.0
"""A node that has not counted on for so long is dead: what it held is swept, at most 14 s after its last beat."""

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
    ) -> None:
        self._database = database
        self._writer = writer
        self._hub = hub
        self._clock = clock
        self._node_id = node_id
        self._grace = grace_seconds
        self._heard: dict[str, tuple[int, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._spawn(self._tick_for_ever())

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def connection_gone(self, session: Session) -> None:
        """The seats of a connection that is gone are kept for the grace."""
        for call_id, room_id, peer_id in self._hub.seats_of(session):
            self._hub.forget(call_id, peer_id)
            self._spawn(self._drop(call_id, room_id, peer_id, session))

    def delivered(self, event: LogEvent) -> None:
        """Whoever no longer belongs to the room is no longer in its call."""
        user_id = event.data.get("user_id")
        if event.type == "member.removed" and isinstance(user_id, str):
            for call_id, peer_id in self._hub.seats_of_user(user_id, event.room_id):
                self._spawn(self._leave(call_id, event.room_id, peer_id, LeaveReason.REMOVED))

    async def tick(self) -> None:
        """Beats, sweeps what dead nodes held, and looks for changes whose notice was lost."""
        await self._writer.submit(Beat(self._node_id))
        await self._sweep()
        known = self._hub.versions()
        if known:
            async with self._database.reading() as connection:
                present = await store.versions(connection, known)
            for call_id, version in present.items():
                if version != known[call_id]:
                    await self._hub.refresh(call_id)

    async def _drop(self, call_id: str, room_id: str, peer_id: str, session: Session) -> None:
        sid = session.sid
        dropped = await self._change(call_id, room_id, lambda one, now: rules.drop(one, peer_id, sid, now))
        if not dropped:
            return
        await asyncio.sleep(self._grace)
        await self._change(
            call_id,
            room_id,
            lambda one, now: (
                rules.leave(one, peer_id, LeaveReason.CONNECTION_LOST, now)
                if not one.seats[peer_id].connected
                else one
            ),
        )

    async def _leave(self, call_id: str, room_id: str, peer_id: str, reason: LeaveReason) -> None:
        await self._change(call_id, room_id, lambda one, now: rules.leave(one, peer_id, reason, now))

    async def _sweep(self) -> None:
        async with self._database.reading() as connection:
            beats = await store.beats(connection)
            holding = await store.nodes_with_seats(connection)
            dead = self._dead(beats, holding)
            seats = await store.seats_on(connection, dead) if dead else []
        for call_id, room_id, peer_id, node_id in seats:
            silent = self._clock.monotonic() - self._heard[node_id][1]
            await self._change(call_id, room_id, _losing(peer_id, node_id, silent))

    def _dead(self, beats: Mapping[str, int], holding: set[str]) -> set[str]:
        now = self._clock.monotonic()
        for node_id in holding:
            beat = beats.get(node_id, 0)
            if self._heard.get(node_id, (-1, now))[0] != beat:
                self._heard[node_id] = (beat, now)
        self._heard = {name: heard for name, heard in self._heard.items() if name in holding}
        return {
            name
            for name, (_, since) in self._heard.items()
            if name != self._node_id and now - since >= LEASE_SECONDS
        }

    async def _change(self, call_id: str, room_id: str, change: Change) -> bool:
        """Whether there was anything to change."""
        try:
            changed = await self._writer.submit(ChangeCall(room_id, call_id, SYSTEM, change))
        except DomainError:
            return False  # over by now, or the database is away: then the sweep of another node finds it
        if changed.before is changed.after:
            return False
        await self._hub.announce(changed.after)
        return True

    async def _tick_for_ever(self) -> None:
        while True:
            try:
                await self.tick()
            except Exception as error:
                if not isinstance(error, DomainError) and not is_outage(error):
                    log.exception("the upkeep of calls failed")
            await asyncio.sleep(BEAT_SECONDS)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _losing(peer_id: str, node_id: str, silent: float) -> Change:
    """Empties a seat whose node died, as of when the node was last heard of; not if it was resumed elsewhere."""

    def change(record: CallRecord, now: datetime) -> CallRecord:
        seat = record.seats.get(peer_id)
        if seat is None or seat.node_id != node_id:
            return record
        last = seat.dropped_at or max(seat.joined_at or seat.asked_at, now - timedelta(seconds=silent))
        left = rules.leave(record, peer_id, LeaveReason.NODE_LOST, now)
        return left.with_seat(replace(left.seats[peer_id], left_at=last))

    return change
