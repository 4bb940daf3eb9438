"""What any test may ask for: real servers, each of the test's own unless said otherwise."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.services.chromium import chromium_path
from tests.services.homeroom import HomeroomServer
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

_SERVICE_FIXTURES = frozenset(
    {
        "chromium",
        "coturn",
        "homeroom_server",
        "postgres_server",
        "postgres_url",
        "private_postgres",
        "redis_server",
        "start_homeroom",
    }
)
_SERVICE_FOLDERS = frozenset(
    {"faults", "integration_calls", "integration_meetings", "integration", "journeys", "services"}
)
_SERVICE_PARAMETERS = frozenset({"redis", "postgres", "postgresql"})

_CAMERAS = "cameras"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts servers, so that `make check` can leave it out; and say what one worker runs by itself.

    A file stays together, for the sake of its fixtures. All browsers with cameras are one worker's: several at once want more than
    the processors have, and would be waited for in vain. What takes long comes first, so that the workers end together.
    """
    items.sort(key=_when)
    for item in items:
        path = item.path.relative_to(item.config.rootpath)
        item.add_marker(pytest.mark.xdist_group(_CAMERAS if _has_cameras(path) else str(path)))
        if _starts_servers(item):
            item.add_marker(pytest.mark.services)


def _when(item: pytest.Item) -> int:
    """Cameras, then servers and browsers, then all that is quick."""
    path = item.path.relative_to(item.config.rootpath)
    if _has_cameras(path):
        return 0
    return 1 if _SERVICE_FOLDERS & set(path.parts) else 2


def _has_cameras(path: Path) -> bool:
    return (
        path.is_relative_to("tests/journeys/call")
        or path.is_relative_to("tests/journeys/rtc")
        or path.name == "test_media_browser.py"
    )


def _starts_servers(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    folders = set(item.path.relative_to(item.config.rootpath).parts)
    parameters = set(item.name.partition("[")[2].removesuffix("]").split("-"))
    return (
        bool(fixtures & _SERVICE_FIXTURES)
        or bool(folders & _SERVICE_FOLDERS)
        or bool(parameters & _SERVICE_PARAMETERS)
    )


@pytest_asyncio.fixture
async def redis_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisServer]:
    """An empty Redis, this test's own: it may be stopped, killed and paused."""
    async with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_server() -> AsyncIterator[PostgresServer]:
    """One PostgreSQL for the whole run: make databases in it, do not stop it."""
    async with PostgresServer() as server:
        yield server


@pytest_asyncio.fixture
async def postgres_url(postgres_server: PostgresServer) -> str:
    """A new, empty database."""
    return await postgres_server.create_database()


@pytest_asyncio.fixture
async def private_postgres() -> AsyncIterator[PostgresServer]:
    """A PostgreSQL that this test may stop, kill and restart."""
    async with PostgresServer() as server:
        yield server


StartHomeroom = Callable[..., Awaitable[HomeroomServer]]


@pytest_asyncio.fixture
async def start_homeroom(tmp_path: Path) -> AsyncIterator[StartHomeroom]:
    """Start any number of nodes: `await start_homeroom(database_url=…, redis_url=…, environment={…})`."""
    async with AsyncExitStack() as nodes:
        count = 0

        async def start(**options: object) -> HomeroomServer:
            nonlocal count
            count += 1
            server = HomeroomServer(tmp_path / f"node-{count}", **options)  # type: ignore[arg-type]  # passed through
            return await nodes.enter_async_context(server)

        yield start


@pytest_asyncio.fixture
async def homeroom_server(start_homeroom: StartHomeroom) -> HomeroomServer:
    """A node alone, on SQLite and memory."""
    return await start_homeroom()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program, for Playwright's `executable_path`; `chromium_arguments()` goes with it."""
    return chromium_path()
