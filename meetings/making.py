"""From what somebody asks for to a new timetable. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contract import meetings as contract
from contract import schedule
from contract.errors import InvalidInput
from contract.meetings import MeetingPolicy
from contract.schedule import OccurrenceStatus
from meetings.model import MeetingRecord, OccurrenceRecord, PartRecord, Series, Slot
from meetings.schedule import recurrence, zones
from meetings.timetable import Timetable, ordered

NewId = Callable[[str], str]


@dataclass(frozen=True)
class Founder:
    """Who makes a meeting, where and when."""

    meeting_id: str
    room_id: str
    user_id: str
    now: datetime


def series_of(wish: schedule.Schedule) -> Series:
    """The schedule as it is kept. Raises InvalidInput naming `zone` or `rule`."""
    return recurrence.anchored(
        Series(wish.starts, wish.zone, wish.minutes, wish.rule, frozenset(wish.except_dates))
    )


def check_to_come(slots: Sequence[Slot], now: datetime, field: str = "starts") -> None:
    """Raises InvalidInput when the first class would be over already."""
    if slots[0].ends_at <= now:
        raise InvalidInput.of(field, "is over already")


def make(wish: contract.CreateMeeting, founder: Founder, new_id: NewId) -> Timetable:
    """The meeting that is asked for. Raises InvalidInput."""
    series = series_of(wish)
    slots = recurrence.expand(series)
    check_to_come(slots, founder.now)
    part = PartRecord(
        id=new_id("part"),
        meeting_id=founder.meeting_id,
        series=series,
        title=wish.title,
        description=wish.description,
        provider=wish.provider,
        policy=MeetingPolicy(**wish.policy.model_dump()),
        alternative_hosts=tuple(wish.alternative_hosts),
        host_account=wish.host_account,
        tzdata=zones.version(),
    )
    meeting = MeetingRecord(
        id=founder.meeting_id,
        room_id=founder.room_id,
        host_id=founder.user_id,
        created_by=founder.user_id,
        created_at=founder.now,
        updated_at=founder.now,
        sequence=0,
        cancelled_at=None,
        reminders=reminders_of(wish.reminders),
        guests=guests_of(wish.guests),
        parts=(part,),
    )
    return Timetable(meeting, ordered([occurrence_at(slot, part, new_id("occ")) for slot in slots]))


def occurrence_at(slot: Slot, part: PartRecord, id: str) -> OccurrenceRecord:
    """A class that is new."""
    return OccurrenceRecord(
        id, part.meeting_id, part.id, slot, OccurrenceStatus.SCHEDULED, sequence=part.sequence
    )


def reminders_of(offsets: Sequence[int]) -> tuple[int, ...]:
    """Each once, the earliest first."""
    return tuple(sorted(set(offsets), reverse=True))


def guests_of(addresses: Sequence[str]) -> tuple[str, ...]:
    """Each once, whichever way its capitals are, in the order in which they were given."""
    return tuple({address.casefold(): address for address in reversed(addresses)}.values())[::-1]
