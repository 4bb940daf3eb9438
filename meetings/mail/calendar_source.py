"""Letters about calendars, from what is stored: what somebody is to be told next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.clock import Clock
from db.engine import Database
from meetings import store as meeting_store
from meetings.calendar.entry import CalendarEntry
from meetings.calendar.mailbox import Mailbox
from meetings.mail import store
from meetings.mail.calendar_letters import Telling, calendar_letter
from meetings.mail.guest_links import GuestLinks
from meetings.mail.handler import Sending
from meetings.mail.rules import Invitee, Told
from meetings.mail.writes import Delivered
from meetings.model import MeetingRecord
from meetings.people import Recipient, recipients
from meetings.views import link_of
from realtime.rooms.tables import RoomRow


@dataclass(frozen=True)
class About:
    """What mails about a meeting say besides the calendar."""

    meeting: MeetingRecord
    host: str
    room: str


async def about_meeting(connection: AsyncConnection, meeting_id: str) -> About | None:
    meeting = await meeting_store.load(connection, meeting_id)
    if meeting is None:
        return None
    room = await connection.execute(select(RoomRow.title).where(RoomRow.id == meeting.room_id))
    host = await meeting_store.actor(connection, meeting.host_id)
    return About(meeting, host.name, room.scalar_one())


@dataclass(frozen=True)
class _Found:
    about: About
    invitee: Invitee
    entry: CalendarEntry
    before: CalendarEntry | None
    told_at: datetime
    to: Recipient | None


class CalendarSource:
    """Payloads of `meetings.mail.writes.Invite`. What was overtaken by a later notice, or told already, is not told."""

    def __init__(
        self, database: Database, clock: Clock, guests: GuestLinks, organizer: Mailbox, link_base: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._guests = guests
        self._organizer = organizer
        self._link_base = link_base

    async def __call__(self, payload: Mapping[str, Any]) -> Sending | None:
        async with self._database.reading() as connection:
            found = await _find(connection, payload)
        now = self._clock.now()
        if found is None or not _matters(found, now):
            return None
        invitee = found.invitee
        telling = Telling(
            entry=found.entry,
            before=found.before,
            notice=invitee.due,
            to=found.to or Recipient(invitee.email),
            link=await self._link(found),
            host=found.about.host,
            room=found.about.room,
            told_at=found.told_at,
            now=now,
            reason=payload.get("reason"),
            removed=found.to is None,
        )
        done = Delivered(invitee.part_id, invitee.address, invitee.due)
        return Sending(calendar_letter(telling, self._organizer), done)

    async def _link(self, found: _Found) -> str:
        meeting = found.about.meeting
        guest = found.to is not None and found.to.user_id is None
        if not guest or found.invitee.due.method is Told.CANCEL:
            return link_of(self._link_base, meeting.id)
        until = max(one.ends_at for one in found.entry.classes)
        return await self._guests.link(meeting.id, meeting.host_id, found.invitee.email, until)


async def _find(connection: AsyncConnection, payload: Mapping[str, Any]) -> _Found | None:
    part_id, address = str(payload["part"]), str(payload["address"])
    invitee = await store.invitee(connection, part_id, address)
    if invitee is None or invitee.due.sequence != payload["sequence"]:
        return None
    if invitee.last is not None and invitee.last.sequence >= invitee.due.sequence:
        return None
    now_known = await store.version(connection, part_id, invitee.due.version)
    about = await about_meeting(connection, invitee.meeting_id)
    if now_known is None or about is None:
        return None
    before = None
    was = _known_before(invitee, payload)
    if was is not None:
        earlier = await store.version(connection, part_id, was)
        before = earlier[0].after(invitee.since) if earlier is not None else None
    people = await recipients(connection, about.meeting, address)
    entry = _to_tell(invitee, now_known[0], before)
    if not entry.classes:
        return None
    return _Found(about, invitee, entry, before, now_known[1], people.get(address))


def _known_before(invitee: Invitee, payload: Mapping[str, Any]) -> str | None:
    """The version that they surely know; for a cancellation also one whose telling was begun and may have succeeded."""
    if invitee.last is not None:
        return invitee.last.version if invitee.last.method is Told.REQUEST else None
    return payload.get("was") if invitee.due.method is Told.CANCEL else None


def _to_tell(invitee: Invitee, entry: CalendarEntry, before: CalendarEntry | None) -> CalendarEntry:
    """A cancellation is about what was there: of the classes that are left there are none."""
    theirs = entry.after(invitee.since)
    return before if not theirs.classes and before is not None else theirs


def _matters(found: _Found, now: datetime) -> bool:
    """Whether it says anything of a class that is not over: the mail server may have been away for long."""
    known = (found.entry, found.before)
    return any(entry.after(now).classes for entry in known if entry is not None)
