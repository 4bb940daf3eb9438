"""Calendars as programs read them: a parser and an expansion that are not ours."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar

from meetings.schedule import zones


@dataclass(frozen=True)
class Seen:
    """One class as a person sees it in their calendar."""

    starts_at: datetime
    ends_at: datetime
    title: str


def parse(text: str) -> Any:
    """The calendar. Refuses what strict parsers refuse: unfolded lines, bare line feeds, errors in components."""
    raw = text.encode()
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "RFC 5545 section 3.1"
    calendar: Any = Calendar.from_ical(text)
    assert isinstance(calendar, Calendar)
    for component in calendar.walk():
        assert not component.errors
    named = {str(one.get("TZID")) for one in calendar.walk("VTIMEZONE")}
    used = {
        str(value.params["TZID"])
        for event in calendar.walk("VEVENT")
        for values in event.values()
        for value in (values if isinstance(values, list) else [values])
        if hasattr(value, "params") and "TZID" in value.params
    }
    assert used <= named, "each zone is described"
    return calendar


@dataclass
class CalendarProgram:
    """Acts on messages as RFC 5546 says: by UID, SEQUENCE and RECURRENCE-ID."""

    series: dict[str, dict[datetime, Seen]] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)

    def take(self, text: str) -> str:
        """Returns the method."""
        calendar = parse(text)
        method = str(calendar["METHOD"])
        events = calendar.walk("VEVENT")
        (uid,) = {str(event["UID"]) for event in events}
        (sequence,) = {int(event["SEQUENCE"]) for event in events}
        if sequence < self.sequences.get(uid, -1):
            return "stale"
        self.sequences[uid] = sequence
        if method == "REQUEST":
            self.series[uid] = expanded(events)
        elif method == "CANCEL":
            self._cancel(uid, events)
        return method

    def _cancel(self, uid: str, events: Iterable[Any]) -> None:
        for event in events:
            assert event["STATUS"] == "CANCELLED"
            if "RECURRENCE-ID" not in event:
                self.series.pop(uid, None)
            elif uid in self.series:
                self.series[uid].pop(instant(event["RECURRENCE-ID"]), None)

    @property
    def seen(self) -> list[Seen]:
        return sorted(
            (one for series in self.series.values() for one in series.values()), key=lambda one: one.starts_at
        )


def expanded(events: Iterable[Any]) -> dict[datetime, Seen]:
    """The occurrences of one UID, by the instant that the rule gave each."""
    found: dict[datetime, Seen] = {}
    listed = list(events)
    for event in (one for one in listed if "RECURRENCE-ID" not in one):
        length = instant(event["DTEND"]) - instant(event["DTSTART"])
        for starts in _starts(event):
            found[starts] = Seen(starts, starts + length, str(event["SUMMARY"]))
    for event in (one for one in listed if "RECURRENCE-ID" in one):
        key = instant(event["RECURRENCE-ID"])
        assert key in found, "an override is of an occurrence of the rule"
        found[key] = Seen(instant(event["DTSTART"]), instant(event["DTEND"]), str(event["SUMMARY"]))
    return found


def _starts(event: Any) -> list[datetime]:
    """By dateutil, in wall time, as RFC 5545 counts; UNTIL is in UTC and so compared as an instant."""
    wall = event["DTSTART"].dt.replace(tzinfo=None)
    zone = _zone(event["DTSTART"])
    walls: list[datetime] = [wall]
    if "RRULE" in event:
        rule = event["RRULE"]
        (until,) = rule["UNTIL"]
        assert until.utcoffset() == timedelta(0)
        endless = {name: value for name, value in rule.items() if name != "UNTIL"}
        text = type(rule)(endless).to_ical().decode()
        walls = []
        for one in rrulestr(text, dtstart=wall):
            if one.replace(tzinfo=zone).astimezone(UTC) > until:
                break
            walls.append(one)
    walls += _dates(event, "RDATE")
    left_out = set(_dates(event, "EXDATE"))
    assert left_out <= set(walls)
    return [one.replace(tzinfo=zone).astimezone(UTC) for one in walls if one not in left_out]


def _dates(event: Any, name: str) -> list[datetime]:
    value: Any = event.get(name, [])
    lists = value if isinstance(value, list) else [value]
    return [one.dt.replace(tzinfo=None) for dates in lists for one in dates.dts]


def instant(value: Any) -> datetime:
    """What a property with a time means. Zones are taken by their names: the machine may have an older database."""
    moment: datetime = value.dt
    return moment.replace(tzinfo=_zone(value)).astimezone(UTC)


def _zone(value: Any) -> tzinfo:
    return zones.load(str(value.params["TZID"])) if "TZID" in value.params else UTC
