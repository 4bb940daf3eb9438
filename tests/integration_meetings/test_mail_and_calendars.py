"""A node as people run it, a mail server beside it, and programs that subscribe: what arrives, and what is never logged."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio

from tests.meetings.calendar.programs import CalendarProgram, parse
from tests.services.homeroom import HomeroomServer
from tests.services.mail_server import MailServer, mail_server

_SECONDS = 30


@pytest_asyncio.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest_asyncio.fixture
async def homeroom(tmp_path: Path, mail: MailServer) -> AsyncIterator[HomeroomServer]:
    environment = {
        "HOMEROOM_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
        "HOMEROOM_MAIL_FROM": "Homeroom <homeroom@school.test>",
        "HOMEROOM_PUBLIC_URL": "https://school.test",
    }
    async with HomeroomServer(tmp_path, environment=environment) as server:
        yield server


class Caller:
    """Somebody with a token that `homeroom token` printed, address and all."""

    def __init__(
        self, homeroom: HomeroomServer, http: aiohttp.ClientSession, user: str, role: str, place: str
    ) -> None:
        self._homeroom = homeroom
        self._http = http
        self._arguments = [
            *("--user", user, "--name", user.title(), "--role", role),
            *("--room", f"algebra={place}", "--email", f"{user}@s.test"),
        ]
        self._headers: dict[str, str] = {}

    async def sign_in(self) -> "Caller":
        token = await self._homeroom.command("token", *self._arguments)
        self._headers = {"Authorization": f"Bearer {token.strip()}"}
        await self.call("GET", "/api/v1/rooms")
        return self

    async def call(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        url = f"{self._homeroom.url}{path}"
        async with self._http.request(method, url, headers=self._headers, **more) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json() if answer.content_type == "application/json" else await answer.text()


async def arrived(mail: MailServer, address: str, count: int) -> list[str]:
    """The calendars of so many mails to somebody."""
    async with asyncio.timeout(_SECONDS):
        while len(mail.to(address)) < count:
            await mail.next()
    found = [one.message for one in mail.to(address)]
    parts = [
        part for message in found for part in message.walk() if part.get_content_type() == "text/calendar"
    ]
    return [str(part.get_content()) for part in parts]


async def test_a_class_from_its_invitation_to_its_feed(homeroom: HomeroomServer, mail: MailServer) -> None:
    async with aiohttp.ClientSession() as http:
        ines = await Caller(homeroom, http, "ines", "instructor", "owner").sign_in()
        ana = await Caller(homeroom, http, "ana", "student", "member").sign_in()
        (room_line,) = (await ines.call("GET", "/api/v1/rooms"))["items"]
        starts = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT09:00")
        wish = {
            "title": "Algebra",
            "room_id": room_line["room"]["id"],
            "starts": starts,
            "zone": "Europe/Paris",
            "minutes": 45,
            "rule": "FREQ=WEEKLY;COUNT=4",
        }
        detail = await ines.call("POST", "/api/v1/meetings", 201, json=wish)
        meeting_id = detail["meeting"]["id"]
        program = CalendarProgram()
        program.take((await arrived(mail, "ana@s.test", 1))[0])
        assert len(program.seen) == 4
        key = detail["occurrences"][1]["key"]
        await ines.call(
            "DELETE", f"/api/v1/meetings/{meeting_id}", params={"scope": "this", "occurrence": key}
        )
        program.take((await arrived(mail, "ana@s.test", 2))[1])
        assert len(program.seen) == 3
        await _feed(homeroom, http, ana, meeting_id)
        text = await ana.call("GET", f"/api/v1/meetings/{meeting_id}/calendar.ics")
        assert parse(text)["METHOD"] == "PUBLISH"
    output = homeroom.output()
    assert "ana@s.test" not in output
    assert "/api/v1/calendar/[redacted].ics" in output


async def _feed(homeroom: HomeroomServer, http: aiohttp.ClientSession, ana: Caller, meeting_id: str) -> None:
    assert await ana.call("GET", "/api/v1/me/calendar") == {}
    made = await ana.call("POST", "/api/v1/me/calendar")
    path = made["url"].removeprefix("https://school.test")
    async with http.get(f"{homeroom.url}{path}") as answer:
        assert (answer.status, answer.content_type, answer.charset) == (200, "text/calendar", "utf-8")
        tag = answer.headers["ETag"]
        assert meeting_id in await answer.text()
        assert answer.headers["Cache-Control"] == "private, no-cache"
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        async with http.get(f"{homeroom.url}{path}", headers={"If-None-Match": known}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
    async with http.head(f"{homeroom.url}{path}") as answer:
        assert answer.status == 200
    async with http.get(f"{homeroom.url}{path[:-8]}AAAA.ics") as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")
    await ana.call("DELETE", "/api/v1/me/calendar")
    async with http.get(f"{homeroom.url}{path}") as answer:
        assert answer.status == 404
    secret = path.removeprefix("/api/v1/calendar/").removesuffix(".ics")
    assert secret not in homeroom.output()
