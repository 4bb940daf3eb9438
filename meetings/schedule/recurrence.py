"""From a rule to its days.

`dateutil.rrule` looks at UNTIL only when it has found a day: of a rule that never has one (31 February) it searches until the
year 9999, some of them for many seconds. So days are counted here, over a span that ends; the tests hold the two side by side.
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import MAXYEAR, date, datetime, timedelta
from itertools import islice

from contract.errors import InvalidInput
from contract.schedule import MOST_OCCURRENCES, wall_text
from meetings.model import Series, Slot
from meetings.schedule import zones
from meetings.schedule.rule_text import DAYS, Frequency, Rule, Weekday, normal, parse

HORIZON_YEARS = 50
"""How far ahead of its start a rule may reach."""


def rule_of(series: Series) -> Rule | None:
    """The rule of a series, read; None for something that is held once. Raises InvalidInput naming `rule`."""
    return parse(series.rule, series.zone) if series.rule is not None else None


def walls(series: Series, most: int = MOST_OCCURRENCES) -> list[datetime]:
    """The wall times that the rule gives, those left out included, in order; `most` and one more at most."""
    rule = rule_of(series)
    if rule is None:
        return [series.starts]
    return list(islice(_expanded(rule, series.starts), most + 1))


def expand(series: Series) -> list[Slot]:
    """All occurrences of a series, those left out (EXDATE) excepted.

    Raises:
        InvalidInput: naming `rule` or `zone`; there are too many of them, or none.
    """
    found = walls(series)
    if len(found) > MOST_OCCURRENCES:
        raise InvalidInput.of("rule", f"makes more than {MOST_OCCURRENCES} occurrences; end it earlier")
    if not found:
        raise InvalidInput.of("rule", "makes no occurrence at all")
    if _is_cut(series, len(found)):
        raise InvalidInput.of("rule", f"reaches further than {HORIZON_YEARS} years; end it earlier")
    slots = zones.slots_of(series, found)
    if not slots:
        raise InvalidInput.of("except_dates", "leave no occurrence")
    return slots


def anchored(series: Series) -> Series:
    """The same series with `starts` on its first occurrence, as calendars want it (RFC 5545 section 3.8.5.3), its rule in
    the form that is kept, and of what is left out only what the rule has. Dates left out count by their day.
    """
    zones.check(series.zone)
    if series.rule is not None:
        series = replace(series, rule=normal(series.rule))
    found = walls(series)
    left_out = {key[:10] for key in series.except_keys}
    keys = frozenset(wall_text(wall) for wall in found if wall_text(wall)[:10] in left_out)
    return replace(series, starts=found[0] if found else series.starts, except_keys=keys)


def _is_cut(series: Series, found: int) -> bool:
    """Whether the horizon ended the rule, rather than the rule itself."""
    rule = rule_of(series)
    if rule is None:
        return False
    if rule.count is not None:
        return found < rule.count
    return rule.until is not None and rule.until > _horizon(series.starts)


def _horizon(starts: datetime) -> datetime:
    return starts.replace(year=min(starts.year + HORIZON_YEARS, 2200), day=min(starts.day, 28))


def _expanded(rule: Rule, starts: datetime) -> Iterator[datetime]:
    end = _horizon(starts)
    last = min(rule.until, end) if rule.until is not None else end
    for day in islice(_days(rule, starts.date(), last.date()), rule.count):
        wall = datetime.combine(day, starts.time())
        if wall > last:
            return
        yield wall


def _days(rule: Rule, first: date, last: date) -> Iterator[date]:
    """Days of the rule from `first` to `last`, in order."""
    filled = _with_defaults(rule, first)
    for period in _periods(rule, first, last):
        days = [day for day in period if _fits(filled, day)]
        if rule.by_set_pos:
            days = _positions(days, rule.by_set_pos)
        yield from (day for day in days if first <= day <= last)


def _with_defaults(rule: Rule, first: date) -> Rule:
    """What the rule does not say is taken from the start (RFC 5545 section 3.3.10)."""
    if rule.by_day or rule.by_month_day or rule.by_year_day or rule.by_week_no:
        return rule
    if rule.frequency is Frequency.WEEKLY:
        return replace(rule, by_day=(Weekday(first.weekday()),))
    if rule.frequency is Frequency.MONTHLY:
        return replace(rule, by_month_day=(first.day,))
    if rule.frequency is Frequency.YEARLY:
        return replace(rule, by_month_day=(first.day,), by_month=rule.by_month or (first.month,))
    return rule


def _periods(rule: Rule, first: date, last: date) -> Iterator[Sequence[date]]:
    """The days, weeks, months or years that the rule looks at, each with all its days."""
    if rule.frequency in {Frequency.DAILY, Frequency.WEEKLY}:
        weekly = rule.frequency is Frequency.WEEKLY
        begin = first - timedelta(days=(first.weekday() - rule.week_start) % 7) if weekly else first
        length = 7 if weekly else 1
        while begin <= last:
            yield [begin + timedelta(days=offset) for offset in range(length)]
            begin += timedelta(days=length * rule.interval)
        return
    months = 1 if rule.frequency is Frequency.MONTHLY else 12
    number = first.year * 12 + (first.month - 1 if months == 1 else 0)
    while (number // 12, number % 12 + 1) <= (last.year, last.month):
        yield _span(number, months)
        number += months * rule.interval


def _span(number: int, months: int) -> list[date]:
    """All days of a month or of a year. `number` counts months from the year 0."""
    begin = date(number // 12, number % 12 + 1, 1)
    after = number + months
    if after // 12 > MAXYEAR:
        return []
    return [
        date.fromordinal(day)
        for day in range(begin.toordinal(), date(after // 12, after % 12 + 1, 1).toordinal())
    ]


def _fits(rule: Rule, day: date) -> bool:
    return (
        (not rule.by_month or day.month in rule.by_month)
        and (not rule.by_month_day or _month_day_fits(rule.by_month_day, day))
        and (not rule.by_day or any(_weekday_fits(rule, wanted, day) for wanted in rule.by_day))
        and (not rule.by_year_day or _year_day_fits(rule.by_year_day, day))
        and (not rule.by_week_no or _week_no_fits(rule, day))
    )


def _month_day_fits(wanted: Sequence[int], day: date) -> bool:
    from_end = day.day - calendar.monthrange(day.year, day.month)[1] - 1
    return day.day in wanted or from_end in wanted


def _weekday_fits(rule: Rule, wanted: Weekday, day: date) -> bool:
    """With a number, it is that one of the month, for YEARLY without months that one of the year."""
    if day.weekday() != wanted.day:
        return False
    if wanted.nth is None:
        return True
    if rule.frequency is Frequency.YEARLY and not rule.by_month:
        place, length = day.timetuple().tm_yday, 366 if calendar.isleap(day.year) else 365
    else:
        place, length = day.day, calendar.monthrange(day.year, day.month)[1]
    return wanted.nth in {(place - 1) // 7 + 1, -((length - place) // 7 + 1)}


def _year_day_fits(wanted: Sequence[int], day: date) -> bool:
    place, length = day.timetuple().tm_yday, 366 if calendar.isleap(day.year) else 365
    return place in wanted or place - length - 1 in wanted


def _week_no_fits(rule: Rule, day: date) -> bool:
    """Weeks as ISO 8601 counts them, from the rule's own first day of the week: the first has four days of the year.

    A day counts for the calendar year it stands in; at the turn of the year it may be of the other year's first or last
    week.
    """
    first = _first_week(day.year, rule.week_start)
    after = _first_week(day.year + 1, rule.week_start)
    if first <= day < after:
        number, of_year = (day - first).days // 7 + 1, (after - first).days // 7
    elif day >= after:
        number, of_year = 1, (_first_week(day.year + 2, rule.week_start) - after).days // 7
    else:
        before = _first_week(day.year - 1, rule.week_start)
        number, of_year = (day - before).days // 7 + 1, (first - before).days // 7
    return number in rule.by_week_no or number - of_year - 1 in rule.by_week_no


def _first_week(year: int, week_start: int) -> date:
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - week_start) % 7)


def _positions(days: Sequence[date], wanted: Sequence[int]) -> list[date]:
    count = len(days)
    places = {place - 1 if place > 0 else count + place for place in wanted}
    return [day for number, day in enumerate(days) if number in places]


def text_until(rule: Rule, last: date) -> str:
    """The rule with another end: the given day is its last."""
    return text_of(replace(rule, count=None, until=None)) + f";UNTIL={last:%Y%m%d}"


def text_of(rule: Rule) -> str:
    """The rule as text, its parts in a fixed order."""
    days = ",".join(f"{day.nth or ''}{DAYS[day.day]}" for day in rule.by_day)
    parts = (
        ("FREQ", rule.frequency.value),
        ("INTERVAL", str(rule.interval) if rule.interval != 1 else ""),
        ("BYMONTH", _joined(rule.by_month)),
        ("BYWEEKNO", _joined(rule.by_week_no)),
        ("BYYEARDAY", _joined(rule.by_year_day)),
        ("BYMONTHDAY", _joined(rule.by_month_day)),
        ("BYDAY", days),
        ("BYSETPOS", _joined(rule.by_set_pos)),
        ("WKST", DAYS[rule.week_start] if rule.week_start else ""),
        ("COUNT", str(rule.count) if rule.count is not None else ""),
        ("UNTIL", f"{rule.until:%Y%m%dT%H%M%S}" if rule.until is not None else ""),
    )
    return ";".join(f"{name}={value}" for name, value in parts if value)


def _joined(numbers: Sequence[int]) -> str:
    return ",".join(str(number) for number in numbers)
