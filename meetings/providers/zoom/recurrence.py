"""What Zoom's recurring meeting with fixed times (type 8) can hold, and what has to be altered in it afterwards.

It knows days, weeks and months with an interval, up to 60 times. It knows no exceptions and no single changes: those are made
by deleting and moving its occurrences. Where the documentation leaves open what comes of a rule (the week's first day, months
without a 31st), the rule is only given to it if every reading comes to the same dates.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from meetings.model import Series, Slot
from meetings.providers.zoom.zones import instant, listed_zone

MOST_TIMES: Final = 60
DAILY, WEEKLY, MONTHLY = 1, 2, 3
_MOST_INTERVAL: Final = {DAILY: 99, WEEKLY: 50, MONTHLY: 10}
_DAYS: Final = {"SU": 1, "MO": 2, "TU": 3, "WE": 4, "TH": 5, "FR": 6, "SA": 7}
_WEEKS: Final = frozenset({-1, 1, 2, 3, 4})
_UNDERSTOOD: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY"})


@dataclass(frozen=True)
class Pattern:
    """Zoom's recurrence without its end. `days` are its weekly_days (Sunday is 1); `week` and `day` those of the month."""

    type: int
    interval: int = 1
    days: tuple[int, ...] = ()
    month_day: int | None = None
    week: int | None = None

    def body(self, times: int) -> Mapping[str, object]:
        """As the API takes it. `times`: how many there are from the start on."""
        body: dict[str, object] = {"type": self.type, "repeat_interval": self.interval, "end_times": times}
        if self.type == WEEKLY:
            body["weekly_days"] = ",".join(str(day) for day in self.days)
        if self.month_day is not None:
            body["monthly_day"] = self.month_day
        if self.week is not None:
            body |= {"monthly_week": self.week, "monthly_week_day": self.days[0]}
        return body


@dataclass(frozen=True)
class Held:
    """A series as Zoom can hold it. `positions` are the wall times of the rule from its first slot to its last."""

    pattern: Pattern
    zone: str
    positions: tuple[datetime, ...]


def held(series: Series, slots: Sequence[Slot]) -> Held | None:
    """None: it has to be a meeting for each occurrence."""
    if series.rule is None or not slots:
        return None
    keys = sorted(datetime.fromisoformat(slot.key) for slot in slots)
    pattern = pattern_of(series.rule, keys[0])
    zone = listed_zone(series.zone, keys)
    if pattern is None or zone is None or any(slot.zone != series.zone for slot in slots):
        return None
    positions = _until(pattern, keys[0], keys[-1], sunday_first=True, shorten=False)
    readings = (
        _until(pattern, keys[0], keys[-1], sunday_first=first, shorten=shorten)
        for first in (True, False)
        for shorten in (True, False)
    )
    if len(positions) > MOST_TIMES or any(reading != positions for reading in readings):
        return None
    return Held(pattern, zone, positions) if set(keys) <= set(positions) else None


def pattern_of(rule: str, first: datetime) -> Pattern | None:
    """What the rule is in Zoom's words; None where it has none for it. `first` is an occurrence of it."""
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
    if not set(parts) <= _UNDERSTOOD:
        return None
    interval = int(parts.get("INTERVAL", 1))
    days = tuple(part for part in parts.get("BYDAY", "").split(",") if part)
    dates = tuple(part for part in parts.get("BYMONTHDAY", "").split(",") if part)
    pattern: Pattern | None
    match parts.get("FREQ"):
        case "DAILY" if not dates and not days:
            pattern = Pattern(DAILY, interval)
        case "DAILY" if not dates and interval == 1:
            pattern = _weekly(1, days, first)
        case "WEEKLY" if not dates:
            pattern = _weekly(interval, days, first)
        case "MONTHLY":
            pattern = _monthly(interval, days, dates, first)
        case _:
            return None
    return pattern if pattern is not None and interval <= _MOST_INTERVAL[pattern.type] else None


def _weekly(interval: int, days: Sequence[str], first: datetime) -> Pattern | None:
    if not set(days) <= set(_DAYS):
        return None
    return Pattern(WEEKLY, interval, tuple(sorted(_DAYS[day] for day in days)) or (_day(first),))


