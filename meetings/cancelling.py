"""Cancelling one class, it and all that follow, or all to come. Pure."""

from dataclasses import replace
from datetime import datetime

from contract.errors import Conflict
from contract.meetings import Scope
from contract.schedule import OccurrenceStatus
from meetings.changing import finished
from meetings.model import OccurrenceRecord, PartRecord
from meetings.regenerating import ended_before
from meetings.rules import Step, has_begun, step
from meetings.schedule.splitting import cut
from meetings.timetable import Timetable

_CANCELLED = OccurrenceStatus.CANCELLED


def cancel(before: Timetable, asked: OccurrenceRecord | None, scope: Scope, now: datetime) -> Timetable:
    """What is cancelled already stays as it is, so that a repeated request changes nothing.

    Raises:
        Conflict: it has begun, or nothing is to come.
    """
    if asked is None and before.meeting.cancelled_at is not None:
        return before
    if asked is not None and has_begun(asked, now) and asked.status is not _CANCELLED:
        raise Conflict("That class has begun.")
    gone = [one for one in before.occurrences if _is_meant(one, asked, scope, now)]
    if not gone and asked is None:
        raise Conflict("Nothing of it is to come.")
    if not gone:
        return before
    after = before
    for part in before.meeting.parts:
        mine = [one for one in gone if one.part_id == part.id]
        if mine:
            after = _without(after, part, mine, asked if scope is Scope.FOLLOWING else None)
    after = finished(after, now)
    if asked is not None:
        return after
    return replace(after, meeting=replace(after.meeting, cancelled_at=now))


def _is_meant(one: OccurrenceRecord, asked: OccurrenceRecord | None, scope: Scope, now: datetime) -> bool:
    if has_begun(one, now) or one.status is _CANCELLED:
        return False
    if asked is None:
        return True
    return one.slot.key >= asked.slot.key if scope is Scope.FOLLOWING else one.id == asked.id


def _without(
    before: Timetable, part: PartRecord, gone: list[OccurrenceRecord], ends_at: OccurrenceRecord | None
) -> Timetable:
    """A part without some of its classes; one that is cut off (`ends_at`) has a rule that ends there."""
    changed = replace(part, sequence=part.sequence + 1)
    if ends_at is not None and part.series.rule is not None:
        halves = cut(part.series, ends_at.slot.key)
        changed = changed if halves.whole else ended_before(part, halves)
    return before.with_part(changed).with_occurrences(
        replace(one, status=step(one.status, Step.CANCEL), sequence=changed.sequence) for one in gone
    )
