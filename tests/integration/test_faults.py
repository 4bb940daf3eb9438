"""What is killed, stopped or cut off in the middle: nothing that was acknowledged is lost, and nobody stays deaf."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import socketio

from tests.integration.people import Json, Person, Rest, School, eventually, fresh
from tests.integration.raw import raw_socket
from tests.services.homeroom import HomeroomServer
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

_HEAD_CHECK = 6.0
"""Seconds in which a message is found whose notice was lost."""

_AFTER_RETURN = 2.0
"""Seconds in which all has been caught up once Redis is back."""

_GHOSTS = 15.0
"""Seconds in which the people of a crashed node vanish."""


class Pair:
    """Two nodes of a test's own, with a Redis of their own: all may be stopped."""

    def __init__(self, first: HomeroomServer, second: HomeroomServer, redis: RedisServer) -> None:
        self.nodes = (first, second)
        self.redis = redis


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared_pair(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> AsyncIterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("pair")
    (folder / "redis").mkdir()
    url = await postgres_server.create_database()
    async with RedisServer(folder / "redis") as redis:
        first = HomeroomServer(folder / "first", database_url=url, redis_url=redis.url)
        second = HomeroomServer(folder / "second", database_url=url, redis_url=redis.url)
        async with first, second:
            yield Pair(first, second, redis)


@pytest_asyncio.fixture
async def pair(shared_pair: Pair) -> AsyncIterator[Pair]:
    """Whole at the start and at the end of each test."""
    yield shared_pair
    if not shared_pair.redis.running:
        await shared_pair.redis.start()
    for node in shared_pair.nodes:
        if not node.running:
            await node.start()
        await eventually(Rest(node, None).is_ready, 20)


@pytest_asyncio.fixture
async def school(pair: Pair) -> AsyncIterator[School]:
    """People on the pair: `person(on=1)` is on the second node."""
    async with School(*pair.nodes) as school:
        yield school


async def _class(school: School) -> tuple[Person, Person, str]:
    teacher = await school.person(role="instructor", on=0)
    student = await school.person(on=1)
    return teacher, student, await school.room(teacher, student)


async def test_what_is_said_while_redis_is_away_arrives_by_the_head_check(pair: Pair, school: School) -> None:
    teacher, student, room_id = await _class(school)
    await teacher.says(room_id, "before")
    await student.hears_text("before")
    await pair.redis.stop()
    said = await teacher.says(room_id, "nobody carries this")
    heard = await student.hears_text("nobody carries this", _HEAD_CHECK)
    assert heard["seq"] == said["seq"]
    back = await student.says(room_id, "nor this")
    await teacher.hears_text("nor this", _HEAD_CHECK)
    assert (await teacher.do("message:history", {"room_id": room_id}))["items"][-1] == back["message"]


async def test_all_is_caught_up_within_two_seconds_of_the_return_of_redis(pair: Pair, school: School) -> None:
    teacher, student, room_id = await _class(school)
    start = (await student.joins(room_id))["seq"]
    await pair.redis.kill()
    for number in range(5):
        await teacher.says(room_id, f"away {number}")
    await pair.redis.start()
    await student.hears_text("away 4", _AFTER_RETURN)
    began = time.monotonic()
    await teacher.says(room_id, "and live again")
    await student.hears_text("and live again", _AFTER_RETURN)
    assert time.monotonic() - began < _AFTER_RETURN
    assert [event["seq"] for event in student.log(room_id)] == list(range(start + 1, start + 7))


async def test_a_hung_redis_delays_no_acknowledgement(pair: Pair, school: School) -> None:
    teacher, student, room_id = await _class(school)
    pair.redis.pause()
    try:
        for number in range(5):
            async with asyncio.timeout(2):
                await teacher.says(room_id, f"hung {number}")
        await student.hears_text("hung 4", _HEAD_CHECK)
    finally:
        pair.redis.resume()


async def test_readiness_says_that_redis_is_away_and_that_it_is_back(pair: Pair, school: School) -> None:
    await school.person()
    await pair.redis.kill()
    for node in pair.nodes:
        await eventually(Rest(node, None).is_not_ready, 10)
        assert (await Rest(node, None).call("GET", "/livez"))[0] == 200
    await pair.redis.start()
    for node in pair.nodes:
        await eventually(Rest(node, None).is_ready, 10)


async def test_a_revocation_while_redis_is_away_counts_when_it_is_back(pair: Pair, school: School) -> None:
    admin = await school.person(role="admin", on=0)
    victim = await school.person(on=1)
    await pair.redis.kill()
    rest = Rest(admin.server, admin.token)
    assert (await rest.call("POST", "/api/v1/revocations", json={"user_id": victim.user}))[0] == 200
    await pair.redis.start()
    assert (await victim.hears("connection.error", seconds=_AFTER_RETURN))["data"]["code"] == "revoked"


async def test_a_removal_while_redis_is_away_counts_on_the_other_node(pair: Pair, school: School) -> None:
    teacher, student, room_id = await _class(school)
    await pair.redis.kill()
    await teacher.do("member:remove", {"room_id": room_id, "user_id": student.user})
    await student.hears("member.removed", seconds=_HEAD_CHECK)
    await teacher.says(room_id, "they must not hear this")
    await pair.redis.start()
    witness = await school.person(on=1)
    await teacher.do("member:add", {"room_id": room_id, "user_id": witness.user})
    await witness.joins(room_id)
    await teacher.says(room_id, "nor this")
    await witness.hears_text("nor this")
    await student.caught_up()
    assert "message.new" not in student.types(room_id)


async def test_the_people_of_a_killed_node_vanish(pair: Pair, school: School) -> None:
    teacher, student, room_id = await _class(school)
    both = await school.person(on=1)
    await teacher.do("member:add", {"room_id": room_id, "user_id": both.user})
    await both.joins(room_id)
    here = await school.person(both.user, on=0)
    await here.joins(room_id)
    present = {person["user"]["id"] for person in (await teacher.joins(room_id))["present"]}
    assert present == {teacher.user, student.user, both.user}

    def gone(event: Json) -> bool:
        data = event["data"]
        return bool(data["user"]["id"] == student.user and data["status"] == "offline")

    await pair.nodes[1].kill()
    await teacher.hears("user.presence.changed", gone, seconds=_GHOSTS)
    present = {person["user"]["id"] for person in (await teacher.joins(room_id))["present"]}
    assert present == {teacher.user, both.user}


async def test_a_node_keeps_serving_while_the_other_drains(pair: Pair, school: School) -> None:
    teacher, student, room_id = await _class(school)
    ending = asyncio.create_task(pair.nodes[1].terminate(30))
    error = (await student.hears("connection.error"))["data"]
    assert (error["code"], error["reconnect"]) == ("server_draining", True)
    assert 0 <= error["retry_after_ms"] <= 30_000
    await asyncio.wait_for(student.gone.wait(), 30)
    moved = await school.person(student.user, on=0)
    await moved.joins(room_id)
    await teacher.says(room_id, "one node is enough")
    await moved.hears_text("one node is enough")
    assert await ending == 0


async def test_sends_in_flight_are_answered_while_a_node_drains(pair: Pair, school: School) -> None:
    teacher, student, room_id = await _class(school)
    acknowledged: list[str] = []

    async def talk() -> None:
        for number in range(10_000):
            client_id = f"drain-{number}"
            wish = {"room_id": room_id, "client_id": client_id, "text": client_id}
            try:
                answer = await student.socket.call("message:send", wish, timeout=5)
            except (socketio.exceptions.SocketIOError, TimeoutError):
                return
            if answer["ok"]:
                acknowledged.append(client_id)

    talking = asyncio.create_task(talk())
    await teacher.hears_text("drain-5")
    assert await pair.nodes[1].terminate(30) == 0
    await talking
    page = (await teacher.do("message:history", {"room_id": room_id, "limit": 100}))["items"]
    assert set(acknowledged) <= {message["text"] for message in page}
    assert len({message["text"] for message in page}) == len(page)


async def test_readiness_ends_before_the_node_does(tmp_path: Path) -> None:
    async with HomeroomServer(tmp_path) as server, School(server) as school:
        people = [await school.person() for _ in range(20)]
        statuses: list[int] = []

        async def watch() -> None:
            rest = Rest(server, None)
            while server.running:
                try:
                    statuses.append((await rest.call("GET", "/readyz"))[0])
                except OSError:
                    return

        watching = asyncio.create_task(watch())
        began = time.monotonic()
        assert await server.terminate(30) == 0
        assert time.monotonic() - began < 30
        await watching
        assert set(statuses) <= {200, 503}
        errors = [(await person.hears("connection.error"))["data"] for person in people]
        assert {(error["code"], error["reconnect"]) for error in errors} == {("server_draining", True)}
        assert len({error["retry_after_ms"] for error in errors}) > 1


async def test_a_retry_after_a_crash_between_send_and_ack_makes_one_message(tmp_path: Path) -> None:
    async with HomeroomServer(tmp_path) as server:
        async with School(server) as school:
            teacher = await school.person(role="instructor")
            room_id = await school.room(teacher)
        for milliseconds in (0, 1, 3, 6):  # before, within and after the commit
            text = f"killed after {milliseconds} ms"
            wish = {"room_id": room_id, "client_id": f"c{milliseconds}", "text": text}
            async with raw_socket(server, teacher.token) as raw:
                await raw.send("421" + json.dumps(["message:send", wish]))
                await asyncio.sleep(milliseconds / 1000)
                await server.kill()
            await server.start()
            async with raw_socket(server, teacher.token) as raw:
                first = (await raw.ask("message:send", wish))["data"]
                second = (await raw.ask("message:send", wish))["data"]
                assert first == second
                page = await raw.ask("message:history", {"room_id": room_id})
                assert [message["text"] for message in page["data"]["items"]].count(text) == 1


async def test_what_was_acknowledged_survives_a_crash_with_epoch_and_seq(tmp_path: Path) -> None:
    async with HomeroomServer(tmp_path) as server, School(server) as school:
        teacher = await school.person(role="instructor")
        room_id = await school.room(teacher)
        said = [await teacher.says(room_id, f"number {number}", fresh("c")) for number in range(5)]
        await server.kill()
        await server.start()
        again = await school.person(teacher.user, role="instructor")
        since = {"epoch": said[0]["epoch"], "seq": said[0]["seq"]}
        joined = await again.joins(room_id, since=since)
        assert joined["recovered"]
        assert [event["data"]["message"] for event in joined["events"]] == [
            one["message"] for one in said[1:]
        ]
        assert (await again.says(room_id, "and on"))["seq"] == said[-1]["seq"] + 1
