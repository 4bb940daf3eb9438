"""Nodes that many tests share, each test with people and rooms of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.people import School
from tests.services.homeroom import HomeroomServer
from tests.services.postgres import PostgresServer

_SHARED = {"HOMEROOM_LIMITS": "off", "HOMEROOM_PUBLIC_URL": "https://homeroom.test"}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def meeting_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeroomServer]:
    """On SQLite. Do not stop it."""
    async with HomeroomServer(tmp_path_factory.mktemp("meetings"), environment=_SHARED) as node:
        yield node


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def meeting_node_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> AsyncIterator[HomeroomServer]:
    """On PostgreSQL. Do not stop it."""
    url = await postgres_server.create_database()
    folder = tmp_path_factory.mktemp("meetings-on-postgres")
    async with HomeroomServer(folder, database_url=url, environment=_SHARED) as node:
        yield node


@pytest.fixture(params=["meeting_node", "meeting_node_on_postgres"])
def either_node(request: pytest.FixtureRequest) -> HomeroomServer:
    """One after the other."""
    node: HomeroomServer = request.getfixturevalue(request.param)
    return node


@pytest_asyncio.fixture
async def school(meeting_node: HomeroomServer) -> AsyncIterator[School]:
    """People on the node with SQLite."""
    async with School(meeting_node) as school:
        yield school


@pytest_asyncio.fixture
async def either_school(either_node: HomeroomServer) -> AsyncIterator[School]:
    """People on one node, with SQLite and with PostgreSQL."""
    async with School(either_node) as school:
        yield school
