"""Mail and reminders, put together. Without a mail server classes are still reminded of, in their rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from meetings.change import Consequence
from meetings.jobs.port import Handler as JobHandler
from meetings.mail.calendar_source import CalendarSource
from meetings.mail.guest_links import GuestLinks
from meetings.mail.handler import InvitationsHandler, MailHandler, Source
from meetings.mail.plan import INVITATIONS, MailPlan, NewAddresses
from meetings.mail.settings import parse_mail_server, parse_sender
from meetings.mail.smtp import Postman
from meetings.mail.writes import MAIL
from meetings.reminders.handler import ReminderHandler, ReminderSource
from meetings.reminders.plan import REMINDER, ReminderPlan
from server.classroom import Classroom
from server.foundation import Foundation
from server.lifecycle import Running
from server.shared_secret import shared_secret


@dataclass(frozen=True)
class MailParts:
    """What `server.schedule_parts` takes of this."""

    consequences: Sequence[Consequence]
    jobs: Mapping[str, JobHandler]
    """By kind."""
    running: Sequence[Running]


def build_mail(base: Foundation, room: Classroom, link_base: str) -> MailParts:
    settings, writer, clock = base.settings, room.log.writer, base.clock
    by_mail = settings.smtp_url is not None and settings.mail_from is not None
    reminding: dict[str, JobHandler] = {REMINDER: ReminderHandler(writer, by_mail=by_mail)}
    if settings.smtp_url is None or settings.mail_from is None:
        return MailParts([ReminderPlan()], reminding, [])
    writer.follow(NewAddresses())
    sender = parse_sender(settings.mail_from)
    server = parse_mail_server(settings.smtp_url.get_secret_value())
    postman = Postman(server, clock.monotonic, hostname=urlsplit(link_base).hostname)
    guests = GuestLinks(writer, lambda: shared_secret(settings) or room.log.epochs.bus_key, link_base)
    sources: dict[str, Source] = {
        "calendar": CalendarSource(base.database, clock, guests, sender, link_base),
        "reminder": ReminderSource(base.database, clock, guests, link_base),
    }
    jobs = {
        **reminding,
        INVITATIONS: InvitationsHandler(writer),
        MAIL: MailHandler(postman, sender, sources, writer, clock),
    }
    return MailParts([ReminderPlan(), MailPlan()], jobs, [Running("mail", _nothing, postman.close)])


async def _nothing() -> None:
    """Connections are opened when there is mail."""
