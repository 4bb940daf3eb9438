"""Rules as Microsoft Graph holds them (patternedRecurrence), and only if it would hold exactly our occurrences.

Graph has no EXDATE and moves what does not fit a month to its last day, where RFC 5545 leaves it out. So a rule is translated,
spread out as Graph would, and compared; what differs is held as one event for each occurrence.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from meetings.model import Series, Slot

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_INDEX = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_MOST = 1000
"""Dates that are spread out at most."""

_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}


@dataclass(frozen=True)
class Recurrence:
    """A pattern with its first and last date."""

    pattern: Mapping[str, Any]
    first: date
    last: date

    def body(self, zone: str) -> dict[str, Any]:
        """A patternedRecurrence; the end is a date, so that occurrences left out do not shift it."""
        return {
            "pattern": dict(self.pattern),
            "range": {
                "type": "endDate",
                "startDate": self.first.isoformat(),
                "endDate": self.last.isoformat(),
                "recurrenceTimeZone": zone,
            },
        }

    def dates(self) -> Iterator[date]:
        """The dates as Graph spreads the pattern out."""
        for number, day in enumerate(_spread(self.pattern, self.first)):
            if day > self.last or number >= _MOST:
                return
            if day >= self.first:
                yield day


def recurrence_of(series: Series, slots: Sequence[Slot]) -> Recurrence | None:
    """None: Graph cannot hold it; or it is no series at all. Occurrences that are left out count as held: they are deleted.

    The times of the keys must be one and the same, as a rule makes them.
    """
    if series.rule is None or not slots:
        return None
    pattern = _pattern(series.rule, series.starts)
    if pattern is None:
        return None
    wanted = sorted(datetime.fromisoformat(slot.key) for slot in slots)
    if any(key.time() != wanted[0].time() for key in wanted):
        return None
    made = Recurrence(pattern, wanted[0].date(), wanted[-1].date())
    left_out = {datetime.fromisoformat(key).date() for key in series.except_keys}
    dates = list(made.dates())
    day = pattern.get("dayOfMonth")
    if day is not None and any(made_on.day != day for made_on in dates):
        return None  # moved to the last day of a shorter month
    if not {key.date() for key in wanted} <= set(dates):
        return None
    extra = set(dates) - {key.date() for key in wanted} - left_out
    return made if len(extra) <= len(wanted) else None


def _pattern(rule: str, starts: datetime) -> dict[str, Any] | None:
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    if not parts.keys() <= _KNOWN:
        return None
    make = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}.get(
        parts.get("FREQ", "")
    )
    interval = parts.get("INTERVAL", "1")
    if make is None or not interval.isdecimal() or not 1 <= int(interval) <= 99:
        return None
    pattern = make(parts, starts)
    return None if pattern is None else {**pattern, "interval": int(interval)}


def _daily(parts: Mapping[str, str], starts: datetime) -> dict[str, Any] | None:
    return None if _has(parts, "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS") else {"type": "daily"}


def _weekly(parts: Mapping[str, str], starts: datetime) -> dict[str, Any] | None:
    if _has(parts, "BYMONTHDAY", "BYMONTH", "BYSETPOS"):
        return None
    days = parts["BYDAY"].split(",") if "BYDAY" in parts else [list(_SHORT)[starts.weekday()]]
    if not set(days) <= _SHORT.keys():
        return None
    return {
        "type": "weekly",
        "daysOfWeek": [_DAYS[number] for number in sorted(_SHORT[day] for day in days)],
        "firstDayOfWeek": _DAYS[_SHORT.get(parts.get("WKST", "MO"), 0)],
    }


def _monthly(parts: Mapping[str, str], starts: datetime) -> dict[str, Any] | None:
    if _has(parts, "BYMONTH"):
        return None
    if "BYDAY" in parts:
        relative = _relative(parts)
        return None if relative is None else {"type": "relativeMonthly", **relative}
    day = _month_day(parts, starts)
    return None if day is None else {"type": "absoluteMonthly", "dayOfMonth": day}


def _yearly(parts: Mapping[str, str], starts: datetime) -> dict[str, Any] | None:
    month = parts.get("BYMONTH", str(starts.month))
    if not month.isdecimal():
        return None
    if "BYDAY" in parts:
        relative = _relative(parts) if "BYMONTH" in parts else None
        return None if relative is None else {"type": "relativeYearly", "month": int(month), **relative}
    day = _month_day(parts, starts)
    return None if day is None else {"type": "absoluteYearly", "month": int(month), "dayOfMonth": day}


def _month_day(parts: Mapping[str, str], starts: datetime) -> int | None:
    if _has(parts, "BYSETPOS"):
        return None
    day = parts.get("BYMONTHDAY", str(starts.day))
    return int(day) if day.isdecimal() and 1 <= int(day) <= 31 else None


def _relative(parts: Mapping[str, str]) -> dict[str, Any] | None:
    """`2TU`, or days with BYSETPOS: the one of that place among them."""
    if _has(parts, "BYMONTHDAY"):
        return None
    days = parts["BYDAY"].split(",")
    if "BYSETPOS" in parts:
        if not set(days) <= _SHORT.keys() or parts["BYSETPOS"] not in {str(place) for place in _INDEX}:
            return None
        return {"daysOfWeek": [_DAYS[_SHORT[day]] for day in days], "index": _INDEX[int(parts["BYSETPOS"])]}
    if len(days) != 1 or days[0][-2:] not in _SHORT:
        return None
    place = days[0][:-2].removeprefix("+")
    if place not in {str(known) for known in _INDEX}:
        return None
    return {"daysOfWeek": [_DAYS[_SHORT[days[0][-2:]]]], "index": _INDEX[int(place)]}


def _has(parts: Mapping[str, str], *names: str) -> bool:
    return any(name in parts for name in names)


def _spread(pattern: Mapping[str, Any], first: date) -> Iterator[date]:
    interval = int(pattern["interval"])
    if pattern["type"] == "daily":
        day = first
        while True:
            yield day
            day += timedelta(days=interval)
    elif pattern["type"] == "weekly":
        yield from _weeks(pattern, first, interval)
    else:
        yield from _months(pattern, first, interval)


def _weeks(pattern: Mapping[str, Any], first: date, interval: int) -> Iterator[date]:
    offset = (first.weekday() - _DAYS.index(pattern["firstDayOfWeek"])) % 7
    week = first - timedelta(days=offset)
    wanted = {_DAYS.index(day) for day in pattern["daysOfWeek"]}
    while True:
        for number in range(7):
            day = week + timedelta(days=number)
            if day.weekday() in wanted:
                yield day
        week += timedelta(days=7 * interval)


def _months(pattern: Mapping[str, Any], first: date, interval: int) -> Iterator[date]:
    yearly = pattern["type"].endswith("Yearly")
    year, month = first.year, int(pattern["month"]) if yearly else first.month
    for _ in range(_MOST):
        length = calendar.monthrange(year, month)[1]
        if "dayOfMonth" in pattern:
            yield date(year, month, min(int(pattern["dayOfMonth"]), length))
        else:
            wanted = {_DAYS.index(day) for day in pattern["daysOfWeek"]}
            days = [day for day in range(1, length + 1) if date(year, month, day).weekday() in wanted]
            place = {name: number for number, name in _INDEX.items()}[pattern["index"]]
            if place < 0 or place <= len(days):
                yield date(year, month, days[place if place < 0 else place - 1])
        steps = (12 if yearly else 1) * interval
        year, month = year + (month - 1 + steps) // 12, (month - 1 + steps) % 12 + 1
        if year > 9000:
            return
