"""One server for all journeys of meetings, with a service beside it that refuses; one browser, a context for each person."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, async_playwright, expect

from tests.journeys.call.callers import call_arguments, write_tone
from tests.journeys.meetings.school import MeetingSchool, Pupil, seat_at_browser
from tests.services.homeroom import HomeroomServer

Seat = Callable[..., Awaitable[Pupil]]

expect.set_options(timeout=15_000)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def refusing_service() -> AsyncIterator[str]:
    """A provider's sign-in that does not know us."""

    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response(
            {"reason": "Invalid client_id or client_secret", "error": "invalid_client"}, status=400
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(
    tmp_path_factory: pytest.TempPathFactory, refusing_service: str
) -> AsyncIterator[HomeroomServer]:
    """Each test has rooms of its own in it."""
    environment = {
        "HOMEROOM_LIMITS": "off",
        "HOMEROOM_ZOOM_ACCOUNT_ID": "account",
        "HOMEROOM_ZOOM_CLIENT_ID": "client",
        "HOMEROOM_ZOOM_CLIENT_SECRET": "not the right one",
        "HOMEROOM_ZOOM_OAUTH_URL": refusing_service,
        "HOMEROOM_ZOOM_API_URL": refusing_service,
    }
    async with HomeroomServer(tmp_path_factory.mktemp("meetings"), environment=environment) as started:
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
    """`await seat("noor", role="instructor")`: somebody whose page never breaks and never breaks its policy."""
    pupils: list[Pupil] = []

    async def sit(user: str, *, role: str = "student", **options: Any) -> Pupil:
        pupil = await seat_at_browser(browser, server, user, role, **options)
        pupils.append(pupil)
        return pupil

    yield sit
    violations = [await pupil.violations() for pupil in pupils]
    for pupil in pupils:
        await pupil.context.close()
    assert [pupil.problems for pupil in pupils] == [[] for _ in pupils]
    assert violations == [[] for _ in pupils]


@pytest_asyncio.fixture(loop_scope="session")
async def school(server: HomeroomServer) -> AsyncIterator[MeetingSchool]:
    async with aiohttp.ClientSession() as http:
        yield MeetingSchool(server, http)
