"""The clock's part in the life of classes: those that nobody tells anything of are over some time after their end."""

from collections.abc import Sequence
from typing import Final

from meetings import store
from meetings.after import rules
from meetings.change import ScheduleChange
from meetings.jobs.port import JobWish
from meetings.jobs.store import wish, withdraw
from meetings.model import MeetingRecord, OccurrenceRecord
from meetings.providers.registry import BUILTIN
from realtime.log.transaction import Transaction

KIND: Final = "close"


async def plan(transaction: Transaction, meeting: MeetingRecord) -> None:
    """Wishes to be called when the next of the meeting's occurrences has to be looked at."""
    await transaction.flush()
    await plan_for(transaction, meeting, await store.occurrences(transaction.connection, meeting.id))


async def plan_for(
    transaction: Transaction, meeting: MeetingRecord, occurrences: Sequence[OccurrenceRecord]
) -> None:
    key = f"{KIND}:{meeting.id}"
    here = parts_here(meeting)
    due = [rules.look_again_at(one, here=one.part_id in here) for one in occurrences]
    due_at = min((at for at in due if at is not None), default=None)
    if due_at is None:
        await withdraw(transaction, [key])
    else:
        await wish(transaction, JobWish(key, KIND, due_at, {"meeting_id": meeting.id}, meeting.id))


def parts_here(meeting: MeetingRecord) -> frozenset[str]:
    """The parts whose classes are calls of ours."""
    return frozenset(part.id for part in meeting.parts if part.provider == BUILTIN)


class ClosePlan:
    """The Consequence: whatever changes the schedule moves the time at which the clock looks."""

    async def follow(self, transaction: Transaction, change: ScheduleChange) -> None:
        await plan_for(transaction, change.after, change.occurrences_after)
