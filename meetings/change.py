"""What a change of the schedule brings about elsewhere: provider links, invitations, reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from contract.meetings import Scope
from contract.people import Actor
from meetings.model import MeetingRecord, OccurrenceRecord
from realtime.log.transaction import Transaction


@dataclass(frozen=True)
class ScheduleChange:
    """A meeting before (None: it is new) and after, with all its occurrences, those cancelled included."""

    before: MeetingRecord | None
    after: MeetingRecord
    occurrences_before: Sequence[OccurrenceRecord]
    occurrences_after: Sequence[OccurrenceRecord]
    actor: Actor | None
    scope: Scope
    key: str | None = None
    reason: str | None = None


class Consequence(Protocol):
    """Runs in the same transaction as the change: rows and jobs only, nothing that waits for others."""

    async def follow(self, transaction: Transaction, change: ScheduleChange) -> None: ...
