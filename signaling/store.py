"""SQL of calls. `load` and `save` carry a whole call between its rows and the pure data that the rules work on."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.attendance import ListCalls, PastCall
from contract.calls import Call, LeaveReason, Policy, Rights, Seat, Source, Track
from contract.people import Actor
from realtime.log.transaction import Transaction
from signaling.model import CallRecord, SeatRecord
from signaling.tables import CallRow, NodeRow, SeatRow

_TRACKS = TypeAdapter(tuple[Track, ...])
_CALL_COLUMNS = (
    CallRow.id,
    CallRow.room_id,
    CallRow.started_at,
    CallRow.ended_at,
    CallRow.started_by,
    CallRow.policy,
    CallRow.version,
)
_SEAT_COLUMNS = (
    SeatRow.id,
    SeatRow.call_id,
    SeatRow.user,
    SeatRow.node_id,
    SeatRow.asked_at,
    SeatRow.joined_at,
    SeatRow.left_at,
    SeatRow.reason,
    SeatRow.details,
)


@dataclass(frozen=True)
class Placed:
    """Where a taken seat is, and where its connection is or was."""

    call_id: str
    room_id: str
    peer_id: str
    node_id: str
    sid: str
    dropped_at: datetime | None


@dataclass(frozen=True)
class Beat:
    """How far a node has counted, and when, by its clock."""

    count: int
    at: datetime


Query = Select[*tuple[Any, ...]]


async def active_call(connection: AsyncConnection, room_id: str) -> CallRecord | None:
    """The room's call with its taken seats, if there is one."""
    return await _loaded(connection, select(*_CALL_COLUMNS).where(CallRow.active_room_id == room_id))


async def call(connection: AsyncConnection, call_id: str) -> CallRecord | None:
    """A call with its taken seats; none are taken once it has ended."""
    return await _loaded(connection, select(*_CALL_COLUMNS).where(CallRow.id == call_id))


async def _loaded(connection: AsyncConnection, query: Query) -> CallRecord | None:
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    seats = await connection.execute(
        select(*_SEAT_COLUMNS).where(SeatRow.call_id == row.id, SeatRow.left_at.is_(None))
    )
    return CallRecord(
        call=call_of(row),
        version=row.version,
        seats={seat.id: seat_of(seat) for seat in seats},
        ended_at=row.ended_at,
    )


async def room_of_call(connection: AsyncConnection, call_id: str) -> str | None:
    """The room that a call is in."""
    return (
        await connection.execute(select(CallRow.room_id).where(CallRow.id == call_id))
    ).scalar_one_or_none()


async def versions(connection: AsyncConnection, call_ids: Iterable[str]) -> Mapping[str, int]:
    """The present versions of calls."""
    rows = await connection.execute(select(CallRow.id, CallRow.version).where(CallRow.id.in_(list(call_ids))))
    return {row.id: row.version for row in rows}


async def last_policy(connection: AsyncConnection, room_id: str) -> Policy:
    """What the room's newest call was set to, for the next one; nobody finds it locked."""
    found = (
        await connection.execute(
            select(CallRow.policy).where(CallRow.room_id == room_id).order_by(CallRow.id.desc()).limit(1)
        )
    ).scalar_one_or_none()
    policy = Policy() if found is None else Policy.model_validate_json(found)
    return policy.model_copy(update={"locked": False})


async def departures_of(connection: AsyncConnection, peer_ids: Iterable[str]) -> Mapping[str, LeaveReason]:
    """Why seats are empty."""
    rows = await connection.execute(select(SeatRow.id, SeatRow.reason).where(SeatRow.id.in_(list(peer_ids))))
    return {row.id: LeaveReason(row.reason) for row in rows if row.reason is not None}


