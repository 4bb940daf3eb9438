"""Rules in plain English."""

import pytest

from meetings.model import Series, Slot
from meetings.schedule import words, zones
from meetings.schedule.zones import wall


def told(rule: str | None) -> str:
    return words.of(Series(wall("2026-11-24T09:00"), "Europe/Paris", 60, rule))


@pytest.mark.parametrize(
    ("rule", "often", "end"),
    [
        ("FREQ=DAILY;COUNT=3", "Every day", "3 times"),
        ("FREQ=DAILY;INTERVAL=2;COUNT=1", "Every 2 days", "once"),
        ("FREQ=WEEKLY;COUNT=5", "Every Tuesday", "5 times"),
        (
            "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261218",
            "Every Tuesday and Thursday",
            "until Friday 18 December 2026",
        ),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=20", "Every weekday", "20 times"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=20", "Every day", "20 times"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=6", "Every 2 weeks on Monday", "6 times"),
        ("FREQ=WEEKLY;BYDAY=MO;BYMONTH=9,10;COUNT=2", "Every Monday in September and October", "2 times"),
        ("FREQ=MONTHLY;COUNT=6", "Every month on the 24th", "6 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=6", "Every month on the 1st and 15th", "6 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=6", "Every month on the last day", "6 times"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-2,3,22;COUNT=6",
            "Every month on the 2nd to last day, 3rd and 22nd",
            "6 times",
        ),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=6", "Every month on the last Friday", "6 times"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO;COUNT=6", "Every month on the first Monday and third Monday", "6 times"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=6", "Every month on Friday if it is the 13th", "6 times"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=6",
            "Every month on the last weekday",
            "6 times",
        ),
        (
            "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1;COUNT=6",
            "Every month on the first Saturday or Sunday",
            "6 times",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=1,2,3;BYSETPOS=-1;COUNT=2",
            "Every month on the 1st, 2nd and 3rd, of these only the last",
            "2 times",
        ),
        ("FREQ=YEARLY;COUNT=3", "Every year on the 24th of November", "3 times"),
        ("FREQ=YEARLY;BYMONTH=6;COUNT=3", "Every year on the 24th of June", "3 times"),
        ("FREQ=YEARLY;BYDAY=1MO;BYMONTH=9;COUNT=3", "Every year on the first Monday in September", "3 times"),
        (
            "FREQ=YEARLY;BYYEARDAY=-1,112;COUNT=3",
            "Every year on the last day and 112th of the year",
            "3 times",
        ),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3", "Every year on Monday in week 20", "3 times"),
    ],
)
def test_rules_are_told(rule: str, often: str, end: str) -> None:
    assert told(rule) == f"{often} at 09:00 (Europe/Paris), {end}"


def test_what_is_held_once_is_told() -> None:
    assert told(None) == "Once, on Tuesday 24 November 2026 at 09:00 (Europe/Paris)"


def slots(*walls: str, zone: str = "Europe/Paris") -> list[Slot]:
    return [zones.slot_at(wall(one), zones.load(zone), 60) for one in walls]


def test_what_the_clocks_do_is_told() -> None:
    skipped = slots("2027-03-28T02:30", "2027-03-29T02:30", "2027-10-31T02:30")
    assert words.adjustments(skipped, 3) == [
        "On Sunday 28 March 2027 the clocks of Europe/Paris skip 02:30: that class begins at 03:30.",
        "On Sunday 31 October 2027 the clocks of Europe/Paris show 02:30 twice: that class begins the first time.",
    ]
    assert words.adjustments(skipped, 1)[1:] == ["So it is with 1 more."]
    (apia,) = words.adjustments(slots("2011-12-30T10:00", zone="Pacific/Apia"), 3)
    assert apia.endswith("that class begins at Saturday 31 December 2011 at 10:00.")


def test_a_move_is_told() -> None:
    was, now = slots("2026-11-24T09:00", "2026-11-25T10:00")
    assert words.moved(was, now) == (
        "moved from Tuesday 24 November 2026 at 09:00 to Wednesday 25 November 2026 at 10:00"
    )
    (there,) = slots("2026-11-24T09:00", zone="Asia/Tokyo")
    assert words.moved(was, there) == (
        "moved from Tuesday 24 November 2026 at 09:00 (Europe/Paris) to Tuesday 24 November 2026 at 09:00 (Asia/Tokyo)"
    )
