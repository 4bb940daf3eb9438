"""A series before and after a change: what is left of the old one, and what the new one is. Pure.

COUNT and `starts` belong together: a COUNT is counted from `starts`. A series of which some classes have been held and whose
times change begins anew with the first that has not; its COUNT then tells how many are left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from contract.errors import InvalidInput
from contract.schedule import MOST_OCCURRENCES, wall_text
from meetings.model import Series
from meetings.schedule import recurrence, zones
from meetings.schedule.rule_text import normal


@dataclass(frozen=True)
class Times:
    """What a change says of when a series is held. None: as it is. `once`: without a rule from now on."""

    starts: datetime | None = None
    zone: str | None = None
    rule: str | None = None
    once: bool = False
    except_keys: frozenset[str] | None = None

    def moves(self, series: Series) -> bool:
        """Whether a class may be at another time afterwards, rather than only be left out or taken in again."""
        return (
            (self.starts is not None and self.starts != series.starts)
            or (self.zone is not None and self.zone != series.zone)
            or self.has_rule_for(series)
        )

    def has_rule_for(self, series: Series) -> bool:
        """Whether another rule is named than the series has."""
        if self.once:
            return series.rule is not None
        return self.rule is not None and normal(self.rule) != series.rule

    def change(self, series: Series) -> bool:
        left_out = self.except_keys is not None and self.except_keys != series.except_keys
        return self.moves(series) or left_out


@dataclass(frozen=True)
class Cut:
    """A series cut in two: the rule's wall times of each half. The second begins with what a change is meant for."""

    series: Series
    head: tuple[datetime, ...]
    tail: tuple[datetime, ...]

    @property
    def whole(self) -> bool:
        """Nothing comes before what the change is meant for."""
        return not self.head


def cut(series: Series, at: str) -> Cut:
    """Cuts before the first wall time that is not before the key `at`."""
    found = recurrence.walls(series)
    number = sum(wall_text(wall) < at for wall in found)
    return Cut(series, tuple(found[:number]), tuple(found[number:]))


def head_of(parts: Cut) -> Series:
    """The first half as a series of its own. There must be one."""
    return _fitted(parts.series, parts.head)


def tail_of(parts: Cut) -> Series:
    """The second half as a series of its own. There must be one."""
    return _fitted(parts.series, parts.tail) if parts.head else parts.series


@dataclass(frozen=True)
class Standpoint:
    """How whoever changes a series sees it.

    `days` (2026-11-24) are those on which it begins for them: a new `starts` on one of them means another time of day, on any
    other, that the series begins there. `counts_all`: a COUNT that is named counts the first half too. On days before
    `today` nothing can be held any more.
    """

    days: Sequence[str]
    today: date
    counts_all: bool


def changed_tail(parts: Cut, times: Times, seen: Standpoint) -> Series:
    """The second half as the change wants it, from its first class on.

    Raises:
        InvalidInput: naming `starts`, `zone` or `rule`; nothing would be left.
    """
    series = parts.series
    zone = zones.check(times.zone) if times.zone is not None else series.zone
    other_day = times.starts is not None and wall_text(times.starts)[:10] not in seen.days
    clock = (times.starts or series.starts).time()
    left_out = series.except_keys if times.except_keys is None else times.except_keys
    wanted = replace(series, zone=zone, except_keys=left_out)
    if times.once:
        first = times.starts if other_day else _at(parts.tail[:1] or parts.head[-1:], clock)[0]
        return recurrence.anchored(
            replace(wanted, starts=first or series.starts, rule=None, except_keys=frozenset())
        )
    if times.has_rule_for(series):
        wanted = replace(wanted, rule=times.rule)
        if other_day and times.starts is not None:
            return recurrence.anchored(replace(wanted, starts=times.starts))
        return recurrence.anchored(_with_rule(parts, wanted, clock, seen))
    if not parts.tail:
        raise InvalidInput.of("rule", "nothing of it is to come; name another one")
    if other_day and times.starts is not None:
        return recurrence.anchored(_from_day(parts, replace(wanted, starts=times.starts)))
    if parts.whole and not times.moves(series):
        return recurrence.anchored(wanted)
    return recurrence.anchored(_fitted(wanted, _at(parts.tail, clock)))


def _with_rule(parts: Cut, wanted: Series, clock: time, seen: Standpoint) -> Series:
    """With a rule that the change names, on the days that the series has. What was held counts; a gap since then does not."""
    if not (seen.counts_all and parts.head):
        return replace(wanted, starts=_at((parts.tail or parts.head)[:1], clock)[0])
    whole = replace(wanted, starts=_at(parts.head[:1], clock)[0])
    rule = recurrence.rule_of(whole)
    open_ended = whole
    if rule is not None and rule.count is not None:
        open_ended = replace(whole, rule=recurrence.text_of(replace(rule, count=MOST_OCCURRENCES)))
    after = parts.head[-1].date()
    left = [
        wall
        for wall in recurrence.walls(open_ended)
        if wall.date() > after and (parts.tail or wall.date() >= seen.today)
    ]
    if rule is not None and rule.count is not None:
        left = left[: max(rule.count - len(parts.head), 0)]
    if not left:
        raise InvalidInput.of("rule", "leaves nothing that is to come")
    return _fitted(whole, left)


def _from_day(parts: Cut, wanted: Series) -> Series:
    """The same rule from another day on: as many as were left, or until the same end."""
    rule = recurrence.rule_of(wanted)
    if rule is None or rule.count is None or parts.whole:
        return wanted
    return replace(wanted, rule=recurrence.text_of(replace(rule, count=len(parts.tail))))


def _fitted(series: Series, walls: Sequence[datetime]) -> Series:
    """The series with another end (and start), so that it has just these wall times; its rule stays as it is if it fits."""
    moved = replace(series, starts=walls[0])
    rule = recurrence.rule_of(moved)
    if rule is None or recurrence.walls(moved) == list(walls):
        return moved
    if rule.count is not None:
        return replace(moved, rule=recurrence.text_of(replace(rule, count=len(walls))))
    return replace(moved, rule=recurrence.text_until(rule, walls[-1].date()))


def _at(walls: Sequence[datetime], clock: time) -> list[datetime]:
    return [wall.replace(hour=clock.hour, minute=clock.minute) for wall in walls]
