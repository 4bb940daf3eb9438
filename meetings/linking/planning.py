"""Which links a meeting needs after a change, and which it needs no longer: pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contract.schedule import OccurrenceStatus
from meetings.change import ScheduleChange
from meetings.model import LinkRecord, LinkStatus, MeetingRecord, OccurrenceRecord, PartRecord, Slot
from meetings.provider import Layout

LayoutOf = Callable[[PartRecord, Sequence[Slot]], Layout]


@dataclass(frozen=True)
class Need:
    """A link that has to be there: for a part, or for one occurrence of it."""

    part_id: str
    occurrence_id: str | None
    provider: str

    @property
    def key(self) -> tuple[str, str]:
        """An occurrence keeps its link when it comes into another part."""
        return self.occurrence_id or self.part_id, self.provider


@dataclass(frozen=True)
class Decision:
    """What becomes of the links. `touched` stay, but what they are to say may have changed; `unwanted` go at that time.

    `moved` are those whose row changes too: wanted again, or of another part now.
    """

    new: Sequence[Need]
    moved: Sequence[LinkRecord]
    touched: Sequence[LinkRecord]
    unwanted: Mapping[str, datetime]


def decide(
    change: ScheduleChange, links: Sequence[LinkRecord], layout_of: LayoutOf, now: datetime
) -> Decision:
    """Links of occurrences that have begun are history and stay as they are."""
    needs = needs_of(change.after, change.occurrences_after, links, layout_of, now)
    usable = {need_of(link).key: link for link in links if link.status not in _GOING}
    kept = [(usable[need.key], need) for need in needs if need.key in usable]
    wanted = {need.key for need in needs}
    surplus = [link for link in links if link.wanted and need_of(link).key not in wanted]
    return Decision(
        new=[need for need in needs if need.key not in usable],
        moved=[
            replace(link, wanted=True, part_id=need.part_id)
            for link, need in kept
            if not link.wanted or link.part_id != need.part_id
        ],
        touched=[
            link
            for link, need in kept
            if link.wanted and link.part_id == need.part_id and _is_touched(link, change)
        ],
        unwanted={link.id: _when(link, change, now) for link in surplus if _was_needed(link, change, now)},
    )


def needs_of(
    meeting: MeetingRecord,
    occurrences: Sequence[OccurrenceRecord],
    links: Sequence[LinkRecord],
    layout_of: LayoutOf,
    now: datetime,
) -> Sequence[Need]:
    needs: list[Need] = []
    for part in meeting.parts:
        held = [
            one
            for one in occurrences
            if one.part_id == part.id and one.status is not OccurrenceStatus.CANCELLED
        ]
        to_come = [one for one in held if _is_to_come(one, now)]
        if part.ended or not to_come:
            continue
        # by all of them, those that are over too: it must not become another as time goes by
        if layout_of(part, [one.slot for one in held]) is Layout.EACH:
            elsewhere = {
                link.occurrence_id
                for link in links
                if link.wanted and link.provider != part.provider and link.status is LinkStatus.READY
            }
            needs += [
                Need(part.id, one.id, part.provider)
                for one in to_come
                if one.status is not OccurrenceStatus.LIVE or one.id not in elsewhere
            ]
        else:
            needs.append(Need(part.id, None, part.provider))
    return needs


def need_of(link: LinkRecord) -> Need:
    return Need(link.part_id, link.occurrence_id, link.provider)


_GOING = frozenset({LinkStatus.CANCELLING, LinkStatus.CANCELLED})
_HELD = frozenset({OccurrenceStatus.SCHEDULED, OccurrenceStatus.LIVE})


def _is_to_come(one: OccurrenceRecord, now: datetime) -> bool:
    return one.status in _HELD and (one.slot.ends_at > now or one.status is OccurrenceStatus.LIVE)


def _of_link(link: LinkRecord, occurrences: Iterable[OccurrenceRecord]) -> Sequence[OccurrenceRecord]:
    if link.occurrence_id is not None:
        return [one for one in occurrences if one.id == link.occurrence_id]
    return [one for one in occurrences if one.part_id == link.part_id]


def _was_needed(link: LinkRecord, change: ScheduleChange, now: datetime) -> bool:
    """One of which nothing was to come before the change is history, and so is one of a class that has begun, unless that was
    moved to another provider before anybody came.
    """
    before = [one for one in _of_link(link, change.occurrences_before) if _is_to_come(one, now)]
    if link.occurrence_id is None:
        return bool(before)
    parts = {part.id: part for part in change.after.parts}
    after = {one.id: parts[one.part_id].provider for one in change.occurrences_after if one.part_id in parts}
    return any(
        one.status is not OccurrenceStatus.LIVE
        and (one.slot.starts_at > now or after.get(one.id, link.provider) != link.provider)
        for one in before
    )


def _when(link: LinkRecord, change: ScheduleChange, now: datetime) -> datetime:
    """At once, unless it carries a class just now: then when that is over."""
    going_on = [
        one.slot.ends_at
        for one in _of_link(link, change.occurrences_before)
        if _is_to_come(one, now) and (one.status is OccurrenceStatus.LIVE or one.slot.starts_at <= now)
    ]
    return max([now, *going_on])


def _is_touched(link: LinkRecord, change: ScheduleChange) -> bool:
    before = change.before
    if before is None or before.host_id != change.after.host_id:
        return True
    if _part(before, link.part_id) != _part(change.after, link.part_id):
        return True
    return list(_of_link(link, change.occurrences_before)) != list(_of_link(link, change.occurrences_after))


def _part(meeting: MeetingRecord, part_id: str) -> PartRecord | None:
    return next((part for part in meeting.parts if part.id == part_id), None)