def _monthly(interval: int, days: Sequence[str], dates: Sequence[str], first: datetime) -> Pattern | None:
    if not days and len(dates) <= 1:
        date = int(dates[0]) if dates else first.day
        return Pattern(MONTHLY, interval, month_day=date) if date > 0 else None
    if dates or len(days) != 1:
        return None
    week, day = days[0][:-2], days[0][-2:]
    if not week or int(week) not in _WEEKS or day not in _DAYS:
        return None
    return Pattern(MONTHLY, interval, (_DAYS[day],), week=int(week))


def _until(
    pattern: Pattern, first: datetime, last: datetime, *, sunday_first: bool, shorten: bool
) -> tuple[datetime, ...]:
    """One more than Zoom holds at most is enough to see that there are too many."""
    found = []
    for wall in takewhile(lambda wall: wall <= last, _walls(pattern, first, sunday_first, shorten)):
        found.append(wall)
        if len(found) > MOST_TIMES:
            break
    return tuple(found)


def _walls(pattern: Pattern, first: datetime, sunday_first: bool, shorten: bool) -> Iterator[datetime]:
    if pattern.type == MONTHLY:
        yield from (wall for wall in _months(pattern, first, shorten) if wall >= first)
        return
    if pattern.type == DAILY:
        step, offsets = pattern.interval, [0]
        begin = first
    else:
        step = 7 * pattern.interval
        offsets = sorted((day - 1) if sunday_first else (day - 2) % 7 for day in pattern.days)
        begin = first - timedelta(days=(_day(first) - 1) if sunday_first else first.weekday())
    while True:
        yield from (wall for offset in offsets if (wall := begin + timedelta(days=offset)) >= first)
        begin += timedelta(days=step)


def _months(pattern: Pattern, first: datetime, shorten: bool) -> Iterator[datetime]:
    for months in range(0, 12 * 200, pattern.interval):
        year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
        length = monthrange(year, month + 1)[1]
        start = first.replace(year=year, month=month + 1, day=1)
        if pattern.week is None:
            date = pattern.month_day or first.day
            if date > length and not shorten:
                continue
            yield start.replace(day=min(date, length))
            continue
        day = 1 + (pattern.days[0] - _day(start)) % 7
        last = day + 7 * ((length - day) // 7)
        yield start.replace(day=last if pattern.week == -1 else day + 7 * (pattern.week - 1))


def _day(moment: datetime) -> int:
    """Sunday is 1."""
    return moment.isoweekday() % 7 + 1


@dataclass(frozen=True)
class Occurrence:
    """One of Zoom's."""

    id: str
    starts_at: datetime
    minutes: int


@dataclass(frozen=True)
class Alterations:
    """What makes Zoom's occurrences ours. `missing` cannot be had without giving the whole series anew."""

    move: tuple[tuple[Occurrence, Slot], ...] = ()
    drop: tuple[Occurrence, ...] = ()
    missing: tuple[Slot, ...] = ()

    def __len__(self) -> int:
        return len(self.move) + len(self.drop) + len(self.missing)


def minutes_of(slot: Slot) -> int:
    return round(slot.length.total_seconds() / 60)


def alterations(wanted: Sequence[Slot], there: Sequence[Occurrence]) -> Alterations:
    """Each slot keeps the occurrence at its time, else takes the one at the time that the rule gave it, else any that is left."""
    left = {one.starts_at: one for one in there}
    move: list[tuple[Occurrence, Slot]] = []
    unmet = []
    for slot in wanted:
        one = left.pop(slot.starts_at, None)
        if one is None:
            unmet.append(slot)
        elif one.minutes != minutes_of(slot):
            move.append((one, slot))
    homeless = []
    for slot in unmet:
        one = left.pop(instant(datetime.fromisoformat(slot.key), slot.zone), None)
        if one is None:
            homeless.append(slot)
        else:
            move.append((one, slot))
    spare = sorted(left.values(), key=lambda one: one.starts_at)
    move += zip(spare, homeless, strict=False)
    return Alterations(tuple(move), drop=tuple(spare[len(homeless) :]), missing=tuple(homeless[len(spare) :]))
