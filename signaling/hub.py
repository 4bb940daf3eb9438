"""What this node knows of the calls that somebody on it is in, and how its people are told.

The database holds the truth. A node that changed a call, or hears that another one did, reads it again, compares it with
what it told each of its people last, and tells them the difference. Whatever notice is lost, the next reading mends it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from contract.base import WireModel
from contract.calls import CallAdmitted, CallReacted, CallRemoved, CallSignal, LeaveReason, Seat
from contract.errors import DomainError
from db.engine import Database
from realtime.bus.port import Bus, Notice
from realtime.engine import Frame
from realtime.sessions import Session, Sessions
from signaling import store
from signaling.deltas import difference, emptied, reason_of
from signaling.model import CallRecord, SeatRecord, state_of

_CHANGED = "call"
_TO_PEER = "call-peer"
_TO_ALL = "call-all"
_MOST_WAITING = 512
"""Signals of one call that wait until the call was read again; the oldest are dropped beyond this."""


@dataclass
class _Here:
    """A seat whose connection is on this node, its session, and the call as it was last told to it."""

    sid: str
    session: str
    told: CallRecord


@dataclass(frozen=True)
class _Waiting:
    to: str
    to_session: str
    signal: CallSignal


@dataclass
class _Known:
    """A call as this node knows it; `seats` by peer id; `waiting` are signals from peers not heard of yet."""

    record: CallRecord
    seats: dict[str, _Here] = field(default_factory=dict)
    reasons: dict[str, LeaveReason] = field(default_factory=dict)
    waiting: deque[_Waiting] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def seat(self, peer_id: str) -> SeatRecord | None:
        return self.record.seats.get(peer_id)

    def has_inside(self, peer_id: str, session: str) -> bool:
        seat = self.seat(peer_id)
        return seat is not None and seat.seat is Seat.IN and seat.session == session


class CallHub:
    """One per node."""

    def __init__(self, database: Database, bus: Bus, sessions: Sessions) -> None:
        self._database = database
        self._bus = bus
        self._sessions = sessions
        self._known: dict[str, _Known] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        bus.subscribe(_CHANGED, self._hear_change)
        bus.subscribe(_TO_PEER, self._hear_for_peer)
        bus.subscribe(_TO_ALL, self._hear_for_all)

    def records(self) -> list[CallRecord]:
        """The calls that somebody on this node is in, as this node knows them."""
        return [known.record for known in self._known.values()]

    def record(self, call_id: str) -> CallRecord | None:
        known = self._known.get(call_id)
        return known.record if known is not None else None

    def seat_of(self, session: Session, call_id: str) -> str | None:
        """The seat that a connection has in a call."""
        known = self._known.get(call_id)
        mine = [peer_id for peer_id, here in known.seats.items() if here.sid == session.sid] if known else []
        return max(mine, default=None)

    def seats_of(self, session: Session) -> list[tuple[str, str, str]]:
        """A connection's seats, as (call id, room id, peer id)."""
        return [
            (call_id, known.record.call.room_id, peer_id)
            for call_id, known in self._known.items()
            for peer_id, here in known.seats.items()
            if here.sid == session.sid
        ]

    def sessions_in(self, call_id: str) -> list[tuple[str, Session]]:
        """Seats whose connection is on this node, each with it."""
        known = self._known.get(call_id)
        found = (
            [(peer_id, self._sessions.by_sid(here.sid)) for peer_id, here in known.seats.items()]
            if known
            else []
        )
        return [(peer_id, session) for peer_id, session in found if session is not None]

    def is_here(self, sid: str) -> bool:
        """Whether there is such a connection on this node."""
        return self._sessions.by_sid(sid) is not None

    def seated(self, session: Session, peer_id: str, record: CallRecord) -> None:
        """A connection of this node has just taken a seat, and been answered with the call as it was in `record`."""
        known = self._known.setdefault(record.call.id, _Known(record))
        earlier = known.seats.get(peer_id)
        known.seats[peer_id] = _Here(session.sid, record.seats[peer_id].session, record)
        if earlier is not None and earlier.sid != session.sid:
            self._say_removed(earlier.sid, record, peer_id, LeaveReason.TAKEN_OVER)
        if record.version == known.record.version + 1:
            self._tell(known, record)
        else:
            self._tell(known, known.record)

    def informed(self, session: Session, record: CallRecord) -> None:
        """A connection was just answered with the call as it was in `record`."""
        known = self._known.get(record.call.id)
        peer_id = self.seat_of(session, record.call.id)
        if known is not None and peer_id is not None:
            known.seats[peer_id].told = record
            self._tell(known, known.record)

    def forget(self, call_id: str, peer_id: str) -> None:
        """A seat is no longer this node's."""
        known = self._known.get(call_id)
        if known is not None:
            known.seats.pop(peer_id, None)
            if not known.seats:
                del self._known[call_id]

    async def announce(self, record: CallRecord) -> None:
        """A change made here is committed: tell this node's people, and the other nodes."""
        with contextlib.suppress(DomainError):  # the database is away by now: the upkeep looks again
            await self.refresh(record.call.id)
        body = {"call": record.call.id, "version": record.version}
        await self._bus.publish(_CHANGED, record.call.room_id, body)

    def announce_soon(self, record: CallRecord) -> None:
        """As `announce`, in the background: once the answer to whoever changed it has left."""
        self._spawn(self.announce(record))

    async def refresh(self, call_id: str) -> None:
        """Reads a call again and tells what is new."""
        known = self._known.get(call_id)
        if known is None:
            return
        async with known.reading:
            async with self._database.reading() as connection:
                record = await store.call(connection, call_id)
                if record is None:
                    return
                gone = set().union(*(emptied(here.told, record) for here in known.seats.values()))
                known.reasons |= await store.departures_of(connection, gone - known.reasons.keys())
            if self._known.get(call_id) is known and record.version > known.record.version:
                self._tell(known, record)
            self._pass_on_waiting(known)

    async def signal(self, to: str, to_session: str, signal: CallSignal) -> None:
        """Hands a signal to one seat, wherever its connection is."""
        if not self._signal_here(to, to_session, signal):
            data = signal.model_dump(mode="json", exclude_none=True)
            await self._bus.publish(_TO_PEER, to, {"peer": to, "session": to_session, "data": data})

    async def to_all(self, record: CallRecord, event: str, data: WireModel) -> None:
        """Tells everybody who is in the call."""
        dumped = data.model_dump(mode="json", exclude_none=True)
        self._tell_all(record.call.id, event, dumped)
        body = {"call": record.call.id, "event": event, "data": dumped}
        await self._bus.publish(_TO_ALL, record.call.room_id, body)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, known: _Known, record: CallRecord) -> None:
        """Brings all seats here to `record`, each from what it was told last."""
        known.record = record
        frames: dict[tuple[int, bool, bool], Frame] = {}
        for peer_id, here in list(known.seats.items()):
            before, seat = here.told, record.seats.get(peer_id)
            if before.version >= record.version:
                continue
            here.told = record
            if seat is None or seat.seat is None:
                self.forget(record.call.id, peer_id)
                self._say_removed(here.sid, record, peer_id, reason_of(peer_id, record, known.reasons))
            elif seat.sid != here.sid:
                self.forget(record.call.id, peer_id)
                self._say_removed(here.sid, record, peer_id, LeaveReason.TAKEN_OVER)
            elif seat.seat is Seat.IN:
                self._tell_change(known, before, seat, frames)

    def _tell_change(
        self, known: _Known, before: CallRecord, seat: SeatRecord, frames: dict[tuple[int, bool, bool], Frame]
    ) -> None:
        session, was = self._sessions.by_sid(seat.sid), before.seats.get(seat.id)
        if session is None:
            return
        if was is None or was.seat is Seat.LOBBY:
            state = state_of(known.record, for_staff=seat.staff)
            self._sessions.tell(
                session, "call.admitted", CallAdmitted(call_id=known.record.call.id, state=state)
            )
            return
        key = (before.version, was.staff, seat.staff)
        if key not in frames:
            told = difference(before, known.record, known.reasons, was_staff=was.staff, is_staff=seat.staff)
            dumped = told.model_dump(mode="json", exclude_none=True)
            frames[key] = self._sessions.raw_frame("call.updated", dumped)
        session.connection.send(frames[key])

    def _say_removed(self, sid: str, record: CallRecord, peer_id: str, reason: LeaveReason) -> None:
        """Not to whoever left of their own accord: they know."""
        session = self._sessions.by_sid(sid)
        if session is not None and reason is not LeaveReason.LEFT:
            told = CallRemoved(call_id=record.call.id, peer_id=peer_id, reason=reason)
            self._sessions.tell(session, "call.removed", told)

    def _signal_here(self, to: str, to_session: str, signal: CallSignal) -> bool:
        """Whether the seat is on this node. One that has a new session by now hears nothing of what was for the old one;
        and nobody hears a peer before hearing of it.
        """
        known = self._known.get(signal.call_id)
        if known is None or to not in known.seats:
            return False
        waiting = _Waiting(to, to_session, signal)
        if known.waiting or not self._pass_on(known, waiting):
            known.waiting.append(waiting)
            if len(known.waiting) == 1 or not known.reading.locked():
                self._spawn(self.refresh(signal.call_id))
        return True

    def _pass_on(self, known: _Known, waiting: _Waiting) -> bool:
        """False while this node does not know both as they are in the signal."""
        signal, here = waiting.signal, known.seats.get(waiting.to)
        if not known.has_inside(waiting.to, waiting.to_session):
            return False
        if not known.has_inside(signal.from_peer, signal.from_session):
            return False
        session = self._sessions.by_sid(here.sid) if here is not None else None
        if session is not None:
            self._sessions.tell(session, "call.signal", signal)
        return True

    def _pass_on_waiting(self, known: _Known) -> None:
        """After a reading: who is still unknown is gone, or has another session."""
        while known.waiting:
            self._pass_on(known, known.waiting.popleft())

    def _tell_all(self, call_id: str, event: str, data: Mapping[str, object]) -> None:
        known = self._known.get(call_id)
        if known is None:
            return
        frame = self._sessions.raw_frame(event, data)
        for peer_id, here in known.seats.items():
            seat, session = known.seat(peer_id), self._sessions.by_sid(here.sid)
            if session is not None and seat is not None and seat.seat is Seat.IN:
                session.connection.send(frame)

    def _hear_change(self, notice: Notice) -> None:
        call_id, version = notice.body.get("call"), notice.body.get("version")
        if isinstance(call_id, str) and isinstance(version, int):
            known = self._known.get(call_id)
            if known is not None and known.record.version < version:
                self._spawn(self.refresh(call_id))

    def _hear_for_peer(self, notice: Notice) -> None:
        peer_id, session = notice.body.get("peer"), notice.body.get("session")
        with contextlib.suppress(ValidationError):
            signal = CallSignal.model_validate(notice.body.get("data"))
            if isinstance(peer_id, str) and isinstance(session, str):
                self._signal_here(peer_id, session, signal)

    def _hear_for_all(self, notice: Notice) -> None:
        call_id = notice.body.get("call")
        if isinstance(call_id, str) and notice.body.get("event") == "call.reaction":
            with contextlib.suppress(ValidationError):
                told = CallReacted.model_validate(notice.body.get("data"))
                self._tell_all(call_id, "call.reaction", told.model_dump(mode="json", exclude_none=True))


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """When the database is away, the upkeep looks again."""
    with contextlib.suppress(DomainError):
        await work
