"""What becomes of a class by what is told of it, in whatever order and however often that comes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from contract.schedule import OccurrenceStatus
from meetings.after.model import SessionRecord
from meetings.model import OccurrenceRecord

Stay = tuple[datetime, datetime | None]


class Turn(StrEnum):
    """What can happen to an occurrence once it is planned."""

    BEGIN = "begin"
    FINISH = "finish"
    RETURN = "return"
    """It was tried out before its time, and is still to come."""


_SCHEDULED, _LIVE = OccurrenceStatus.SCHEDULED, OccurrenceStatus.LIVE
_ENDED, _CANCELLED = OccurrenceStatus.ENDED, OccurrenceStatus.CANCELLED

TURNS: Mapping[tuple[OccurrenceStatus, Turn], OccurrenceStatus] = {
    (_SCHEDULED, Turn.BEGIN): _LIVE,
    (_SCHEDULED, Turn.FINISH): _ENDED,
    (_SCHEDULED, Turn.RETURN): _SCHEDULED,
    (_LIVE, Turn.BEGIN): _LIVE,
    (_LIVE, Turn.FINISH): _ENDED,
    (_LIVE, Turn.RETURN): _SCHEDULED,
    (_ENDED, Turn.BEGIN): _LIVE,
    (_ENDED, Turn.FINISH): _ENDED,
    (_ENDED, Turn.RETURN): _SCHEDULED,
    (_CANCELLED, Turn.BEGIN): _CANCELLED,
    (_CANCELLED, Turn.FINISH): _CANCELLED,
    (_CANCELLED, Turn.RETURN): _CANCELLED,
}
"""All of them. A class that was interrupted is live again when it is resumed; one that was cancelled and held all the same
stays cancelled, though who came is kept.
"""


def turned(status: OccurrenceStatus, turn: Turn) -> OccurrenceStatus:
    return TURNS[status, turn]


def held(
    one: OccurrenceRecord, status: OccurrenceStatus, sessions: Sequence[SessionRecord], at: datetime | None
) -> OccurrenceRecord:
    """The occurrence as it stands then. `at`: when it was over by word of ours, where no session says so."""
    if status is _CANCELLED:
        return one
    if status is _SCHEDULED:
        return replace(one, status=status, started_at=None, ended_at=None)
    mine = counted(sessions, one.slot.starts_at)
    started_at = min((session.started_at for session in mine), default=None)
    if status is _LIVE:
        return replace(one, status=status, started_at=started_at, ended_at=None)
    ends = [session.ended_at for session in mine if session.ended_at is not None]
    ended_at = max(ends, default=at or one.ended_at or one.slot.ends_at)
    if at is not None and ended_at < one.slot.starts_at:
        ended_at = at  # only tried out before its time, and not held
    return replace(one, status=status, started_at=started_at, ended_at=ended_at)


# -------------------------------------------------------------------------------------------------------------- sessions


def opened(session: SessionRecord, at: datetime) -> SessionRecord:
    """The provider told that it was going on at that moment. After its end it goes on again; before it, that is old news."""
    resumed = session.ended_at is not None and at > session.ended_at
    return replace(
        session,
        started_at=min(session.started_at, at),
        ended_at=None if resumed else session.ended_at,
    )


def closed(session: SessionRecord, at: datetime, last_join: datetime | None) -> SessionRecord:
    """The provider told that it was over at that moment. Somebody who came later shows that it had gone on."""
    if last_join is not None and last_join > at:
        return session
    ended = at if session.ended_at is None else max(session.ended_at, at)
    return replace(session, started_at=min(session.started_at, at), ended_at=ended)


def status_turn(sessions: Iterable[SessionRecord]) -> Turn:
    """What an occurrence with these sessions is to become."""
    return Turn.BEGIN if any(one.open for one in sessions) else Turn.FINISH


def going_on(sessions: Iterable[SessionRecord], at: datetime) -> SessionRecord | None:
    """Which of an occurrence's sessions is meant where the provider names none: the one that went on then."""
    found = [one for one in sessions if one.started_at <= at and (one.ended_at is None or one.ended_at >= at)]
    return max(found, key=lambda one: one.started_at, default=None)


def for_arrival(sessions: Sequence[SessionRecord], at: datetime) -> SessionRecord | None:
    """The same for somebody who came: if none went on then, the next had begun earlier than was told."""
    later = (one for one in sessions if one.started_at > at)
    return going_on(sessions, at) or min(later, key=lambda one: one.started_at, default=None)


