"""Schedules in plain English."""

from collections.abc import Sequence
from datetime import datetime

from contract.schedule import Adjustment
from meetings.model import Series, Slot
from meetings.schedule import recurrence
from meetings.schedule.clashes import Clash
from meetings.schedule.rule_text import Frequency, Rule, Weekday

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_UNITS = {
    Frequency.DAILY: "day",
    Frequency.WEEKLY: "week",
    Frequency.MONTHLY: "month",
    Frequency.YEARLY: "year",
}
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def of(series: Series) -> str:
    """When a series is held: Every Tuesday and Thursday at 09:00 (Europe/Paris), until Friday 18 December 2026."""
    at = f"at {series.starts:%H:%M} ({series.zone})"
    rule = recurrence.rule_of(series)
    if rule is None:
        return f"Once, on {day(series.starts)} {at}"
    return f"{_often(rule, series.starts)} {at}, {_end(rule)}"


def day(wall: datetime) -> str:
    """A date: Tuesday 24 November 2026."""
    return f"{DAYS[wall.weekday()]} {wall.day} {MONTHS[wall.month - 1]} {wall.year}"


def moment(wall: datetime) -> str:
    return f"{day(wall)} at {wall:%H:%M}"


def created(series: Series) -> str:
    return f"Scheduled: {of(series)}."


def moved(before: Slot, after: Slot) -> str:
    """How one class differs from what it was."""
    said = []
    if (before.starts, before.zone) != (after.starts, after.zone):
        said.append(
            f"moved from {moment(before.starts)}{_zone(before, after)} to {moment(after.starts)}{_zone(after, before)}"
        )
    if before.length != after.length:
        said.append(f"now {int(after.length.total_seconds() // 60)} minutes long")
    return listed(said) if said else ""


def _zone(slot: Slot, other: Slot) -> str:
    return f" ({slot.zone})" if slot.zone != other.zone else ""


def adjustments(slots: Sequence[Slot], most: int) -> list[str]:
    """What was done with times that the clocks skip or repeat, for people; the first ones by name."""
    found = [slot for slot in slots if slot.adjustment is not None]
    said = [_adjustment(slot) for slot in found[:most]]
    if len(found) > most:
        said.append(f"So it is with {len(found) - most} more.")
    return said


def _adjustment(slot: Slot) -> str:
    asked = datetime.fromisoformat(slot.key)
    when = f"On {day(asked)} the clocks of {slot.zone}"
    if slot.adjustment is Adjustment.SKIPPED:
        then = f"{slot.starts:%H:%M}" if slot.starts.date() == asked.date() else moment(slot.starts)
        return f"{when} skip {asked:%H:%M}: that class begins at {then}."
    return f"{when} show {asked:%H:%M} twice: that class begins the first time."


_TAKEN = {
    "host": "The host has another meeting then",
    "room": "The room has another meeting then",
    "licence": "The provider's account has as many meetings then as it may have",
}


def clash(found: Clash) -> str:
    """What is in the way, without saying of whom."""
    return f"{_TAKEN[found.kind]}: {moment(found.slot.starts)}."


def _often(rule: Rule, starts: datetime) -> str:
    every = f"Every {_count(rule.interval)}{_UNITS[rule.frequency]}{'s' if rule.interval > 1 else ''}"
    plain = all(one.nth is None for one in rule.by_day)
    if rule.frequency is Frequency.WEEKLY and rule.interval == 1 and not rule.by_set_pos:
        days = rule.by_day or (Weekday(starts.weekday()),)
        return f"Every {_days(days)}{_months(rule)}"
    if (
        rule.frequency is Frequency.DAILY
        and rule.interval == 1
        and rule.by_day
        and plain
        and not rule.by_month_day
    ):
        return f"Every {_days(rule.by_day)}{_months(rule)}"
    return every + _which(rule, starts) + _months(rule, starts)


def _which(rule: Rule, starts: datetime) -> str:
    """What follows "every month": on the last Friday."""
    said: list[str] = []
    chosen = (
        rule.by_set_pos and rule.by_day and not (rule.by_month_day or rule.by_year_day or rule.by_week_no)
    )
    if chosen:
        said.append(f"the {listed([_place(one) for one in rule.by_set_pos])} {_days(rule.by_day, 'or')}")
    elif rule.by_day:
        said.append(f"the {_days(rule.by_day)}" if _numbered(rule) else _days(rule.by_day))
    if rule.by_month_day:
        days = f"the {listed([_of_month(number) for number in rule.by_month_day])}"
        said.append(f"if it is {days}" if said else days)
    if rule.by_year_day:
        said.append(f"the {listed([_of_month(number) for number in rule.by_year_day])} of the year")
    if rule.by_week_no:
        said.append(f"in week {listed([str(number) for number in rule.by_week_no])}")
    if not said and rule.frequency is Frequency.WEEKLY:
        said.append(DAYS[starts.weekday()])
    if not said and rule.frequency in {Frequency.MONTHLY, Frequency.YEARLY}:
        said.append(f"the {_of_month(starts.day)}")
    if not said:
        return ""
    if rule.by_set_pos and not chosen:
        said[-1] += f", of these only the {listed([_place(one) for one in rule.by_set_pos])}"
    return f" on {' '.join(said)}"


def _numbered(rule: Rule) -> bool:
    return any(one.nth is not None for one in rule.by_day)


def _months(rule: Rule, starts: datetime | None = None) -> str:
    """In which months, where the rule says so; of which, where the start does."""
    dated = not (rule.by_day or rule.by_year_day or rule.by_week_no)
    yearly = rule.frequency is Frequency.YEARLY
    if rule.by_month:
        within = "of" if yearly and dated else "in"
        return f" {within} {listed([MONTHS[number - 1] for number in rule.by_month])}"
    if yearly and dated and not rule.by_month_day and starts is not None:
        return f" of {MONTHS[starts.month - 1]}"
    return ""


def _days(days: Sequence[Weekday], last: str = "and") -> str:
    plain = [one.day for one in days if one.nth is None]
    if len(plain) == len(days):
        if sorted(plain) == [0, 1, 2, 3, 4]:
            return "weekday"
        if sorted(plain) == list(range(7)):
            return "day"
    names = [(f"{_place(one.nth)} " if one.nth is not None else "") + DAYS[one.day] for one in days]
    return listed(names, last)


def _place(number: int) -> str:
    if number == -1:
        return "last"
    if number < 0:
        return f"{_ordinal(-number)} to last"
    return _ordinal(number)


def _of_month(number: int) -> str:
    if number == -1:
        return "last day"
    return f"{_number(-number)} to last day" if number < 0 else _number(number)


def _ordinal(number: int) -> str:
    return _ORDINALS.get(number, _number(number))


def _number(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _count(interval: int) -> str:
    return "" if interval == 1 else f"{interval} "


def _end(rule: Rule) -> str:
    if rule.until is not None:
        return f"until {day(rule.until)}"
    return f"{rule.count} times" if rule.count != 1 else "once"


def listed(words: Sequence[str], last: str = "and") -> str:
    """One, two and three."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
