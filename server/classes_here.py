"""Classes that are held as calls of ours: what the calls' seats tell is taken into the life of the class.

Calls and meetings do not know each other; here they meet. Nothing is remembered between two looks but what need not be
looked at again: all of it is told from the database anew, so that a crash between a call's change and this loses nothing.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.calls import LeaveReason
from contract.clock import Clock
from contract.errors import DomainError, NotFound
from contract.people import SignInRole
from db.engine import Database, is_outage
from meetings import store as meetings
from meetings.after import calls_store
from meetings.after import store as held
from meetings.after.lessons import lesson_of
from meetings.after.life import Life
from meetings.after.model import Afterwards
from meetings.after.room_calls import CallSpan, HeldHere, Seated, Segment, moments, segments
from meetings.change import ScheduleChange
from meetings.model import MeetingRecord
from meetings.provider import Interval
from meetings.system import SYSTEM
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer
from signaling import rules
from signaling import store as calls
from signaling.hub import CallHub
from signaling.model import CallRecord
from signaling.tables import CallRow
from signaling.writes import NEWS as CALLS
from signaling.writes import ChangeCall

log = logging.getLogger(__name__)

NEWS: Final = "classes-here"
"""What a transaction tells this node's watch of a schedule that changed."""

_LOOK_SECONDS = 5.0
_PAUSE_SECONDS = 0.05
_LOOK_BACK = timedelta(days=2)
"""How old a call may be that is looked at once at the start."""

_JUST_OVER = timedelta(minutes=2)


class ClassesHere:
    """Runs in the background of each node. The same work done by two of them is done once."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        hub: CallHub,
        clock: Clock,
        afterwards: Afterwards,
    ) -> None:
        self._database = database
        self._writer = writer
        self._hub = hub
        self._clock = clock
        self._afterwards = afterwards
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._seen: dict[
            str, tuple[int, datetime]
        ] = {}  # version of a call, and until when that tells nothing new
        writer.wake(CALLS, self._woken.set)
        writer.wake(NEWS, self._forget)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever(), name="classes-here")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def end_call(self, meeting_id: str) -> None:
        """Ends the call that is held in the meeting's room, for everybody."""
        async with self._database.reading() as connection:
            room_id = await meetings.room_of(connection, meeting_id)
            record = await calls.active_call(connection, room_id) if room_id is not None else None
        if record is None:
            return
        call = record.call
        try:
            changed = await self._writer.submit(ChangeCall(call.room_id, call.id, SYSTEM, _ended))
        except NotFound:
            return  # everybody left meanwhile
        await self._hub.announce(changed.after)

    async def look(self, since: timedelta = _JUST_OVER) -> None:
        """Follows all calls that may be classes and have changed."""
        now = self._clock.now()
        async with self._database.reading() as connection:
            found = await _calls_near(connection, now, since)
        for call_id, room_id, version in found:
            seen, until = self._seen.get(call_id, (-1, now))
            if seen == version and now < until:
                continue
            await self._follow(room_id, call_id, version)
        self._seen = {call_id: self._seen[call_id] for call_id, _, _ in found}

    async def _follow(self, room_id: str, call_id: str, version: int) -> None:
        followed = await self._writer.submit(FollowCall(room_id, call_id, self._afterwards))
        self._seen[call_id] = (version, followed.until)
        if followed.lobby:
            with contextlib.suppress(NotFound):  # everybody left meanwhile
                changed = await self._writer.submit(ChangeCall(room_id, call_id, SYSTEM, _with_lobby))
                await self._hub.announce(changed.after)

    def _forget(self) -> None:
        self._seen.clear()
        self._woken.set()

    async def _for_ever(self) -> None:
        since = _LOOK_BACK
        while True:
            self._woken.clear()
            try:
                await self.look(since)
                since = _JUST_OVER
            except Exception as error:
                if not isinstance(error, DomainError) and not is_outage(error):
                    log.exception("following calls failed")
            await asyncio.sleep(_PAUSE_SECONDS)
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                pass


class CallPlan:
    """A Consequence: a class may be scheduled for a time at which its call goes on already."""

    async def follow(self, transaction: Transaction, _change: ScheduleChange) -> None:
        transaction.news.add(NEWS)


