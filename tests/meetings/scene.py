"""Meetings on a node without sockets, put together as the server does it, with a provider that does what the test says."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select

from auth.identity import Identity
from contract.base import WireModel
from contract.events import LogEvent
from contract.meetings import (
    CancelMeeting,
    CreateMeeting,
    MeetingChanges,
    MeetingDetail,
    MeetingScope,
    Scope,
)
from contract.rooms import Nothing
from contract.schedule import wall_text
from meetings import store
from meetings.jobs.tables import JobRow
from meetings.jobs.worker import Worker
from meetings.model import LinkRecord
from meetings.provider import Layout
from realtime.rest import RestCall
from server.schedule_parts import ScheduleParts, build_schedule
from tests.realtime.clocks import ManualClock
from tests.realtime.school import ADMIN, TEACHER, Node
from tests.services.scripted_provider import ScriptedProvider, ScriptedVendor


class Scene:
    """`await scene.schedule(...)`, `await scene.work()`, and then look at `scene.vendor` and at `await scene.links(...)`."""

    def __init__(self, node: Node, vendor: ScriptedVendor, kind: Layout = Layout.SERIES) -> None:
        self.node = node
        self.vendor = vendor
        self.provider = ScriptedProvider(vendor.request, kind)
        self.other = ScriptedVendor(node.clock)
        spare = ScriptedProvider(self.other.request, kind, name="spare", title="Spare")
        self.parts: ScheduleParts = build_schedule(
            node.base, node.classroom, works=False, further=[self.provider, spare]
        )

    @property
    def worker(self) -> Worker:
        return self.parts.worker

    @property
    def clock(self) -> ManualClock:
        return cast("ManualClock", self.node.clock)

    async def work(self) -> int:
        """All that is due, and what follows from it at once."""
        return await self.worker.run_due()

    async def pass_time(self, **span: float) -> None:
        """What becomes due on the way is done when it is."""
        end = self.clock.now() + timedelta(**span)
        await self.work()
        while (due_at := await self.next_due()) is not None and due_at <= end:
            self.clock.move(max(0.0, (due_at - self.clock.now()).total_seconds()))
            await self.work()
        self.clock.move((end - self.clock.now()).total_seconds())
        await self.work()

    async def next_due(self) -> datetime | None:
        waiting = select(JobRow.due_at).where(JobRow.state == "waiting").order_by(JobRow.due_at).limit(1)
        async with self.node.database.reading() as connection:
            return (await connection.execute(waiting)).scalar_one_or_none()

    def monday(self, weeks: int = 1, hour: int = 9) -> datetime:
        """A wall time."""
        today = self.clock.now().replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None)
        return today + timedelta(days=7 * weeks - today.weekday())

    async def schedule(
        self,
        *,
        who: Identity = TEACHER,
        starts: datetime | None = None,
        count: int = 1,
        provider: str = "scripted",
        **more: Any,
    ) -> MeetingDetail:
        """`count` Mondays at nine in Paris."""
        wish: dict[str, Any] = {
            "title": "Algebra",
            "starts": wall_text(starts or self.monday()),
            "zone": "Europe/Paris",
            "minutes": 45,
            "provider": provider,
            "accept_clashes": True,
            **more,
        }
        if count > 1:
            wish["rule"] = f"FREQ=WEEKLY;COUNT={count}"
        return await self.parts.meetings.create(who, CreateMeeting.model_validate(wish), None)

    async def change(
        self,
        meeting_id: str,
        scope: Scope = Scope.ALL,
        key: str | None = None,
        who: Identity = TEACHER,
        **changes: Any,
    ) -> MeetingDetail:
        answer = await self.ask(
            "updateMeeting",
            {"meeting_id": meeting_id},
            who=who,
            query=MeetingScope(scope=scope, occurrence=key),
            body=MeetingChanges.model_validate(changes),
        )
        return cast("MeetingDetail", answer)

    async def cancel(
        self,
        meeting_id: str,
        scope: Scope = Scope.ALL,
        key: str | None = None,
        who: Identity = TEACHER,
    ) -> MeetingDetail:
        query = CancelMeeting(scope=scope, occurrence=key)
        answer = await self.ask("cancelMeeting", {"meeting_id": meeting_id}, who=who, query=query)
        return cast("MeetingDetail", answer)

    async def retry(self, meeting_id: str, who: Identity = TEACHER) -> MeetingDetail:
        return cast("MeetingDetail", await self.ask("retryMeeting", {"meeting_id": meeting_id}, who=who))

    async def retry_job(self, job_id: str, who: Identity = ADMIN) -> Nothing:
        return cast("Nothing", await self.ask("retryJob", {"job_id": job_id}, who=who))

    async def ask(
        self,
        operation: str,
        path: dict[str, str] | None = None,
        *,
        who: Identity = TEACHER,
        query: WireModel | None = None,
        body: WireModel | None = None,
    ) -> WireModel:
        """As the REST door calls it."""
        call = RestCall(operation, path or {}, "192.0.2.1", who, parsed_query=query, parsed_body=body)
        return await self.parts.handlers[operation](call)

    async def get(self, meeting_id: str, who: Identity = TEACHER) -> MeetingDetail:
        return await self.parts.meetings.get(who, meeting_id)

    async def links(self, meeting_id: str, *, wanted: bool | None = None) -> Sequence[LinkRecord]:
        async with self.node.database.reading() as connection:
            found = await store.links(connection, meeting_id)
        return [link for link in found if wanted is None or link.wanted is wanted]

    async def link(self, meeting_id: str) -> LinkRecord:
        """The one that is wanted."""
        (only,) = await self.links(meeting_id, wanted=True)
        return only

    async def told(self, room_id: str) -> list[LogEvent]:
        """What the room was told of links."""
        events = await self.node.events(room_id)
        return [event for event in events if event.type == "meeting.link_changed"]
