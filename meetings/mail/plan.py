"""What a change means for invitations: a job that compares. It is cheap to wish for and decides everything by itself."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select

from contract.schedule import OccurrenceStatus
from meetings.change import ScheduleChange
from meetings.jobs.port import JobWish
from meetings.jobs.store import wish, wish_all
from meetings.tables import MeetingRow, OccurrenceRow
from realtime.log.transaction import Transaction
from realtime.rooms.tables import MemberRow

INVITATIONS: Final = "invitations"
_MEMBERSHIP: Final = frozenset({"member.added", "member.removed"})
_GATHER_SECONDS: Final = 5
"""Who comes in within so long is invited by one job, as when a whole class signs in for the first time."""


class MailPlan:
    """A Consequence: whoever was told of the meeting, or has to be, is looked after."""

    async def follow(self, transaction: Transaction, change: ScheduleChange) -> None:
        payload: dict[str, object] = {"meeting_id": change.after.id}
        if change.reason is not None:
            payload["reason"] = change.reason
        key = f"{INVITATIONS}:{change.after.id}"
        await wish(transaction, JobWish(key, INVITATIONS, transaction.now, payload, change.after.id))


class NewAddresses:
    """Follows each transaction of the log: who comes into a room or leaves it, and whose address is another, is invited to
    the room's meetings that are to come, or told that they are not any more.
    """

    async def __call__(self, transaction: Transaction) -> None:
        rooms = {event.room_id for event in transaction.events if event.type in _MEMBERSHIP}
        if not rooms and not transaction.people:
            return
        if transaction.people:
            rooms |= await _rooms_of(transaction, transaction.people)
        due_at = _next_gathering(transaction.now)
        await wish_all(
            transaction,
            [
                JobWish(
                    f"{INVITATIONS}:{meeting_id}:{int(due_at.timestamp())}",
                    INVITATIONS,
                    due_at,
                    {"meeting_id": meeting_id},
                    meeting_id,
                )
                for meeting_id in await _meetings_to_come(transaction, rooms)
            ],
        )


def _next_gathering(now: datetime) -> datetime:
    return datetime.fromtimestamp((int(now.timestamp()) // _GATHER_SECONDS + 1) * _GATHER_SECONDS, UTC)


async def _rooms_of(transaction: Transaction, people: Iterable[str]) -> set[str]:
    query = select(MemberRow.room_id).where(MemberRow.user_id.in_(set(people)))
    return set((await transaction.read(query)).scalars())


async def _meetings_to_come(transaction: Transaction, rooms: Iterable[str]) -> list[str]:
    query = (
        select(MeetingRow.id)
        .join(OccurrenceRow, OccurrenceRow.meeting_id == MeetingRow.id)
        .where(
            MeetingRow.room_id.in_(set(rooms)),
            OccurrenceRow.ends_at > transaction.now,
            OccurrenceRow.status.in_([OccurrenceStatus.SCHEDULED.value, OccurrenceStatus.LIVE.value]),
        )
        .distinct()
        .order_by(MeetingRow.id)
    )
    return list((await transaction.read(query)).scalars())