async def save(transaction: Transaction, before: CallRecord | None, after: CallRecord) -> None:
    """Writes what differs. The call's version is taken as it is in `after`."""
    if before is None:
        transaction.add(CallRow, _call_row(after))
    else:
        values = _call_row(after)
        await transaction.execute(update(CallRow).where(CallRow.id == after.call.id).values(**values))
    known = before.seats if before is not None else {}
    for seat in after.seats.values():
        if seat.id not in known:
            transaction.add(SeatRow, _seat_row(after, seat))
        elif seat != known[seat.id]:
            await transaction.execute(
                update(SeatRow).where(SeatRow.id == seat.id).values(**_seat_row(after, seat))
            )


async def past_calls(connection: AsyncConnection, room_id: str, page: ListCalls) -> Sequence[PastCall]:
    """The page's calls and one more, the newest first."""
    query = select(*_CALL_COLUMNS).where(CallRow.room_id == room_id)
    if page.before is not None:
        query = query.where(CallRow.id < page.before)
    rows = list(await connection.execute(query.order_by(CallRow.id.desc()).limit(page.limit + 1)))
    counts = await people_in(connection, [row.id for row in rows])
    return [PastCall(call=call_of(row), ended_at=row.ended_at, people=counts.get(row.id, 0)) for row in rows]


async def people_in(connection: AsyncConnection, call_ids: Sequence[str]) -> Mapping[str, int]:
    """How many different people were in each call."""
    rows = await connection.execute(
        select(SeatRow.call_id, func.count(func.distinct(SeatRow.user_id)).label("people"))
        .where(SeatRow.call_id.in_(call_ids), SeatRow.joined_at.is_not(None))
        .group_by(SeatRow.call_id)
    )
    return {row.call_id: row.people for row in rows}


async def stays(
    connection: AsyncConnection, call_id: str, user_id: str | None
) -> Sequence[tuple[Actor, datetime, datetime | None, LeaveReason | None]]:
    """Every stay in a call (of one person, if named): who, from when, until when, and why it ended."""
    query = select(*_SEAT_COLUMNS).where(SeatRow.call_id == call_id, SeatRow.joined_at.is_not(None))
    if user_id is not None:
        query = query.where(SeatRow.user_id == user_id)
    rows = await connection.execute(query.order_by(SeatRow.joined_at, SeatRow.id))
    return [
        (
            Actor.model_validate_json(row.user),
            row.joined_at,
            row.left_at,
            LeaveReason(row.reason) if row.reason is not None else None,
        )
        for row in rows
    ]


async def last_departure(connection: AsyncConnection, call_id: str) -> datetime | None:
    """When the last of those who have left a call left."""
    query = select(SeatRow.left_at).where(SeatRow.call_id == call_id, SeatRow.left_at.is_not(None))
    return (await connection.execute(query.order_by(SeatRow.left_at.desc()).limit(1))).scalar_one_or_none()


@dataclass(frozen=True)
class Earlier:
    """What staff did with the seats that somebody has had in a call: it holds for the next one too."""

    blocked: frozenset[Source] = frozenset()
    shut_out: bool = False


async def earlier(connection: AsyncConnection, call_id: str, user_id: str) -> Earlier:
    """Waiting in the lobby and going away again does not undo having been put out."""
    mine = (
        select(SeatRow.details, SeatRow.reason)
        .where(SeatRow.call_id == call_id, SeatRow.user_id == user_id, SeatRow.left_at.is_not(None))
        .order_by(SeatRow.id.desc())
        .limit(1)
    )
    last = (await connection.execute(mine)).one_or_none()
    if last is None:
        return Earlier()
    put_out = (LeaveReason.REMOVED.value, LeaveReason.DENIED.value)
    counted = or_(SeatRow.joined_at.is_not(None), SeatRow.reason == LeaveReason.DENIED.value)
    told = (await connection.execute(mine.where(counted))).one_or_none()
    return Earlier(
        blocked=frozenset(Source(source) for source in json.loads(last.details)["blocked"]),
        shut_out=told is not None and told.reason in put_out,
    )


async def beats(connection: AsyncConnection) -> Mapping[str, Beat]:
    """How far each node has counted, and when it did so last."""
    rows = await connection.execute(select(NodeRow.node_id, NodeRow.beat, NodeRow.beat_at))
    return {row.node_id: Beat(row.beat, row.beat_at) for row in rows}


