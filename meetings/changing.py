"""Changes of a meeting: of one class, of it and all that follow, of all to come. Pure.

What has begun is history, and stays as it is. Of what is to come, a field that the change names is the same for all of it
afterwards, also for classes that had been changed by themselves; a field that it does not name stays as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contract.errors import Conflict, InvalidInput, NotFound
from contract.meetings import MeetingChanges, MeetingPolicy, MeetingScope, Scope
from contract.schedule import MOST_OCCURRENCES, OccurrenceStatus
from meetings.making import check_to_come, guests_of, reminders_of
from meetings.model import OccurrenceRecord, PartRecord
from meetings.rules import Step, has_begun, step
from meetings.schedule import zones
from meetings.schedule.splitting import Times
from meetings.schedule.zones import wall
from meetings.timetable import Timetable, ordered

NewId = Callable[[str], str]

_OF_SERIES = (
    "rule", "once", "except_dates", "provider", "policy", "guests", "alternative_hosts", "host_account", "reminders",
)  # fmt: skip
_OF_MEETING = ("guests", "reminders")


@dataclass(frozen=True)
class Ask:
    """What is asked for and when, and where new ids come from."""

    changes: MeetingChanges
    now: datetime
    new_id: NewId

    @property
    def replaces_parts(self) -> bool:
        """Whether later parts of the series give way to what is named."""
        return self.changes.rule is not None or self.changes.once


def target(timetable: Timetable, scope: MeetingScope) -> OccurrenceRecord | None:
    """The occurrence that a scope names; None with scope `all`.

    Raises:
        InvalidInput: none is named.
        NotFound: there is no such one.
    """
    if scope.scope is Scope.ALL:
        return None
    if scope.occurrence is None:
        raise InvalidInput.of("occurrence", f"is required with scope {scope.scope}")
    found = timetable.find(scope.occurrence)
    if found is None:
        raise NotFound("The meeting has no such class.")
    return found


def refuse(changes: MeetingChanges, names: tuple[str, ...], problem: str) -> None:
    """Raises InvalidInput when the change names one of the fields."""
    for name in names:
        if getattr(changes, name) not in (None, False):
            raise InvalidInput.of(name, problem)


def change_one(before: Timetable, one: OccurrenceRecord, ask: Ask) -> Timetable:
    """One class has another time, length, title or description; its key stays.

    Raises:
        InvalidInput: a field is not for one class, or the new time is over already.
        Conflict: it has begun or is cancelled, or another class of the meeting is held then.
    """
    changes = ask.changes
    refuse(changes, _OF_SERIES, "is not for one class; use scope following or all")
    step(one.status, Step.CHANGE)
    if has_begun(one, ask.now):
        raise Conflict("That class has begun.")
    part = before.part(one.part_id)
    after = retimed(one, changes)
    if after.slot != one.slot:
        check_to_come([after.slot], ask.now)
        _keep_apart(before, after)
    if changes.title is not None:
        after = replace(after, title=changes.title if changes.title != part.title else None)
    if changes.description is not None:
        other = changes.description != part.description
        after = replace(after, description=changes.description if other else None)
    after = marked(after, part)
    if after == one:
        return before
    part = replace(part, sequence=part.sequence + 1)
    changed = before.with_part(part).with_occurrences([replace(after, sequence=part.sequence)])
    return finished(changed, ask.now)


def retimed(one: OccurrenceRecord, changes: MeetingChanges) -> OccurrenceRecord:
    """With another start, zone or length."""
    slot = one.slot
    minutes = changes.minutes or int(slot.length.total_seconds() // 60)
    if changes.starts is not None or (changes.zone is not None and changes.zone != slot.zone):
        zone = zones.load(changes.zone or slot.zone)
        slot = zones.slot_at(changes.starts or slot.starts, zone, minutes, key=slot.key)
    elif changes.minutes is not None:
        slot = replace(slot, ends_at=slot.starts_at + timedelta(minutes=minutes))
    return replace(one, slot=slot)


def marked(one: OccurrenceRecord, part: PartRecord) -> OccurrenceRecord:
    """Told to be changed, if it differs from what the part's rule says."""
    series = part.series
    told = zones.slot_at(wall(one.slot.key), zones.load(series.zone), series.minutes, key=one.slot.key)
    differs = (told.starts_at, told.ends_at) != (one.slot.starts_at, one.slot.ends_at)
    return replace(one, changed=differs or one.title is not None or one.description is not None)


