"""The databases that the store's suites run over, each test's own: SQLite and PostgreSQL, empty or migrated.

A conftest that imports these fixtures offers them to the tests below it.
"""

import shutil
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from db import migrate
from tests.services.postgres import PostgresServer

MakeUrl = Callable[[], Awaitable[str]]


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def database_name(url: str) -> str:
    return url.rpartition("/")[2]


class SqlitePlace:
    """Files in a folder."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        self._template = template

    async def empty(self) -> str:
        return sqlite_url(self._folder / f"homeroom-{uuid.uuid4().hex[:8]}.db")

    async def migrated(self) -> str:
        path = self._folder / f"homeroom-{uuid.uuid4().hex[:8]}.db"
        shutil.copy(self._template, path)
        return sqlite_url(path)


class PostgresPlace:
    """Databases in the run's one cluster."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self.server = server
        self._template = template

    async def empty(self) -> str:
        return await self.server.create_database()

    async def migrated(self) -> str:
        url, _, template = self._template.rpartition("/")
        name = f"homeroom_{uuid.uuid4().hex[:12]}"
        await self.server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"{url}/{name}"


StorePlace = SqlitePlace | PostgresPlace


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "homeroom.db"
    await migrate.upgrade(sqlite_url(path))
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_template(postgres_server: PostgresServer) -> str:
    url = await postgres_server.create_database()
    await migrate.upgrade(url)
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> StorePlace:
    """Where databases come from."""
    if request.param == "sqlite":
        return SqlitePlace(tmp_path, request.getfixturevalue("sqlite_template"))
    server = request.getfixturevalue("postgres_server")
    return PostgresPlace(server, request.getfixturevalue("postgres_template"))


@pytest.fixture
def postgres_place(postgres_server: PostgresServer, postgres_template: str) -> PostgresPlace:
    """For what only PostgreSQL can do."""
    return PostgresPlace(postgres_server, postgres_template)


@pytest_asyncio.fixture
async def empty_url(store_place: StorePlace) -> str:
    """An empty database."""
    return await store_place.empty()


@pytest_asyncio.fixture
async def database_url(store_place: StorePlace) -> str:
    """A migrated database without rows."""
    return await store_place.migrated()
