"""VEVENTs (RFC 5545 section 3.6.1) of an entry: the series, and each class that is not as its rule has it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Event, vCalAddress, vDDDLists, vDDDTypes, vRecur, vText, vUri

from meetings.calendar.entry import CalendarClass, CalendarEntry
from meetings.calendar.mailbox import Mailbox
from meetings.calendar.recurrence import recurrence_of, wall_of_key
from meetings.schedule import zones

_NEW_LINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x09\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NOT_IN_PARAMETERS = str.maketrans({'"': "'", "^": "'", "\n": " "})
"""RFC 6868 has a way to write them that few programs know."""

_UTC_ZONES = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu"})


@dataclass(frozen=True)
class Circumstances:
    """What an entry does not say of itself. `attendee` and `organizer` stand in mails alone; `stamp` is DTSTAMP."""

    sequence: int
    stamp: datetime
    link: str
    organizer: Mailbox | None = None
    attendee: Mailbox | None = None
    chair: bool = False


def series_events(entry: CalendarEntry, about: Circumstances) -> list[Event]:
    """All of an entry that has classes. One that is held once is told by its time alone, without a RECURRENCE-ID."""
    if entry.rule is None and len(entry.classes) == 1:
        return [_event(entry, entry.classes[0], about)]
    recurrence = recurrence_of(entry)
    usual = CalendarClass(
        key=entry.classes[0].key,
        starts_at=zones.instant_of(recurrence.first, zones.load(entry.zone))[0],
        ends_at=zones.slot_at(recurrence.first, zones.load(entry.zone), entry.minutes).ends_at,
        zone=entry.zone,
    )
    master = _event(entry, usual, about, starts=recurrence.first)
    if recurrence.rule is not None:
        master.add("RRULE", vRecur.from_ical(recurrence.rule))
    if recurrence.except_for:
        _add_times(master, "EXDATE", recurrence.except_for, entry.zone)
    if recurrence.dates:
        _add_times(master, "RDATE", recurrence.dates, entry.zone)
    return [master, *(_override(entry, one, about) for one in recurrence.overrides.values())]


def cancelled_series(entry: CalendarEntry, about: Circumstances) -> Event:
    """The whole of it will not be (RFC 5546 section 3.2.5)."""
    event = _event(entry, entry.classes[0], about)
    event["STATUS"] = vText("CANCELLED")
    return event


def cancelled_class(entry: CalendarEntry, one: CalendarClass, about: Circumstances) -> Event:
    """One class of a series will not be."""
    event = _override(entry, one, about)
    event["STATUS"] = vText("CANCELLED")
    return event


def zones_of(entries: Iterable[CalendarEntry]) -> set[str]:
    """The zones that have to be described beside the events."""
    named = {zone for entry in entries for zone in (entry.zone, *(one.zone for one in entry.classes))}
    return named - _UTC_ZONES


def _override(entry: CalendarEntry, one: CalendarClass, about: Circumstances) -> Event:
    event = _event(entry, one, about)
    _add_time(event, "RECURRENCE-ID", wall_of_key(one.key), entry.zone)
    return event


def _event(
    entry: CalendarEntry, one: CalendarClass, about: Circumstances, starts: datetime | None = None
) -> Event:
    zone = zones.load(one.zone)
    event = Event()
    event.add("UID", entry.uid)
    event.add("DTSTAMP", about.stamp)
    event.add("SEQUENCE", about.sequence)
    _add_time(event, "DTSTART", starts or zones.wall_of(one.starts_at, zone), one.zone)
    _add_time(event, "DTEND", zones.wall_of(one.ends_at, zone), one.zone)
    event.add("SUMMARY", plain(entry.title_of(one)))
    description = plain(entry.description_of(one), lines=True)
    event.add("DESCRIPTION", f"{description}\n\n{about.link}" if description else about.link)
    event.add("LOCATION", about.link)
    event.add("URL", vUri(about.link))
    event.add("STATUS", "CONFIRMED")
    _add_people(event, about)
    return event


def _add_people(event: Event, about: Circumstances) -> None:
    if about.organizer is not None:
        event.add("ORGANIZER", _calendar_address(about.organizer))
    if about.attendee is not None:
        attendee = _calendar_address(about.attendee)
        attendee.params["CUTYPE"] = "INDIVIDUAL"
        attendee.params["ROLE"] = "CHAIR" if about.chair else "REQ-PARTICIPANT"
        attendee.params["PARTSTAT"] = "NEEDS-ACTION"
        attendee.params["RSVP"] = "FALSE"
        event.add("ATTENDEE", attendee)


def _calendar_address(mailbox: Mailbox) -> vCalAddress:
    address = vCalAddress(f"mailto:{mailbox.address}")
    name = plain(mailbox.name).translate(_NOT_IN_PARAMETERS)
    if name:
        address.params["CN"] = name
    return address


def _add_time(event: Event, name: str, wall: datetime, zone: str) -> None:
    if zone in _UTC_ZONES:
        event.add(name, wall.replace(tzinfo=UTC))
        return
    value = vDDDTypes(wall)
    value.params["TZID"] = zone
    event.add(name, value, encode=False)


def _add_times(event: Event, name: str, walls: Sequence[datetime], zone: str) -> None:
    if zone in _UTC_ZONES:
        event.add(name, [wall.replace(tzinfo=UTC) for wall in walls])
        return
    values = vDDDLists(list(walls))
    values.params["TZID"] = zone
    event.add(name, values, encode=False)


def plain(text: str, *, lines: bool = False) -> str:
    """The text without what could end a line where none ends: some programs take more for a line break than RFC 5545."""
    text = _CONTROLS.sub("", _NEW_LINES.sub("\n", text))
    return text.strip() if lines else " ".join(text.split("\n"))
