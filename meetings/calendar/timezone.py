"""VTIMEZONE (RFC 5545 section 3.6.5): what calendar programs have to know of a zone, over the years that a meeting needs.

A zone whose changes of the clocks follow one yearly rule over all of these years is told by that rule, as programs that
know no lists want it; any other by the list of its changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_STEP = timedelta(days=14)
"""No zone has ever changed its clocks forth and back in less time than that and not also kept the offset before."""

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class _Change:
    """The clocks go from one offset to another. `wall` is what they show just before (section 3.6.5: the onset's local time)."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str
    daylight: bool


def vtimezone(zone: ZoneInfo, first: datetime, last: datetime) -> Timezone:
    """The zone from the year of `first` to the year after that of `last`, both instants."""
    begin = datetime(first.year, 1, 1, tzinfo=UTC) - timedelta(days=1)
    end = datetime(last.year + 2, 1, 1, tzinfo=UTC)
    component = Timezone()
    component.add("TZID", zone.key)
    changes = list(_changes(zone, begin, end))
    component.add_component(_observance([_standing(zone, begin)], None))
    for alike in _alike(changes):
        rule = _yearly(alike, range(begin.year + 1, end.year))
        component.add_component(_observance(alike[:1] if rule else alike, rule))
    return component


def _standing(zone: ZoneInfo, instant: datetime) -> _Change:
    """What holds at the beginning, written as a change from the same offset."""
    local = instant.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    wall = local.replace(tzinfo=None, fold=0, hour=0, minute=0, second=0, microsecond=0)
    return _Change(wall, offset, offset, _name(local), daylight=_is_daylight(local, local))


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[_Change]:
    instant = begin
    while instant < end:
        later = min(instant + _STEP, end)
        if _facts(zone, instant) != _facts(zone, later):
            moment = _moment(zone, instant, later)
            before, after = (moment - timedelta(seconds=1)).astimezone(zone), moment.astimezone(zone)
            yield _Change(
                wall=(before + timedelta(seconds=1)).replace(tzinfo=None, fold=0),
                before=before.utcoffset() or timedelta(),
                after=after.utcoffset() or timedelta(),
                name=_name(after),
                daylight=_is_daylight(after, before),
            )
            instant = moment
            continue
        instant = later


def _facts(zone: ZoneInfo, instant: datetime) -> tuple[object, ...]:
    local = instant.astimezone(zone)
    return local.utcoffset(), local.tzname(), local.dst()


def _moment(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second at which it is otherwise than at `low`; at `high` it is."""
    was = _facts(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds() // 2))
        if _facts(zone, middle) == was:
            low = middle
        else:
            high = middle
    return high


def _alike(changes: Sequence[_Change]) -> list[list[_Change]]:
    """Changes of the same kind together, in the order of the first of each."""
    found: dict[tuple[object, ...], list[_Change]] = {}
    for change in changes:
        kind = (change.before, change.after, change.name, change.daylight)
        found.setdefault(kind, []).append(change)
    return list(found.values())


def _yearly(changes: Sequence[_Change], years: range) -> dict[str, object] | None:
    """The rule that gives these changes, one in each of the years; None when none does."""
    if [change.wall.year for change in changes] != list(years):
        return None
    first = changes[0].wall
    if any((c.wall.month, c.wall.weekday(), c.wall.time()) != _signs(first) for c in changes):
        return None
    places = {(change.wall.day - 1) // 7 + 1 for change in changes}
    if all((change.wall + timedelta(days=7)).month != change.wall.month for change in changes):
        nth = -1
    elif len(places) == 1:
        nth = places.pop()
    else:
        return None
    return {"FREQ": "YEARLY", "BYMONTH": first.month, "BYDAY": f"{nth}{_DAYS[first.weekday()]}"}


def _signs(wall: datetime) -> tuple[object, ...]:
    return wall.month, wall.weekday(), wall.time()


def _observance(
    changes: Sequence[_Change], rule: dict[str, object] | None
) -> TimezoneStandard | TimezoneDaylight:
    first = changes[0]
    component: TimezoneStandard | TimezoneDaylight = (
        TimezoneDaylight() if first.daylight else TimezoneStandard()
    )
    component.add("DTSTART", first.wall)
    component.add("TZOFFSETFROM", first.before)
    component.add("TZOFFSETTO", first.after)
    component.add("TZNAME", first.name)
    if rule is not None:
        component.add("RRULE", rule)
    if len(changes) > 1:
        component.add("RDATE", [change.wall for change in changes[1:]])
    return component


def _is_daylight(local: datetime, before: datetime) -> bool:
    """Zones that call their winter the exception (Europe/Dublin) are told as all others: summer is the exception."""
    return (local.dst() or timedelta()) > timedelta() or (
        not local.dst() and (before.dst() or timedelta()) < timedelta()
    )


def _name(local: datetime) -> str:
    return local.tzname() or "LMT"
