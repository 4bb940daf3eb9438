"""What a schedule would come to, before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action
from contract.errors import NotFound
from contract.meetings import MeetingPolicy, PreviewMeeting
from contract.schedule import Occurrence, OccurrenceStatus, Preview
from meetings import bookings, store
from meetings.making import series_of
from meetings.means import Directory
from meetings.model import MeetingRecord, Slot
from meetings.schedule import recurrence, words
from meetings.schedule.clashes import Wanted
from meetings.views import current_part, next_of
from realtime.rooms import store as rooms

_MOST_NOTED = 3
"""Classes whose time the clocks skip or repeat that are named one by one."""


@dataclass(frozen=True)
class _Setting:
    """Whose meeting it is, or would be, and where. `account` is the one that it names."""

    host_id: str
    room_id: str | None
    account: str | None = None


async def preview(
    connection: AsyncConnection, who: Identity, wish: PreviewMeeting, providers: Directory, now: datetime
) -> Preview:
    """Raises InvalidInput, and NotFound for a room or meeting that is not for this person."""
    provider = providers.get(wish.provider)
    series = series_of(wish)
    slots = recurrence.expand(series)
    setting = await _setting(connection, who, wish, now)
    host = await store.person(connection, setting.host_id)
    email = host.email if host is not None else None
    licence = bookings.licence_of(wish.provider, setting.account, email)
    wanted = Wanted(setting.host_id, setting.room_id, licence, provider.concurrent)
    found = await bookings.clashes(connection, slots, wanted, now=now, besides=wish.meeting_id)
    policy = MeetingPolicy(**wish.policy.model_dump())
    to_come = [slot for slot in slots if slot.ends_at > now]
    return Preview(
        occurrences=[_shown(slot) for slot in (to_come or slots)[: wish.shown]],
        total=len(slots),
        words=words.of(series),
        clashes=await bookings.told_to(connection, who, found),
        notes=[
            *_notes_of_time(slots, now),
            *words.adjustments(slots, _MOST_NOTED),
            *provider.notes(series, slots, policy),
        ],
    )


async def _setting(
    connection: AsyncConnection, who: Identity, wish: PreviewMeeting, now: datetime
) -> _Setting:
    record = await _meeting(connection, who, wish.meeting_id) if wish.meeting_id is not None else None
    if record is not None:
        upcoming = next_of(await store.occurrences(connection, record.id), now)
        account = current_part(record, upcoming).host_account
        return _Setting(record.host_id, record.room_id, account)
    if wish.room_id is not None:
        (await rooms.access(connection, who, wish.room_id)).require(Action.ROOM_VIEW)
    return _Setting(who.user_id, wish.room_id)


async def _meeting(connection: AsyncConnection, who: Identity, meeting_id: str) -> MeetingRecord:
    record = await store.load(connection, meeting_id)
    if record is None:
        raise NotFound
    (await rooms.access(connection, who, record.room_id)).require(Action.ROOM_VIEW)
    return record


def _shown(slot: Slot) -> Occurrence:
    return Occurrence(
        key=slot.key,
        starts=slot.starts,
        zone=slot.zone,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        title="",
        status=OccurrenceStatus.SCHEDULED,
        adjustment=slot.adjustment,
    )


def _notes_of_time(slots: Sequence[Slot], now: datetime) -> list[str]:
    over = sum(slot.ends_at <= now for slot in slots)
    if not over:
        return []
    if over == len(slots):
        return ["All of it is over already."]
    return [f"{over} of these {len(slots)} classes {'is' if over == 1 else 'are'} over already."]
