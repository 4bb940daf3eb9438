"""Calls on other networks: only through the relay, and between people at two nodes."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.journeys.call.conftest import Seat, new_room
from tests.services.coturn import SECRET, CoturnServer
from tests.services.homeroom import HomeroomServer
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNLIMITED = {"HOMEROOM_LIMITS": "off"}


@pytest_asyncio.fixture(loop_scope="session")
async def coturn(tmp_path: Path) -> AsyncIterator[CoturnServer]:
    async with CoturnServer(tmp_path / "turn", allow_peers=(ip_network("127.0.0.1"),)) as started:
        yield started


async def test_a_call_goes_through_the_relay_where_nothing_else_is_allowed(
    seat: Seat, coturn: CoturnServer, tmp_path: Path
) -> None:
    turn = {"HOMEROOM_TURN_URLS": coturn.url, "HOMEROOM_TURN_SECRET": SECRET}
    async with HomeroomServer(tmp_path / "node", environment={**UNLIMITED, **turn}) as server:
        ada = await seat("ada", role="instructor", at=server)
        ben = await seat("ben", at=server)
        room = await new_room(ada, ben)
        for caller in (ada, ben):
            await caller.open_room(room)
            await caller.to_the_door()
            await caller.page.get_by_label("Connect only through the relay").check()
            await caller.button("Join call").click()
            await expect(caller.button("Leave call")).to_be_visible()
        await ada.sees(ben, seconds=30)
        await ben.sees(ada, seconds=30)
        await ben.hears()
        assert (await ada.flow()).relayed
        assert (await ben.flow()).relayed

        await ada.page.goto(f"{server.url}/connection-test")
        results = ada.page.get_by_role("list", name="Results")
        await expect(results).to_contain_text("The relay works", timeout=40_000)
        for sentence in ("The camera works", "The microphone works", "The server answers"):
            await expect(results).to_contain_text(sentence)


async def test_people_at_two_nodes_are_in_one_call(seat: Seat, tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    async with PostgresServer() as postgres, RedisServer(tmp_path / "redis") as redis:
        shared: dict[str, Any] = {
            "database_url": await postgres.create_database(),
            "redis_url": redis.url,
            "environment": UNLIMITED,
        }
        async with (
            HomeroomServer(tmp_path / "one", **shared) as one,
            HomeroomServer(tmp_path / "two", **shared) as two,
        ):
            ada = await seat("ada", role="instructor", at=one)
            ben = await seat("ben", at=two)
            room = await new_room(ada, ben)
            await ada.call_in(room)
            await ben.call_in(room)
            await ada.sees(ben)
            await ben.sees(ada)
            await ada.button("People").click()
            await ada.button("More for Ben").click()
            await ada.button("Switch the camera off").click()
            await expect(ben.page.get_by_text("Staff has switched off your camera.")).to_be_visible()
            await expect(ada.video("Ben")).to_have_count(0)

            await two.kill()
            await expect(ada.tile("Ben")).to_have_count(0, timeout=25_000)
