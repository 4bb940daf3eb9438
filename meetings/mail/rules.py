"""Who has to be told what of a part of a series: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from meetings.calendar.entry import CalendarClass, CalendarEntry


class Told(StrEnum):
    """What an invitee is to make of the part."""

    REQUEST = "request"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Notice:
    """One message to one invitee: SEQUENCE, what it is, and the version of the entry that it is about."""

    sequence: int
    method: Told
    version: str


@dataclass(frozen=True)
class Invitee:
    """A row of `meeting_invitees`. `last` is what was told for sure; `due` what is to be told."""

    part_id: str
    address: str
    meeting_id: str
    email: str
    since: datetime
    due: Notice
    last: Notice | None = None


@dataclass(frozen=True)
class Decision:
    """What to tell; `since`: classes that had ended by then are none of the invitee's business."""

    notice: Notice
    since: datetime


@dataclass(frozen=True)
class Present:
    """A part as it is. Of one entry a version is made once, however many people are to know of it."""

    entry: CalendarEntry
    version: str
    sequence: int


def decide(
    part: Present | None,
    invitee: Invitee | None,
    versions: Mapping[str, CalendarEntry],
    now: datetime,
) -> Decision | None:
    """What one person is to be told now; None when they know all that they need to.

    `part` is None for somebody who no longer belongs. `versions` holds what invitees were told.
    """
    if part is None:
        return _leave(invitee, versions, now) if invitee is not None else None
    comes = part.entry.lasts_beyond(now)
    if invitee is None or invitee.due.method is Told.CANCEL:
        if not comes:
            return None  # nobody is invited to what is over
        first = part.sequence if invitee is None else max(part.sequence, invitee.due.sequence + 1)
        return Decision(Notice(first, Told.REQUEST, part.version), now)
    if invitee.due.version == part.version:
        return None
    if not comes and not _expects(invitee, versions, now):
        return None
    left = part.entry.lasts_beyond(invitee.since)
    following = max(part.sequence, invitee.due.sequence + 1)
    notice = Notice(following, Told.REQUEST if left else Told.CANCEL, part.version)
    return Decision(notice, invitee.since)


def _leave(invitee: Invitee, versions: Mapping[str, CalendarEntry], now: datetime) -> Decision | None:
    if invitee.due.method is Told.CANCEL or not _expects(invitee, versions, now):
        return None
    notice = Notice(invitee.due.sequence + 1, Told.CANCEL, invitee.due.version)
    return Decision(notice, invitee.since)


def _expects(invitee: Invitee, versions: Mapping[str, CalendarEntry], now: datetime) -> bool:
    """Whether they know of a class that is still to come."""
    told = {notice.version for notice in (invitee.due, invitee.last) if notice is not None}
    return any(versions[version].lasts_beyond(now) for version in told if version in versions)


def only_cancelled(before: CalendarEntry, after: CalendarEntry) -> CalendarClass | None:
    """The one class that is gone, where nothing else is otherwise than before."""
    was, now = before.by_key(), after.by_key()
    gone = was.keys() - now.keys()
    same = (
        before.model_copy(update={"classes": ()}).version == after.model_copy(update={"classes": ()}).version
    )
    if len(gone) != 1 or not same or before.rule is None or not now:
        return None
    return was[gone.pop()] if all(was.get(key) == one for key, one in now.items()) else None


def only_moved(before: CalendarEntry, after: CalendarEntry) -> tuple[CalendarClass, CalendarClass] | None:
    """The one class whose time is another, as it was and as it is, where nothing else is otherwise."""
    was, now = before.by_key(), after.by_key()
    if was.keys() != now.keys() or before.title != after.title or before.description != after.description:
        return None
    differing = [key for key, one in now.items() if was[key] != one]
    if len(differing) != 1 or was[differing[0]].starts_at == now[differing[0]].starts_at:
        return None
    return was[differing[0]], now[differing[0]]
