"""A node with meetings and their door, put together as the server does it."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import aiohttp
from aiohttp import web
from sqlalchemy import update

from auth.identity import Identity
from contract.after_class import Invitation, InvitationList, Invite
from contract.base import WireModel
from contract.meetings import CreateMeeting, EnterMeeting, Entrance, MeetingDetail
from contract.schedule import OccurrenceStatus
from meetings.linking.lookup import Bookings
from meetings.linking.memory import Memory
from meetings.providers.jitsi.provider import JitsiProvider
from meetings.providers.surroundings import Surroundings
from meetings.tables import OccurrenceRow
from realtime.gateway import AdmittingSignIn
from realtime.rest import RestCall
from server.app import build_app, build_runner
from server.door_parts import Entry, MeetingDoor, build_door
from server.headers import SecurityHeaders
from server.logs import ACCESS_LOGGER
from server.problems import problem_middleware
from server.schedule_parts import build_schedule, public_address
from tests.realtime.clocks import ManualClock
from tests.realtime.school import ANA, BEN, TEACHER, Node
from tests.services.fake_prosody import FakeProsody
from tests.services.scripted_provider import ScriptedProvider, ScriptedVendor

NINE = datetime(2030, 1, 1, 9)  # noqa: DTZ001  # a wall time, in UTC
ADDRESS = "192.0.2.1"
APP_SECRET = "an-app-secret-for-tests-of-32-bytes"


class Lobby:
    """Classes at nine, for an hour, in a room with Ana and Ben. The clock stands at midnight before."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.clock = cast("ManualClock", node.clock)
        self.vendor = ScriptedVendor(node.clock)
        self.provider = ScriptedProvider(self.vendor.request)
        base = node.base
        self.link_base = public_address(base.settings)
        surroundings = Surroundings(
            node.clock,
            lambda name: Memory(name, node.database, node.writer, node.clock),
            Bookings(node.database, self.link_base),
            self.link_base,
            session=lambda: cast("Any", None),
        )
        self.jitsi = JitsiProvider("https://meet.school.example", "homeroom", APP_SECRET, surroundings)
        self.prosody = FakeProsody("meet.school.example", "homeroom", APP_SECRET)
        self.schedule = build_schedule(base, node.classroom, works=False, further=[self.provider, self.jitsi])
        self.sign_in = AdmittingSignIn(node.trust.sign_in, node.rooms, node.clock)
        self.door = self._door()
        self.room_id = ""

    def _door(self) -> MeetingDoor:
        entry = Entry(self.sign_in, lambda _: ADDRESS, lambda _: web.Response(text="<!doctype html>the page"))
        return build_door(self.node.base, self.node.trust, self.node.classroom, self.schedule, entry)

    async def meeting(self, provider: str = "scripted", *, makes: bool = True, **wish: Any) -> str:
        """The id of a meeting. Without `makes` nothing was done at the provider yet."""
        self.room_id = wish.pop("room_id", None) or await self.node.room(TEACHER, ANA, BEN)
        given = {
            "title": "Algebra",
            "starts": NINE,
            "zone": "UTC",
            "minutes": 60,
            "room_id": self.room_id,
            "accept_clashes": True,
        }
        made = CreateMeeting.model_validate(given | {"provider": provider} | wish)
        detail: MeetingDetail = await self.schedule.meetings.create(TEACHER, made, None)
        if makes:
            await self.schedule.worker.run_due()
        return detail.meeting.id

    def at(self, hour: int, minute: int = 0, *, day: int = 0) -> None:
        """Goes to a moment; days are counted from the first class's."""
        wanted = timedelta(days=day, hours=hour, minutes=minute).total_seconds()
        self.clock.move(wanted - self.clock.monotonic())

    async def enter(
        self, who: Identity | None, meeting_id: str, *, occurrence: str | None = None, guest: str | None = None,
        name: str | None = None,
    ) -> Entrance:  # fmt: skip
        wish = EnterMeeting(occurrence=occurrence, guest=guest, guest_name=name)
        answer = await self._ask("enterMeeting", who, {"meeting_id": meeting_id}, wish)
        return cast("Entrance", answer)

    async def invite(self, meeting_id: str, who: Identity = TEACHER, **wish: Any) -> Invitation:
        body = Invite.model_validate({"email": "curator@museum.example"} | wish)
        return cast("Invitation", await self._ask("inviteGuest", who, {"meeting_id": meeting_id}, body))

    async def invitations(self, meeting_id: str, who: Identity = TEACHER) -> InvitationList:
        found = await self._ask("listInvitations", who, {"meeting_id": meeting_id})
        return cast("InvitationList", found)

    async def revoke(self, meeting_id: str, invitation_id: str, who: Identity = TEACHER) -> None:
        path = {"meeting_id": meeting_id, "invitation_id": invitation_id}
        await self._ask("revokeInvitation", who, path)

    async def _ask(
        self, operation: str, who: Identity | None, path: dict[str, str], body: WireModel | None = None
    ) -> WireModel:
        return await self.door.handlers[operation](RestCall(operation, path, ADDRESS, who, parsed_body=body))

    async def becomes(self, status: OccurrenceStatus, ended_at: datetime | None = None) -> None:
        """Of all occurrences."""
        async with self.node.database.writing() as connection:
            await connection.execute(update(OccurrenceRow).values(status=status.value, ended_at=ended_at))

    @asynccontextmanager
    async def served(self) -> AsyncIterator["Street"]:
        """The link behind HTTP, with the server's own middlewares and log."""
        app = build_app(
            headers=SecurityHeaders(),
            middlewares=[problem_middleware(lambda: self.node.ids.new("req"))],
            mounts=[self.door.link],
        )
        runner = build_runner(app, logging.getLogger(ACCESS_LOGGER))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            async with aiohttp.ClientSession() as session:
                yield Street(self, session, f"http://127.0.0.1:{runner.addresses[0][1]}")
        finally:
            await runner.cleanup()


@dataclass(frozen=True)
class Answer:
    """What came back; redirects are not followed."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def to(self) -> str:
        """Where it leads. Nothing on the way may keep it, or tell where its reader came from."""
        assert self.status == 303, (self.status, self.text)
        return self.headers["Location"]


class Street:
    """Before the door, with a browser or without."""

    def __init__(self, lobby: Lobby, session: aiohttp.ClientSession, base: str) -> None:
        self._lobby = lobby
        self._session = session
        self._base = base

    async def get(
        self, path: str, who: Identity | None = None, *, browser: bool = False, **headers: str
    ) -> Answer:
        if who is not None:
            headers["Authorization"] = f"Bearer {self._lobby.node.token(who)}"
        if browser:
            headers["Accept"] = "text/html,application/xhtml+xml"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.get(self._base + path, headers=named, allow_redirects=False) as answer:
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            return Answer(answer.status, answer.headers, await answer.text())


def secret_of(invitation: Invitation) -> str:
    assert invitation.url is not None
    return invitation.url.partition("#guest=")[2]
