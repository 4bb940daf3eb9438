"""Which class the one link means: the one that is on, else the nearest."""

from datetime import UTC, datetime, timedelta

import pytest

from contract.meetings import MeetingPolicy
from contract.schedule import OccurrenceStatus
from meetings.door.rules import Chosen, Stage, choose
from meetings.model import MeetingRecord, OccurrenceRecord, PartRecord, Series, Slot
from meetings.waiting import not_yet, span

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
SCHEDULED, LIVE = OccurrenceStatus.SCHEDULED, OccurrenceStatus.LIVE
ENDED, CANCELLED = OccurrenceStatus.ENDED, OccurrenceStatus.CANCELLED


def part(opens: int = 10) -> PartRecord:
    series = Series(datetime(2026, 11, 24, 9), "UTC", 60)  # noqa: DTZ001  # a wall time
    return PartRecord("part", "meet", series, "Algebra", "", "scripted", MeetingPolicy(opens_minutes=opens))


def meeting(opens: int = 10) -> MeetingRecord:
    return MeetingRecord("meet", "room", "u", "u", NINE, NINE, 0, None, (), (), (part(opens),))


def on(day: int, status: OccurrenceStatus = SCHEDULED, ended: datetime | None = None) -> OccurrenceRecord:
    """At nine, for an hour, so many days after the first."""
    starts_at = NINE + timedelta(days=day)
    wall = starts_at.replace(tzinfo=None)
    slot = Slot(f"{wall:%Y-%m-%dT%H:%M}", wall, "UTC", starts_at, starts_at + timedelta(hours=1))
    return OccurrenceRecord(f"occ{day}", "meet", "part", slot, status, ended_at=ended)


def at(minutes: float) -> datetime:
    """So many minutes after the first class's start."""
    return NINE + timedelta(minutes=minutes)


def chosen(now: datetime, *occurrences: OccurrenceRecord, opens: int = 10) -> Chosen:
    return choose(meeting(opens), occurrences, now)


@pytest.mark.parametrize(
    ("minutes", "stage"),
    [
        (-1000, Stage.EARLY),
        (-12, Stage.EARLY),
        (-10.1, Stage.EARLY),
        (-10, Stage.OPEN),
        (0, Stage.OPEN),
        (59, Stage.OPEN),
        (60, Stage.OVER),
        (9999, Stage.OVER),
    ],
)
def test_one_class_opens_and_is_over_by_the_clock(minutes: float, stage: Stage) -> None:
    found = chosen(at(minutes), on(0))
    assert found.stage is stage
    assert found.occurrence == on(0)


def test_too_early_says_when_it_starts_and_when_to_come_back() -> None:
    found = chosen(at(-12), on(0))
    assert found.words(at(-12)) == "Not yet: starts in 12 minutes."
    assert found.opens_at == at(-10)
    assert chosen(at(-12), on(0), opens=15).stage is Stage.OPEN
    assert chosen(at(-1), on(0), opens=0).stage is Stage.EARLY


def test_one_that_is_live_goes_before_all_others_whatever_the_clock_says() -> None:
    assert chosen(at(200), on(0, LIVE), on(1)).occurrence == on(0, LIVE)
    assert chosen(at(-300), on(0, LIVE)).stage is Stage.OPEN


@pytest.mark.parametrize(
    ("hours", "stage", "day"), [(2, Stage.OVER, 0), (11, Stage.OVER, 0), (14, Stage.EARLY, 1)]
)
def test_between_two_classes_the_nearer_one_is_meant(hours: int, stage: Stage, day: int) -> None:
    found = chosen(at(60 * hours), on(0, ENDED, at(60)), on(1))
    assert (found.stage, found.occurrence and found.occurrence.id) == (stage, f"occ{day}")
    if stage is Stage.OVER:
        assert found.coming == on(1)
        assert "The next one starts in " in found.words(at(60 * hours))


def test_a_class_that_broke_off_can_be_gone_on_with_while_its_time_lasts() -> None:
    found = chosen(at(30), on(0, ENDED, at(20)), on(1))
    assert (found.stage, found.resumable) == (Stage.OVER, True)
    assert not chosen(at(61), on(0, ENDED, at(20)), on(1)).resumable


def test_one_that_was_tried_out_before_its_time_is_still_to_come() -> None:
    early = on(0, ENDED, at(-30))
    assert chosen(at(-20), early).stage is Stage.EARLY
    assert chosen(at(-5), early).stage is Stage.OPEN


def test_what_is_cancelled_is_passed_over() -> None:
    assert chosen(at(0), on(0, CANCELLED), on(1)).occurrence == on(1)
    found = chosen(at(0), on(0, CANCELLED))
    assert (found.stage, found.words(at(0))) == (Stage.CANCELLED, "This class was cancelled.")
    assert chosen(at(0)) == Chosen(Stage.CANCELLED, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "1 minute"),
        (1, "1 minute"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (719, "12 minutes"),
        (720, "12 minutes"),
        (3599, "1 hour"),
        (3600, "1 hour"),
        (3661, "1 hour and 2 minutes"),
        (7260, "2 hours and 1 minute"),
        (86399, "1 day"),
        (86400, "1 day"),
        (3 * 86400, "3 days"),
    ],
)
def test_time_that_is_left_is_never_told_as_less(seconds: int, words: str) -> None:
    assert span(NINE + timedelta(seconds=seconds), NINE) == words
    assert not_yet(NINE + timedelta(seconds=seconds), NINE) == f"Not yet: starts in {words}."
