"""Zones as we describe them, understood by another library: the same offsets as the IANA database has."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Timezone

from meetings.calendar.timezone import vtimezone
from meetings.schedule import zones

FIRST, LAST = datetime(2026, 9, 1, tzinfo=UTC), datetime(2028, 6, 30, tzinfo=UTC)
TESTED = (
    "Europe/Paris",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Jerusalem",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "America/Nuuk",
    "Asia/Tokyo",
)


def described(name: str, first: datetime = FIRST, last: datetime = LAST) -> Any:
    text = vtimezone(zones.load(name), first, last).to_ical()
    calendar: Any = Calendar.from_ical(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + text + b"END:VCALENDAR\r\n"
    )
    (found,) = calendar.walk("VTIMEZONE")
    assert isinstance(found, Timezone)
    return found


@pytest.mark.parametrize("name", TESTED)
def test_the_offsets_are_those_of_the_database(name: str) -> None:
    understood, truth = described(name).to_tz(lookup_tzid=False), zones.load(name)
    instant = FIRST
    while instant < LAST:
        wall = instant.astimezone(truth).replace(tzinfo=None)
        if not _is_unclear(wall, name):
            assert wall.replace(tzinfo=understood).utcoffset() == wall.replace(tzinfo=truth).utcoffset(), wall
        instant += timedelta(hours=3)


def _is_unclear(wall: datetime, name: str) -> bool:
    """Around a change of the clocks, where libraries differ in what a wall time means."""
    zone = zones.load(name)
    around = {(wall + timedelta(hours=hours)).replace(tzinfo=zone).utcoffset() for hours in (-2, 0, 2)}
    return len(around) > 1


def test_a_yearly_rule_is_told_as_one() -> None:
    paris = described("Europe/Paris")
    rules = sorted(str(part["RRULE"].to_ical()) for part in paris.subcomponents if "RRULE" in part)
    assert len(rules) == 2
    assert all("BYDAY=-1SU" in rule for rule in rules)
    assert {part.name for part in paris.subcomponents} == {"STANDARD", "DAYLIGHT"}


def test_changes_that_no_rule_gives_are_listed() -> None:
    casablanca = described(
        "Africa/Casablanca", datetime(2022, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
    )
    assert not any("RRULE" in part for part in casablanca.subcomponents)
    assert any("RDATE" in part for part in casablanca.subcomponents)


def test_summer_is_the_exception_in_all_zones() -> None:
    dublin = described("Europe/Dublin")
    offsets = {part.name: part["TZOFFSETTO"].td for part in dublin.subcomponents}
    assert offsets == {"STANDARD": timedelta(0), "DAYLIGHT": timedelta(hours=1)}


def test_a_zone_without_changes_has_one_offset() -> None:
    (only,) = described("Asia/Tokyo").subcomponents
    assert only["TZOFFSETTO"].td == timedelta(hours=9)
