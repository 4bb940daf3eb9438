"""Nodes, Redis and PostgreSQL die in mid-call."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration_calls.callers import Caller, School
from tests.services.homeroom import HomeroomServer
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

pytestmark = pytest.mark.timeout(180)

_ENVIRONMENT = {"HOMEROOM_LIMITS": "off"}


@dataclass
class Deployment:
    """Two nodes that share a Redis and a PostgreSQL, all this test's own; the lecturer and Ben sit on the first."""

    nodes: list[HomeroomServer]
    redis: RedisServer
    postgres: PostgresServer
    school: School


@pytest_asyncio.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(RedisServer(tmp_path))
        postgres = await stack.enter_async_context(PostgresServer())
        database_url = await postgres.create_database()
        nodes = []
        for number in (1, 2):
            node = HomeroomServer(
                tmp_path / f"node-{number}",
                database_url=database_url,
                redis_url=redis.url,
                environment=_ENVIRONMENT,
            )
            nodes.append(await stack.enter_async_context(node))
        school = School(nodes, "algebra")
        stack.push_async_callback(school.close)
        yield Deployment(nodes, redis, postgres, school)


async def stays(caller: Caller, name: str) -> list[dict[str, str]]:
    _, attendance = await caller.rest(f"/calls/{caller.call_id}/attendance")
    return next(list(one["intervals"]) for one in attendance["attendees"] if one["user"]["id"] == name)


async def flows(sender: Caller, target: Caller) -> bool:
    """Whether a signal arrives."""
    already = len(target.heard("call.signal"))
    assert await sender.try_to("signal", **sender.signal_to(target)) == "ok"
    try:
        async with asyncio.timeout(1):
            while len(target.heard("call.signal")) == already:
                await asyncio.sleep(0.02)
    except TimeoutError:
        return False
    return True


