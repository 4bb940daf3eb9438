"""What other meetings take, read for the search for clashes; and who may be told of which of them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action
from contract import schedule
from contract.schedule import OccurrenceStatus
from meetings import store
from meetings.model import Slot
from meetings.schedule.clashes import Booking, Clash, Licence, Wanted, find
from meetings.tables import MeetingRow, OccurrenceRow, PartRow
from realtime.rooms import store as rooms
from realtime.rooms.tables import UserRow

_MOST = 20_000
"""Rows read at most: more overlapping meetings than anybody has."""


_HELD = (OccurrenceStatus.SCHEDULED.value, OccurrenceStatus.LIVE.value)
_COLUMNS = (
    OccurrenceRow.meeting_id,
    OccurrenceRow.starts_at,
    OccurrenceRow.ends_at,
    MeetingRow.room_id,
    MeetingRow.host_id,
    PartRow.provider,
    func.coalesce(OccurrenceRow.title, PartRow.title).label("title"),
)


async def clashes(
    connection: AsyncConnection,
    slots: Sequence[Slot],
    wanted: Wanted,
    *,
    now: datetime,
    besides: str | None = None,
) -> list[Clash]:
    """What stands in the way of the slots that are not over, other than the meeting `besides` itself."""
    to_come = [slot for slot in slots if slot.ends_at > now]
    if not to_come:
        return []
    since, until = min(slot.starts_at for slot in to_come), max(slot.ends_at for slot in to_come)
    return find(to_come, wanted, await _bookings(connection, wanted, (since, until), besides))


def licence_of(provider: str, account: str | None, email: str | None) -> Licence:
    """The account that holds a meeting: the one it names, or the address of its host."""
    name = account or email
    return Licence(provider, name.lower() if name is not None else None)


async def _bookings(
    connection: AsyncConnection, wanted: Wanted, span: tuple[datetime, datetime], besides: str | None
) -> list[Booking]:
    account = func.lower(func.coalesce(PartRow.host_account, UserRow.email))
    same_account = account.is_(None) if wanted.licence.account is None else account == wanted.licence.account
    taken = [MeetingRow.host_id == wanted.host_id]
    if wanted.room_id is not None:
        taken.append(MeetingRow.room_id == wanted.room_id)
    if wanted.at_once is not None:
        taken.append(and_(PartRow.provider == wanted.licence.provider, same_account))
    query = (
        select(*_COLUMNS, account.label("account"))
        .join(PartRow, PartRow.id == OccurrenceRow.part_id)
        .join(MeetingRow, MeetingRow.id == OccurrenceRow.meeting_id)
        .join(UserRow, UserRow.id == MeetingRow.host_id)
        .where(
            OccurrenceRow.status.in_(_HELD),
            store.touches(*span),
            or_(*taken),
        )
        .order_by(OccurrenceRow.starts_at)
        .limit(_MOST)
    )
    if besides is not None:
        query = query.where(OccurrenceRow.meeting_id != besides)
    return [
        Booking(
            row.meeting_id,
            row.room_id,
            row.host_id,
            Licence(row.provider, row.account),
            row.title,
            row.starts_at,
            row.ends_at,
        )
        for row in await connection.execute(query)
    ]


async def told_to(connection: AsyncConnection, who: Identity, found: Sequence[Clash]) -> list[schedule.Clash]:
    """The clashes as one person may know of them: of a room that they may not see, only that there is something."""
    pairs = [(clash.booking.room_id, who.user_id, who.role) for clash in found]
    accesses = await rooms.accesses(connection, pairs) if pairs else {}
    seen = {room_id for (room_id, _), access in accesses.items() if access.allows(Action.ROOM_VIEW)}
    return [
        schedule.Clash(
            kind=clash.kind,
            key=clash.slot.key,
            starts_at=clash.booking.starts_at,
            ends_at=clash.booking.ends_at,
            meeting_id=clash.booking.meeting_id if clash.booking.room_id in seen else None,
            title=clash.booking.title if clash.booking.room_id in seen else None,
        )
        for clash in found
    ]
