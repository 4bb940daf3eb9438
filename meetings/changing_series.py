"""Changes of a whole series, or of the rest of it from one class on. Pure; what is said in `changing` holds here.

All to come: the same part with other fields. This and following: where classes stay before it, the part ends there and
another begins, with the same id and link of the meeting; where none do, it is the same part, too. Parts that come later in
the series follow in whatever is named; a new rule takes their place.
"""

from dataclasses import replace

from contract.errors import Conflict, InvalidInput
from contract.meetings import MeetingChanges
from contract.schedule import Adjustment, OccurrenceStatus, wall_text
from meetings.changing import Ask, finished, like_all, pinned, times_of, with_part_fields
from meetings.model import OccurrenceRecord, PartRecord
from meetings.regenerating import Reach, Renewal, ended_before, regenerated, with_parts
from meetings.rules import has_begun
from meetings.schedule import zones
from meetings.schedule.rule_text import normal
from meetings.schedule.splitting import Cut, Standpoint, Times, changed_tail, cut, tail_of
from meetings.schedule.zones import wall
from meetings.timetable import Timetable

_CANCELLED = OccurrenceStatus.CANCELLED


def change_series(before: Timetable, asked: OccurrenceRecord | None, ask: Ask) -> Timetable:
    """All that are to come, or (`asked`) that class and all that follow.

    Raises:
        InvalidInput: the new times cannot be, or leave nothing.
        Conflict: it has begun or is cancelled, or nothing is to come.
    """
    if ask.changes.once and ask.changes.rule is not None:
        raise InvalidInput.of("once", "contradicts `rule`")
    reach = _reach(before, asked, ask)
    ask = replace(ask, changes=_without_present_rule(ask.changes, reach.part))
    after = _first_part(before, reach, ask)
    if not ask.replaces_parts:
        for part in reach.later:
            after = _later_part(after, part, ask)
    if after == before:
        return before
    after = finished(after, ask.now)
    _check_apart(before, after)
    return after


def _check_apart(before: Timetable, after: Timetable) -> None:
    """Raises Conflict when classes that were moved by themselves and others would be held at once by the change."""
    slots = {one.id: one.slot for one in before.occurrences}
    held = [one for one in after.occurrences if one.status is not _CANCELLED]
    last: OccurrenceRecord | None = None
    for one in held:
        if last is not None and one.slot.starts_at < last.slot.ends_at:
            fresh = slots.get(one.id) != one.slot or slots.get(last.id) != last.slot
            if fresh and (one.changed or last.changed):
                raise Conflict(f"Two classes would be held at once on {wall_text(one.slot.starts)[:10]}.")
        if last is None or one.slot.ends_at > last.slot.ends_at:
            last = one


def _without_present_rule(changes: MeetingChanges, part: PartRecord) -> MeetingChanges:
    """A rule that the series has already is none that is named: forms send all that they show."""
    same = changes.rule is not None and normal(changes.rule) == part.series.rule
    return changes.model_copy(
        update={
            "rule": None if same else changes.rule,
            "once": changes.once and part.series.rule is not None,
        }
    )


def _reach(before: Timetable, asked: OccurrenceRecord | None, ask: Ask) -> Reach:
    to_come = {one.part_id for one in before.occurrences if not has_begun(one, ask.now)}
    parts = sorted(
        (part for part in before.meeting.parts if part.id in to_come), key=lambda part: part.series.starts
    )
    if asked is None:
        first = parts[0] if parts else _last(before)
        begun = [one.slot.key for one in before.of_part(first.id) if has_begun(one, ask.now)]
        key = f"{max(begun)}~" if begun else wall_text(first.series.starts)  # ~ sorts behind all digits
    elif has_begun(asked, ask.now):
        raise Conflict("That class has begun.")
    elif asked.status is _CANCELLED:
        raise Conflict("That class is cancelled.")
    else:
        first, key = before.part(asked.part_id), asked.slot.key
    later = tuple(part for part in parts if part.series.starts > first.series.starts)
    return Reach(first, key, asked, later)


def _last(before: Timetable) -> PartRecord:
    parts = [part for part in before.meeting.parts if not part.ended] or before.meeting.parts
    return max(parts, key=lambda part: part.series.starts)


