"""Nodes that many tests share, because each test uses people and rooms of its own; and the people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.people import School
from tests.services.homeroom import HomeroomServer
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lone_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeroomServer]:
    """One node on SQLite, with its limits; not to be stopped."""
    async with HomeroomServer(tmp_path_factory.mktemp("lone-node")) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def steady_redis(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisServer]:
    """The Redis between `two_nodes`; not to be stopped."""
    async with RedisServer(tmp_path_factory.mktemp("steady-redis")) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def two_nodes(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, steady_redis: RedisServer
) -> AsyncIterator[tuple[HomeroomServer, HomeroomServer]]:
    """Two nodes on PostgreSQL and Redis; not to be stopped."""
    folder: Path = tmp_path_factory.mktemp("two-nodes")
    url = await postgres_server.create_database()
    first = HomeroomServer(folder / "first", database_url=url, redis_url=steady_redis.url)
    second = HomeroomServer(folder / "second", database_url=url, redis_url=steady_redis.url)
    async with first, second:
        yield first, second


@pytest_asyncio.fixture
async def school(lone_node: HomeroomServer) -> AsyncIterator[School]:
    """People on the lone node."""
    async with School(lone_node) as school:
        yield school


@pytest_asyncio.fixture
async def wide_school(two_nodes: tuple[HomeroomServer, HomeroomServer]) -> AsyncIterator[School]:
    """People on two nodes: `person(on=1)` is on the second."""
    async with School(*two_nodes) as school:
        yield school
