"""The door, over SQLite; what is written there is tested over PostgreSQL as well."""

from pathlib import Path

import pytest
import pytest_asyncio

from tests.conformance.store_places import PostgresPlace, SqlitePlace, StorePlace
from tests.meetings.door.lobby import Lobby
from tests.realtime.school import Node


@pytest.fixture
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> StorePlace:
    """Another one for tests that ask for it by `parametrize(..., indirect=True)`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return SqlitePlace(tmp_path, request.getfixturevalue("sqlite_template"))
    server = request.getfixturevalue("postgres_server")
    return PostgresPlace(server, request.getfixturevalue("postgres_template"))


@pytest_asyncio.fixture
async def lobby(node: Node) -> Lobby:
    return Lobby(node)
