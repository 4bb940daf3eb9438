"""SQL of meetings, their parts and occurrences: reads. What changes them stands in `saving.py` and `writes.py`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.meetings import Change, MeetingPolicy, Scope
from contract.people import Actor, SignInRole
from contract.schedule import MOST_MINUTES, Adjustment, OccurrenceStatus
from meetings.linking import store as link_store
from meetings.linking.store import link, links, links_by_external
from meetings.model import LinkRecord, MeetingRecord, OccurrenceRecord, PartRecord, Series, Slot
from meetings.provider import Person
from meetings.schedule.zones import wall
from meetings.tables import ChangeRow, LinkRow, MeetingRow, OccurrenceRow, PartRow
from realtime.rooms.tables import UserRow

__all__ = ["DROPPED", "link", "links", "links_by_external"]

DROPPED = "dropped"
"""Status of a row whose occurrence the rule has no longer."""

Query = Select[*tuple[Any, ...]]


async def load(connection: AsyncConnection, meeting_id: str) -> MeetingRecord | None:
    """A meeting with its parts."""
    return (await load_many(connection, [meeting_id])).get(meeting_id)


async def load_many(connection: AsyncConnection, meeting_ids: Iterable[str]) -> Mapping[str, MeetingRecord]:
    """Those of the meetings that there are, with their parts; two queries."""
    wanted = set(meeting_ids)
    rows = await connection.execute(
        select(*MeetingRow.__table__.columns).where(MeetingRow.id.in_(wanted)).order_by(MeetingRow.id)
    )
    parts: dict[str, list[PartRecord]] = {}
    for row in await connection.execute(
        select(*PartRow.__table__.columns).where(PartRow.meeting_id.in_(wanted)).order_by(PartRow.id)
    ):
        parts.setdefault(row.meeting_id, []).append(_part_of(row))
    return {row.id: _meeting_of(row, tuple(parts.get(row.id, ()))) for row in rows}


async def by_creation_key(connection: AsyncConnection, creation_key: str) -> str | None:
    """The meeting that an earlier request with the same key made."""
    query = select(MeetingRow.id).where(MeetingRow.creation_key == creation_key)
    return (await connection.execute(query)).scalar_one_or_none()


async def room_of(connection: AsyncConnection, meeting_id: str) -> str | None:
    """The room of a meeting; None when there is no such meeting."""
    query = select(MeetingRow.room_id).where(MeetingRow.id == meeting_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def occurrences(connection: AsyncConnection, meeting_id: str) -> Sequence[OccurrenceRecord]:
    """In the order of their start, cancelled ones included."""
    return await _occurrences(
        connection, _ALL.where(OccurrenceRow.meeting_id == meeting_id, OccurrenceRow.status != DROPPED)
    )


async def dropped_occurrences(connection: AsyncConnection, meeting_id: str) -> Sequence[OccurrenceRecord]:
    """Those that the rule once had and has no longer; they read as cancelled."""
    return await _occurrences(
        connection, _ALL.where(OccurrenceRow.meeting_id == meeting_id, OccurrenceRow.status == DROPPED)
    )


async def occurrence(connection: AsyncConnection, meeting_id: str, key: str) -> OccurrenceRecord | None:
    found = await _occurrences(
        connection,
        _ALL.where(
            OccurrenceRow.meeting_id == meeting_id,
            OccurrenceRow.key == key,
            OccurrenceRow.status != DROPPED,
        ),
    )
    return found[0] if found else None


async def occurrence_by_id(connection: AsyncConnection, occurrence_id: str) -> OccurrenceRecord | None:
    """One that the rule has no longer is still found here, and reads as cancelled."""
    found = await _occurrences(connection, _ALL.where(OccurrenceRow.id == occurrence_id))
    return found[0] if found else None


async def occurrences_between(
    connection: AsyncConnection, meeting_ids: Iterable[str], since: datetime, until: datetime
) -> Mapping[str, list[OccurrenceRecord]]:
    """Occurrences of many meetings that touch the span, by meeting, in one query."""
    rows = await _occurrences(
        connection,
        _ALL.where(
            OccurrenceRow.meeting_id.in_(set(meeting_ids)),
            OccurrenceRow.status != DROPPED,
            touches(since, until),
        ),
    )
    return _by_meeting(rows)


def touches(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Whether an occurrence touches a span. None is longer than `MOST_MINUTES`, so that the index on its start bounds both ends."""
    return and_(
        OccurrenceRow.starts_at > since - timedelta(minutes=MOST_MINUTES),
        OccurrenceRow.starts_at < until,
        OccurrenceRow.ends_at > since,
    )


