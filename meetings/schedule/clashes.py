"""Who and what is taken at a time: hosts, rooms, and accounts that may hold only so many meetings at once."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contract.schedule import MOST_MINUTES
from meetings.model import Slot

Kind = Literal["host", "room", "licence"]

MOST_CLASHES = 50
"""Told of at once: nobody reads more."""


@dataclass(frozen=True)
class Licence:
    """An account of a provider. Without an account it is the one that the provider falls back on."""

    provider: str
    account: str | None


@dataclass(frozen=True)
class Booking:
    """An occurrence of another meeting."""

    meeting_id: str
    room_id: str
    host_id: str
    licence: Licence
    title: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Wanted:
    """Who and what a meeting takes. `at_once`: how many meetings the account may hold; None: any number."""

    host_id: str
    room_id: str | None
    licence: Licence
    at_once: int | None


@dataclass(frozen=True)
class Clash:
    """`booking` is in the way of `slot`; of a licence, one of those that are."""

    kind: Kind
    slot: Slot
    booking: Booking


def find(slots: Sequence[Slot], wanted: Wanted, bookings: Sequence[Booking]) -> list[Clash]:
    """What stands in the way, in the order of the slots, cut at `MOST_CLASHES`. Times that only touch do not clash."""
    bookings = sorted(bookings, key=lambda one: (one.starts_at, one.meeting_id))
    starts = [one.starts_at for one in bookings]
    found: list[Clash] = []
    for slot in slots:
        first = bisect_right(starts, slot.starts_at - timedelta(minutes=MOST_MINUTES))
        near = bookings[first : bisect_left(starts, slot.ends_at)]
        found += _of_slot(slot, wanted, [one for one in near if one.ends_at > slot.starts_at])
        if len(found) >= MOST_CLASHES:
            break
    return found[:MOST_CLASHES]


def _of_slot(slot: Slot, wanted: Wanted, near: Sequence[Booking]) -> list[Clash]:
    found = [Clash("host", slot, one) for one in near if one.host_id == wanted.host_id]
    if wanted.room_id is not None:
        found += [Clash("room", slot, one) for one in near if one.room_id == wanted.room_id]
    same = [one for one in near if one.licence == wanted.licence]
    if wanted.at_once is not None and _most_at_once(slot, same) >= wanted.at_once:
        found += [Clash("licence", slot, one) for one in same[:1]]
    return found


def _most_at_once(slot: Slot, bookings: Sequence[Booking]) -> int:
    """How many of them go on together at the worst moment of the slot."""
    begins = [max(one.starts_at, slot.starts_at) for one in bookings]
    return max((sum(one.starts_at <= at < one.ends_at for one in bookings) for at in begins), default=0)