async def until_flows(sender: Caller, target: Caller, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not await flows(sender, target):
            pass


async def test_a_killed_node_leaves_no_ghost_and_attendance_is_right(deployment: Deployment) -> None:
    school = deployment.school
    noor, ada, ben = await school.call("ada", "ben")
    await ada.publish("camera")
    began = time.monotonic()
    killed = datetime.now(UTC)
    await deployment.nodes[1].kill()
    async with asyncio.timeout(20):
        while noor.names != ["ben", "noor"] or ben.names != ["ben", "noor"]:
            await asyncio.sleep(0.05)
    assert time.monotonic() - began > 9, "those who were connected to it had time to come back"
    gone = [one for told in noor.heard("call.updated") for one in told["gone"]]
    assert gone == [{"peer_id": ada.peer_id, "reason": "node_lost"}]
    (only,) = await stays(noor, "ada")
    assert abs(datetime.fromisoformat(only["left_at"]) - killed) < timedelta(seconds=2.5)
    assert await flows(noor, ben)


async def test_who_resumes_on_the_other_node_in_time_keeps_the_seat(deployment: Deployment) -> None:
    school = deployment.school
    noor, ada = await school.call("ada")
    await ada.publish("camera")
    session = ada.seat["session"]
    await deployment.nodes[1].kill()
    await ada.drop()
    await asyncio.sleep(5)
    await ada.come_back(server=deployment.nodes[0])
    assert ada.seat["session"] == session
    await asyncio.sleep(18)
    assert noor.names == ["ada", "noor"], "the sweep of the dead node spares who came back"
    assert [track["source"] for track in noor.sees(ada)["tracks"]] == ["camera"]
    (only,) = await stays(noor, "ada")
    assert "left_at" not in only
    assert await flows(noor, ada)


async def test_a_node_that_stood_still_buries_nobody(deployment: Deployment) -> None:
    """SIGSTOP for longer than the lease: afterwards it must not hold the others for dead."""
    school = deployment.school
    noor, ada = await school.call("ada")
    deployment.nodes[0].pause()
    await asyncio.sleep(14)
    deployment.nodes[0].resume()
    await asyncio.sleep(5)
    _, attendance = await ada.rest(f"/calls/{ada.call_id}/attendance")
    (mine,) = attendance["attendees"]
    assert "left_at" not in mine["intervals"][0]
    assert ada.removed is None
    assert (await ada.do("call:state"))["call"]["id"] == noor.call_id


async def test_a_node_in_good_order_hands_its_people_over(deployment: Deployment) -> None:
    school = deployment.school
    noor, ada = await school.call("ada")
    await deployment.nodes[1].terminate()
    await ada.drop()
    await ada.come_back(server=deployment.nodes[0])
    await noor.until(lambda: noor.sees(ada)["connected"] is True)
    assert len(await stays(noor, "ada")) == 1
    assert await flows(noor, ada)


@pytest.mark.parametrize("way", ["stop", "pause"])
async def test_without_redis_the_state_heals_and_afterwards_signals_flow(
    deployment: Deployment, way: str
) -> None:
    school = deployment.school
    noor, ada, ben = await school.call("ada", "ben")
    await (deployment.redis.stop() if way == "stop" else _pause(deployment.redis))
    await ada.publish("microphone")
    await noor.lead("mute", ada, source="microphone")
    cleo = await school.caller("cleo", node=1)
    await cleo.join()
    async with asyncio.timeout(6):
        while noor.names != ["ada", "ben", "cleo", "noor"] or ada.sees(ada)["blocked"] != ["microphone"]:
            await asyncio.sleep(0.05)
    assert await flows(noor, ben), "on one node they need no Redis"
    assert await flows(ada, cleo)
    await asyncio.sleep(6)
    if way == "stop":
        await deployment.redis.start()
    else:
        deployment.redis.resume()
    await until_flows(noor, ada, 30)
    await until_flows(ada, noor, 30)
    await ada.do("hand:raise")
    await noor.until(lambda: noor.state["hands"] == [ada.peer_id])  # type: ignore[index]  # there


async def _pause(redis: RedisServer) -> None:
    redis.pause()


async def test_a_restart_of_postgres_ends_no_call(deployment: Deployment) -> None:
    school = deployment.school
    noor, ada = await school.call("ada")
    await deployment.postgres.stop("immediate")
    await asyncio.sleep(13)  # longer than the lease of a dead node
    assert await flows(noor, ada), "signals need no database"
    await ada.drop()
    await deployment.postgres.start()
    async with asyncio.timeout(30):
        while await noor.try_to("hand:raise") != "ok":
            await asyncio.sleep(0.2)
    await ada.come_back()
    await noor.until(lambda: noor.sees(ada)["connected"] is True)
    assert noor.names == ["ada", "noor"]
    assert len(await stays(noor, "ada")) == 1


async def test_a_drop_while_the_database_is_away_leaves_no_ghost(deployment: Deployment) -> None:
    school = deployment.school
    noor, ada = await school.call("ada")
    await deployment.postgres.stop("fast")
    await ada.drop()
    await asyncio.sleep(1)
    await deployment.postgres.start()
    async with asyncio.timeout(40):
        while noor.names != ["noor"]:
            await asyncio.sleep(0.1)
    (only,) = await stays(noor, "ada")
    assert only["reason"] == "connection_lost"


async def test_a_single_node_that_restarts_keeps_the_call(tmp_path: Path) -> None:
    async with HomeroomServer(tmp_path / "node", environment=_ENVIRONMENT) as node:
        school = School([node], "algebra")
        noor, ada = await school.call("ada")
        await node.restart()
        for caller in (noor, ada):
            await caller.drop()
            await caller.come_back()
        for caller in (noor, ada):
            await caller.sees_all_connected()
        assert await flows(noor, ada)
        assert len(await stays(noor, "ada")) == 1
        await school.close()


@pytest.mark.parametrize("name", ["a-name-that-stays", None], ids=["same node id", "new node id"])
async def test_a_single_node_that_was_killed_keeps_who_comes_back_and_no_ghost(
    tmp_path: Path, name: str | None
) -> None:
    environment = _ENVIRONMENT if name is None else {**_ENVIRONMENT, "HOMEROOM_NODE_ID": name}
    async with HomeroomServer(tmp_path / "node", environment=environment) as node:
        school = School([node], "algebra")
        noor, _ = await school.call("ada")
        killed = datetime.now(UTC)
        await node.kill()
        await node.start()
        await noor.drop()
        await noor.come_back()
        async with asyncio.timeout(25):
            while noor.names != ["noor"]:
                await asyncio.sleep(0.1)
        (only,) = await stays(noor, "ada")
        assert abs(datetime.fromisoformat(only["left_at"]) - killed) < timedelta(
            seconds=6
        )  # its last beat, on a busy machine a late one
        (mine,) = await stays(noor, "noor")
        assert "left_at" not in mine
        await school.close()
