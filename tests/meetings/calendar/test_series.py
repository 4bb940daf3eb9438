"""What we write of a series, read back by another parser and expanded by another library: the same classes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from contract.meetings import MeetingPolicy
from contract.schedule import OccurrenceStatus
from meetings.calendar.entry import CalendarEntry, entry_of, sequence_of
from meetings.calendar.events import Circumstances, cancelled_class, cancelled_series, series_events
from meetings.calendar.mailbox import Mailbox
from meetings.calendar.text import Method, calendar_text, feed_text
from meetings.model import OccurrenceRecord, PartRecord, Series
from meetings.schedule.recurrence import anchored, expand
from tests.meetings.calendar.programs import CalendarProgram, Seen, expanded, parse

STAMP = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
LINK = "https://school.test/m/meet_1"
ABOUT = Circumstances(3, STAMP, LINK, Mailbox("h@school.test", "Homeroom"), Mailbox("ana@a.test", "Ana"))

RULES = {
    "twice a week over the end of summer time": ("2026-10-06T09:00", "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10"),
    "every day over the skipped hour": ("2027-03-25T02:30", "FREQ=DAILY;COUNT=7"),
    "every day over the hour that comes twice": ("2026-10-22T02:30", "FREQ=DAILY;UNTIL=20261028"),
    "every other week": ("2026-09-07T14:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;COUNT=20"),
    "weeks that begin on Sunday": ("2026-09-06T14:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU;COUNT=9"),
    "the last Friday of the month": ("2026-01-30T16:00", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=12"),
    "the 31st, where there is one": ("2026-01-31T10:00", "FREQ=MONTHLY;COUNT=7"),
    "the second to last weekday": (
        "2026-01-29T10:00",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=6",
    ),
    "leap days": ("2028-02-29T10:00", "FREQ=YEARLY;COUNT=4"),
    "some weeks of the year": ("2026-01-05T10:00", "FREQ=YEARLY;BYWEEKNO=1,20,53;BYDAY=MO;COUNT=8"),
    "just before midnight": ("2026-03-27T23:30", "FREQ=DAILY;COUNT=4"),
    "an end in the zone's own time": ("2026-03-02T23:30", "FREQ=DAILY;UNTIL=20260305T233000"),
}
ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Auckland",
    "Etc/UTC",
    "America/St_Johns",
)


def made(
    starts: str,
    rule: str | None,
    zone: str = "Europe/Paris",
    *,
    title: str = "Algebra",
    description: str = "",
) -> tuple[PartRecord, list[OccurrenceRecord]]:
    series = anchored(Series(datetime.fromisoformat(starts), zone, 45, rule))
    part = PartRecord("part_1", "meet_1", series, title, description, "builtin", MeetingPolicy())
    return part, [
        OccurrenceRecord(f"occ_{number}", "meet_1", "part_1", slot, OccurrenceStatus.SCHEDULED)
        for number, slot in enumerate(expand(series))
    ]


def text_of(entry: CalendarEntry) -> str:
    return calendar_text(Method.REQUEST, [entry], series_events(entry, ABOUT))


def read(entry: CalendarEntry) -> list[Seen]:
    return sorted(expanded(parse(text_of(entry)).walk("VEVENT")).values(), key=lambda one: one.starts_at)


def meant(part: PartRecord, occurrences: Sequence[OccurrenceRecord]) -> list[Seen]:
    return sorted(
        (
            Seen(one.slot.starts_at, one.slot.ends_at, one.title or part.title)
            for one in occurrences
            if one.status is not OccurrenceStatus.CANCELLED
        ),
        key=lambda one: one.starts_at,
    )


def cancelled(one: OccurrenceRecord) -> OccurrenceRecord:
    return replace(one, status=OccurrenceStatus.CANCELLED)


def moved(one: OccurrenceRecord, hours: int, title: str | None = None) -> OccurrenceRecord:
    slot = one.slot
    by = timedelta(hours=hours)
    there = replace(
        slot, starts=slot.starts + by, starts_at=slot.starts_at + by, ends_at=slot.ends_at + 2 * by
    )
    return replace(one, slot=there, title=title)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("case", RULES)
def test_another_program_finds_the_same_classes(case: str, zone: str) -> None:
    starts, rule = RULES[case]
    part, occurrences = made(starts, rule, zone)
    assert read(entry_of(part, occurrences)) == meant(part, occurrences)
    assert len(occurrences) > 1


@pytest.mark.parametrize("case", RULES)
def test_and_when_some_are_cancelled_and_one_is_moved(case: str) -> None:
    starts, rule = RULES[case]
    part, occurrences = made(starts, rule)
    for gone in ([0], [1], [-1], [0, -1], list(range(1, len(occurrences) - 1))):
        left = [
            cancelled(one) if number in {n % len(occurrences) for n in gone} else one
            for number, one in enumerate(occurrences)
        ]
        assert read(entry_of(part, left)) == meant(part, left)
        shifted = [
            moved(one, 5, "Algebra elsewhere") if number == 2 % len(left) else one
            for number, one in enumerate(left)
        ]
        assert read(entry_of(part, shifted)) == meant(part, shifted)


def test_a_series_is_told_from_a_later_class_on() -> None:
    part, occurrences = made(*RULES["every other week"])
    entry = entry_of(part, occurrences).after(occurrences[6].slot.ends_at)
    assert read(entry) == meant(part, occurrences[7:])


def test_classes_that_no_rule_gives_are_listed() -> None:
    part, occurrences = made("2026-10-06T09:00", "FREQ=WEEKLY;COUNT=4")
    odd = replace(part, series=replace(part.series, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=4"))
    entry = entry_of(odd, occurrences)
    assert "RRULE" not in text_of(entry).split("BEGIN:VEVENT")[1]
    assert read(entry) == meant(part, occurrences)


def test_a_class_that_is_held_once_has_no_rule_and_no_recurrence_id() -> None:
    part, (only,) = made("2026-10-06T09:00", None)
    entry = entry_of(part, [moved(only, 30)])
    (event,) = parse(text_of(entry)).walk("VEVENT")
    assert {"RRULE", "RECURRENCE-ID", "EXDATE"}.isdisjoint(event)
    assert read(entry) == meant(part, [moved(only, 30)])


def test_what_stands_in_an_event() -> None:
    part, occurrences = made("2026-10-06T09:00", "FREQ=WEEKLY;COUNT=4", description="Bring a ruler.")
    calendar = parse(text_of(entry_of(part, occurrences)))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert event["UID"] == "part_1@homeroom"
    assert (event["SEQUENCE"], event["STATUS"]) == (3, "CONFIRMED")
    assert event["DTSTAMP"].dt == STAMP.replace(microsecond=0)
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == ("mailto:h@school.test", "Homeroom")
    assert event["ATTENDEE"] == "mailto:ana@a.test"
    assert event["URL"] == LINK
    assert event["DESCRIPTION"] == f"Bring a ruler.\n\n{LINK}"
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20261027T080000Z"


def test_one_class_is_cancelled_by_the_time_that_the_rule_gave_it() -> None:
    part, occurrences = made("2026-10-06T09:00", "FREQ=WEEKLY;COUNT=4")
    occurrences[2] = moved(occurrences[2], 3)
    program = CalendarProgram()
    entry = entry_of(part, occurrences)
    program.take(text_of(entry))
    event = cancelled_class(entry, entry.classes[2], replace(ABOUT, sequence=4))
    assert program.take(calendar_text(Method.CANCEL, [entry], [event])) == "CANCEL"
    assert program.seen == meant(part, [*occurrences[:2], occurrences[3]])
    program.take(calendar_text(Method.CANCEL, [entry], [cancelled_series(entry, replace(ABOUT, sequence=5))]))
    assert program.seen == []


HOSTILE = {
    "a line break and an event": "Algebra\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:stolen",
    "a line separator": "Algebra\u2028BEGIN:VEVENT\u2029\x85\x0bEND:VCALENDAR",
    "what iCalendar itself uses": 'a;b,c:d\\n\\e"f"^n',
    "a formula": '=HYPERLINK("http://evil.test")',
    "control characters": "Al\x00ge\x1bbra\x7f",
    "another script": "微積分の基礎 и введение 👩🏽‍🏫 " * 5,
    "no blank to break at": "é" * 200,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_text_stays_text(case: str) -> None:
    part, occurrences = made("2026-10-06T09:00", None, title=HOSTILE[case], description=HOSTILE[case])
    entry = entry_of(part, occurrences)
    people = replace(
        ABOUT,
        attendee=Mailbox("ana@a.test", HOSTILE[case]),
        organizer=Mailbox("h@school.test", HOSTILE[case]),
    )
    text = calendar_text(Method.REQUEST, [entry], series_events(entry, people))
    (event,) = parse(text).walk("VEVENT")
    assert event["UID"] == "part_1@homeroom"
    assert not set(str(event["SUMMARY"])) & set("\r\n\x00\x1b\u2028\u2029\x85\x0b")
    assert event["ATTENDEE"] == "mailto:ana@a.test"
    assert text.count("BEGIN:VEVENT\r\n") == 1
    assert len(text.splitlines()) == text.count("\r\n"), "also for programs that break lines at more"
    if "\x00" not in HOSTILE[case] and case not in {"a line break and an event", "a line separator"}:
        assert event["SUMMARY"] == HOSTILE[case]


def test_a_feed_says_how_often_to_come_back() -> None:
    part, occurrences = made("2026-10-06T09:00", None)
    entry = entry_of(part, occurrences)
    text = feed_text(
        "Homeroom",
        timedelta(hours=1),
        [entry],
        series_events(entry, replace(ABOUT, attendee=None, organizer=None)),
    )
    calendar = parse(text)
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert (calendar["X-PUBLISHED-TTL"], calendar["NAME"]) == ("PT60M", "Homeroom")
    (event,) = calendar.walk("VEVENT")
    assert {"ATTENDEE", "ORGANIZER"}.isdisjoint(event)


def test_an_empty_feed_is_a_calendar() -> None:
    text = feed_text("Homeroom", timedelta(hours=1), [], [])
    assert isinstance(Calendar.from_ical(text), Calendar)


def test_the_version_is_of_what_people_see() -> None:
    part, occurrences = made("2026-10-06T09:00", "FREQ=WEEKLY;COUNT=4")
    version = entry_of(part, occurrences).version
    same = replace(part, sequence=7, series=replace(part.series, rule="FREQ=WEEKLY;BYDAY=TU;UNTIL=20261030"))
    held = [replace(one, status=OccurrenceStatus.ENDED) for one in occurrences]
    assert entry_of(same, held).version == version
    assert entry_of(replace(part, title="Geometry"), occurrences).version != version
    assert entry_of(part, [moved(occurrences[0], 1), *occurrences[1:]]).version != version
    assert entry_of(part, [cancelled(occurrences[0]), *occurrences[1:]]).version != version


def test_the_sequence_is_the_highest_of_the_part() -> None:
    part, occurrences = made("2026-10-06T09:00", "FREQ=WEEKLY;COUNT=4")
    assert sequence_of(part, occurrences) == 0
    assert sequence_of(replace(part, sequence=2), [replace(occurrences[0], sequence=5)]) == 5
