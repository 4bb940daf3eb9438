"""Calendar objects as text (RFC 5545 section 3.4), for mails, files and feeds."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from icalendar import Calendar, Event, vDuration, vText

from meetings.calendar.entry import CalendarEntry
from meetings.calendar.events import zones_of
from meetings.calendar.timezone import vtimezone
from meetings.schedule import zones

PRODUCT = "-//Homeroom//Meetings//EN"


class Method(StrEnum):
    """What the receiver is to do with it (RFC 5546 section 1.4)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


def calendar_text(method: Method, entries: Sequence[CalendarEntry], events: Sequence[Event]) -> str:
    """One calendar object, with the zones of the entries, from which the events were made."""
    return _text(_calendar(method), entries, events)


def feed_text(
    name: str, refresh: timedelta, entries: Sequence[CalendarEntry], events: Sequence[Event]
) -> str:
    """A calendar to subscribe to (RFC 7986), with the older names that programs know for the same."""
    calendar = _calendar(Method.PUBLISH)
    calendar.add("NAME", name)
    calendar.add("X-WR-CALNAME", name)
    every = vDuration(refresh)
    every.params["VALUE"] = "DURATION"
    calendar.add("REFRESH-INTERVAL", every, encode=False)
    calendar.add("X-PUBLISHED-TTL", vText(_duration(refresh)))
    return _text(calendar, entries, events)


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method.value)
    return calendar


def _text(calendar: Calendar, entries: Sequence[CalendarEntry], events: Sequence[Event]) -> str:
    instants = [
        instant for entry in entries for one in entry.classes for instant in (one.starts_at, one.ends_at)
    ]
    for zone in sorted(zones_of(entries)):
        calendar.add_component(vtimezone(zones.load(zone), min(instants), max(instants)))
    for event in events:
        calendar.add_component(event)
    text: bytes = calendar.to_ical(sorted=False)
    return text.decode()


def _duration(span: timedelta) -> str:
    """Whole minutes, RFC 5545 section 3.3.6."""
    return f"PT{round(span.total_seconds() / 60)}M"
