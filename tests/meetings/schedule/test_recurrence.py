"""Our days against those of python-dateutil, an implementation that others wrote."""

from datetime import date, datetime, timedelta

import pytest
from dateutil import rrule
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contract.errors import InvalidInput
from contract.schedule import MOST_OCCURRENCES, wall_text
from meetings.model import Series
from meetings.schedule import recurrence
from meetings.schedule.rule_text import DAYS
from meetings.schedule.zones import wall

STARTS = wall("2026-11-24T09:00")  # a Tuesday
FEW = settings(max_examples=60, deadline=None)


def series(rule: str | None, starts: datetime = STARTS, **more: object) -> Series:
    return Series(starts, "Europe/Paris", 60, rule, **more)  # type: ignore[arg-type]  # passed through


def days(rule: str, starts: datetime = STARTS) -> list[str]:
    return [slot.key[:10] for slot in recurrence.expand(series(rule, starts))]


starts_at = st.datetimes(wall("2024-01-01T00:00"), wall("2030-12-31T00:00")).map(
    lambda any_time: any_time.replace(second=0, microsecond=0)
)
_plain_days = st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True).map(",".join)


def _numbers(most: int, *, negative: bool = True) -> st.SearchStrategy[str]:
    numbers = st.integers(-most if negative else 1, most).filter(bool)
    return st.lists(numbers, min_size=1, max_size=4, unique=True).map(
        lambda found: ",".join(str(number) for number in found)
    )