def _keep_apart(before: Timetable, one: OccurrenceRecord) -> None:
    for other in before.occurrences:
        apart = one.slot.ends_at <= other.slot.starts_at or other.slot.ends_at <= one.slot.starts_at
        if other.id != one.id and other.status is not OccurrenceStatus.CANCELLED and not apart:
            raise Conflict("Another class of this meeting is held then.")


def like_all(one: OccurrenceRecord, part: PartRecord, changes: MeetingChanges) -> OccurrenceRecord:
    """A class to come, with what the change names as all have it."""
    after = replace(
        one,
        title=None if changes.title is not None else one.title,
        description=None if changes.description is not None else one.description,
    )
    if changes.minutes is not None:
        after = retimed(after, MeetingChanges(minutes=changes.minutes))
    after = marked(after, part)
    return after if after == one else replace(after, sequence=part.sequence)


def pinned(one: OccurrenceRecord, old: PartRecord, new: PartRecord) -> OccurrenceRecord:
    """A class that has begun keeps the words that it was held under."""
    title, description = one.title, one.description
    if title is None and new.title != old.title:
        title = old.title
    if description is None and new.description != old.description:
        description = old.description
    return replace(one, title=title, description=description)


def with_meeting_fields(
    before: Timetable, changes: MeetingChanges, scope: Scope, *, single: bool
) -> Timetable:
    """Guests and reminders, which are the whole meeting's. Raises InvalidInput with another scope than `all`, unless it is
    held only once (`single`).
    """
    if scope is not Scope.ALL and not single:
        refuse(changes, _OF_MEETING, "belongs to the whole meeting; use scope all")
    meeting = before.meeting
    if changes.guests is not None:
        meeting = replace(meeting, guests=guests_of(changes.guests))
    if changes.reminders is not None:
        meeting = replace(meeting, reminders=reminders_of(changes.reminders))
    return replace(before, meeting=meeting)


def with_part_fields(part: PartRecord, changes: MeetingChanges) -> PartRecord:
    """What a change says of a part besides its times."""
    return replace(
        part,
        title=changes.title if changes.title is not None else part.title,
        description=changes.description if changes.description is not None else part.description,
        provider=changes.provider or part.provider,
        policy=MeetingPolicy(**changes.policy.model_dump()) if changes.policy is not None else part.policy,
        alternative_hosts=(
            tuple(changes.alternative_hosts)
            if changes.alternative_hosts is not None
            else part.alternative_hosts
        ),
        host_account=changes.host_account or part.host_account,
        series=replace(part.series, minutes=changes.minutes or part.series.minutes),
    )


def times_of(changes: MeetingChanges) -> Times:
    return Times(
        starts=changes.starts,
        zone=changes.zone,
        rule=changes.rule,
        once=changes.once,
        except_keys=frozenset(changes.except_dates) if changes.except_dates is not None else None,
    )


def finished(after: Timetable, now: datetime) -> Timetable:
    """With what follows from its occurrences: which parts have ended, and whether anything is left at all.

    Raises:
        InvalidInput: there are more occurrences than a meeting may have.
        Conflict: two of them would have the same key.
    """
    rows = after.occurrences
    if len(rows) > MOST_OCCURRENCES:
        raise InvalidInput.of(
            "rule", f"makes {len(rows)} occurrences; a meeting has at most {MOST_OCCURRENCES}"
        )
    if len({one.slot.key for one in rows}) != len(rows):
        raise Conflict("Two classes of the meeting would be at the same time.")
    left = {one.part_id for one in rows if one.status is not OccurrenceStatus.CANCELLED}
    meeting = after.meeting
    return replace(
        after,
        occurrences=ordered(list(rows)),
        meeting=replace(
            meeting,
            parts=tuple(replace(part, ended=part.id not in left) for part in meeting.parts),
            sequence=meeting.sequence + 1,
            updated_at=now,
            cancelled_at=meeting.cancelled_at if left else meeting.cancelled_at or now,
        ),
    )
