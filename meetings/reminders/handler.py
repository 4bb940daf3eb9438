"""The job of a meeting's reminders, and the mails that it leads to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from contract.clock import Clock
from db.engine import Database
from meetings import store as meetings
from meetings.calendar.entry import CalendarClass, entry_of
from meetings.calendar.events import plain
from meetings.calendar.mailbox import Mailbox
from meetings.jobs.port import Job
from meetings.mail import words
from meetings.mail.calendar_source import About, about_meeting
from meetings.mail.guest_links import GuestLinks
from meetings.mail.handler import Sending
from meetings.mail.letter import Letter, letter_id
from meetings.mail.words import Page
from meetings.people import Recipient, recipients
from meetings.reminders.rules import still_to_come
from meetings.reminders.writes import Remind
from meetings.views import link_of
from meetings.waiting import span
from realtime.log.writer import Writer


class ReminderHandler:
    """Gives what is due. `by_mail`: whether there is a mail server."""

    def __init__(self, writer: Writer, *, by_mail: bool) -> None:
        self._writer = writer
        self._by_mail = by_mail

    async def __call__(self, job: Job) -> None:
        room_id, meeting_id = str(job.payload["room_id"]), str(job.payload["meeting_id"])
        await self._writer.submit(Remind(room_id, meeting_id, job, by_mail=self._by_mail))


class ReminderSource:
    """Letters that remind. None for a class that was moved, cancelled or ended meanwhile, or that the person has left."""

    def __init__(self, database: Database, clock: Clock, guests: GuestLinks, link_base: str) -> None:
        self._database = database
        self._clock = clock
        self._guests = guests
        self._link_base = link_base

    async def __call__(self, payload: Mapping[str, Any]) -> Sending | None:
        now = self._clock.now()
        async with self._database.reading() as connection:
            found = await _find(connection, payload, now)
        if found is None:
            return None
        about, one, title, to = found
        link = await self._link(about, one, to)
        mark = (payload["occurrence"], payload["starts_at"], payload["minutes"], to.address)
        page = _page(about, one, title, to, link, now=now)
        subject = f"Reminder: {title}, {words.moment(one)}"
        mailbox = Mailbox(to.email, to.name)
        return Sending(Letter(letter_id("reminder", *mark), mailbox, subject, page.as_text(), page.as_html()))

    async def _link(self, about: About, one: CalendarClass, to: Recipient) -> str:
        meeting = about.meeting
        if to.user_id is not None:
            return link_of(self._link_base, meeting.id)
        return await self._guests.link(meeting.id, meeting.host_id, to.email, one.ends_at)


async def _find(
    connection: AsyncConnection, payload: Mapping[str, Any], now: datetime
) -> tuple[About, CalendarClass, str, Recipient] | None:
    record = await meetings.occurrence_by_id(connection, str(payload["occurrence"]))
    about = await about_meeting(connection, str(payload["meeting"]))
    if record is None or about is None or not still_to_come(record, now):
        return None
    if record.slot.starts_at != datetime.fromisoformat(str(payload["starts_at"])):
        return None
    address = str(payload["address"])
    to = (await recipients(connection, about.meeting, address)).get(address)
    part = next((part for part in about.meeting.parts if part.id == record.part_id), None)
    if to is None or part is None:
        return None
    entry = entry_of(part, [record])
    one = entry.classes[0]
    return about, one, words.short_title(entry.title_of(one)), to


def _page(about: About, one: CalendarClass, title: str, to: Recipient, link: str, *, now: datetime) -> Page:
    starts = f"starts in {span(one.starts_at, now)}" if one.starts_at > now else "has begun"
    room = plain(about.room)
    return Page(
        f"{title} {starts}",
        [*words.times("When", one, to.zone), ("With", plain(about.host)), ("Room", room)],
        ("Join the class", link),
        [],
        f"You get this mail because you belong to {room}."
        if to.user_id is not None
        else f"You get this mail because {plain(about.host)} invited you as a guest.",
    )
