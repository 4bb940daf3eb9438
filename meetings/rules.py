"""Where meetings and their occurrences can get from where they stand: tables, and nothing else."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from contract.errors import Conflict
from contract.meetings import MeetingStatus
from contract.schedule import OccurrenceStatus
from meetings.model import OccurrenceRecord


class Step(StrEnum):
    """What can be done to one occurrence that is planned."""

    CHANGE = "change"
    """Another time, title or length."""
    CANCEL = "cancel"
    REINSTATE = "reinstate"
    """A rule that had ended before it takes it in again."""


_SCHEDULED, _LIVE = OccurrenceStatus.SCHEDULED, OccurrenceStatus.LIVE
_ENDED, _CANCELLED = OccurrenceStatus.ENDED, OccurrenceStatus.CANCELLED

OCCURRENCE_STEPS: Mapping[tuple[OccurrenceStatus, Step], OccurrenceStatus] = {
    (_SCHEDULED, Step.CHANGE): _SCHEDULED,
    (_SCHEDULED, Step.CANCEL): _CANCELLED,
    (_CANCELLED, Step.REINSTATE): _SCHEDULED,
}
"""What planning may do; anything else is refused. How a class begins and ends stands in `meetings.after.rules`."""

MEETING_STEPS: Mapping[MeetingStatus, frozenset[MeetingStatus]] = {
    MeetingStatus.SCHEDULED: frozenset({MeetingStatus.LIVE, MeetingStatus.ENDED, MeetingStatus.CANCELLED}),
    MeetingStatus.LIVE: frozenset({MeetingStatus.SCHEDULED, MeetingStatus.ENDED, MeetingStatus.CANCELLED}),
    MeetingStatus.ENDED: frozenset({MeetingStatus.LIVE, MeetingStatus.SCHEDULED}),
    MeetingStatus.CANCELLED: frozenset({MeetingStatus.LIVE}),
}
"""How a meeting as a whole may go on. It follows from its occurrences: one that is over may get more of them; one that is
cancelled stays so, though a class that was going on then is still shown as live."""

CHANGEABLE = frozenset({MeetingStatus.SCHEDULED, MeetingStatus.LIVE, MeetingStatus.ENDED})
"""Meetings whose schedule may be changed."""

_REFUSALS: Mapping[OccurrenceStatus, str] = {
    _SCHEDULED: "That class is still to come.",
    _LIVE: "That class is being held.",
    _ENDED: "That class is over.",
    _CANCELLED: "That class is cancelled.",
}


def step(status: OccurrenceStatus, taken: Step) -> OccurrenceStatus:
    """Where an occurrence stands afterwards. Raises Conflict for what cannot happen."""
    after = OCCURRENCE_STEPS.get((status, taken))
    if after is None:
        raise Conflict(_REFUSALS[status])
    return after


def check_meeting_step(before: MeetingStatus, after: MeetingStatus) -> None:
    """Raises Conflict when a meeting that stands so cannot come to stand so."""
    if before is not after and after not in MEETING_STEPS[before]:
        raise Conflict(f"A meeting that is {before} cannot become {after}.")


def check_changeable(status: MeetingStatus) -> None:
    """Raises Conflict for a meeting whose schedule stands as it is for good."""
    if status not in CHANGEABLE:
        raise Conflict("The meeting is cancelled.")


def has_begun(occurrence: OccurrenceRecord, now: datetime) -> bool:
    """Whether it is history, which no change of the schedule touches."""
    return (
        occurrence.slot.starts_at <= now
        or occurrence.started_at is not None
        or occurrence.status in {_LIVE, _ENDED}
    )
