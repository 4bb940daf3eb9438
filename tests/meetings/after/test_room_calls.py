"""Which stretch of a call in a room was which class, and what of it is still to be told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from contract.schedule import OccurrenceStatus
from meetings.after.room_calls import CallSpan, HeldHere, Seated, Segment, moments, segments
from meetings.model import OccurrenceRecord, Slot

NINE = datetime(2030, 1, 1, 9, tzinfo=UTC)
LATER = NINE + timedelta(days=1)


def minute(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


def class_at(
    start: float,
    *,
    minutes: float = 60,
    status: OccurrenceStatus = OccurrenceStatus.SCHEDULED,
    ended: float | None = None,
) -> HeldHere:
    """Lets people in ten minutes before."""
    name = f"o{start}"
    slot = Slot(name, minute(start).replace(tzinfo=None), "UTC", minute(start), minute(start + minutes))
    last = None if ended is None else minute(ended)
    return HeldHere(OccurrenceRecord(name, "m", "p", slot, status), minute(start - 10), last)


def call(start: float, end: float | None = None) -> CallSpan:
    return CallSpan("call_1", minute(start), None if end is None else minute(end))


def told(
    span: CallSpan, *classes: HeldHere, now: datetime = LATER
) -> Sequence[tuple[str, float, float | None]]:
    return [
        (
            one.occurrence.id,
            (one.starts_at - NINE).total_seconds() / 60,
            None if one.ends_at is None else (one.ends_at - NINE).total_seconds() / 60,
        )
        for one in segments(span, classes, now)
    ]


@pytest.mark.parametrize(
    ("span", "classes", "expected"),
    [
        (call(2, 50), [class_at(0)], [("o0", 2, 50)]),
        (call(-5, 70), [class_at(0)], [("o0", -5, 70)]),  # a little early, and over time
        (call(-90, 50), [class_at(0)], [("o0", -10, 50)]),  # it began long before
        (call(-90, -20), [class_at(0)], []),
        (call(61, 90), [class_at(0)], []),
        (call(65, 90), [class_at(0, ended=63)], [("o0", 65, 90)]),  # it broke off over time
        (call(80, 90), [class_at(0, ended=63)], []),
        (call(0, 50), [class_at(0, status=OccurrenceStatus.CANCELLED)], []),
        (call(0, 110), [class_at(0), class_at(60)], [("o0", 0, 60), ("o60", 60, 110)]),
        (
            call(0, 55),
            [class_at(0), class_at(60)],
            [("o0", 0, 55)],
        ),  # the next lets people in, but the first goes on
        (call(0, 200), [class_at(120), class_at(0)], [("o0", 0, 120), ("o120", 120, 200)]),
        (call(50, 110), [class_at(0), class_at(60)], [("o0", 50, 60), ("o60", 60, 110)]),
        (call(0, 100), [class_at(0), class_at(30)], [("o0", 0, 30), ("o30", 30, 100)]),
        (call(0, 50), [], []),
    ],
)
def test_a_call_is_the_classes_in_whose_time_it_was(
    span: CallSpan, classes: list[HeldHere], expected: list[tuple[str, float, float | None]]
) -> None:
    assert told(span, *classes) == expected


def test_a_call_that_goes_on_is_the_class_of_now() -> None:
    classes = (class_at(0), class_at(60))
    assert told(call(-30), *classes, now=minute(-15)) == []
    assert told(call(-30), *classes, now=minute(-10)) == [("o0", -10, None)]
    assert told(call(-30), *classes, now=minute(59)) == [("o0", -10, None)]
    assert told(call(-30), *classes, now=minute(60)) == [("o0", -10, 60), ("o60", 60, None)]


def test_only_what_is_new_and_of_the_class_is_told() -> None:
    segment = Segment(class_at(0).occurrence, minute(-10), minute(60))
    seats = [
        Seated("early", "Early", minute(-60), minute(-20)),
        Seated("ana", "Ana", minute(-60), minute(30)),
        Seated("ana", "Ana", minute(35), None),
        Seated("ben", "Ben", minute(10), minute(90)),
        Seated("late", "Late", minute(60), minute(61)),
    ]
    found = [
        (one.user_id, one.came, (one.at - NINE).total_seconds() / 60) for one in moments(segment, seats, {})
    ]
    assert found == [("ana", True, -10), ("ben", True, 10), ("ana", False, 30), ("ana", True, 35)]
    known = {"ana": ({minute(-10), minute(35)}, {minute(30)}), "ben": ({minute(10)}, set[datetime]())}
    assert moments(segment, seats, known) == []
