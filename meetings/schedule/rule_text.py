"""Reading an RRULE (RFC 5545 section 3.3.10) into something that is known to end and to be meant.

What a class has no use for is refused by name, so that no rule is understood otherwise than it was written: hours, minutes
and seconds (the time stands in `starts`), frequencies under a day, parts that the RFC forbids beside each other.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from contract.errors import InvalidInput
from contract.schedule import MOST_OCCURRENCES
from meetings.schedule import zones

MOST_INTERVAL = 999


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True)
class Weekday:
    """A day of the week, 0 being Monday. `nth`: only that one of the month or year, counted from its end if negative."""

    day: int
    nth: int | None = None


@dataclass(frozen=True)
class Rule:
    """A rule that ends, by `count` or by `until` (a wall time of the meeting's zone; the last one may be on it)."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    by_day: tuple[Weekday, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0


DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_UNTIL = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
_TOO_FINE = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})


def normal(text: str) -> str:
    """The rule as it is kept: without its name, in capitals, without blanks at the ends."""
    return text.strip().upper().removeprefix("RRULE:").strip()


def parse(text: str, zone: str) -> Rule:
    """Reads a rule for a meeting in `zone`.

    Raises:
        InvalidInput: naming `rule`, with what to mend.
    """
    values = _parts(normal(text))
    if "FREQ" not in values:
        raise _wrong("needs FREQ")
    rule = Rule(
        frequency=_frequency(values["FREQ"]),
        interval=_one(values, "INTERVAL", 1, MOST_INTERVAL) or 1,
        count=_one(values, "COUNT", 1, MOST_OCCURRENCES),
        until=_until(values["UNTIL"], zone) if "UNTIL" in values else None,
        by_day=_listed(values, "BYDAY", _weekday),
        by_month_day=_numbers(values, "BYMONTHDAY", 31),
        by_month=_numbers(values, "BYMONTH", 12, negative=False),
        by_year_day=_numbers(values, "BYYEARDAY", 366),
        by_week_no=_numbers(values, "BYWEEKNO", 53),
        by_set_pos=_numbers(values, "BYSETPOS", 366),
        week_start=_week_start(values.get("WKST", "MO")),
    )
    _check(rule)
    return rule


def _wrong(problem: str) -> InvalidInput:
    return InvalidInput.of("rule", problem)


def _parts(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in text.removesuffix(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise _wrong("must be parts such as FREQ=WEEKLY, with ; between them")
        if name in found:
            raise _wrong(f"{name} may stand only once")
        if name in {"BYHOUR", "BYMINUTE", "BYSECOND"}:
            raise _wrong(f"{name} is not for classes: the time of day stands in `starts`")
        if name not in _KNOWN:
            raise _wrong("has a part that is not known here; known are " + ", ".join(sorted(_KNOWN)))
        found[name] = value
    return found


_KNOWN = frozenset({
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "WKST",
})  # fmt: skip


def _frequency(value: str) -> Frequency:
    if value in _TOO_FINE:
        raise _wrong(f"FREQ={value} is too often for classes: DAILY, WEEKLY, MONTHLY or YEARLY")
    if value not in Frequency.__members__:
        raise _wrong("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY")
    return Frequency(value)


def _one(values: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    if name not in values:
        return None
    text = values[name]
    if re.fullmatch(r"[0-9]{1,9}", text) is None or not least <= int(text) <= most:
        raise _wrong(f"{name} must be a number from {least} to {most}")
    return int(text)


def _listed(
    values: Mapping[str, str], name: str, read: Callable[[str], Weekday | None]
) -> tuple[Weekday, ...]:
    days: list[Weekday] = []
    for text in values[name].split(",") if name in values else ():
        day = read(text)
        if day is None:
            raise _wrong(f"{name} must be days such as TU,TH or 1MO")
        if day not in days:
            days.append(day)
    return tuple(days)


def _weekday(text: str) -> Weekday | None:
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    nth = int(match[1]) if match[1] is not None else None
    if nth is not None and not 1 <= abs(nth) <= 53:
        return None
    return Weekday(DAYS.index(match[2]), nth)


def _numbers(values: Mapping[str, str], name: str, most: int, *, negative: bool = True) -> tuple[int, ...]:
    found: set[int] = set()
    for text in values[name].split(",") if name in values else ():
        number = int(text) if _NUMBER.fullmatch(text) is not None else 0
        if not 1 <= abs(number) <= most or (number < 0 and not negative):
            raise _wrong(
                f"{name} must be numbers from 1 to {most}" + (", or negative ones" if negative else "")
            )
        found.add(number)
    return tuple(sorted(found))


def _week_start(value: str) -> int:
    if value not in DAYS:
        raise _wrong("WKST must be a day such as MO")
    return DAYS.index(value)


def _until(text: str, zone: str) -> datetime:
    """A date means all of that day; a time with Z is an instant, told by the clocks of the zone."""
    match = _UNTIL.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        if match[2] is None:
            return datetime.combine(day, time(23, 59, 59))
        clock = time(int(match[2][:2]), int(match[2][2:4]), min(int(match[2][4:]), 59))
    except ValueError:
        raise _wrong("UNTIL must be a date such as 20261218, or a time such as 20261218T090000Z") from None
    if not 1970 <= day.year <= 2200:
        raise _wrong("UNTIL must be between the years 1970 and 2200")
    wall = datetime.combine(day, clock)
    return zones.wall_of(wall.replace(tzinfo=UTC), zones.load(zone)) if match[3] else wall


def _check(rule: Rule) -> None:
    """What the RFC forbids, and what would not end."""
    numbered = any(day.nth is not None for day in rule.by_day)
    yearly, monthly = rule.frequency is Frequency.YEARLY, rule.frequency is Frequency.MONTHLY
    refusals = (
        (rule.count is None and rule.until is None, "must end: add COUNT or UNTIL"),
        (rule.count is not None and rule.until is not None, "may have COUNT or UNTIL, not both"),
        (numbered and not (monthly or yearly), "days with a number are for MONTHLY and YEARLY"),
        (
            numbered and monthly and any(abs(day.nth or 0) > 5 for day in rule.by_day),
            "a month has at most five of each day",
        ),
        (numbered and bool(rule.by_week_no), "days with a number do not go with BYWEEKNO"),
        (bool(rule.by_week_no) and not yearly, "BYWEEKNO is for YEARLY"),
        (bool(rule.by_week_no) and not rule.by_day, "BYWEEKNO needs BYDAY"),
        (bool(rule.by_year_day) and not yearly, "BYYEARDAY is for YEARLY"),
        (
            bool(rule.by_month_day) and rule.frequency is Frequency.WEEKLY,
            "BYMONTHDAY does not go with WEEKLY",
        ),
        (
            bool(rule.by_set_pos)
            and not (rule.by_day or rule.by_month_day or rule.by_month or rule.by_year_day),
            "BYSETPOS needs another BY part",
        ),
    )
    for refused, problem in refusals:
        if refused:
            raise _wrong(problem)
