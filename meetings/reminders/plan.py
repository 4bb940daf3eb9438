"""What a change means for reminders: the meeting's one job is due when its next reminder is."""

from datetime import datetime
from typing import Final

from meetings.change import ScheduleChange
from meetings.jobs.port import JobWish
from meetings.jobs.store import wish, withdraw
from meetings.model import MeetingRecord
from meetings.reminders import store
from meetings.reminders.rules import Mark, next_due, reminders_of
from realtime.log.transaction import Transaction

REMINDER: Final = "reminder"


class ReminderPlan:
    """A Consequence. Reminders whose moment had passed when they came to be are settled as never to be given."""

    async def follow(self, transaction: Transaction, change: ScheduleChange) -> None:
        now = transaction.now
        await transaction.flush()
        settled = await store.given(transaction.connection, change.after.id)
        wanted = {mark for mark, _ in reminders_of(change.occurrences_after, change.after.reminders, now)}
        late = {mark for mark in wanted - settled - _before(change, now) if mark.due_at <= now}
        store.settle(transaction, sorted(late, key=lambda mark: (mark.starts_at, mark.minutes)), given=False)
        await wish_next(transaction, change.after, next_due(wanted, settled | late))


def _before(change: ScheduleChange, now: datetime) -> set[Mark]:
    """Those that were expected already: if such a one is late, it is not because of the change."""
    if change.before is None:
        return set()
    return {mark for mark, _ in reminders_of(change.occurrences_before, change.before.reminders, now)}


async def wish_next(transaction: Transaction, meeting: MeetingRecord, due_at: datetime | None) -> None:
    key = f"{REMINDER}:{meeting.id}"
    if due_at is None:
        await withdraw(transaction, [key])
        return
    payload = {"meeting_id": meeting.id, "room_id": meeting.room_id}
    await wish(transaction, JobWish(key, REMINDER, due_at, payload, meeting.id))