def for_departure(sessions: Sequence[SessionRecord], at: datetime) -> SessionRecord | None:
    """The same for somebody who went: if none went on then, the one before, or else the next."""
    before = [one for one in sessions if one.started_at <= at]
    if before:
        return going_on(before, at) or max(before, key=lambda one: one.started_at)
    return for_arrival(sessions, at)


# ------------------------------------------------------------------------------------------------------ which occurrence


AROUND = timedelta(hours=2)
"""What is told of a time so near to a class is taken to be of that class."""


def nearest(occurrences: Iterable[OccurrenceRecord], at: datetime) -> OccurrenceRecord | None:
    """The one in whose time it was, or the one that was nearest. Those cancelled are meant only if there is no other."""

    def rank(one: OccurrenceRecord) -> tuple[bool, timedelta, datetime]:
        return (one.status is _CANCELLED, _distance(one, at), one.slot.starts_at)

    return min(occurrences, key=rank, default=None)


def _distance(one: OccurrenceRecord, at: datetime) -> timedelta:
    if at < one.slot.starts_at:
        return one.slot.starts_at - at
    return max(at - one.slot.ends_at, timedelta())


# ----------------------------------------------------------------------------------------------------------------- stays


def with_join(stays: Iterable[Stay], at: datetime) -> list[Stay]:
    """One person's stays, and that they came."""
    joins, leaves = _moments(stays)
    return _paired({*joins, at}, leaves)


def with_leave(stays: Iterable[Stay], at: datetime) -> list[Stay]:
    """One person's stays, and that they went."""
    joins, leaves = _moments(stays)
    return _paired(joins, {*leaves, at})


def _moments(stays: Iterable[Stay]) -> tuple[set[datetime], set[datetime]]:
    """What was told, taken apart again: so it does not matter in which order it came."""
    joins, leaves = set(), set()
    for joined_at, left_at in stays:
        if joined_at != left_at:
            joins.add(joined_at)
        if left_at is not None:
            leaves.add(left_at)
    return joins, leaves


def _paired(joins: set[datetime], leaves: set[datetime]) -> list[Stay]:
    """Each leaving ends the earliest stay that is open then; one that ends none is kept as a stay of no length."""
    stays: list[Stay] = []
    waiting: list[datetime] = []
    for at in sorted(joins | leaves):
        if at in leaves and not waiting:
            stays.append((at, at))  # and whoever came in that same moment went in it
            continue
        if at in leaves:
            stays.append((waiting.pop(0), at))
        if at in joins:
            waiting.append(at)
    return sorted([*stays, *((at, None) for at in waiting)], key=lambda stay: stay[0])


# ---------------------------------------------------------------------------------------------------------------- closing

QUIET_MINUTES = 15
"""After its end, a class that nobody told the beginning of is over."""

OVERTIME_MINUTES = 120
"""After its end, a class is over though nobody told its end."""


def look_again_at(one: OccurrenceRecord, *, here: bool) -> datetime | None:
    """When an occurrence has to be looked at by the clock, because nothing more may be told of it. `here`: its calls are ours,
    so that their ends are always told. One that was over before its time was tried out, and is still to be held.
    """
    ends_at = one.slot.ends_at
    if one.status is _SCHEDULED:
        return ends_at if here else ends_at + timedelta(minutes=QUIET_MINUTES)
    if one.status is _LIVE and not here:
        return max(ends_at, one.started_at or ends_at) + timedelta(minutes=OVERTIME_MINUTES)
    if one.status is _ENDED and one.ended_at is not None and one.ended_at < one.slot.starts_at:
        soon = min(one.ended_at + timedelta(minutes=QUIET_MINUTES), one.slot.starts_at)
        return max(soon, one.ended_at + timedelta(minutes=1))
    return None


def counted(sessions: Sequence[SessionRecord], starts_at: datetime) -> Sequence[SessionRecord]:
    """The sessions that are the class. What was over before its time counts only where there is nothing else."""
    in_time = [one for one in sessions if one.ended_at is None or one.ended_at >= starts_at]
    return in_time or sessions


def overdue(one: OccurrenceRecord, now: datetime, *, here: bool) -> Turn | None:
    """What the clock makes of an occurrence."""
    at = look_again_at(one, here=here)
    if at is None or at > now:
        return None
    return Turn.RETURN if one.status is _ENDED else Turn.FINISH
