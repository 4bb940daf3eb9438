"""SQL of feeds, and of what stands in them."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.schedule import OccurrenceStatus
from meetings.tables import FeedRow, MeetingRow, OccurrenceRow
from realtime.rooms.tables import MemberRow

_SHOWN = (
    OccurrenceStatus.SCHEDULED.value,
    OccurrenceStatus.LIVE.value,
    OccurrenceStatus.ENDED.value,
)


@dataclass(frozen=True)
class FeedRecord:
    user_id: str
    created_at: datetime


async def feed_of(connection: AsyncConnection, user_id: str) -> FeedRecord | None:
    query = select(FeedRow.user_id, FeedRow.created_at).where(FeedRow.user_id == user_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else FeedRecord(row.user_id, row.created_at)


async def feed_by_hash(connection: AsyncConnection, secret_hash: str) -> FeedRecord | None:
    """Found by the hash of the secret: how long that takes tells nothing of any secret. Compared once more, in constant time."""
    columns = (FeedRow.user_id, FeedRow.created_at, FeedRow.secret_hash)
    row = (await connection.execute(select(*columns).where(FeedRow.secret_hash == secret_hash))).one_or_none()
    if row is None or not hmac.compare_digest(row.secret_hash.encode(), secret_hash.encode()):
        return None
    return FeedRecord(row.user_id, row.created_at)


async def meetings_for(
    connection: AsyncConnection, user_id: str, since: datetime, most_classes: int
) -> Sequence[str]:
    """Meetings of the rooms that somebody belongs to by now, that have a class after `since`; those whose next class is the
    nearest first, as many as have `most_classes` between them.
    """
    coming = case((OccurrenceRow.ends_at > since, OccurrenceRow.starts_at), else_=None)
    rows = await connection.execute(
        select(MeetingRow.id, func.count().label("classes"))
        .join(MemberRow, MemberRow.room_id == MeetingRow.room_id)
        .join(OccurrenceRow, OccurrenceRow.meeting_id == MeetingRow.id)
        .where(MemberRow.user_id == user_id, OccurrenceRow.status.in_(_SHOWN))
        .group_by(MeetingRow.id)
        .having(func.min(coming).is_not(None))
        .order_by(func.min(coming), MeetingRow.id)
        .limit(most_classes)
    )
    found: list[str] = []
    left = most_classes
    for row in rows:
        left -= row.classes
        if left < 0:
            break
        found.append(row.id)
    return found
