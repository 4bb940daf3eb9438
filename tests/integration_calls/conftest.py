"""Deployments that several tests share, each test with a room of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count

import pytest
import pytest_asyncio

from tests.integration_calls.callers import School
from tests.services.homeroom import HomeroomServer
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

GRACE_SECONDS = 3.0
_SHARED = {"HOMEROOM_LIMITS": "off", "HOMEROOM_CALL_GRACE_SECONDS": str(GRACE_SECONDS)}


@pytest.fixture(scope="session")
def room_keys() -> "count[int]":
    return count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[HomeroomServer]]:
    """On SQLite. Do not stop it."""
    async with HomeroomServer(tmp_path_factory.mktemp("one"), environment=_SHARED) as node:
        yield [node]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def two_nodes(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> AsyncIterator[list[HomeroomServer]]:
    """On Redis and PostgreSQL. Do not stop them."""
    database_url = await postgres_server.create_database()
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(RedisServer(tmp_path_factory.mktemp("calls-redis")))
        nodes = []
        for number in (1, 2):
            folder = tmp_path_factory.mktemp(f"node-{number}")
            node = HomeroomServer(folder, database_url=database_url, redis_url=redis.url, environment=_SHARED)
            nodes.append(await stack.enter_async_context(node))
        yield nodes


@pytest.fixture(params=["one_node", "two_nodes"])
def nodes(request: pytest.FixtureRequest) -> list[HomeroomServer]:
    found: list[HomeroomServer] = request.getfixturevalue(request.param)
    return found


@pytest_asyncio.fixture
async def school(nodes: list[HomeroomServer], room_keys: "count[int]") -> AsyncIterator[School]:
    """On one node, and on two."""
    opened = School(nodes, f"room-{next(room_keys)}")
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def small_school(one_node: list[HomeroomServer], room_keys: "count[int]") -> AsyncIterator[School]:
    """On one node."""
    opened = School(one_node, f"room-{next(room_keys)}")
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def large_school(two_nodes: list[HomeroomServer], room_keys: "count[int]") -> AsyncIterator[School]:
    """On two nodes."""
    opened = School(two_nodes, f"room-{next(room_keys)}")
    yield opened
    await opened.close()
