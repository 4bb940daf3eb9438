"""Rules that Graph holds, and rules that it would hold otherwise than we mean."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.model import Series, Slot
from meetings.providers.teams.recurrence import recurrence_of

ZONE = ZoneInfo("Europe/Paris")


def slots_of(series: Series) -> list[Slot]:
    """The occurrences of a rule, as dateutil has them."""
    assert series.rule is not None
    found = []
    for starts in rrulestr(series.rule, dtstart=series.starts):
        key = starts.strftime("%Y-%m-%dT%H:%M")
        if key not in series.except_keys:
            at = starts.replace(tzinfo=ZONE)
            found.append(Slot(key, starts, "Europe/Paris", at, at + timedelta(minutes=series.minutes)))
    return found


def series_of(rule: str, starts: str = "2026-12-01T09:00", *left_out: str) -> Series:
    return Series(datetime.fromisoformat(starts), "Europe/Paris", 50, rule, frozenset(left_out))


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("FREQ=DAILY;INTERVAL=2;COUNT=5", {"type": "daily", "interval": 2}),
        (
            "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=8",
            {
                "type": "weekly",
                "interval": 1,
                "daysOfWeek": ["tuesday", "thursday"],
                "firstDayOfWeek": "monday",
            },
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=1;COUNT=4", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 1}),
        (
            "FREQ=MONTHLY;BYDAY=1TU;COUNT=4",
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "first"},
        ),
        ("FREQ=YEARLY;COUNT=3", {"type": "absoluteYearly", "interval": 1, "month": 12, "dayOfMonth": 1}),
        (
            "FREQ=YEARLY;BYMONTH=12;BYDAY=1TU;COUNT=3",
            {
                "type": "relativeYearly",
                "interval": 1,
                "month": 12,
                "daysOfWeek": ["tuesday"],
                "index": "first",
            },
        ),
    ],
)
def test_a_rule_becomes_the_pattern_that_means_the_same(rule: str, pattern: dict[str, object]) -> None:
    series = series_of(rule)
    made = recurrence_of(series, slots_of(series))
    assert made is not None
    assert made.pattern == pattern


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        (
            "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=5",
            "2026-12-31T09:00",
        ),  # Graph would take the last day of February
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=3", "2028-02-29T09:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=5", "2026-12-01T09:00"),
        ("FREQ=MONTHLY;BYDAY=5TU;COUNT=3", "2026-12-29T09:00"),
        ("FREQ=DAILY;BYDAY=MO,TU;COUNT=5", "2026-12-01T09:00"),
        ("FREQ=DAILY;INTERVAL=100;COUNT=3", "2026-12-01T09:00"),
        ("FREQ=WEEKLY;BYDAY=TU;BYHOUR=9,14;COUNT=4", "2026-12-01T09:00"),
    ],
)
def test_what_graph_would_hold_otherwise_is_not_given_to_it(rule: str, starts: str) -> None:
    series = series_of(rule, starts)
    assert recurrence_of(series, slots_of(series)) is None


def test_what_is_left_out_does_not_shift_the_end() -> None:
    series = series_of("FREQ=WEEKLY;COUNT=5", "2026-12-01T09:00", "2026-12-15T09:00")
    made = recurrence_of(series, slots_of(series))
    assert made is not None
    assert made.body("Romance Standard Time")["range"] == {
        "type": "endDate",
        "startDate": "2026-12-01",
        "endDate": "2026-12-29",
        "recurrenceTimeZone": "Romance Standard Time",
    }


def test_a_meeting_that_is_held_once_is_no_series() -> None:
    at = datetime(2026, 12, 1, 9, tzinfo=ZONE)
    slot = Slot("2026-12-01T09:00", at.replace(tzinfo=None), "Europe/Paris", at, at)
    assert recurrence_of(Series(at.replace(tzinfo=None), "Europe/Paris", 50), [slot]) is None


RULES = st.builds(
    lambda frequency, interval, count, extra: f"FREQ={frequency};INTERVAL={interval};COUNT={count}{extra}",
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 5),
    st.integers(1, 20),
    st.sampled_from(
        [
            "",
            ";BYDAY=MO",
            ";BYDAY=MO,WE,FR",
            ";BYDAY=2TU",
            ";BYDAY=-1FR",
            ";BYMONTHDAY=15",
            ";BYMONTHDAY=30",
            ";WKST=SU",
            ";BYDAY=SU,SA;WKST=SU",
            ";BYMONTH=3",
            ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            ";BYSETPOS=1;BYDAY=MO",
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(RULES, st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_what_graph_spreads_out_holds_every_occurrence_and_what_more_it_has_is_known(
    rule: str, day: date
) -> None:
    series = Series(datetime.combine(day, datetime.min.time()).replace(hour=9), "Europe/Paris", 50, rule)
    slots = slots_of(series)
    made = recurrence_of(series, slots)
    if made is not None:
        assert {slot.starts.date() for slot in slots} <= set(made.dates())
        assert (made.first, made.last) == (slots[0].starts.date(), slots[-1].starts.date())
