"""SQL of classes that were held: sessions and stays."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.after_class import StaySource
from meetings.after.model import Guest, SessionRecord, StayRecord
from meetings.after.rules import Stay
from meetings.after.tables import SessionRow, StayRow
from meetings.model import OccurrenceRecord
from meetings.tables import OccurrenceRow
from realtime.log.transaction import Transaction

Query = Select[*tuple[Any, ...]]

_SESSION = tuple(SessionRow.__table__.columns)
_STAY = tuple(StayRow.__table__.columns)


async def session(connection: AsyncConnection, session_id: str) -> SessionRecord | None:
    found = await _sessions(connection, select(*_SESSION).where(SessionRow.id == session_id))
    return found[0] if found else None


async def session_named(connection: AsyncConnection, link_id: str, name: str) -> SessionRecord | None:
    """The session that the provider calls so."""
    query = select(*_SESSION).where(SessionRow.link_id == link_id, SessionRow.session == name)
    found = await _sessions(connection, query)
    return found[0] if found else None


async def open_sessions_of_link(connection: AsyncConnection, link_id: str) -> Sequence[SessionRecord]:
    """Those whose end was not told."""
    query = select(*_SESSION).where(SessionRow.link_id == link_id, SessionRow.ended_at.is_(None))
    return await _sessions(connection, query)


async def sessions_of(
    connection: AsyncConnection, occurrence_ids: Collection[str]
) -> Mapping[str, Sequence[SessionRecord]]:
    """By occurrence, in the order in which they began. Those that had none are left out."""
    query = select(*_SESSION).where(SessionRow.occurrence_id.in_(set(occurrence_ids)))
    found: dict[str, list[SessionRecord]] = {}
    for one in await _sessions(connection, query.order_by(SessionRow.started_at, SessionRow.id)):
        found.setdefault(one.occurrence_id, []).append(one)
    return found


async def _sessions(connection: AsyncConnection, query: Query) -> list[SessionRecord]:
    return [
        SessionRecord(
            id=row.id,
            meeting_id=row.meeting_id,
            occurrence_id=row.occurrence_id,
            link_id=row.link_id,
            session=row.session,
            started_at=row.started_at,
            ended_at=row.ended_at,
            reported_at=row.reported_at,
        )
        for row in await connection.execute(query)
    ]


async def stays_of(
    connection: AsyncConnection, occurrence_ids: Collection[str]
) -> Mapping[str, Sequence[StayRecord]]:
    """By occurrence, in the order in which people came. Those that nobody came to are left out."""
    rows = await connection.execute(
        select(*_STAY)
        .where(StayRow.occurrence_id.in_(set(occurrence_ids)))
        .order_by(StayRow.joined_at, StayRow.id)
    )
    found: dict[str, list[StayRecord]] = {}
    for row in rows:
        found.setdefault(row.occurrence_id, []).append(_stay_of(row))
    return found


def _stay_of(row: Any) -> StayRecord:
    return StayRecord(
        session_id=row.session_id,
        occurrence_id=row.occurrence_id,
        source=StaySource(row.source),
        person=row.person,
        user_id=row.user_id,
        name=row.name,
        email=row.email,
        joined_at=row.joined_at,
        left_at=row.left_at,
    )


async def stays_of_person(connection: AsyncConnection, session_id: str, person: str) -> list[Stay]:
    """One person's stays in a session, as they were told while it was held."""
    rows = await connection.execute(
        select(StayRow.joined_at, StayRow.left_at)
        .where(*_told(session_id, person))
        .order_by(StayRow.joined_at)
    )
    return [(row.joined_at, row.left_at) for row in rows]


async def last_join(connection: AsyncConnection, session_id: str) -> datetime | None:
    """When the last one came, as far as is known."""
    rows = await connection.execute(
        select(StayRow.joined_at, StayRow.left_at)
        .where(StayRow.session_id == session_id, StayRow.source == StaySource.WEBHOOK.value)
        .order_by(StayRow.joined_at.desc())
    )
    return next((row.joined_at for row in rows if row.joined_at != row.left_at), None)


async def people_in(connection: AsyncConnection, occurrence_id: str) -> int:
    """How many different people were told of while it was held."""
    who = func.coalesce(StayRow.user_id, StayRow.email, StayRow.name)
    found = await connection.execute(
        select(func.count(func.distinct(who))).where(
            StayRow.occurrence_id == occurrence_id, StayRow.source == StaySource.WEBHOOK.value
        )
    )
    return int(found.scalar_one())


async def save_session(transaction: Transaction, before: SessionRecord | None, after: SessionRecord) -> None:
    """Writes what differs."""
    if before is None:
        transaction.add(SessionRow, vars(after))
    elif before != after:
        await transaction.execute(update(SessionRow).where(SessionRow.id == after.id).values(**vars(after)))


async def save_stays_of_person(
    transaction: Transaction, session: SessionRecord, guest: Guest, stays: Iterable[Stay]
) -> None:
    """Puts one person's stays in the place of those that are there."""
    await transaction.execute(delete(StayRow).where(*_told(session.id, guest.key)))
    for joined_at, left_at in stays:
        add_stay(transaction, stay_record(session, StaySource.WEBHOOK, guest, (joined_at, left_at)))


async def save_report(transaction: Transaction, session_id: str, stays: Iterable[StayRecord]) -> None:
    """Puts a session's report in the place of the one that is there."""
    told = (StayRow.session_id == session_id, StayRow.source == StaySource.REPORT.value)
    await transaction.execute(delete(StayRow).where(*told))
    for stay in stays:
        add_stay(transaction, stay)


def add_stay(transaction: Transaction, stay: StayRecord) -> None:
    row = {**vars(stay), "source": stay.source.value}
    transaction.add(StayRow, {"id": transaction.ids.new("stay"), **row})


def stay_record(session: SessionRecord, source: StaySource, guest: Guest, stay: Stay) -> StayRecord:
    return StayRecord(
        session_id=session.id,
        occurrence_id=session.occurrence_id,
        source=source,
        person=guest.key,
        user_id=guest.user.id if guest.user is not None else None,
        name=guest.name,
        email=guest.email,
        joined_at=stay[0],
        left_at=stay[1],
    )


async def save_status(transaction: Transaction, one: OccurrenceRecord) -> None:
    """Where an occurrence stands, and from when until when it was held."""
    await transaction.execute(
        update(OccurrenceRow)
        .where(OccurrenceRow.id == one.id)
        .values(status=one.status.value, started_at=one.started_at, ended_at=one.ended_at)
    )


def _told(session_id: str, person: str) -> tuple[Any, ...]:
    return (
        StayRow.session_id == session_id,
        StayRow.source == StaySource.WEBHOOK.value,
        StayRow.person == person,
    )