@dataclass(frozen=True)
class Followed:
    """`until`: when to look again though the call has not changed. `lobby`: a class began that is to have one."""

    until: datetime
    lobby: bool = False


class FollowCall(Intention[Followed]):
    """Takes all that a call's seats tell into the classes that it is."""

    def __init__(self, room_id: str, call_id: str, afterwards: Afterwards) -> None:
        self.room_id = room_id
        self._call_id = call_id
        self._afterwards = afterwards

    async def apply(self, transaction: Transaction) -> Followed:
        await transaction.flush()
        connection, now = transaction.connection, transaction.now
        record = await calls.call(connection, self._call_id)
        if record is None:
            return Followed(now + _LOOK_BACK)
        span = CallSpan(record.call.id, record.call.started_at, record.ended_at)
        until = span.ended_at or now
        near = await calls_store.classes_in(connection, self.room_id, span.started_at, until)
        # a call that was over before the class was scheduled was something else
        here = [(meeting, one) for meeting, one in near if meeting.created_at <= until]
        by_id = {one.occurrence.id: meeting for meeting, one in here}
        seats = [
            Seated(user.id, user.name, joined_at, left_at)
            for user, joined_at, left_at, _ in await calls.stays(connection, self._call_id, None)
            if user.role is not SignInRole.BOT
        ]
        lobby = False
        for segment in segments(span, (one for _, one in here), now):
            begun = await self._take_in(transaction, by_id[segment.occurrence.id], segment, seats)
            lobby = begun and record.ended_at is None and not record.call.policy.lobby
        return Followed(_next_boundary([one for _, one in here], now), lobby)

    async def _take_in(
        self, transaction: Transaction, meeting: MeetingRecord, segment: Segment, seats: list[Seated]
    ) -> bool:
        """Whether it is a class with a lobby that begins just now."""
        name = f"{self._call_id}:{segment.occurrence.id}"
        lesson = await lesson_of(transaction.connection, meeting, segment.occurrence)
        if not lesson.link_id:
            return False  # it is about to be moved here
        before = await held.session_named(transaction.connection, lesson.link_id, name)
        known = await calls_store.told_of(transaction.connection, lesson.link_id, name)
        life = Life(transaction, lesson, self._afterwards)
        await life.begin(name, segment.starts_at)
        for one in moments(segment, seats, known):
            person = Interval(one.name, one.at, None, user_id=one.user_id, external_id=one.user_id)
            if one.came:
                await life.arrive(name, person, one.at)
            else:
                await life.depart(name, person, one.at)
        if segment.ends_at is not None:
            await life.finish(name, segment.ends_at)
        return before is None and lesson.part.policy.lobby


def _ended(record: CallRecord, now: datetime) -> CallRecord:
    return rules.end(record, LeaveReason.ENDED, now)


def _with_lobby(record: CallRecord, _now: datetime) -> CallRecord:
    policy = record.call.policy.model_copy(update={"lobby": True})
    return replace(record, call=record.call.model_copy(update={"policy": policy}))


def _next_boundary(classes: list[HeldHere], now: datetime) -> datetime:
    """The next moment at which a call may become another class."""
    moments_ = [at for one in classes for at in (one.opens_at, one.occurrence.slot.starts_at) if at > now]
    return min(moments_, default=now + timedelta(hours=1))


async def _calls_near(
    connection: AsyncConnection, now: datetime, since: timedelta
) -> list[tuple[str, str, int]]:
    """Calls that go on, or ended just now, in rooms with a class near; and those that a class goes on with, as far as is
    known. As (call id, room id, version).
    """
    rooms = await calls_store.rooms_with_classes(connection, now - since, now)
    named = calls_store.sessions_of_calls(await calls_store.open_sessions(connection))
    recent = or_(CallRow.active_room_id.is_not(None), CallRow.ended_at > now - since)
    rows = await connection.execute(
        select(CallRow.id, CallRow.room_id, CallRow.version)
        .where(or_(CallRow.room_id.in_(rooms) & recent, CallRow.id.in_(named)))
        .order_by(CallRow.id)
    )
    return [(row.id, row.room_id, row.version) for row in rows]
