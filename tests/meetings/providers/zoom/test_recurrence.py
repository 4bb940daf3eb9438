"""What Zoom's recurring meetings can hold: its own dates, by the words of its reference, are ours, or it gets none."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.model import Series, Slot
from meetings.providers.zoom.recurrence import (
    MOST_TIMES,
    Occurrence,
    alterations,
    held,
    minutes_of,
)
from meetings.providers.zoom.zones import LISTED, instant, listed_zone
from tests.meetings.providers.zoom.conftest import slots_of
from tests.services.zoom_expansion import expansion

FIRST = datetime.fromisoformat("2026-12-01T09:00")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Europe/Kyiv",
)


def body_of(rule: str, first: datetime = FIRST, zone: str = "Europe/Paris") -> dict[str, Any] | None:
    shape = held(Series(first, zone, 50, rule), slots_of(rule, first, zone))
    return None if shape is None else dict(shape.pattern.body(len(shape.positions)))


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("FREQ=DAILY;COUNT=5", {"type": 1, "repeat_interval": 1, "end_times": 5}),
        ("FREQ=DAILY;INTERVAL=99;COUNT=5", {"type": 1, "repeat_interval": 99, "end_times": 5}),
        (
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=5",
            {"type": 2, "repeat_interval": 1, "end_times": 5, "weekly_days": "2,3,4,5,6"},
        ),
        ("FREQ=WEEKLY;COUNT=5", {"type": 2, "repeat_interval": 1, "end_times": 5, "weekly_days": "3"}),
        (
            "FREQ=WEEKLY;BYDAY=TU,SU;UNTIL=20261231T235959",
            {"type": 2, "repeat_interval": 1, "end_times": 9, "weekly_days": "1,3"},
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,TU;WKST=SU;COUNT=6",
            {"type": 2, "repeat_interval": 2, "end_times": 6, "weekly_days": "3,5"},
        ),
        ("FREQ=MONTHLY;COUNT=4", {"type": 3, "repeat_interval": 1, "end_times": 4, "monthly_day": 1}),
        (
            "FREQ=MONTHLY;BYMONTHDAY=28;COUNT=4",
            {"type": 3, "repeat_interval": 1, "end_times": 4, "monthly_day": 28},
        ),
        (
            "FREQ=MONTHLY;BYDAY=2TU;COUNT=4",
            {"type": 3, "repeat_interval": 1, "end_times": 4, "monthly_week": 2, "monthly_week_day": 3},
        ),
        (
            "FREQ=MONTHLY;INTERVAL=10;BYDAY=-1SU;COUNT=4",
            {"type": 3, "repeat_interval": 10, "end_times": 4, "monthly_week": -1, "monthly_week_day": 1},
        ),
    ],
)
def test_what_zoom_can_hold(rule: str, body: dict[str, Any]) -> None:
    assert body_of(rule) == body


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=61",
        "FREQ=DAILY;INTERVAL=100;COUNT=3",
        "FREQ=DAILY;INTERVAL=2;BYDAY=TU;COUNT=3",
        "FREQ=WEEKLY;INTERVAL=51;COUNT=3",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=6",
        "FREQ=MONTHLY;INTERVAL=11;COUNT=3",
        "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=6",
        "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3",
        "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=6",
        "FREQ=MONTHLY;BYDAY=5TU;COUNT=3",
        "FREQ=MONTHLY;BYDAY=-2TU;COUNT=3",
        "FREQ=MONTHLY;BYDAY=TU;COUNT=6",
        "FREQ=MONTHLY;BYDAY=1TU,3TU;COUNT=6",
        "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2;COUNT=3",
        "FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=1,2,3,4,5,6,7;COUNT=3",
        "FREQ=YEARLY;COUNT=3",
        "FREQ=WEEKLY;BYMONTH=12;COUNT=3",
        "FREQ=WEEKLY;BYHOUR=9,14;COUNT=6",
    ],
)
def test_what_becomes_a_meeting_for_each_date(rule: str) -> None:
    assert body_of(rule) is None


def test_the_31st_is_held_while_every_month_has_one() -> None:
    rule = "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2"
    assert body_of(rule, datetime.fromisoformat("2026-12-31T09:00")) is not None


def test_a_zone_without_a_listed_twin_is_told_date_by_date() -> None:
    assert body_of("FREQ=WEEKLY;COUNT=40", zone="Australia/Lord_Howe") is None


@st.composite
def rules(draw: st.DrawFn) -> str:
    parts = [f"INTERVAL={draw(st.integers(1, 12))}", f"COUNT={draw(st.integers(1, 24))}"]
    days = draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=4))
    match draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHDAY", "MONTHWEEK"])):
        case "DAILY":
            parts += ["FREQ=DAILY"]
        case "WEEKLY":
            parts += ["FREQ=WEEKLY", *([f"BYDAY={','.join(days)}"] if days else [])]
            parts += draw(st.sampled_from([[], ["WKST=SU"], ["WKST=MO"]]))
        case "MONTHDAY":
            parts += [
                "FREQ=MONTHLY",
                *draw(st.sampled_from([[], [f"BYMONTHDAY={draw(st.integers(1, 31))}"]])),
            ]
        case _:
            week = draw(st.sampled_from([-1, 1, 2, 3, 4]))
            parts += ["FREQ=MONTHLY", f"BYDAY={week}{draw(st.sampled_from(DAYS))}"]
    return ";".join(parts)


starts = st.builds(
    lambda day, minutes: datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes),
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.integers(0, 95).map(lambda quarter: quarter * 15),
)


@settings(max_examples=150, deadline=None)
@given(rules(), starts, st.sampled_from(ZONES), st.data())
def test_zooms_own_dates_are_ours(rule: str, first: datetime, zone: str, data: st.DataObject) -> None:
    """Whatever it is given comes out as our own occurrences, those left out to be deleted, those moved to be moved."""
    slots = slots_of(rule, first, zone)
    keys = [datetime.fromisoformat(slot.key) for slot in slots]
    left_out = data.draw(st.sets(st.sampled_from(keys), max_size=min(3, len(keys) - 1)))
    kept = [slot for slot, key in zip(slots, keys, strict=True) if key not in left_out]
    shape = held(Series(first, zone, 50, rule), kept)
    if shape is None:
        return
    begin = datetime.fromisoformat(kept[0].key)
    dates = expansion(shape.pattern.body(len(shape.positions)), begin)
    assert dates == [key for key in keys if begin <= key <= datetime.fromisoformat(kept[-1].key)]
    theirs = [Occurrence(str(number), instant(wall, shape.zone), 50) for number, wall in enumerate(dates)]
    todo = alterations(kept, theirs)
    assert not todo.missing
    assert not todo.move
    assert len(todo.drop) == len(theirs) - len(kept)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_alterations_lead_to_what_is_wanted(data: st.DataObject) -> None:
    slots = slots_of("FREQ=DAILY;COUNT=12", FIRST, "Europe/Paris")
    theirs = [Occurrence(slot.key, slot.starts_at, 50) for slot in slots]
    wanted = []
    for slot in data.draw(st.lists(st.sampled_from(slots), unique_by=lambda one: one.key)):
        shift = timedelta(minutes=data.draw(st.sampled_from([0, 0, 15, 24 * 60, -24 * 60])))
        wanted.append(
            Slot(slot.key, slot.starts + shift, slot.zone, slot.starts_at + shift, slot.ends_at + shift)
        )
    if len({slot.starts_at for slot in wanted}) < len(wanted):
        return
    todo = alterations(wanted, theirs)
    after = {one.id: one.starts_at for one in theirs}
    for one, slot in todo.move:
        after[one.id] = slot.starts_at
    for one in todo.drop:
        del after[one.id]
    assert not todo.missing
    assert sorted(after.values()) == sorted(slot.starts_at for slot in wanted)


def test_what_is_shorter_than_it_was_is_altered() -> None:
    (slot,) = slots_of(None, FIRST, "Europe/Paris", minutes=25)
    one = Occurrence("1", slot.starts_at, 50)
    assert alterations([slot], [one]).move == ((one, slot),)
    assert minutes_of(slot) == 25


def test_dates_that_zoom_does_not_have_are_missing() -> None:
    slots = slots_of("FREQ=DAILY;COUNT=3", FIRST, "Europe/Paris")
    assert alterations(slots, []).missing == tuple(slots)


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2027-03-26T09:00", {8, 7}), ("2026-10-23T09:00", {7, 8})],
)
def test_wall_time_stays_over_a_change_of_the_clocks(day: str, hours: set[int]) -> None:
    first = datetime.fromisoformat(day)
    slots = slots_of("FREQ=DAILY;COUNT=5", first, "Europe/Paris")
    shape = held(Series(first, "Europe/Paris", 50, "FREQ=DAILY;COUNT=5"), slots)
    assert shape is not None
    assert {instant(wall, shape.zone).hour for wall in shape.positions} == hours
    assert [instant(wall, shape.zone) for wall in shape.positions] == [slot.starts_at for slot in slots]


def test_sixty_are_held_and_no_more() -> None:
    assert body_of(f"FREQ=DAILY;COUNT={MOST_TIMES}") is not None
    assert body_of(f"FREQ=DAILY;COUNT={MOST_TIMES + 1}") is None


def test_a_listed_zone_has_the_same_clocks() -> None:
    walls = [FIRST + timedelta(days=days) for days in range(0, 360, 30)]
    for zone in (
        "Europe/Kyiv",
        "America/Toronto",
        "America/Nuuk",
        "Asia/Ho_Chi_Minh",
        "Etc/UTC",
        "Europe/Vilnius",
    ):
        told = listed_zone(zone, walls)
        assert told in LISTED
        assert [instant(wall, told) for wall in walls] == [instant(wall, zone) for wall in walls]
