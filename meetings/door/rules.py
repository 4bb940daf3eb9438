"""Which class the one link means just now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contract.schedule import OccurrenceStatus
from meetings.model import MeetingRecord, OccurrenceRecord
from meetings.waiting import not_yet, span

_SCHEDULED, _LIVE = OccurrenceStatus.SCHEDULED, OccurrenceStatus.LIVE
_ENDED, _CANCELLED = OccurrenceStatus.ENDED, OccurrenceStatus.CANCELLED


class Stage(StrEnum):
    """How it stands with the class that is meant."""

    OPEN = "open"
    EARLY = "early"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Chosen:
    """The class that is meant, and how it stands with it."""

    stage: Stage
    occurrence: OccurrenceRecord | None
    opens_at: datetime | None = None
    """For one that is early."""
    coming: OccurrenceRecord | None = None
    """For one that is over: the next."""
    resumable: bool = False
    """It was ended before its time was over: whoever comes back may go on with it, unless it was meant to end."""

    def words(self, now: datetime) -> str:
        """For the person who opened the link."""
        if self.stage is Stage.CANCELLED:
            return "This class was cancelled."
        if self.stage is Stage.EARLY and self.occurrence is not None:
            return not_yet(self.occurrence.slot.starts_at, now)
        if self.stage is Stage.OPEN:
            return "Come in."
        if self.coming is not None:
            return f"This class is over. The next one starts in {span(self.coming.slot.starts_at, now)}."
        return "This class is over."


def choose(meeting: MeetingRecord, occurrences: Sequence[OccurrenceRecord], now: datetime) -> Chosen:
    """The one that is live; else the one that lets people in; else the last one or the next, whichever is nearer.

    `occurrences` are in the order of their start; if somebody asked for one, it alone.
    """
    live = [one for one in occurrences if one.status is _LIVE]
    if live:
        return Chosen(Stage.OPEN, live[-1])
    held = [one for one in occurrences if one.status is not _CANCELLED]
    if not held:
        return Chosen(Stage.CANCELLED, occurrences[-1] if occurrences else None)
    early = {part.id: timedelta(minutes=part.policy.opens_minutes) for part in meeting.parts}
    inside = [one for one in held if _opens_at(one, early) <= now < one.slot.ends_at]
    for one in inside:
        if one.status is _SCHEDULED or one.slot.starts_at > now:
            return Chosen(Stage.OPEN, one)
    to_come = (one for one in held if one.slot.starts_at > now)
    past = [one for one in held if one.slot.starts_at <= now]
    coming, last = next(to_come, None), max(past, key=_over_at, default=None)
    resumable = last is not None and last in inside
    if coming is None or (last is not None and (resumable or _is_nearer(last, coming, now))):
        return Chosen(Stage.OVER, last, coming=coming, resumable=resumable)
    return Chosen(Stage.EARLY, coming, opens_at=_opens_at(coming, early))


def _is_nearer(last: OccurrenceRecord, coming: OccurrenceRecord, now: datetime) -> bool:
    return now - _over_at(last) <= coming.slot.starts_at - now


def _opens_at(one: OccurrenceRecord, early: Mapping[str, timedelta]) -> datetime:
    return one.slot.starts_at - early.get(one.part_id, timedelta())


def _over_at(one: OccurrenceRecord) -> datetime:
    return one.ended_at or one.slot.ends_at