async def seats_on(connection: AsyncConnection, node_ids: Iterable[str]) -> Sequence[Placed]:
    """Taken seats whose connection is or was last on those nodes."""
    rows = await connection.execute(
        select(SeatRow.call_id, CallRow.room_id, SeatRow.id, SeatRow.node_id, SeatRow.details)
        .join(CallRow, CallRow.id == SeatRow.call_id)
        .where(SeatRow.node_id.in_(list(node_ids)), SeatRow.left_at.is_(None))
    )
    return [_placed(row, json.loads(row.details)) for row in rows]


def _placed(row: Any, details: Mapping[str, Any]) -> Placed:
    return Placed(
        row.call_id,
        row.room_id,
        row.id,
        row.node_id,
        sid=details["sid"],
        dropped_at=_instant(details["dropped_at"]),
    )


async def nodes_with_seats(connection: AsyncConnection) -> set[str]:
    """Nodes on which somebody has a seat, whether they still live or not."""
    rows = await connection.execute(select(SeatRow.node_id).where(SeatRow.left_at.is_(None)).distinct())
    return set(rows.scalars())


def call_of(row: Any) -> Call:
    return Call(
        id=row.id,
        room_id=row.room_id,
        started_at=row.started_at,
        started_by=Actor.model_validate_json(row.started_by),
        policy=Policy.model_validate_json(row.policy),
    )


def _call_row(record: CallRecord) -> dict[str, object]:
    return {
        "id": record.call.id,
        "room_id": record.call.room_id,
        "active_room_id": record.call.room_id if record.ended_at is None else None,
        "started_at": record.call.started_at,
        "ended_at": record.ended_at,
        "started_by": record.call.started_by.model_dump_json(exclude_none=True),
        "policy": record.call.policy.model_dump_json(),
        "version": record.version,
    }


def _seat_row(record: CallRecord, seat: SeatRecord) -> dict[str, object]:
    details = {
        "staff": seat.staff,
        "seat": seat.seat.value if seat.seat is not None else None,
        "session": seat.session,
        "secret_hash": seat.secret_hash,
        "sid": seat.sid,
        "grants": seat.grants.model_dump(),
        "offers_only": seat.offers_only,
        "connected": seat.connected,
        "dropped_at": _text(seat.dropped_at),
        "tracks": _TRACKS.dump_python(seat.tracks, mode="json"),
        "blocked": sorted(seat.blocked),
        "floor": seat.floor,
        "shut_out": seat.shut_out,
        "hand_raised_at": _text(seat.hand_raised_at),
    }
    return {
        "id": seat.id,
        "call_id": record.call.id,
        "user_id": seat.user.id,
        "user": seat.user.model_dump_json(exclude_none=True),
        "node_id": seat.node_id,
        "asked_at": seat.asked_at,
        "joined_at": seat.joined_at,
        "left_at": seat.left_at,
        "reason": seat.reason.value if seat.reason is not None else None,
        "details": json.dumps(details),
    }


def seat_of(row: Any) -> SeatRecord:
    details = json.loads(row.details)
    return SeatRecord(
        id=row.id,
        user=Actor.model_validate_json(row.user),
        staff=details["staff"],
        seat=Seat(details["seat"]) if details["seat"] is not None else None,
        session=details["session"],
        secret_hash=details["secret_hash"],
        node_id=row.node_id,
        sid=details["sid"],
        asked_at=row.asked_at,
        grants=Rights.model_validate(details["grants"]),
        offers_only=details["offers_only"],
        connected=details["connected"],
        dropped_at=_instant(details["dropped_at"]),
        tracks=_TRACKS.validate_python(details["tracks"]),
        blocked=frozenset(Source(source) for source in details["blocked"]),
        floor=details["floor"],
        shut_out=details["shut_out"],
        hand_raised_at=_instant(details["hand_raised_at"]),
        joined_at=row.joined_at,
        left_at=row.left_at,
        reason=LeaveReason(row.reason) if row.reason is not None else None,
    )


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant is not None else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
