"""A real server, and one real browser in which everybody has a context of their own."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.journeys.call.callers import Caller, call_arguments, seat_at_browser, write_tone
from tests.services.homeroom import HomeroomServer

Seat = Callable[..., Awaitable[Caller]]

expect.set_options(timeout=15_000)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeroomServer]:
    """One for all: each test has a room of its own. It may be killed, if it is started again."""
    folder = tmp_path_factory.mktemp("calls")
    async with HomeroomServer(folder, environment={"HOMEROOM_LIMITS": "off"}) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    tone = write_tone(tmp_path_factory.mktemp("sound") / "tone.wav")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=call_arguments(tone))
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def seat(browser: Browser, server: HomeroomServer) -> AsyncIterator[Seat]:
    """`await seat("ada", role="instructor")`: somebody whose page never breaks and never breaks its policy."""
    callers: list[Caller] = []

    async def sit(user: str, *, role: str = "student", at: HomeroomServer = server, **options: Any) -> Caller:
        caller = await seat_at_browser(browser, at, user, role, **options)
        callers.append(caller)
        return caller

    yield sit
    violations = [await caller.violations() for caller in callers]
    for caller in callers:
        await caller.context.close()
    assert [caller.problems for caller in callers] == [[] for _ in callers]
    assert violations == [[] for _ in callers]


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