async def next_occurrences(
    connection: AsyncConnection, meeting_ids: Iterable[str], now: datetime
) -> Mapping[str, list[OccurrenceRecord]]:
    """The one that is live, else the first to come, of each of many meetings that has one; in one query."""
    live = OccurrenceRow.status == OccurrenceStatus.LIVE.value
    place = func.row_number().over(
        partition_by=OccurrenceRow.meeting_id, order_by=(live.desc(), OccurrenceRow.starts_at)
    )
    to_come = (OccurrenceRow.status == OccurrenceStatus.SCHEDULED.value) & (OccurrenceRow.ends_at > now)
    ranked = (
        select(*OccurrenceRow.__table__.columns, place.label("place"))
        .where(OccurrenceRow.meeting_id.in_(set(meeting_ids)), or_(live, to_come))
        .subquery()
    )
    return _by_meeting(await _occurrences(connection, select(*ranked.columns).where(ranked.c.place == 1)))


async def links_of(connection: AsyncConnection, meeting_ids: Iterable[str]) -> Mapping[str, list[LinkRecord]]:
    """Links of many meetings, by meeting, in one query."""
    found: dict[str, list[LinkRecord]] = {}
    query = select(*link_store.COLUMNS).where(LinkRow.meeting_id.in_(set(meeting_ids))).order_by(LinkRow.id)
    for row in await connection.execute(query):
        found.setdefault(row.meeting_id, []).append(link_store.link_of(row))
    return found


async def person(connection: AsyncConnection, user_id: str) -> Person | None:
    """Somebody as their last token described them."""
    columns = (UserRow.id, UserRow.name, UserRow.email, UserRow.picture)
    row = (await connection.execute(select(*columns).where(UserRow.id == user_id))).one_or_none()
    return None if row is None else Person(row.id, row.name, row.email, row.picture)


async def actor(connection: AsyncConnection, user_id: str) -> Actor:
    """Somebody as events show them; who has no row is shown by their id."""
    columns = (UserRow.id, UserRow.name, UserRow.role, UserRow.picture)
    row = (await connection.execute(select(*columns).where(UserRow.id == user_id))).one_or_none()
    if row is None:
        return Actor(id=user_id, name=user_id[:120], role=SignInRole.STUDENT)
    return Actor.model_construct(id=row.id, name=row.name, role=SignInRole(row.role), picture=row.picture)


async def changes(
    connection: AsyncConnection, meeting_id: str, before: str | None, limit: int
) -> Sequence[Change]:
    """A meeting's history, the newest first; one more than `limit`, if there is."""
    query = select(*ChangeRow.__table__.columns).where(ChangeRow.meeting_id == meeting_id)
    if before is not None:
        query = query.where(ChangeRow.id < before)
    rows = await connection.execute(query.order_by(ChangeRow.id.desc()).limit(limit + 1))
    return [
        Change(
            id=row.id,
            at=row.at,
            actor=Actor.model_validate_json(row.actor) if row.actor is not None else None,
            what=row.what,
            words=row.words,
            scope=Scope(row.scope) if row.scope is not None else None,
            key=row.key,
            reason=row.reason,
        )
        for row in rows
    ]


_ALL: Query = select(*OccurrenceRow.__table__.columns)


async def _occurrences(connection: AsyncConnection, query: Query) -> list[OccurrenceRecord]:
    rows = [occurrence_of(row) for row in await connection.execute(query)]
    return sorted(rows, key=lambda one: (one.slot.starts_at, one.slot.key))


def _by_meeting(rows: Iterable[OccurrenceRecord]) -> dict[str, list[OccurrenceRecord]]:
    found: dict[str, list[OccurrenceRecord]] = {}
    for one in rows:
        found.setdefault(one.meeting_id, []).append(one)
    return found


def occurrence_of(row: Any) -> OccurrenceRecord:
    """An occurrence, from a row that holds all columns."""
    return OccurrenceRecord(
        id=row.id,
        meeting_id=row.meeting_id,
        part_id=row.part_id,
        slot=Slot(
            key=row.key,
            starts=wall(row.starts),
            zone=row.zone,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            adjustment=Adjustment(row.adjustment) if row.adjustment is not None else None,
        ),
        status=OccurrenceStatus.CANCELLED if row.status == DROPPED else OccurrenceStatus(row.status),
        title=row.title,
        description=row.description,
        sequence=row.sequence,
        changed=row.changed,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _part_of(row: Any) -> PartRecord:
    return PartRecord(
        id=row.id,
        meeting_id=row.meeting_id,
        series=Series(
            wall(row.starts), row.zone, row.minutes, row.rule, frozenset(json.loads(row.except_keys))
        ),
        title=row.title,
        description=row.description,
        provider=row.provider,
        policy=MeetingPolicy.model_validate_json(row.policy),
        alternative_hosts=tuple(json.loads(row.alternative_hosts)),
        host_account=row.host_account,
        tzdata=row.tzdata,
        sequence=row.sequence,
        ended=row.ended,
    )


def _meeting_of(row: Any, parts: tuple[PartRecord, ...]) -> MeetingRecord:
    return MeetingRecord(
        id=row.id,
        room_id=row.room_id,
        host_id=row.host_id,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        sequence=row.sequence,
        cancelled_at=row.cancelled_at,
        reminders=tuple(json.loads(row.reminders)),
        guests=tuple(json.loads(row.guests)),
        parts=parts,
    )
