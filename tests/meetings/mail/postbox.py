"""Meetings with a mail server, and what people find in their mailboxes and calendars."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from pydantic import SecretStr
from sqlalchemy import case, func, select

from auth.identity import Identity
from contract.meetings import MeetingDetail
from meetings.jobs.tables import JobRow
from meetings.mail.settings import parse_sender
from tests.meetings.calendar.programs import CalendarProgram, Seen, parse
from tests.meetings.scene import Scene
from tests.realtime.school import ANA, BEN, TEACHER, Node, later
from tests.services.mail_server import Mail, MailServer
from tests.services.scripted_provider import ScriptedVendor

SENDER = "Homeroom <homeroom@school.test>"
BASE = "https://school.test"
INES: Identity = later(TEACHER, email="ines@school.test", zone="Europe/Paris")
ADA: Identity = later(ANA, email="Ana@A.test", zone="America/New_York")
BO: Identity = later(BEN, email="ben@b.test")


@dataclass(frozen=True)
class Letter:
    """A mail, as its reader sees it."""

    subject: str
    text: str
    html: str
    method: str | None
    calendar: str
    message: EmailMessage
    mail: Mail

    @property
    def events(self) -> list[Any]:
        return list(parse(self.calendar).walk("VEVENT"))


def opened(mail: Mail) -> Letter:
    message = mail.message
    assert not message.defects
    for part in message.walk():
        assert not part.defects
    bodies = {part.get_content_type(): part for part in message.walk()}
    calendar = bodies.get("text/calendar")
    text = str(calendar.get_content()) if calendar is not None else ""
    if calendar is not None:
        (file,) = message.iter_attachments()
        assert file.get_content_type() == "application/ics"
        assert file.get_content().decode() == text
        assert str(file.get_filename()).endswith(".ics")
        assert str(parse(text)["METHOD"]) == calendar.get_param("method")
    return Letter(
        subject=str(message["Subject"]),
        text=str(bodies["text/plain"].get_content()),
        html=str(bodies["text/html"].get_content()),
        method=str(calendar.get_param("method")) if calendar is not None else None,
        calendar=text,
        message=message,
        mail=mail,
    )


class Post(Scene):
    """A scene whose mails can be read."""

    def __init__(self, node: Node, server: MailServer) -> None:
        settings = node.base.settings.model_copy(
            update={
                "smtp_url": SecretStr(f"smtp://127.0.0.1:{server.port}"),
                "mail_from": SENDER,
                "public_url": BASE,
            }
        )
        node.base = replace(node.base, settings=settings)
        super().__init__(node, ScriptedVendor(node.clock))
        self.server = server

    async def close(self) -> None:
        for part in self.parts.running:
            if part.name == "mail":
                await part.close()

    async def until(self, moment: datetime) -> None:
        """The time passes, and each job is done when it is due."""
        due = case((JobRow.state == "running", JobRow.locked_until), else_=JobRow.due_at)
        query = select(func.min(due)).where(JobRow.state.in_(["waiting", "running"]))
        while True:
            async with self.node.database.reading() as connection:
                following: datetime | None = (await connection.execute(query)).scalar_one()
            reached = following is None or following >= moment
            now = self.clock.now()
            self.clock.move(max(0.0, ((moment if reached else following or moment) - now).total_seconds()))
            await self.work()
            if reached:
                return

    async def pass_time(self, **span: float) -> None:
        await self.until(self.clock.now() + timedelta(**span))

    async def room(self, *members: Identity) -> str:
        """With Ines, who teaches, and those members; their addresses are known."""
        await self.node.admit(INES, *members)
        return await self.node.room(INES, *members)

    async def planned(self, room_id: str, **more: Any) -> str:
        """The id of a meeting that everybody was told of."""
        detail = await self.schedule(who=INES, room_id=room_id, provider="builtin", **more)
        await self.work()
        return detail.meeting.id

    def letters(self, address: str) -> list[Letter]:
        return [opened(mail) for mail in self.server.to(address)]

    def news(self, address: str) -> list[Letter]:
        """Those since one looked last."""
        found = self.letters(address)
        self.server.mails = [mail for mail in self.server.mails if mail.recipient.lower() != address.lower()]
        return found

    def calendar(self, address: str) -> list[Seen]:
        """What the person's calendar shows, after all mails."""
        program = CalendarProgram()
        for letter in self.letters(address):
            if letter.method is not None:
                program.take(letter.calendar)
        return program.seen


def held(detail: MeetingDetail) -> list[Seen]:
    """What the calendar should show."""
    return [
        Seen(one.starts_at, one.ends_at, one.title)
        for one in detail.occurrences
        if one.status.value != "cancelled"
    ]


def sender() -> str:
    return parse_sender(SENDER).address
