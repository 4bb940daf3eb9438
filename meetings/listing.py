"""Meetings in a span of time: a fixed number of queries, however many they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.errors import InvalidInput
from contract.meetings import ListMeetings, MeetingInRange
from meetings import store, views
from meetings.tables import MeetingRow, OccurrenceRow
from realtime.rooms import store as rooms
from realtime.rooms.tables import MemberRow

_DEFAULT = timedelta(days=31)
_MOST = timedelta(days=400)

Span = tuple[datetime, datetime]


def span_of(page: ListMeetings, now: datetime) -> Span:
    """The span that is asked for. Raises InvalidInput naming `since` or `until`."""
    for field, instant in (("since", page.since), ("until", page.until)):
        if instant is not None and instant.tzinfo is None:
            raise InvalidInput.of(field, "must be an instant, with an offset or a Z")
        if instant is not None and not 1970 <= instant.year <= 2300:
            raise InvalidInput.of(field, "must be between the years 1970 and 2300")
    since = page.since or now
    until = page.until or since + _DEFAULT
    if not since < until:
        raise InvalidInput.of("until", "must be after `since`")
    if until - since > _MOST:
        raise InvalidInput.of("until", f"must be at most {_MOST.days} days after `since`")
    return since, until


async def page_of(connection: AsyncConnection, user_id: str, page: ListMeetings, span: Span) -> Sequence[str]:
    """The ids of the page's meetings and of one more, in order."""
    touched = (
        select(OccurrenceRow.meeting_id)
        .where(OccurrenceRow.status != store.DROPPED, store.touches(*span))
        .distinct()
    )
    query = select(MeetingRow.id).where(MeetingRow.id.in_(touched))
    if page.room_id is not None:
        query = query.where(MeetingRow.room_id == page.room_id)
    else:
        mine = select(MemberRow.room_id).where(MemberRow.user_id == user_id)
        query = query.where(MeetingRow.room_id.in_(mine))
    if page.after is not None:
        query = query.where(MeetingRow.id > page.after)
    return (await connection.execute(query.order_by(MeetingRow.id).limit(page.limit + 1))).scalars().all()


async def items(
    connection: AsyncConnection, ids: Sequence[str], span: Span, *, link_base: str, now: datetime
) -> list[MeetingInRange]:
    """The meetings with their occurrences in the span, in the order of the ids."""
    if not ids:
        return []
    records = await store.load_many(connection, ids)
    shown = await store.occurrences_between(connection, ids, *span)
    upcoming = await store.next_occurrences(connection, ids, now)
    links = await store.links_of(connection, ids)
    hosts = await rooms.people(connection, {record.host_id for record in records.values()})
    return [
        MeetingInRange(
            meeting=views.meeting_view(
                records[one],
                upcoming.get(one, ()),
                links.get(one, ()),
                hosts[records[one].host_id],
                link_base=link_base,
                now=now,
            ),
            occurrences=views.occurrence_views(records[one], shown.get(one, ())),
        )
        for one in ids
    ]
