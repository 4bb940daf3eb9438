"""How a provider's side of a meeting may stand, and what is to be done about it: pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from meetings.model import LinkRecord, LinkStatus, Slot
from meetings.provider import Trouble


class Move(StrEnum):
    """What can happen to a link."""

    CLAIM = "claim"
    """A run is about to ask the provider to make it: from now on it may be there."""
    MADE = "made"
    """It is there, as it was asked for."""
    FAIL = "fail"
    """It was tried again and again, or refused: staff is told."""
    RETRY = "retry"
    """Somebody wants it tried again at once."""
    VANISH = "vanish"
    """The provider does not have it any more."""
    CANCEL = "cancel"
    """A run is about to ask the provider to delete it."""
    REMOVED = "removed"
    """It is gone from the provider, or never was there."""


class IllegalMove(ValueError):
    """A link cannot go that way from where it stands."""


_MOVES: Final[Mapping[LinkStatus, Mapping[Move, LinkStatus]]] = {
    LinkStatus.PENDING: {
        Move.CLAIM: LinkStatus.CREATING,
        Move.FAIL: LinkStatus.FAILED,
        Move.RETRY: LinkStatus.PENDING,
        Move.REMOVED: LinkStatus.CANCELLED,
    },
    LinkStatus.CREATING: {
        Move.CLAIM: LinkStatus.CREATING,
        Move.MADE: LinkStatus.READY,
        Move.FAIL: LinkStatus.FAILED,
        Move.RETRY: LinkStatus.CREATING,
        Move.CANCEL: LinkStatus.CANCELLING,
    },
    LinkStatus.READY: {
        Move.MADE: LinkStatus.READY,
        Move.FAIL: LinkStatus.READY,  # what it holds is old, but people come in by it
        Move.RETRY: LinkStatus.READY,
        Move.VANISH: LinkStatus.GONE,
        Move.CANCEL: LinkStatus.CANCELLING,
    },
    LinkStatus.FAILED: {
        Move.CLAIM: LinkStatus.CREATING,
        Move.FAIL: LinkStatus.FAILED,
        Move.RETRY: LinkStatus.CREATING,  # nobody knows whether it is there
        Move.CANCEL: LinkStatus.CANCELLING,
    },
    LinkStatus.GONE: {
        Move.CLAIM: LinkStatus.CREATING,
        Move.FAIL: LinkStatus.FAILED,
        Move.RETRY: LinkStatus.CREATING,
        Move.VANISH: LinkStatus.GONE,
        Move.CANCEL: LinkStatus.CANCELLING,
    },
    LinkStatus.CANCELLING: {
        Move.CANCEL: LinkStatus.CANCELLING,
        Move.FAIL: LinkStatus.CANCELLING,
        Move.RETRY: LinkStatus.CANCELLING,
        Move.REMOVED: LinkStatus.CANCELLED,
    },
    LinkStatus.CANCELLED: {},
}


def moved(status: LinkStatus, move: Move) -> LinkStatus:
    """Where a move leads. Raises IllegalMove."""
    target = _MOVES[status].get(move)
    if target is None:
        raise IllegalMove(f"a link that is {status} cannot {move}")
    return target


class Task(StrEnum):
    """What a run has to do."""

    NOTHING = "nothing"
    FORGET = "forget"
    """It was never asked for, and is not wanted any more."""
    CREATE = "create"
    FIND_OR_CREATE = "find_or_create"
    """It may be there: look for its marker before asking for another."""
    UPDATE = "update"
    CANCEL = "cancel"


def task_for(link: LinkRecord, fingerprint: str, *, over: bool) -> Task:
    """`fingerprint` is that of what is wanted now; `over`: all that it covers has been held, so nothing is made for it."""
    if not link.wanted:
        return _UNWANTED.get(link.status, Task.CANCEL)
    if over:
        return Task.NOTHING
    if link.status is LinkStatus.READY:
        return Task.NOTHING if link.pushed == fingerprint else Task.UPDATE
    return _MISSING.get(link.status, Task.NOTHING)


_UNWANTED: Final[Mapping[LinkStatus, Task]] = {
    LinkStatus.PENDING: Task.FORGET,
    LinkStatus.CANCELLED: Task.NOTHING,
}
_MISSING: Final[Mapping[LinkStatus, Task]] = {
    LinkStatus.PENDING: Task.CREATE,
    LinkStatus.CREATING: Task.FIND_OR_CREATE,
    LinkStatus.FAILED: Task.FIND_OR_CREATE,
    LinkStatus.GONE: Task.FIND_OR_CREATE,
}
CLAIMING: Final[Mapping[Task, Move]] = {
    Task.CREATE: Move.CLAIM,
    Task.FIND_OR_CREATE: Move.CLAIM,
    Task.UPDATE: Move.MADE,
    Task.CANCEL: Move.CANCEL,
    Task.FORGET: Move.REMOVED,
}
"""How the link moves when a run takes the task on."""


def is_over(slots: Sequence[Slot], now: datetime) -> bool:
    return all(slot.ends_at <= now for slot in slots)


_MOST_ATTEMPTS: Final = 5
_PATIENCE: Final = timedelta(minutes=5)
_SOON: Final = timedelta(minutes=20)
_AHEAD: Final = timedelta(hours=12)
"""A limit of the provider that opens again so long before the class is nothing to worry about."""

_HELPLESS: Final = frozenset({Trouble.CREDENTIALS, Trouble.SCOPE, Trouble.REFUSED})


def is_helpless(trouble: Trouble) -> bool:
    """Whether trying again does not help until somebody has done something."""
    return trouble in _HELPLESS


def is_serious(
    link: LinkRecord,
    trouble: Trouble,
    *,
    starts_at: datetime | None,
    retry_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether staff has to know. `link` with the failure counted; `starts_at` is when it is needed next."""
    if trouble is Trouble.QUOTA and retry_at is not None:
        return starts_at is not None and starts_at <= retry_at + _AHEAD
    if is_helpless(trouble) or link.attempts >= _MOST_ATTEMPTS:
        return True
    if link.troubled_at is not None and now - link.troubled_at >= _PATIENCE:
        return True
    return starts_at is not None and link.attempts > 1 and starts_at - now <= _SOON


def is_news(before: LinkRecord, after: LinkRecord, others: Sequence[LinkRecord], *, changes: bool) -> bool:
    """Whether people are to be told, of a meeting that may have hundreds of links: the first time that one fails for some
    reason, when the last one that failed works again, and whenever the meeting as a whole `changes` how it stands.
    """
    if after.told_at is not None:
        known = {one.problem_code for one in [*others, before] if one.told_at is not None}
        return after.problem_code not in known
    if before.told_at is not None:
        return all(one.told_at is None for one in others)
    return changes


def next_start(slots: Sequence[Slot], now: datetime) -> datetime | None:
    """When the link is needed next: the start of the first that is not over."""
    return next((slot.starts_at for slot in slots if slot.ends_at > now), None)