def _first_part(before: Timetable, reach: Reach, ask: Ask) -> Timetable:
    times = times_of(ask.changes)
    halves = cut(reach.part.series, reach.key)
    stays = any(
        one.slot.key < reach.key and not has_begun(one, ask.now) and one.status is not _CANCELLED
        for one in before.of_part(reach.part.id)
    )
    splits = reach.asked is not None and stays and not halves.whole
    new = with_part_fields(reach.part, ask.changes)
    moves = _moves(reach, halves, times)
    if not moves and (times.except_keys is None or times.except_keys == reach.part.series.except_keys):
        if not splits:
            return _in_place(before, reach.part, new, ask)
        new = replace(new, series=replace(tail_of(halves), minutes=new.series.minutes))
        return _split(before, reach, halves, _fresh(new, ask), ask)
    if not moves:
        times = Times(except_keys=times.except_keys)
    series = changed_tail(halves, times, _standpoint(reach, ask))
    new = replace(new, series=replace(series, minutes=new.series.minutes), tzdata=zones.version())
    new = _fresh(new, ask) if splits else new
    return regenerated(before, Renewal(reach, halves, new, ask, moves=moves))


def _moves(reach: Reach, halves: Cut, times: Times) -> bool:
    """Whether another time is named than the series has; of one class and those that follow, than that class has."""
    if reach.asked is None:
        return times.moves(halves.series)
    slot = reach.asked.slot
    present = {wall(slot.key)} | ({slot.starts} if slot.adjustment is Adjustment.SKIPPED else set())
    starts = times.starts if times.starts not in present else None
    return starts is not None or replace(times, starts=None).moves(halves.series)


def _standpoint(reach: Reach, ask: Ask) -> Standpoint:
    series = reach.part.series
    today = zones.wall_of(ask.now, zones.load(series.zone)).date()
    if reach.asked is None:
        return Standpoint([wall_text(series.starts)[:10]], today, counts_all=True)
    return Standpoint([reach.key[:10], wall_text(reach.asked.slot.starts)[:10]], today, counts_all=False)


def _fresh(part: PartRecord, ask: Ask) -> PartRecord:
    return replace(part, id=ask.new_id("part"), sequence=0)


def _in_place(before: Timetable, old: PartRecord, new: PartRecord, ask: Ask) -> Timetable:
    """The same part with other fields, for those of its classes that are to come."""
    rows = before.of_part(old.id)
    to_come = [one for one in rows if not has_begun(one, ask.now)]
    if new == old and all(like_all(one, old, ask.changes) == one for one in to_come):
        return before
    if all(one.status is _CANCELLED for one in to_come):
        raise Conflict("Nothing of it is to come.")
    new = replace(new, sequence=old.sequence + 1)
    return before.with_part(new).with_occurrences(
        pinned(one, old, new) if has_begun(one, ask.now) else like_all(one, new, ask.changes) for one in rows
    )


def _split(before: Timetable, reach: Reach, halves: Cut, new: PartRecord, ask: Ask) -> Timetable:
    """The rest of a series becomes a part of its own; the times stay."""
    return with_parts(before, ended_before(reach.part, halves), new).with_occurrences(
        like_all(replace(one, part_id=new.id), new, ask.changes)
        for one in before.of_part(reach.part.id)
        if one.slot.key >= reach.key and not has_begun(one, ask.now)
    )


def _later_part(before: Timetable, part: PartRecord, ask: Ask) -> Timetable:
    """A later part follows in what is named, a new time of day included; its days are its own."""
    new = with_part_fields(part, ask.changes)
    starts = part.series.starts
    if ask.changes.starts is not None:
        starts = starts.replace(hour=ask.changes.starts.hour, minute=ask.changes.starts.minute)
    times = Times(starts=starts, zone=ask.changes.zone)
    if not times.moves(part.series):
        return _in_place(before, part, new, ask)
    begins = wall_text(part.series.starts)
    halves = cut(part.series, begins)
    reach = Reach(part, begins, None, ())
    series = changed_tail(halves, times, _standpoint(reach, ask))
    new = replace(new, series=replace(series, minutes=new.series.minutes), tzdata=zones.version())
    return regenerated(before, Renewal(reach, halves, new, ask, moves=True))
