"""A real server, and one real browser in which everybody has a context of their own."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.conftest import StartHomeroom
from tests.journeys.call.callers import Caller, call_arguments, seat_at_browser, write_tone
from tests.services.homeroom import HomeroomServer

Seat = Callable[..., Awaitable[Caller]]

expect.set_options(timeout=15_000)


@pytest_asyncio.fixture
async def server(start_homeroom: StartHomeroom) -> HomeroomServer:
    return await start_homeroom(environment={"HOMEROOM_LIMITS": "off"})


@pytest_asyncio.fixture
async def browser(chromium: Path, tmp_path: Path) -> AsyncIterator[Browser]:
    tone = write_tone(tmp_path / "tone.wav")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=call_arguments(tone))
        yield launched
        await launched.close()


@pytest_asyncio.fixture
async def seat(browser: Browser, server: HomeroomServer) -> AsyncIterator[Seat]:
    """`await seat("ada", role="instructor")`: somebody whose page never breaks and never breaks its policy."""
    callers: list[Caller] = []

    async def sit(user: str, *, role: str = "student", at: HomeroomServer = server, **options: Any) -> Caller:
        caller = await seat_at_browser(browser, at, user, role, **options)
        callers.append(caller)
        return caller

    yield sit
    for caller in callers:
        assert caller.problems == []
        if not caller.page.is_closed():
            assert await caller.violations() == []


async def new_room(owner: Caller, *members: Caller, title: str = "Algebra") -> str:
    """A room with these people in it, made over REST."""
    body = {
        "kind": "course",
        "title": title,
        "visibility": "members",
        "members": [{"user_id": member.name.lower()} for member in members],
    }
    headers = {"authorization": f"Bearer {owner.token}", "content-type": "application/json"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{owner.server.url}/api/v1/rooms", data=json.dumps(body)) as answer,
    ):
        content = await answer.json()
        assert answer.status < 300, content
        room_id: str = content["summary"]["room"]["id"]
        return room_id
