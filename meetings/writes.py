"""What is written about meetings. Each change is decided by pure rules under the lock of the meeting's room, saved, told in
the room, entered in the history, and followed by what it brings about elsewhere, all in one transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from auth.identity import Identity
from auth.permissions import Action, may_create
from contract import meetings as contract
from contract.errors import Forbidden
from contract.meetings import (
    CreateMeeting,
    Meeting,
    MeetingCancelled,
    MeetingChanges,
    MeetingScheduled,
    MeetingScope,
    MeetingStatus,
    MeetingUpdated,
    Scope,
)
from contract.rooms import CreateRoom, RoomKind
from contract.schedule import OccurrenceStatus
from meetings import changing, rules, store, telling
from meetings.cancelling import cancel
from meetings.change import ScheduleChange
from meetings.changing import Ask, with_meeting_fields
from meetings.changing_series import change_series
from meetings.history import Line, record
from meetings.making import Founder, make
from meetings.means import Means, follow, require_free, timetable_in
from meetings.model import OccurrenceRecord
from meetings.saving import save, save_new
from meetings.schedule import words
from meetings.timetable import Timetable
from meetings.views import next_of, status_of, view_in
from realtime.log.transaction import Draft, Transaction
from realtime.log.writer import Intention
from realtime.rooms import writes as rooms
from realtime.rooms.rules import actor_of, creation_name
from realtime.rooms.transaction_store import access_in

_CANCELLED = OccurrenceStatus.CANCELLED


@dataclass(frozen=True)
class Place:
    """A meeting and its room, which never changes."""

    meeting_id: str
    room_id: str


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


class _OfMeeting(Intention[None]):
    """A change of a meeting that is there."""

    def __init__(self, who: Identity, place: Place, scope: MeetingScope, means: Means) -> None:
        self.who = who
        self.room_id = place.room_id
        self._meeting_id = place.meeting_id
        self._scope = scope
        self._means = means

    async def load(self, transaction: Transaction) -> Timetable:
        """The meeting as it is by now. Raises NotFound, Forbidden, Conflict."""
        (await access_in(transaction, self.who, self.room_id)).require(Action.MEETING_SCHEDULE)
        return await timetable_in(transaction, self._meeting_id)

    async def save(
        self, transaction: Transaction, before: Timetable, after: Timetable, reason: str | None
    ) -> Meeting:
        """Writes it, with all that follows from it. The meeting as it is then. Raises Conflict for what cannot come next."""
        now = transaction.now
        rules.check_meeting_step(status_at(before, now), status_at(after, now))
        await save(transaction, before, after)
        change = ScheduleChange(
            before.meeting,
            after.meeting,
            before.occurrences,
            after.occurrences,
            actor_of(self.who),
            self._scope.scope,
            self._key,
            reason,
        )
        await follow(transaction, change, self._means)
        return await view_in(transaction, self._meeting_id, self._means.link_base)

    @property
    def _key(self) -> str | None:
        return self._scope.occurrence if self._scope.scope is not Scope.ALL else None


class UpdateMeeting(_OfMeeting):
    """Changes one class, it and all that follow, or all to come. A change that changes nothing is no change.

    Raises:
        NotFound, Forbidden: the meeting, or the class, is not for this person.
        InvalidInput, Conflict: as `changing.change_one` and `changing_series.change_series`; somebody or some licence is taken.
    """

    def __init__(
        self, who: Identity, place: Place, scope: MeetingScope, changes: MeetingChanges, means: Means
    ) -> None:
        super().__init__(who, place, scope, means)
        self._changes = changes

    async def apply(self, transaction: Transaction) -> None:
        before = await self.load(transaction)
        if before.meeting.cancelled_at is not None:
            rules.check_changeable(MeetingStatus.CANCELLED)
        after = self._changed(before, Ask(self._changes, transaction.now, transaction.ids.new))
        if after == before:
            return
        if not self._changes.accept_clashes:
            asked = moved_ones(before, after)
            if asked:
                same = {one.id: one.slot for one in before.occurrences}
                staying = {one.slot.key for one in asked if same.get(one.id) == one.slot}
                await require_free(transaction, after, asked, self._means, staying=staying)
        actor, scope, reason = actor_of(self.who), self._scope.scope, self._changes.reason
        meeting = await self.save(transaction, before, after, reason)
        event = MeetingUpdated(meeting=meeting, scope=scope, key=self._key)
        transaction.append(self.room_id, Draft("meeting.updated", actor, event))
        what, sentence = telling.what_changed(before, after, self._changes, self._key)
        line = Line(what, sentence, actor, scope, self._key, reason)
        record(transaction, self._meeting_id, line)

    def _changed(self, before: Timetable, ask: Ask) -> Timetable:
        asked = changing.target(before, self._scope)
        if asked is not None and self._scope.scope is Scope.THIS and not is_single(before):
            return changing.change_one(before, asked, ask)
        whole = with_meeting_fields(before, self._changes, self._scope.scope, single=is_single(before))
        after = change_series(whole, asked, ask)
        return changing.finished(after, ask.now) if after == whole != before else after


class CancelMeeting(_OfMeeting):
    """Cancels one class, it and all that follow, or all to come. Raises as `cancelling.cancel`."""

    def __init__(self, who: Identity, place: Place, wish: contract.CancelMeeting, means: Means) -> None:
        super().__init__(who, place, wish, means)
        self._reason = wish.reason

    async def apply(self, transaction: Transaction) -> None:
        before = await self.load(transaction)
        scope = self._scope.scope
        after = cancel(before, changing.target(before, self._scope), scope, transaction.now)
        if after == before:
            return
        actor = actor_of(self.who)
        meeting = await self.save(transaction, before, after, self._reason)
        event = MeetingCancelled(meeting=meeting, scope=scope, key=self._key, reason=self._reason)
        transaction.append(self.room_id, Draft("meeting.cancelled", actor, event))
        sentence = telling.what_was_cancelled(before, after, scope)
        line = Line("cancelled", sentence, actor, scope, self._key, self._reason)
        record(transaction, self._meeting_id, line)


def status_at(timetable: Timetable, now: datetime) -> MeetingStatus:
    return status_of(timetable.meeting, next_of(timetable.occurrences, now))


def is_single(timetable: Timetable) -> bool:
    """Whether it is held once: then one class of it is all of it."""
    parts = timetable.meeting.parts
    return len(parts) == 1 and parts[0].series.rule is None


def moved_ones(before: Timetable, after: Timetable) -> list[OccurrenceRecord]:
    """What has to be looked at for clashes: times that are new, and all that go to another account or provider."""
    slots = {one.id: one.slot for one in before.occurrences if one.status is not _CANCELLED}
    parts = {part.id: (part.provider, part.host_account) for part in before.meeting.parts}
    present = {one.id: parts[one.part_id] for one in before.occurrences}
    return [
        one
        for one in after.occurrences
        if one.status is OccurrenceStatus.SCHEDULED
        and (
            slots.get(one.id) != one.slot
            or present[one.id] != (after.part(one.part_id).provider, after.part(one.part_id).host_account)
        )
    ]