@st.composite
def _numbered_days(draw: st.DrawFn, most: int) -> str:
    found = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True))
    return ",".join(f"{draw(st.integers(-most, most).filter(bool))}{day}" for day in found)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules that the RFC allows and on which dateutil follows it."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": frequency}
    if draw(st.booleans()):
        parts["INTERVAL"] = str(draw(st.integers(1, 12)))
    if draw(st.booleans()):
        parts["BYMONTH"] = draw(_numbers(12, negative=False))
    which = draw(st.sampled_from(["none", "days", "month days", "both", "numbered", "year days", "weeks"]))
    if which in {"days", "both"}:
        parts["BYDAY"] = draw(_plain_days)
    if which in {"month days", "both"} and frequency != "WEEKLY":
        parts["BYMONTHDAY"] = draw(_numbers(31))
    if which == "numbered" and frequency in {"MONTHLY", "YEARLY"}:
        within_month = frequency == "MONTHLY" or "BYMONTH" in parts
        parts["BYDAY"] = draw(_numbered_days(5 if within_month else 53))
    if which == "year days" and frequency == "YEARLY":
        parts["BYYEARDAY"] = draw(_numbers(366))
    if which == "weeks" and frequency == "YEARLY":
        parts |= {"BYWEEKNO": draw(_numbers(53)), "BYDAY": draw(_plain_days)}
    chosen = {"BYDAY", "BYMONTHDAY"} & parts.keys()
    if frequency in {"MONTHLY", "YEARLY"} and chosen and draw(st.booleans()):
        parts["BYSETPOS"] = draw(_numbers(5))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(DAYS))
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _of_dateutil(rule: str, starts: datetime, last: datetime) -> list[datetime]:
    found: rrule.rrule = rrule.rrulestr(f"{rule};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=starts)
    return list(found)


@FEW
@given(rules(), starts_at)
def test_days_are_those_of_dateutil(rule: str, starts: datetime) -> None:
    last = starts + timedelta(days=1200)
    ours = recurrence.walls(series(f"{rule};UNTIL={last:%Y%m%dT%H%M%S}", starts), most=2000)
    assume(ours)  # it would search until the year 9999
    assert ours == _of_dateutil(rule, starts, last)


@FEW
@given(rules(), starts_at, st.integers(1, 40))
def test_a_count_is_that_of_dateutil(rule: str, starts: datetime, count: int) -> None:
    ours = recurrence.walls(series(f"{rule};COUNT={count}", starts))
    assert len(ours) <= count
    if ours:
        assert ours == _of_dateutil(rule, starts, ours[-1])


@FEW
@given(rules(), starts_at, st.integers(1, 30))
def test_beginning_at_the_first_occurrence_changes_none(rule: str, starts: datetime, count: int) -> None:
    asked = series(f"{rule};COUNT={count}", starts)
    anchored = recurrence.anchored(asked)
    told = recurrence.walls(asked)
    assert recurrence.walls(anchored)[: len(told)] == told  # it may reach further: the horizon moves along
    if told:
        assert anchored.starts == told[0]


@FEW
@given(rules(), starts_at, st.integers(1, 30))
def test_a_rule_that_is_written_anew_means_the_same(rule: str, starts: datetime, count: int) -> None:
    asked = series(f"{rule};COUNT={count}", starts)
    read = recurrence.rule_of(asked)
    assert read is not None
    assert recurrence.rule_of(series(recurrence.text_of(read), starts)) == read


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3", ["2026-11-24", "2026-11-26", "2026-12-01"]),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=2", ["2026-11-30", "2026-12-07"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;COUNT=3", ["2026-11-24", "2026-12-07", "2026-12-08"]),
        ("FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=3", ["2026-11-30", "2026-12-01", "2026-12-07"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["2026-11-27", "2026-12-25"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", ["2026-12-31", "2027-01-31"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["2026-11-30", "2026-12-31"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1;COUNT=2", ["2026-11-30", "2026-12-07"]),
        ("FREQ=YEARLY;COUNT=2", ["2026-11-24", "2027-11-24"]),
        ("FREQ=DAILY;UNTIL=20261126", ["2026-11-24", "2026-11-25", "2026-11-26"]),
        ("FREQ=DAILY;UNTIL=20261126T085959", ["2026-11-24", "2026-11-25"]),
        ("FREQ=DAILY;UNTIL=20261126T080000Z", ["2026-11-24", "2026-11-25", "2026-11-26"]),
        ("FREQ=DAILY;UNTIL=20261126T075959Z", ["2026-11-24", "2026-11-25"]),
        ("rrule:freq=daily;count=1;", ["2026-11-24"]),
    ],
)
def test_rules_that_people_write(rule: str, expected: list[str]) -> None:
    assert days(rule) == expected


def test_leap_days_come_in_leap_years() -> None:
    leap = wall("2028-02-29T09:00")
    assert days("FREQ=YEARLY;COUNT=3", leap) == ["2028-02-29", "2032-02-29", "2036-02-29"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2;COUNT=10",
        "FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2;COUNT=10",
        "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=7;COUNT=4",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=4",
        "FREQ=DAILY;UNTIL=20261123",
        "FREQ=DAILY;UNTIL=19700101T000000Z",
    ],
)
def test_a_rule_without_a_day_is_refused_at_once(rule: str) -> None:
    with pytest.raises(InvalidInput, match="no occurrence"):
        recurrence.expand(series(rule))


def test_too_many_and_too_far_is_refused() -> None:
    assert len(days(f"FREQ=DAILY;COUNT={MOST_OCCURRENCES}")) == MOST_OCCURRENCES
    with pytest.raises(InvalidInput, match="more than 400"):
        recurrence.expand(series("FREQ=DAILY;UNTIL=20991231"))
    with pytest.raises(InvalidInput, match="further than 50 years"):
        recurrence.expand(series("FREQ=YEARLY;COUNT=60"))
    with pytest.raises(InvalidInput, match="further than 50 years"):
        recurrence.expand(series("FREQ=YEARLY;UNTIL=21990101"))
    late = wall("2199-12-31T09:00")
    assert recurrence.walls(series("FREQ=YEARLY;COUNT=5", late)) == [late, wall("2200-12-31T09:00")][:1]


def test_dates_left_out_count_by_their_day() -> None:
    left_out = frozenset({"2026-11-25T17:00", "2031-01-01T09:00"})
    asked = recurrence.anchored(series("FREQ=DAILY;COUNT=3", except_keys=left_out))
    assert asked.except_keys == {"2026-11-25T09:00"}
    assert [slot.key for slot in recurrence.expand(asked)] == ["2026-11-24T09:00", "2026-11-26T09:00"]


def test_leaving_out_everything_is_refused() -> None:
    everything = frozenset(wall_text(STARTS + timedelta(days=number)) for number in range(3))
    with pytest.raises(InvalidInput) as refused:
        recurrence.expand(recurrence.anchored(series("FREQ=DAILY;COUNT=3", except_keys=everything)))
    assert list(refused.value.fields) == ["except_dates"]


def test_a_week_may_begin_on_a_sunday() -> None:
    sunday = wall("2026-11-22T09:00")
    assert days("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=3", sunday) == [
        "2026-11-22",
        "2026-11-30",
        "2026-12-06",
    ]
    assert days("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=3;WKST=SU", sunday) == [
        "2026-11-22",
        "2026-11-23",
        "2026-12-06",
    ]


def test_the_last_day_of_a_rule_can_be_told() -> None:
    rule = recurrence.rule_of(series("FREQ=WEEKLY;BYDAY=TU;COUNT=9"))
    assert rule is not None
    assert recurrence.text_until(rule, date(2026, 12, 8)) == "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261208"
