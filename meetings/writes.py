"""What is written about meetings. Each change is decided by pure rules under the lock of the meeting's room, saved, told in
the room, entered in the history, and followed by what it brings about elsewhere, all in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from auth.identity import Identity
from auth.permissions import Action, may_create
from contract.errors import Conflict, Forbidden, NotFound
from contract.meetings import CreateMeeting, MeetingScheduled, Scope
from contract.rooms import CreateRoom, RoomKind
from meetings import bookings, store
from meetings.change import Consequence, ScheduleChange
from meetings.history import Line, record
from meetings.making import Founder, make
from meetings.model import OccurrenceRecord, PartRecord
from meetings.provider import MeetingProvider
from meetings.saving import save_new
from meetings.schedule import words
from meetings.schedule.clashes import Clash, Wanted
from meetings.timetable import Timetable
from meetings.views import view_in
from realtime.log.transaction import Draft, Transaction
from realtime.log.writer import Intention
from realtime.rooms import writes as rooms
from realtime.rooms.rules import actor_of, creation_name
from realtime.rooms.tables import UserRow
from realtime.rooms.transaction_store import access_in


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


class ScheduleMeeting(Intention[str]):
    """Makes a meeting, and its room where it names none; answers with its id. A creation key that was there already is
    answered with the meeting there is.

    Raises:
        NotFound, Forbidden, Conflict: the room is not for this person; somebody or some licence is taken.
        InvalidInput: the schedule, or the provider.
    """

    def __init__(
        self, who: Identity, wish: CreateMeeting, ids: tuple[str, str], key: str | None, means: Means
    ) -> None:
        """`ids` are those of the meeting and of its room, should they be made."""
        self.who = who
        self._wish = wish
        self._meeting_id, own_room = ids
        self.room_id = wish.room_id or own_room
        self._key = creation_name(who.user_id, key) if key is not None else None
        self.waits_for = self._key or ""
        self._means = means

    async def apply(self, transaction: Transaction) -> str:
        await transaction.flush()
        if self._key is not None:
            present = await store.by_creation_key(transaction.connection, self._key)
            if present is not None:
                return present
        await self._require(transaction)
        founder = Founder(self._meeting_id, self.room_id, self.who.user_id, transaction.now)
        after = make(self._wish, founder, transaction.ids.new)
        if not self._wish.accept_clashes:
            await require_free(transaction, after, after.occurrences, self._means)
        else:
            self._means.providers.get(self._wish.provider)
        if self._wish.room_id is None:
            await self._make_room(transaction)
        await save_new(transaction, after, self._key)
        actor = actor_of(self.who)
        change = ScheduleChange(None, after.meeting, (), after.occurrences, actor, Scope.ALL)
        await follow(transaction, change, self._means)
        meeting = await view_in(transaction, after.meeting.id, self._means.link_base)
        transaction.append(self.room_id, Draft("meeting.scheduled", actor, MeetingScheduled(meeting=meeting)))
        line = Line("created", words.created(after.meeting.parts[0].series), actor, Scope.ALL)
        record(transaction, after.meeting.id, line)
        return after.meeting.id

    async def _require(self, transaction: Transaction) -> None:
        if self._wish.room_id is not None:
            (await access_in(transaction, self.who, self.room_id)).require(Action.MEETING_SCHEDULE)
        elif not may_create(self.who.role, RoomKind.MEETING):
            raise Forbidden(f"As {self.who.role} you may not schedule meetings of your own.")

    async def _make_room(self, transaction: Transaction) -> None:
        wish = CreateRoom(kind=RoomKind.MEETING, title=self._wish.title, members=self._wish.people)
        await rooms.Create(self.who, wish, self.room_id, None).apply(transaction)
        await transaction.flush()


async def follow(transaction: Transaction, change: ScheduleChange, means: Means) -> None:
    """Runs what the change brings about elsewhere."""
    for consequence in means.consequences:
        await consequence.follow(transaction, change)


async def require_free(
    transaction: Transaction,
    after: Timetable,
    asked: Sequence[OccurrenceRecord],
    means: Means,
) -> None:
    """Raises Conflict when somebody or something is taken; without saying by what, which not everybody may know.

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
    if found:
        problem = words.clash(found[0])
        raise Conflict(
            f"{problem} Choose another time, or accept it.", fields={"accept_clashes": "needed for this time"}
        )


def wanted_by(after: Timetable, part: PartRecord, email: str | None, means: Means) -> Wanted:
    """Who and what a part of a meeting takes. Raises InvalidInput naming `provider`."""
    licence = bookings.licence_of(part.provider, part.host_account, email)
    at_once = means.providers.get(part.provider).concurrent
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
