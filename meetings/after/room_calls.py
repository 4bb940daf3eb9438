"""Which classes a call in a room was: told from the call's time and the times of the classes. Pure.

A call that goes on from one class into the next is both, one after the other. One that begins long before its class is the
class from when its link lets people in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contract.schedule import OccurrenceStatus
from meetings.model import OccurrenceRecord

RESUMED_WITHIN = timedelta(minutes=10)
"""A class that ran over its end and was interrupted may go on in another call for so long."""

LONGEST_OPENING = timedelta(minutes=120)
"""The most that a policy may let people in before the start."""


@dataclass(frozen=True)
class HeldHere:
    """An occurrence whose class would be a call, and from when on it lets people in."""

    occurrence: OccurrenceRecord
    opens_at: datetime
    last_end: datetime | None = None
    """When the last of its sessions was over, if it had any."""

    @property
    def closes_at(self) -> datetime:
        """A call that begins later is not this class."""
        ends_at = self.occurrence.slot.ends_at
        return ends_at if self.last_end is None else max(ends_at, self.last_end + RESUMED_WITHIN)


@dataclass(frozen=True)
class CallSpan:
    """A call: `ended_at` is None while it lasts."""

    id: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Segment:
    """The stretch of a call that was one class. `ends_at` is None while it lasts."""

    occurrence: OccurrenceRecord
    starts_at: datetime
    ends_at: datetime | None


def segments(call: CallSpan, classes: Iterable[HeldHere], now: datetime) -> Sequence[Segment]:
    """In order. Those that were cancelled are no classes."""
    until = call.ended_at or now
    fitting = [
        one
        for one in classes
        if one.occurrence.status is not OccurrenceStatus.CANCELLED
        and one.opens_at <= until
        and call.started_at < one.closes_at
    ]
    found: list[Segment] = []
    for one in sorted(fitting, key=lambda one: (one.occurrence.slot.starts_at, one.occurrence.id)):
        starts_at = max(call.started_at, one.opens_at)
        if found:
            starts_at = max(one.occurrence.slot.starts_at, found[-1].starts_at)
            if starts_at > until:
                break  # the class before it goes on
            found[-1] = Segment(found[-1].occurrence, found[-1].starts_at, starts_at)
        found.append(Segment(one.occurrence, starts_at, call.ended_at))
    return found


@dataclass(frozen=True)
class Seated:
    """One stay in a call."""

    user_id: str
    name: str
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Moment:
    """Somebody came into a class, or went."""

    user_id: str
    name: str
    came: bool
    at: datetime


def moments(
    segment: Segment, seats: Iterable[Seated], known: Mapping[str, tuple[set[datetime], set[datetime]]]
) -> Sequence[Moment]:
    """What is to be told of a class, in order; `known` are the comings and goings that were told, by person."""
    found = []
    for seat in seats:
        end = segment.ends_at
        if (end is not None and seat.joined_at >= end) or (
            seat.left_at is not None and seat.left_at <= segment.starts_at
        ):
            continue
        came, went = known.get(seat.user_id, (set(), set()))
        joined_at = max(seat.joined_at, segment.starts_at)
        if joined_at not in came:
            found.append(Moment(seat.user_id, seat.name, True, joined_at))
        if seat.left_at is not None and (end is None or seat.left_at < end) and seat.left_at not in went:
            found.append(Moment(seat.user_id, seat.name, False, seat.left_at))
    return sorted(found, key=lambda one: one.at)
