"""A real server and a real browser for each journey."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.conftest import StartHomeroom
from tests.journeys.people import Person, School, arrive
from tests.services.chromium import chromium_arguments
from tests.services.homeroom import HomeroomServer

Arrive = Callable[..., Awaitable[Person]]

expect.set_options(timeout=15_000)


@pytest_asyncio.fixture
async def server(start_homeroom: StartHomeroom) -> HomeroomServer:
    """Limits are for other tests: here one person may say a hundred things at once."""
    return await start_homeroom(environment={"HOMEROOM_LIMITS": "off"})


@pytest_asyncio.fixture
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=chromium_arguments())
        yield launched
        await launched.close()


@pytest_asyncio.fixture
async def school(server: HomeroomServer) -> AsyncIterator[School]:
    async with aiohttp.ClientSession() as http:
        yield School(server, http)


@pytest_asyncio.fixture
async def sit_down(browser: Browser, server: HomeroomServer) -> AsyncIterator[Arrive]:
    """`await sit_down("ada", role="instructor")`: a person at a fresh browser, whose page never breaks."""
    people: list[Person] = []

    async def sit(user: str, *, role: str = "student", seconds: float = 3600, **options: Any) -> Person:
        token = server.token(user, role=role, seconds=seconds)
        person = await arrive(browser, server, token, **options)
        people.append(person)
        return person

    yield sit
    for person in people:
        assert person.problems == []
        if not person.page.is_closed():
            assert await person.violations() == []
