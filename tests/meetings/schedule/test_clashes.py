"""Hosts, rooms and licences that are taken."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.model import Slot
from meetings.schedule import zones
from meetings.schedule.clashes import MOST_CLASHES, Booking, Kind, Licence, Wanted, find
from meetings.schedule.zones import wall

UTC = zones.load("UTC")
NINE = wall("2026-11-24T09:00")
LICENCE = Licence("vendor", "host@school.example")
WANTED = Wanted("host", "room", LICENCE, 2)


def slot(after: int = 0, minutes: int = 60) -> Slot:
    return zones.slot_at(NINE + timedelta(minutes=after), UTC, minutes)


def booking(
    after: int = 0,
    minutes: int = 60,
    *,
    host: str = "else",
    room: str = "else",
    licence: Licence | None = None,
) -> Booking:
    at = slot(after, minutes)
    account = licence or Licence("vendor", "else")
    return Booking(f"m{after}", room, host, account, "Secret", at.starts_at, at.ends_at)


def kinds(*bookings: Booking, wanted: Wanted = WANTED, minutes: int = 60) -> list[Kind]:
    return [clash.kind for clash in find([slot(minutes=minutes)], wanted, bookings)]


@pytest.mark.parametrize(
    ("after", "minutes", "clashes"),
    [
        (-60, 60, False),
        (60, 60, False),
        (-59, 60, True),
        (59, 60, True),
        (10, 10, True),
        (-30, 1440, True),
        (-1439, 1440, True),
    ],
)
def test_times_that_touch_do_not_clash(after: int, minutes: int, *, clashes: bool) -> None:
    assert bool(kinds(booking(after, minutes, host="host"))) is clashes


def test_each_kind_is_told() -> None:
    assert kinds(booking(host="host", room="room")) == ["host", "room"]
    assert kinds(booking()) == []
    assert kinds(booking(room="room"), wanted=Wanted("host", None, LICENCE, None)) == []


def test_a_licence_is_taken_when_as_many_go_on_at_once_as_may() -> None:
    first, second = booking(0, 30, licence=LICENCE), booking(10, 30, licence=LICENCE)
    after_the_first = booking(30, 30, licence=LICENCE)
    assert kinds(first) == []
    assert kinds(first, after_the_first) == []
    assert kinds(first, second) == ["licence"]
    assert kinds(first, wanted=Wanted("host", None, LICENCE, 1)) == ["licence"]
    assert kinds(first, second, wanted=Wanted("host", None, LICENCE, None)) == []
    assert kinds(first, second, wanted=Wanted("host", None, Licence("vendor", None), 1)) == []


def test_no_more_are_told_than_anybody_reads() -> None:
    bookings = [booking(number, host="host") for number in range(40)]
    assert len(find([slot(), slot(1440)], WANTED, bookings * 2)) == MOST_CLASHES


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-2000, 2000), st.integers(1, 1440)), max_size=12),
    st.lists(st.tuples(st.integers(-2000, 2000), st.integers(1, 1440)), min_size=1, max_size=5),
)
def test_every_overlap_is_found(taken: list[tuple[int, int]], asked: list[tuple[int, int]]) -> None:
    bookings = [booking(after, minutes, host="host") for after, minutes in taken]
    slots = [slot(after, minutes) for after, minutes in asked]
    told = [(clash.slot, clash.booking) for clash in find(slots, WANTED, bookings)]
    overlapping = [
        (one, other)
        for one in slots
        for other in bookings
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at
    ]
    assert len(told) == min(len(overlapping), MOST_CLASHES)
    assert all(pair in overlapping for pair in told)
