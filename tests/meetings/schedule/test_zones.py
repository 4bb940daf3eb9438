"""Wall times around changes of the clocks, in zones that do it differently; and names that are none."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import InvalidInput
from contract.schedule import Adjustment
from meetings.model import Series
from meetings.schedule import recurrence, zones
from meetings.schedule.zones import wall

SKIPPED, REPEATED = Adjustment.SKIPPED, Adjustment.REPEATED

TABLE = [
    # zone, asked, shown, in UTC, what was done
    ("Europe/Paris", "2027-03-28T01:59", "2027-03-28T01:59", "2027-03-28T00:59", None),
    ("Europe/Paris", "2027-03-28T02:00", "2027-03-28T03:00", "2027-03-28T01:00", SKIPPED),
    ("Europe/Paris", "2027-03-28T02:30", "2027-03-28T03:30", "2027-03-28T01:30", SKIPPED),
    ("Europe/Paris", "2027-03-28T03:00", "2027-03-28T03:00", "2027-03-28T01:00", None),
    ("Europe/Paris", "2026-10-25T02:00", "2026-10-25T02:00", "2026-10-25T00:00", REPEATED),
    ("Europe/Paris", "2026-10-25T02:59", "2026-10-25T02:59", "2026-10-25T00:59", REPEATED),
    ("Europe/Paris", "2026-10-25T03:00", "2026-10-25T03:00", "2026-10-25T02:00", None),
    # Dublin's summer time is its standard time: the winter's is the one that is saved
    ("Europe/Dublin", "2027-03-28T01:30", "2027-03-28T02:30", "2027-03-28T01:30", SKIPPED),
    ("Europe/Dublin", "2026-10-25T01:30", "2026-10-25T01:30", "2026-10-25T00:30", REPEATED),
    ("America/New_York", "2027-03-14T02:30", "2027-03-14T03:30", "2027-03-14T07:30", SKIPPED),
    ("America/New_York", "2026-11-01T01:30", "2026-11-01T01:30", "2026-11-01T05:30", REPEATED),
    # half an hour
    ("Australia/Lord_Howe", "2026-10-04T02:00", "2026-10-04T02:30", "2026-10-03T15:30", SKIPPED),
    ("Australia/Lord_Howe", "2026-10-04T02:29", "2026-10-04T02:59", "2026-10-03T15:59", SKIPPED),
    ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-04T02:30", "2026-10-03T15:30", None),
    ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-04T01:45", "2027-04-03T14:45", REPEATED),
    ("Australia/Lord_Howe", "2027-04-04T01:29", "2027-04-04T01:29", "2027-04-03T14:29", None),
    # at midnight: a day that begins at one
    ("America/Santiago", "2026-09-06T00:00", "2026-09-06T01:00", "2026-09-06T04:00", SKIPPED),
    ("America/Santiago", "2026-09-06T00:30", "2026-09-06T01:30", "2026-09-06T04:30", SKIPPED),
    ("America/Santiago", "2027-04-03T23:30", "2027-04-03T23:30", "2027-04-04T02:30", REPEATED),
    # around Ramadan, the other way round
    ("Africa/Casablanca", "2025-02-23T02:30", "2025-02-23T02:30", "2025-02-23T01:30", REPEATED),
    ("Africa/Casablanca", "2025-04-06T02:30", "2025-04-06T03:30", "2025-04-06T02:30", SKIPPED),
    # a day that was not
    ("Pacific/Apia", "2011-12-29T10:00", "2011-12-29T10:00", "2011-12-29T20:00", None),
    ("Pacific/Apia", "2011-12-30T10:00", "2011-12-31T10:00", "2011-12-30T20:00", SKIPPED),
    ("Pacific/Apia", "2011-12-31T10:00", "2011-12-31T10:00", "2011-12-30T20:00", None),
    # a day that was twice
    ("Pacific/Kwajalein", "1969-09-30T12:00", "1969-09-30T12:00", "1969-09-30T01:00", REPEATED),
    # a new standard time, without summer time
    ("Asia/Pyongyang", "2018-05-04T23:45", "2018-05-05T00:15", "2018-05-04T15:15", SKIPPED),
    # three quarters of an hour beside everybody
    ("Asia/Kathmandu", "2026-11-24T09:00", "2026-11-24T09:00", "2026-11-24T03:15", None),
    ("Pacific/Chatham", "2026-09-27T02:50", "2026-09-27T03:50", "2026-09-26T14:05", SKIPPED),
    # after the last rule that is written out
    ("Europe/Paris", "2100-03-28T02:30", "2100-03-28T03:30", "2100-03-28T01:30", SKIPPED),
    ("UTC", "2026-03-29T02:30", "2026-03-29T02:30", "2026-03-29T02:30", None),
]


@pytest.mark.parametrize(("zone", "asked", "shown", "utc", "done"), TABLE)
def test_wall_times_become_instants(
    zone: str, asked: str, shown: str, utc: str, done: Adjustment | None
) -> None:
    slot = zones.slot_at(datetime.fromisoformat(asked), zones.load(zone), 60)
    assert slot.key == asked
    assert slot.starts == datetime.fromisoformat(shown)
    assert slot.starts_at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert slot.adjustment is done
    assert slot.length == timedelta(hours=1)


_walls = st.datetimes(wall("1971-01-01T00:00"), wall("2199-12-30T00:00")).map(
    lambda any_time: any_time.replace(second=0, microsecond=0)
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(zones.names())), _walls)
def test_what_is_shown_is_what_the_clocks_show(zone: str, asked: datetime) -> None:
    slot = zones.slot_at(asked, zones.load(zone), 60)
    assert zones.wall_of(slot.starts_at, zones.load(zone)) == slot.starts
    assert (slot.starts == asked) == (slot.adjustment is not SKIPPED)
    if slot.adjustment is SKIPPED:
        assert slot.starts > asked


def test_a_series_keeps_its_wall_time_over_a_change_of_the_clocks() -> None:
    weekly = Series(wall("2026-10-20T09:00"), "Europe/Paris", 60, "FREQ=WEEKLY;COUNT=2")
    slots = recurrence.expand(weekly)
    assert [slot.starts.hour for slot in slots] == [9, 9]
    assert [slot.starts_at.hour for slot in slots] == [7, 8]


def test_a_class_over_a_change_of_the_clocks_is_as_long_as_any() -> None:
    for start in (wall("2027-03-27T23:30"), wall("2026-10-24T23:30")):
        slot = zones.slot_at(start, zones.load("Europe/Paris"), 240)
        assert slot.ends_at - slot.starts_at == timedelta(hours=4)
    over_midnight = zones.slot_at(wall("2026-12-31T23:30"), zones.load("Europe/Paris"), 60)
    assert over_midnight.ends_at == datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def test_of_a_day_that_is_skipped_no_second_class_falls_on_the_next() -> None:
    daily = Series(wall("2011-12-29T10:00"), "Pacific/Apia", 60, "FREQ=DAILY;COUNT=3")
    assert [slot.key for slot in recurrence.expand(daily)] == ["2011-12-29T10:00", "2011-12-31T10:00"]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/localtime",
        "..",
        ".",
        "Europe/../Europe/Paris",
        "Europe/Paris/",
        "Europe//Paris",
        "Europe\\Paris",
        "Europe",
        "localtime",
        "posixrules",
        "posix/Europe/Paris",
        "right/Europe/Paris",
        "Factory",
        "zone.tab",
        "tzdata.zi",
        "__init__.py",
        "Europe/Paris\x00",
        "Europe/Paris ",
        "GMT+2",
        "+02:00",
        "CEST",
        "PST",
        "",
    ],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        zones.load(name)
    assert list(refused.value.fields) == ["zone"]


def test_a_zone_is_written_as_the_database_has_it() -> None:
    with pytest.raises(InvalidInput, match=r"Europe/Paris$"):
        zones.check("europe/paris")
    assert zones.check("America/Argentina/Buenos_Aires") == "America/Argentina/Buenos_Aires"
    assert zones.check("Asia/Calcutta") == "Asia/Calcutta"


def test_the_release_is_that_of_the_package() -> None:
    assert zones.version()[:2] == "20"
    assert zones.load("Europe/Paris").key == "Europe/Paris"
    assert isinstance(zones.load("Europe/Paris"), ZoneInfo)
