"""What this node knows of the calls that somebody on it is in, and how its people are told.

The database holds the truth. A node that changed a call, or hears that another one did, reads it again, compares it with
what it told its people last, and tells them the difference. Whatever notice is lost, the next reading mends it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from contract.base import WireModel
from contract.calls import (
    CallAdmitted,
    CallReacted,
    CallRemoved,
    CallSignal,
    CallUpdated,
    Departure,
    LeaveReason,
    Seat,
)
from contract.errors import DomainError
from db.engine import Database
from realtime.bus.port import Bus, Notice
from realtime.engine import Frame
from realtime.sessions import Session, Sessions
from signaling import store
from signaling.model import CallRecord, departures, hands_of, peer_of, state_of

log = logging.getLogger(__name__)

_CHANGED = "call"
_TO_PEER = "call-peer"
_TO_ALL = "call-all"


@dataclass
class _Known:
    """A call as this node last told it; `seats` are those whose connection is here, by peer id."""

    record: CallRecord
    seats: dict[str, str] = field(default_factory=dict)


class CallHub:
    """One per node."""

    def __init__(self, database: Database, bus: Bus, sessions: Sessions) -> None:
        self._database = database
        self._bus = bus
        self._sessions = sessions
        self._known: dict[str, _Known] = {}
        self._reading: dict[str, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        bus.subscribe(_CHANGED, self._hear_change)
        bus.subscribe(_TO_PEER, self._hear_for_peer)
        bus.subscribe(_TO_ALL, self._hear_for_all)

    @property
    def call_ids(self) -> list[str]:
        """Calls that somebody on this node is in."""
        return list(self._known)

    def versions(self) -> Mapping[str, int]:
        """What this node last told its people of each call."""
        return {call_id: known.record.version for call_id, known in self._known.items()}

    def seat_of(self, session: Session, call_id: str) -> str | None:
        """The seat that a connection has in a call."""
        known = self._known.get(call_id)
        if known is None:
            return None
        return next((peer_id for peer_id, sid in known.seats.items() if sid == session.sid), None)

    def seats_of(self, session: Session) -> list[tuple[str, str, str]]:
        """A connection's seats, as (call id, room id, peer id)."""
        return [
            (call_id, known.record.call.room_id, peer_id)
            for call_id, known in self._known.items()
            for peer_id, sid in known.seats.items()
            if sid == session.sid
        ]

    def seats_of_user(self, user_id: str, room_id: str) -> list[tuple[str, str]]:
        """Somebody's seats on this node in a room's call, as (call id, peer id)."""
        return [
            (call_id, peer_id)
            for call_id, known in self._known.items()
            if known.record.call.room_id == room_id
            for peer_id in known.seats
            if (seat := known.record.seats.get(peer_id)) is not None and seat.user.id == user_id
        ]

    def record(self, call_id: str) -> CallRecord | None:
        """A call as this node knows it."""
        known = self._known.get(call_id)
        return known.record if known is not None else None

    def seated(self, session: Session, peer_id: str, record: CallRecord) -> None:
        """A connection of this node has just taken a seat, and been answered with the call as it was in `record`."""
        known = self._known.setdefault(record.call.id, _Known(record))
        known.seats[peer_id] = session.sid

    def forget(self, call_id: str, peer_id: str) -> None:
        """A seat is no longer this node's."""
        known = self._known.get(call_id)
        if known is not None:
            known.seats.pop(peer_id, None)
            if not known.seats:
                del self._known[call_id]
                self._reading.pop(call_id, None)

    async def announce(self, record: CallRecord) -> None:
        """A change made here is committed: tell this node's people, and the other nodes."""
        await self.refresh(record.call.id)
        body = {"call": record.call.id, "version": record.version}
        await self._bus.publish(_CHANGED, record.call.room_id, body)

    def announce_soon(self, record: CallRecord) -> None:
        """As `announce`, in the background: once the answer to whoever changed it has left."""
        self._spawn(self.announce(record))

    async def refresh(self, call_id: str) -> None:
        """Reads a call again and tells what is new."""
        if call_id not in self._known:
            return
        async with self._reading.setdefault(call_id, asyncio.Lock()):
            async with self._database.reading() as connection:
                record = await store.call(connection, call_id)
                known = self._known.get(call_id)
                if known is None or record is None or record.version <= known.record.version:
                    return
                gone = {one.peer_id for one in departures(known.record, record)}
                reasons = await store.departures_of(connection, gone) if gone else {}
            self._tell(known, record, reasons)

    async def to_peer(self, call_id: str, peer_id: str, event: str, data: WireModel) -> None:
        """Tells one seat, wherever its connection is."""
        if self._tell_peer(call_id, peer_id, event, data.model_dump(mode="json", exclude_none=True)):
            return
        body = {
            "call": call_id,
            "peer": peer_id,
            "event": event,
            "data": data.model_dump(mode="json", exclude_none=True),
        }
        await self._bus.publish(_TO_PEER, peer_id, body)

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

    def refresh_soon(self, call_id: str) -> None:
        """As `refresh`, in the background."""
        self._spawn(self.refresh(call_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, known: _Known, record: CallRecord, reasons: Mapping[str, LeaveReason]) -> None:
        before, known.record = known.record, record
        gone = [
            Departure(peer_id=one.peer_id, reason=reasons.get(one.peer_id, one.reason))
            for one in departures(before, record)
        ]
        updates = {staff: _difference(before, record, gone, for_staff=staff) for staff in (True, False)}
        frames = {staff: self._frame("call.updated", update) for staff, update in updates.items()}
        for peer_id, sid in list(known.seats.items()):
            session = self._sessions.by_sid(sid)
            seat, was = record.seats.get(peer_id), before.seats.get(peer_id)
            if seat is None or seat.seat is None or seat.sid != sid:
                self.forget(record.call.id, peer_id)
                if session is not None and (seat is None or seat.seat is None):
                    self._say_removed(session, record, peer_id, reasons)
            elif session is not None and seat.seat is Seat.IN:
                if was is not None and was.seat is Seat.LOBBY:
                    state = state_of(record, for_staff=seat.staff)
                    self._sessions.tell(
                        session, "call.admitted", CallAdmitted(call_id=record.call.id, state=state)
                    )
                else:
                    session.connection.send(frames[seat.staff])

    def _say_removed(
        self, session: Session, record: CallRecord, peer_id: str, reasons: Mapping[str, LeaveReason]
    ) -> None:
        reason = reasons.get(peer_id, LeaveReason.ENDED)
        if reason is not LeaveReason.LEFT:
            told = CallRemoved(call_id=record.call.id, peer_id=peer_id, reason=reason)
            self._sessions.tell(session, "call.removed", told)

    def _tell_peer(self, call_id: str, peer_id: str, event: str, data: Mapping[str, object]) -> bool:
        known = self._known.get(call_id)
        session = self._sessions.by_sid(known.seats.get(peer_id, "")) if known is not None else None
        if session is None:
            return False
        session.connection.send(self._sessions.raw_frame(event, data))
        return True

    def _tell_all(self, call_id: str, event: str, data: Mapping[str, object]) -> None:
        known = self._known.get(call_id)
        if known is None:
            return
        frame = self._sessions.raw_frame(event, data)
        for peer_id, sid in known.seats.items():
            seat, session = known.record.seats.get(peer_id), self._sessions.by_sid(sid)
            if session is not None and seat is not None and seat.seat is Seat.IN:
                session.connection.send(frame)

    def _frame(self, event: str, data: WireModel) -> Frame:
        return self._sessions.raw_frame(event, data.model_dump(mode="json", exclude_none=True))

    def _hear_change(self, notice: Notice) -> None:
        call_id, version = notice.body.get("call"), notice.body.get("version")
        if isinstance(call_id, str) and isinstance(version, int):
            known = self._known.get(call_id)
            if known is not None and known.record.version < version:
                self.refresh_soon(call_id)

    def _hear_for_peer(self, notice: Notice) -> None:
        body = notice.body
        call_id, peer_id = body.get("call"), body.get("peer")
        if isinstance(call_id, str) and isinstance(peer_id, str):
            data = _checked(body, {"call.signal": CallSignal})
            if data is not None:
                self._tell_peer(call_id, peer_id, *data)

    def _hear_for_all(self, notice: Notice) -> None:
        call_id = notice.body.get("call")
        if isinstance(call_id, str):
            data = _checked(notice.body, {"call.reaction": CallReacted})
            if data is not None:
                self._tell_all(call_id, *data)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """When the database is away, the upkeep looks again."""
    with contextlib.suppress(DomainError):
        await work


def _checked(
    body: Mapping[str, object], known: Mapping[str, type[WireModel]]
) -> tuple[str, Mapping[str, object]] | None:
    """The event and its data, if they are what another node may send."""
    event = body.get("event")
    model = known.get(event) if isinstance(event, str) else None
    if model is None or not isinstance(event, str):
        return None
    try:
        return event, model.model_validate(body.get("data")).model_dump(mode="json", exclude_none=True)
    except ValidationError:
        return None


def _difference(
    before: CallRecord, after: CallRecord, gone: list[Departure], *, for_staff: bool
) -> CallUpdated:
    """What one audience is told. Seats in the lobby are the staff's to see."""
    was = {peer.id: peer for peer in state_of(before, for_staff=for_staff).peers}
    seats = after.taken() if for_staff else after.inside()
    changed = [peer for seat in seats if (peer := peer_of(seat, after)) != was.get(seat.id)]
    return CallUpdated(
        call_id=after.call.id,
        since=before.version,
        version=after.version,
        call=after.call if after.call != before.call else None,
        peers=changed,
        gone=[one for one in gone if one.peer_id in was],
        hands=hands_of(after),
    )
