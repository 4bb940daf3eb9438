"""What changes of the schedule are made with, and what they have in common."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from contract.errors import Conflict, NotFound
from meetings import bookings, store
from meetings.change import Consequence, ScheduleChange
from meetings.model import OccurrenceRecord, PartRecord
from meetings.provider import MeetingProvider
from meetings.schedule import words
from meetings.schedule.clashes import Clash, Wanted
from meetings.timetable import Timetable
from realtime.log.transaction import Transaction
from realtime.rooms.tables import UserRow


class Directory(Protocol):
    """The providers that are configured."""

    def get(self, name: str) -> MeetingProvider:
        """Raises InvalidInput naming `provider`."""

    def known(self, name: str) -> bool: ...

    def healthy(self, name: str) -> bool: ...

    def all(self) -> Sequence[MeetingProvider]: ...


@dataclass(frozen=True)
class Means:
    """What a change of the schedule is made with. `link_base`: the address under which people reach this server."""

    link_base: str
    providers: Directory
    consequences: Sequence[Consequence] = ()


async def follow(transaction: Transaction, change: ScheduleChange, means: Means) -> None:
    """Runs what the change brings about elsewhere."""
    for consequence in means.consequences:
        await consequence.follow(transaction, change)


async def require_free(
    transaction: Transaction,
    after: Timetable,
    asked: Sequence[OccurrenceRecord],
    means: Means,
    *,
    staying: Collection[str] = (),
) -> None:
    """Raises Conflict when somebody or something is taken; without saying by what, which not everybody may know.

    Of classes in `staying` (by their keys) the time was accepted before: only a licence can be in their way.

    The row of the host is locked, so that two nodes cannot both find the same hour free for the same person.
    """
    host = select(UserRow.email).where(UserRow.id == after.meeting.host_id).with_for_update()
    email = (await transaction.read(host)).scalar_one_or_none()
    found: list[Clash] = []
    for part in after.meeting.parts:
        slots = [one.slot for one in asked if one.part_id == part.id]
        wanted = wanted_by(after, part, email, means)
        found += await bookings.clashes(
            transaction.connection, slots, wanted, now=transaction.now, besides=after.meeting.id
        )
    found = [one for one in found if one.kind == "licence" or one.slot.key not in staying]
    if found:
        problem = words.clash(found[0])
        raise Conflict(
            f"{problem} Choose another time, or accept it.", fields={"accept_clashes": "needed for this time"}
        )


def wanted_by(after: Timetable, part: PartRecord, email: str | None, means: Means) -> Wanted:
    """Who and what a part of a meeting takes. One whose provider is not set up any more may be changed all the same."""
    licence = bookings.licence_of(part.provider, part.host_account, email)
    known = means.providers.known(part.provider)
    at_once = means.providers.get(part.provider).concurrent if known else None
    return Wanted(after.meeting.host_id, after.meeting.room_id, licence, at_once)


async def timetable_in(transaction: Transaction, meeting_id: str) -> Timetable:
    """The meeting as it is by now. Raises NotFound."""
    await transaction.flush()
    connection = transaction.connection
    meeting = await store.load(connection, meeting_id)
    if meeting is None:
        raise NotFound
    return Timetable(
        meeting,
        tuple(await store.occurrences(connection, meeting_id)),
        tuple(await store.dropped_occurrences(connection, meeting_id)),
    )
