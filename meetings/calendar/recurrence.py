"""RRULE, EXDATE and overrides that give exactly the classes of an entry; a list of dates where no rule would."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.errors import InvalidInput
from meetings.calendar.entry import CalendarClass, CalendarEntry
from meetings.model import Series
from meetings.schedule import zones
from meetings.schedule.recurrence import text_of, walls
from meetings.schedule.rule_text import parse


@dataclass(frozen=True)
class Recurrence:
    """When the entry's series is. `first` is DTSTART; without `rule` the classes are `first` and `dates`.

    `overrides` are the classes that are not as the rule has them, by key.
    """

    first: datetime
    rule: str | None
    except_for: tuple[datetime, ...]
    dates: tuple[datetime, ...]
    overrides: Mapping[str, CalendarClass]


def wall_of_key(key: str) -> datetime:
    return datetime.fromisoformat(key)


def recurrence_of(entry: CalendarEntry) -> Recurrence:
    """Of an entry with a rule and at least one class.

    The rule begins at the first class that is left, and ends with an UNTIL in UTC at the last (RFC 5545 section 3.3.10).
    """
    zone = zones.load(entry.zone)
    keys = [wall_of_key(one.key) for one in entry.classes]
    overrides = {
        one.key: one
        for one, wall in zip(entry.classes, keys, strict=True)
        if not _as_the_rule_has_it(entry, one, wall, zone)
    }
    rule, given = _rule_from(entry, keys, zone)
    if rule is not None and set(keys) <= set(given):
        left_out = tuple(wall for wall in given if wall not in set(keys))
        return Recurrence(keys[0], rule, left_out, (), overrides)
    return Recurrence(keys[0], None, (), tuple(keys[1:]), overrides)


def _as_the_rule_has_it(entry: CalendarEntry, one: CalendarClass, wall: datetime, zone: ZoneInfo) -> bool:
    if one.title is not None or one.description is not None or one.zone != entry.zone:
        return False
    starts_at, _ = zones.instant_of(wall, zone)
    return one.starts_at == starts_at and one.ends_at - one.starts_at == timedelta(minutes=entry.minutes)


def _rule_from(
    entry: CalendarEntry, keys: list[datetime], zone: ZoneInfo
) -> tuple[str | None, list[datetime]]:
    """The rule from the first class to the last, and the wall times that it then gives."""
    if entry.rule is None:
        return None, []
    try:
        rule = parse(entry.rule, entry.zone)
        until, _ = zones.instant_of(keys[-1], zone)
        ended = replace(rule, count=None, until=keys[-1])
        text = text_of(replace(rule, count=None, until=None))
        series = Series(keys[0], entry.zone, entry.minutes, text_of(ended))
        return f"{text};UNTIL={until.astimezone(UTC):%Y%m%dT%H%M%SZ}", walls(series)
    except InvalidInput:  # kept by a release that understood it
        return None, []
