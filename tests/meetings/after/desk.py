"""A node with one service besides the built-in one, whose webhooks, reports and recordings a test writes by hand."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from auth.identity import Identity
from contract.errors import InvalidInput, Unauthorized
from contract.meetings import CreateMeeting, MeetingDetail, PolicyWish, Recording
from contract.schedule import Occurrence
from meetings.after.service import AfterService
from meetings.jobs.tables import JobRow
from meetings.jobs.timetable import Timetable
from meetings.provider import (
    Delivery,
    Happening,
    Interval,
    Layout,
    LinkSpec,
    ProviderError,
    Receipt,
    RecordedFile,
    Reference,
    What,
)
from meetings.tables import LinkRow
from meetings.webhooks.inbox import Inbox
from meetings.webhooks.tables import WebhookRow
from server.after_parts import recordings_folder
from server.schedule_parts import ScheduleParts, build_schedule
from tests.realtime.clocks import ManualClock
from tests.realtime.school import ANA, BEN, EVERYBODY, TEACHER, Node, running
from tests.services.scripted_provider import ScriptedProvider, ScriptedVendor

SECRET = b"a secret of the service"
NINE = datetime(2030, 1, 1, 9, tzinfo=UTC)
"""When the class of `Desk.meeting` begins; it takes an hour."""


class HandWritten:
    """Deliveries are JSON lists of happenings, signed whole."""

    async def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        expected = hmac.new(SECRET, delivery.raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(delivery.headers.get("x-signature", ""), expected):
            raise Unauthorized("the signature is wrong")
        try:
            told = json.loads(delivery.raw)
        except ValueError:
            raise InvalidInput("not JSON") from None
        if told == "ping":
            return Receipt(body=b'{"pong":true}')
        return Receipt(status=204, key=hashlib.sha256(delivery.raw).hexdigest())

    def read(self, raw: bytes) -> Sequence[Happening]:
        told = json.loads(raw)
        if not isinstance(told, list):
            raise InvalidInput("not a list")
        return [_happening(one) for one in told]


def _happening(one: Mapping[str, Any]) -> Happening:
    person = one.get("person")
    return Happening(
        what=What(one["what"]),
        external_id=one["thing"],
        at=datetime.fromisoformat(one["at"]),
        session=one.get("session", ""),
        person=None
        if person is None
        else Interval(
            name=person.get("name", ""),
            joined_at=datetime.fromisoformat(one["at"]),
            left_at=None,
            email=person.get("email"),
            user_id=person.get("user_id"),
            external_id=person.get("id", ""),
        ),
        files=[RecordedFile(**file) for file in one.get("files", [])],
    )


def signed(raw: bytes) -> Delivery:
    signature = hmac.new(SECRET, raw, hashlib.sha256).hexdigest()
    return Delivery(headers={"x-signature": signature}, query={}, raw=raw)


@dataclass
class HandWrittenProvider(ScriptedProvider):
    """What it answers afterwards is what the test put there; a ProviderError is raised."""

    reports: dict[str, Sequence[Interval] | ProviderError] = field(default_factory=dict)
    files: dict[str, Sequence[RecordedFile] | ProviderError] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def attendance(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[Interval]:
        self.asked.append(("attendance", session))
        told = self.reports.get(session, [])
        if isinstance(told, ProviderError):
            raise told
        return told

    async def recordings(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[RecordedFile]:
        self.asked.append(("recordings", session))
        told = self.files.get(session, [])
        if isinstance(told, ProviderError):
            raise told
        return told


class Desk:
    """Where a test sits."""

    def __init__(self, node: Node, clock: ManualClock, provider: HandWrittenProvider) -> None:
        self.node = node
        self.clock = clock
        self.provider = provider
        self.parts: ScheduleParts = build_schedule(node.base, node.classroom, works=False, further=[provider])
        self.service: AfterService = self.parts.after.service
        self.inbox: Inbox = self.parts.after.inbox
        self.folder: Path = recordings_folder(node.base.settings)
        self.room_id = ""
        self.detail: MeetingDetail | None = None
        self.thing = ""

    async def meeting(
        self,
        starts: datetime = NINE,
        *,
        who: Identity = TEACHER,
        provider: str = "scripted",
        recording: Recording = Recording.NONE,
        **wish: Any,
    ) -> str:
        """The id of a meeting in a room with Ana and Ben; the service holds it."""
        self.room_id = wish.pop("room_id", None) or await self.node.room(who, ANA, BEN)
        made = CreateMeeting(
            title="Algebra",
            starts=starts.replace(tzinfo=None),
            zone="UTC",
            minutes=60,
            room_id=self.room_id,
            provider=provider,
            policy=PolicyWish(recording=recording),
            **wish,
        )
        self.detail = await self.parts.meetings.create(who, made, None)
        await self.work()
        async with self.node.database.reading() as connection:
            query = select(LinkRow.external_id).where(LinkRow.meeting_id == self.detail.meeting.id)
            self.thing = (await connection.execute(query.order_by(LinkRow.id))).scalars().first() or ""
        return self.detail.meeting.id

    async def at(self, moment: datetime) -> None:
        """Goes to a moment, and does what is due by then."""
        self.clock.move((moment - self.clock.now()).total_seconds())
        await self.work()

    async def day(self, moment: datetime) -> None:
        """Goes to a moment, and does the work of its day."""
        self.clock.move((moment - self.clock.now()).total_seconds())
        await Timetable(self.node.writer, self.clock, self.parts.after.dailies).look()
        await self.work()

    async def work(self) -> None:
        await self.parts.worker.run_due()

    async def tell(self, *told: Mapping[str, Any]) -> None:
        """One delivery with these happenings, taken in."""
        await self.take(json.dumps(told).encode())
        await self.work()

    async def take(self, raw: bytes) -> Receipt:
        return await self.inbox.take("scripted", signed(raw))

    def happens(self, what: str, minutes: float, session: str = "s1", **more: Any) -> dict[str, Any]:
        """So many minutes after nine."""
        at = (NINE + timedelta(minutes=minutes)).isoformat()
        return {"what": what, "thing": self.thing, "at": at, "session": session, **more}

    async def occurrences(self) -> Sequence[Occurrence]:
        assert self.detail is not None
        return (await self.parts.meetings.get(TEACHER, self.detail.meeting.id)).occurrences

    async def status(self) -> str:
        return (await self.occurrences())[0].status.value

    async def log(self, *kinds: str) -> list[dict[str, Any]]:
        """The room's events of these kinds, or all of them about classes: type and data."""
        wanted = kinds or (
            "meeting.started",
            "meeting.ended",
            "meeting.joined",
            "meeting.left",
            "meeting.recording_ready",
        )
        events = await self.node.events(self.room_id)
        return [{"type": one.type, **one.data} for one in events if one.type in wanted]

    async def types(self) -> list[str]:
        return [one["type"].removeprefix("meeting.") for one in await self.log()]

    async def webhooks(self) -> list[tuple[str, str | None]]:
        """State and note of each that was kept."""
        async with self.node.database.reading() as connection:
            rows = await connection.execute(
                select(WebhookRow.state, WebhookRow.error).order_by(WebhookRow.id)
            )
            return [(row.state, row.error) for row in rows]

    async def jobs(self, kind: str) -> list[tuple[str, datetime, str | None]]:
        """State, due time and error of each job of a kind."""
        async with self.node.database.reading() as connection:
            rows = await connection.execute(
                select(JobRow.state, JobRow.due_at, JobRow.error)
                .where(JobRow.kind == kind)
                .order_by(JobRow.id)
            )
            return [(row.state, row.due_at, row.error) for row in rows]


@asynccontextmanager
async def opened(database_url: str, folder: Path) -> AsyncIterator[Desk]:
    clock = ManualClock()
    node = Node(database_url, folder / "data", clock=clock)
    vendor = ScriptedVendor(clock)
    provider = HandWrittenProvider(
        vendor.request, Layout.SERIES, webhooks=HandWritten(), hosts=frozenset({"127.0.0.1"})
    )
    async with running(node):
        await node.admit(*EVERYBODY)
        yield Desk(node, clock, provider)
