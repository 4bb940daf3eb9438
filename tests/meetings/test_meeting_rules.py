"""Where meetings and their classes can get from where they stand; all else is refused."""

from itertools import product

import pytest

from contract.errors import Conflict
from contract.meetings import MeetingStatus
from contract.schedule import OccurrenceStatus
from meetings import rules
from meetings.rules import Step

_ALLOWED = {
    ("scheduled", "change"): "scheduled",
    ("scheduled", "cancel"): "cancelled",
    ("cancelled", "reinstate"): "scheduled",
}
_MEETINGS = {
    ("scheduled", "live"), ("scheduled", "ended"), ("scheduled", "cancelled"),
    ("live", "scheduled"), ("live", "ended"), ("live", "cancelled"),
    ("ended", "live"), ("ended", "scheduled"),
    ("cancelled", "live"),
}  # fmt: skip


@pytest.mark.parametrize(("status", "taken"), list(product(OccurrenceStatus, Step)))
def test_what_can_be_done_to_a_class(status: OccurrenceStatus, taken: Step) -> None:
    expected = _ALLOWED.get((status.value, taken.value))
    if expected is not None:
        assert rules.step(status, taken).value == expected
        return
    with pytest.raises(Conflict):
        rules.step(status, taken)


@pytest.mark.parametrize(("before", "after"), list(product(MeetingStatus, MeetingStatus)))
def test_how_a_meeting_goes_on(before: MeetingStatus, after: MeetingStatus) -> None:
    if before is after or (before.value, after.value) in _MEETINGS:
        rules.check_meeting_step(before, after)
        return
    with pytest.raises(Conflict):
        rules.check_meeting_step(before, after)


def test_a_cancelled_meeting_stays_as_it_is() -> None:
    for status in MeetingStatus:
        if status is MeetingStatus.CANCELLED:
            with pytest.raises(Conflict):
                rules.check_changeable(status)
        else:
            rules.check_changeable(status)
