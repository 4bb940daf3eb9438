"""Giving reminders: told in the room, settled for good, and mailed, all in one transaction."""

from collections.abc import Iterable, Sequence

from contract.meetings import MeetingReminder
from meetings import store as meetings
from meetings.jobs import store as jobs
from meetings.jobs.port import Job, JobWish
from meetings.mail.writes import MAIL, mark_of
from meetings.model import MeetingRecord, OccurrenceRecord
from meetings.people import recipients
from meetings.reminders import store
from meetings.reminders.plan import wish_next
from meetings.reminders.rules import Mark, next_due, reminders_of
from meetings.views import occurrence_view
from realtime.log.transaction import Draft, Transaction
from realtime.log.writer import Intention


class Remind(Intention[int]):
    """Gives all reminders of a meeting that are due, and wishes for the next. Answers with how many were given.

    Run twice, the second run finds them settled.
    """

    def __init__(self, room_id: str, meeting_id: str, job: Job, *, by_mail: bool) -> None:
        self.room_id = room_id
        self._meeting_id = meeting_id
        self._job = job
        self._by_mail = by_mail

    async def apply(self, transaction: Transaction) -> int:
        if not await jobs.holds(transaction, self._job):
            return 0
        connection = transaction.connection
        meeting = await meetings.load(connection, self._meeting_id)
        if meeting is None:
            return 0
        occurrences = await meetings.occurrences(connection, meeting.id)
        settled = await store.given(connection, meeting.id)
        now = transaction.now
        wanted = dict(reminders_of(occurrences, meeting.reminders, now))
        due = sorted((mark for mark in wanted if mark.due_at <= now and mark not in settled), key=_order)
        store.settle(transaction, due, given=True)
        await self._tell(transaction, meeting, [(mark, wanted[mark]) for mark in due])
        await wish_next(transaction, meeting, next_due(wanted, settled | set(due)))
        return len(due)

    async def _tell(
        self, transaction: Transaction, meeting: MeetingRecord, due: Sequence[tuple[Mark, OccurrenceRecord]]
    ) -> None:
        if not due:
            return
        host = await meetings.actor(transaction.connection, meeting.host_id)
        parts = {part.id: part for part in meeting.parts}
        for mark, one in due:
            occurrence = occurrence_view(one, parts[one.part_id])
            told = MeetingReminder(
                meeting_id=meeting.id, title=occurrence.title, occurrence=occurrence, minutes=mark.minutes
            )
            transaction.append(meeting.room_id, Draft("meeting.reminder", host, told))
        if self._by_mail:
            people = await recipients(transaction.connection, meeting)
            await jobs.wish_all(
                transaction, [one for mark, _ in due for one in _mails(meeting, mark, people, transaction)]
            )


def _mails(
    meeting: MeetingRecord, mark: Mark, addresses: Iterable[str], transaction: Transaction
) -> Iterable[JobWish]:
    for address in sorted(addresses):
        payload = {
            "what": "reminder",
            "meeting": meeting.id,
            "occurrence": mark.occurrence_id,
            "starts_at": mark.starts_at.isoformat(),
            "minutes": mark.minutes,
            "address": address,
        }
        key = f"mail:reminder:{mark.occurrence_id}:{int(mark.starts_at.timestamp())}:{mark.minutes}:{mark_of(address)}"
        yield JobWish(key, MAIL, transaction.now, payload, meeting.id, once=True)


def _order(mark: Mark) -> tuple[object, ...]:
    return mark.due_at, -mark.minutes, mark.occurrence_id
