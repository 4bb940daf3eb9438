"""Which reminders there are, and when they are due: pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contract.schedule import OccurrenceStatus
from meetings.model import OccurrenceRecord

_TO_COME = frozenset({OccurrenceStatus.SCHEDULED, OccurrenceStatus.LIVE})


@dataclass(frozen=True)
class Mark:
    """Tells one reminder from all others. A class that moves has new ones."""

    occurrence_id: str
    starts_at: datetime
    minutes: int

    @property
    def due_at(self) -> datetime:
        return self.starts_at - timedelta(minutes=self.minutes)


def reminders_of(
    occurrences: Iterable[OccurrenceRecord], offsets: Collection[int], now: datetime
) -> Iterator[tuple[Mark, OccurrenceRecord]]:
    """Of classes that are neither over nor cancelled, in no order."""
    for one in occurrences:
        if still_to_come(one, now):
            for minutes in sorted(set(offsets)):
                yield Mark(one.id, one.slot.starts_at, minutes), one


def still_to_come(one: OccurrenceRecord, now: datetime) -> bool:
    """Whether a reminder of it is of use. A late one is, as long as the class goes on."""
    return one.status in _TO_COME and one.slot.ends_at > now


def next_due(marks: Iterable[Mark], given: Collection[Mark]) -> datetime | None:
    return min((mark.due_at for mark in marks if mark not in given), default=None)
