"""SQL about classes that are held as calls of ours."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.after_class import StaySource
from contract.schedule import OccurrenceStatus
from meetings import store
from meetings.after import store as held
from meetings.after.room_calls import LONGEST_OPENING, RESUMED_WITHIN, HeldHere
from meetings.after.tables import SessionRow, StayRow
from meetings.linking.spec import part_of
from meetings.model import MeetingRecord
from meetings.providers.registry import BUILTIN
from meetings.tables import LinkRow, MeetingRow, OccurrenceRow, PartRow

_PLANNED = [one.value for one in OccurrenceStatus if one is not OccurrenceStatus.CANCELLED]


async def rooms_with_classes(connection: AsyncConnection, since: datetime, until: datetime) -> set[str]:
    """Rooms in which a class may be held as a call in that time."""
    rows = await connection.execute(
        select(MeetingRow.room_id)
        .join(OccurrenceRow, OccurrenceRow.meeting_id == MeetingRow.id)
        .join(PartRow, PartRow.id == OccurrenceRow.part_id)
        .where(
            PartRow.provider == BUILTIN,
            OccurrenceRow.status.in_(_PLANNED),
            OccurrenceRow.starts_at < until + LONGEST_OPENING,
            OccurrenceRow.ends_at > since - RESUMED_WITHIN,
        )
        .distinct()
    )
    return set(rows.scalars())


async def open_sessions(connection: AsyncConnection) -> Sequence[str]:
    """What the sessions of classes that are held as calls just now are called."""
    rows = await connection.execute(
        select(SessionRow.session)
        .join(LinkRow, LinkRow.id == SessionRow.link_id)
        .where(LinkRow.provider == BUILTIN, SessionRow.ended_at.is_(None))
    )
    return rows.scalars().all()


async def classes_in(
    connection: AsyncConnection, room_id: str, since: datetime, until: datetime
) -> Sequence[tuple[MeetingRecord, HeldHere]]:
    """A room's classes that may be held as a call in that time."""
    ids = (
        (await connection.execute(select(MeetingRow.id).where(MeetingRow.room_id == room_id))).scalars().all()
    )
    near = await store.occurrences_between(
        connection, ids, since - timedelta(days=1), until + LONGEST_OPENING + timedelta(minutes=1)
    )
    meetings = await store.load_many(connection, near)
    found = []
    for meeting_id, occurrences in near.items():
        sessions = await held.sessions_of(connection, [one.id for one in occurrences])
        for one in occurrences:
            part = part_of(meetings[meeting_id], one.part_id)
            if part is None or part.provider != BUILTIN:
                continue
            opens_at = one.slot.starts_at - timedelta(minutes=part.policy.opens_minutes)
            ends = [each.ended_at for each in sessions.get(one.id, ()) if each.ended_at is not None]
            found.append((meetings[meeting_id], HeldHere(one, opens_at, max(ends, default=None))))
    return found


async def told_of(
    connection: AsyncConnection, link_id: str, session: str
) -> Mapping[str, tuple[set[datetime], set[datetime]]]:
    """When people came and went, as far as it was told of that session, by our ids."""
    rows = await connection.execute(
        select(StayRow.person, StayRow.joined_at, StayRow.left_at)
        .join(SessionRow, SessionRow.id == StayRow.session_id)
        .where(
            SessionRow.link_id == link_id,
            SessionRow.session == session,
            StayRow.source == StaySource.WEBHOOK.value,
        )
    )
    found: dict[str, tuple[set[datetime], set[datetime]]] = {}
    for row in rows:
        came, went = found.setdefault(row.person, (set(), set()))
        came.add(row.joined_at)
        if row.left_at is not None:
            went.add(row.left_at)
    return found


def sessions_of_calls(names: Collection[str]) -> set[str]:
    """The calls that sessions are named after."""
    return {name.partition(":")[0] for name in names}
