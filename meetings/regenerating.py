"""The classes of a new series in the place of those that were to come. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from contract.errors import InvalidInput
from contract.schedule import OccurrenceStatus, wall_text
from meetings.changing import Ask, like_all, pinned
from meetings.making import check_to_come, occurrence_at
from meetings.model import OccurrenceRecord, PartRecord, Slot
from meetings.rules import Step, has_begun, step
from meetings.schedule import recurrence
from meetings.schedule.matching import match
from meetings.schedule.splitting import Cut, head_of
from meetings.timetable import Timetable

_CANCELLED = OccurrenceStatus.CANCELLED


@dataclass(frozen=True)
class Reach:
    """What a change of a series is meant for: its first part from the class `key` on, and all later parts.

    `asked` is the class that somebody pointed at; None: all that are to come.
    """

    part: PartRecord
    key: str
    asked: OccurrenceRecord | None
    later: tuple[PartRecord, ...]


@dataclass(frozen=True)
class Renewal:
    """A part with another series: `new` is it, or the part that follows it from the cut on. `moves`: times are named, which
    then hold for classes too that had been moved by themselves; else some are only left out or taken in again.
    """

    reach: Reach
    halves: Cut
    new: PartRecord
    ask: Ask
    moves: bool

    @property
    def splits(self) -> bool:
        return self.new.id != self.reach.part.id

    def takes(self, one: OccurrenceRecord) -> bool:
        """Whether the renewal has a say about an occurrence."""
        if has_begun(one, self.ask.now):
            return False
        if one.part_id == self.reach.part.id:
            return one.slot.key >= self.reach.key
        later = {part.id for part in self.reach.later}
        return self.ask.replaces_parts and one.part_id in later


def regenerated(before: Timetable, renewal: Renewal) -> Timetable:
    """Raises InvalidInput: nothing is left, it would be over already, or it runs into another part of the series."""
    reach, new = renewal.reach, renewal.new
    pool = [one for one in before.occurrences if renewal.takes(one)]
    kept = [one for one in before.occurrences if not renewal.takes(one)]
    slots = _slots(renewal, kept)
    _check_order(renewal, slots, kept)
    if renewal.splits:
        after = with_parts(before, ended_before(reach.part, renewal.halves), new)
    else:
        new = replace(new, sequence=reach.part.sequence + 1)
        after = with_parts(before, new)
        kept = [_kept(one, reach.part, new, renewal.ask) for one in kept]
    return _placed(after, kept, pool, slots, replace(renewal, new=new))


def _kept(one: OccurrenceRecord, old: PartRecord, new: PartRecord, ask: Ask) -> OccurrenceRecord:
    """A class whose time the renewal leaves alone: it has begun, or had been put off behind one that has."""
    if one.part_id != new.id:
        return one
    return pinned(one, old, new) if has_begun(one, ask.now) else like_all(one, new, ask.changes)


def _slots(renewal: Renewal, kept: Iterable[OccurrenceRecord]) -> list[Slot]:
    """Of the new series; a day on which a class has begun gets no second one by the change."""
    now = renewal.ask.now
    begun = {one.slot.key[:10] for one in kept if has_begun(one, now)}
    slots = recurrence.expand(renewal.new.series)
    check_to_come(slots, now)
    if renewal.ask.changes.starts is not None and slots[0].key[:10] in begun:
        raise InvalidInput.of("starts", "is on a day on which a class has begun")
    slots = [slot for slot in slots if slot.key[:10] not in begun]
    if not slots:
        raise InvalidInput.of("rule", "leaves nothing that is to come")
    return slots


def _check_order(renewal: Renewal, slots: Sequence[Slot], kept: Iterable[OccurrenceRecord]) -> None:
    """Parts of a series follow each other."""
    reach = renewal.reach
    earlier = [
        one.slot.key
        for one in kept
        if one.part_id == reach.part.id and one.slot.key < reach.key and one.status is not _CANCELLED
    ]
    if reach.asked is not None and earlier and slots[0].key <= max(earlier):
        raise InvalidInput.of("starts", "must come after the class before it")
    later = () if renewal.ask.replaces_parts else reach.later
    if later and slots[-1].key >= wall_text(later[0].series.starts):
        begins = wall_text(later[0].series.starts)[:10]
        raise InvalidInput.of("starts", f"runs into the part of the series that begins on {begins}")


def _placed(
    after: Timetable,
    kept: Sequence[OccurrenceRecord],
    pool: Sequence[OccurrenceRecord],
    slots: Sequence[Slot],
    renewal: Renewal,
) -> Timetable:
    found = match(slots, pool, after.dropped)
    told = {wall_text(one) for one in recurrence.walls(renewal.reach.part.series)}
    rows: list[OccurrenceRecord] = []
    for slot, row in found.pairs:
        if row is None:
            rows.append(occurrence_at(slot, renewal.new, renewal.ask.new_id("occ")))
        elif row.id in found.revived:
            rows.append(_anew(slot, row, renewal.new))
        else:
            rows.append(_moved(slot, row, renewal, by_itself=row.slot.key in told))
    dropped = [one for one in after.dropped if one.id not in found.revived]
    gone = [replace(one, status=_CANCELLED) for one in found.left]
    return replace(after, occurrences=(*kept, *rows), dropped=(*dropped, *gone))


def _anew(slot: Slot, row: OccurrenceRecord, part: PartRecord) -> OccurrenceRecord:
    """A class that the rule had once and has again."""
    return replace(
        occurrence_at(slot, part, row.id),
        status=step(row.status, Step.REINSTATE),
        sequence=max(part.sequence, row.sequence + 1),
    )


def _moved(slot: Slot, row: OccurrenceRecord, renewal: Renewal, *, by_itself: bool) -> OccurrenceRecord:
    """A row in its place of the new series. One that was cancelled `by_itself` stays so; one that went with an earlier end of
    the series is held after all.
    """
    status = row.status
    if status is _CANCELLED and not by_itself:
        status = step(status, Step.REINSTATE)
    keeps = not renewal.moves and row.slot.key == slot.key
    after = replace(row, part_id=renewal.new.id, slot=row.slot if keeps else slot, status=status)
    after = like_all(after, renewal.new, renewal.ask.changes)
    return after if after == row else replace(after, sequence=renewal.new.sequence)


def ended_before(part: PartRecord, halves: Cut) -> PartRecord:
    """A part that ends where another one takes over."""
    return replace(part, series=recurrence.anchored(head_of(halves)), sequence=part.sequence + 1)


def with_parts(before: Timetable, *parts: PartRecord) -> Timetable:
    """With other versions of parts, and with new ones."""
    after = before
    for part in parts:
        if any(one.id == part.id for one in before.meeting.parts):
            after = after.with_part(part)
        else:
            after = replace(after, meeting=replace(after.meeting, parts=(*after.meeting.parts, part)))
    return after
