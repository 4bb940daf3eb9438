"""Reading the log. Every function reads on the connection it is given, so that what belongs together is one snapshot."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.events import LogEvent
from realtime.log.tables import RoomEvent, RoomHead
from realtime.log.transaction import event_of

_CHUNK = 400
"""Parameters of one IN list; SQLite's default limit was 999 for long."""


async def head(connection: AsyncConnection, room_id: str) -> int | None:
    """The seq of the room's last event; None for a room that is not there."""
    return (
        await connection.execute(select(RoomHead.last_seq).where(RoomHead.room_id == room_id))
    ).scalar_one_or_none()


async def heads(connection: AsyncConnection, room_ids: Iterable[str]) -> dict[str, int]:
    """The heads of many rooms; rooms that are not there are left out."""
    wanted = list(room_ids)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        rows = await connection.execute(
            select(RoomHead.room_id, RoomHead.last_seq).where(RoomHead.room_id.in_(chunk))
        )
        found.update({row.room_id: row.last_seq for row in rows})
    return found


async def total(connection: AsyncConnection) -> int:
    """How many events there are in all rooms: never less than it was, unless the database was restored."""
    return int((await connection.execute(select(func.coalesce(func.sum(RoomHead.last_seq), 0)))).scalar_one())


async def events_after(
    connection: AsyncConnection, epoch: str, room_id: str, seq: int, limit: int
) -> Sequence[LogEvent]:
    """The events that follow `seq`, oldest first, at most `limit`."""
    rows = await connection.execute(
        select(*RoomEvent.__table__.columns)
        .where(RoomEvent.room_id == room_id, RoomEvent.seq > seq)
        .order_by(RoomEvent.seq)
        .limit(limit)
    )
    return [event_of(row, epoch) for row in rows]
