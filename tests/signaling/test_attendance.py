"""From stays to attendance, to the second, and safe to open in a spreadsheet."""

import csv
import io
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.attendance import Attendance
from contract.calls import LeaveReason
from contract.people import Actor, SignInRole
from signaling.attendance import Stay, as_csv, attendees_of
from tests.signaling.calls_by_hand import START, at, empty, person

NOW = at(3600)


def stay(name: str, begin: float, end: float | None, reason: LeaveReason | None = LeaveReason.LEFT) -> Stay:
    return person(name), at(begin), at(end) if end is not None else None, reason if end is not None else None


def named(name: str) -> Actor:
    """Of that name and id, whatever is in it."""
    return Actor.model_construct(id=name, name=name, role=SignInRole.STUDENT, picture=None)


def table(*stays: Stay, now: datetime = NOW) -> list[list[str]]:
    text = as_csv(Attendance(call=empty().call, attendees=attendees_of(stays, now)))
    assert text.endswith("\r\n"), "RFC 4180 section 2"
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("stays", "seconds"),
    [
        ([(0, 60)], 60),
        ([(0, 60), (90, 100)], 70),
        ([(0, 60), (60, 100)], 100),
        ([(0, 60), (30, 100)], 100),
        ([(0, 100), (20, 30)], 100),
        ([(0, 100), (20, 30), (40, 50), (90, 130)], 130),
        ([(0, 10), (5, None)], 3600),
        ([(3000, None)], 600),
        ([(3000, None), (0, 10)], 610),
        ([(0, 0.4)], 0),
        ([(0, 0.6)], 1),
        ([(0, 0.6), (10, 10.6)], 1),
        ([(5, 5)], 0),
    ],
)
def test_time_in_the_call_counts_overlapping_stays_once(
    stays: list[tuple[float, float | None]], seconds: int
) -> None:
    (ada,) = attendees_of([stay("ada", *one) for one in stays], NOW)
    assert ada.seconds == seconds
    assert len(ada.intervals) == len(stays)


def test_everybody_has_one_entry_in_the_order_of_first_coming() -> None:
    found = attendees_of([stay("ada", 0, 5), stay("ben", 1, 9), stay("ada", 7, None)], NOW)
    assert [(one.user.id, len(one.intervals)) for one in found] == [("ada", 2), ("ben", 1)]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted), min_size=1, max_size=12))
def test_time_in_the_call_is_the_seconds_in_which_one_was_there(stays: list[list[int]]) -> None:
    (ada,) = attendees_of([stay("ada", begin, end) for begin, end in stays], NOW)
    assert ada.seconds == len({second for begin, end in stays for second in range(begin, end)})


def test_a_scripted_timeline_adds_up_to_the_second() -> None:
    script = [
        stay("noor", 0, None),
        stay("ada", 12, 300, LeaveReason.CONNECTION_LOST),
        stay("ada", 342, 900, LeaveReason.TAKEN_OVER),
        stay("ada", 900, 2700),
        stay("ben", 15.25, 1815.75, LeaveReason.NODE_LOST),
    ]
    found = {one.user.id: one.seconds for one in attendees_of(script, NOW)}
    assert found == {"noor": 3600, "ada": 288 + 558 + 1800, "ben": 1800}


def test_the_file_has_a_line_for_each_stay_and_says_both_sums() -> None:
    head, *lines = table(
        stay("ada", 0, 60.5), stay("ada", 90, 120, LeaveReason.REMOVED), stay("ben", 5, None)
    )
    assert head == ["user_id", "name", "role", "joined_at", "left_at", "reason", "seconds", "seconds_in_call"]
    start = "2026-09-14T09:0"
    assert lines == [
        ["ada", "Ada", "student", f"{start}0:00.000Z", f"{start}1:00.500Z", "left", "60", "90"],
        ["ada", "Ada", "student", f"{start}1:30.000Z", f"{start}2:00.000Z", "removed", "30", "90"],
        ["ben", "Ben", "student", f"{start}0:05.000Z", "", "", "", "3595"],
    ]


@pytest.mark.parametrize(
    "name",
    ['Ada "The Countess" Lovelace', "Lovelace, Ada", "a\nb", "semi;colon", "'quoted'", "أدا", "é", '"'],
)
def test_names_survive_the_file(name: str) -> None:
    assert table((named(name), at(0), at(9), LeaveReason.LEFT))[1][1] == name


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("https://evil.example","Ada")',
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1+1",
        "＝1",
    ],
)
def test_a_name_that_a_spreadsheet_would_run_is_text(name: str) -> None:
    user_id, shown = table((named(name), at(0), at(9), LeaveReason.LEFT))[1][:2]
    assert (user_id, shown) == (f"'{name}", f"'{name}")


@given(st.text(min_size=1, max_size=30).filter(lambda text: "\x00" not in text))
def test_no_cell_ever_begins_as_a_formula(name: str) -> None:
    text = as_csv(
        Attendance(
            call=empty().call,
            attendees=attendees_of([(named(name), at(0), at(1), None)], NOW),
        )
    )
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


def test_intervals_are_as_they_were_stored() -> None:
    stays = [stay("ada", 0, 10), stay("ada", 20, 30), stay("ada", 40, None)]
    (ada,) = attendees_of(stays, NOW)
    assert [(one.joined_at, one.left_at) for one in ada.intervals] == [one[1:3] for one in stays]
    assert all(a.joined_at < b.joined_at for a, b in pairwise(ada.intervals))
    assert START + timedelta(seconds=0) == ada.intervals[0].joined_at
