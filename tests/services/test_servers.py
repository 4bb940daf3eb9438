"""The starters themselves: what a fault test relies on must be true of them."""

from pathlib import Path

import asyncpg
import pytest

from tests.services.chromium import chromium_path
from tests.services.coturn import CoturnServer
from tests.services.postgres import PostgresServer
from tests.services.process import DidNotStart, MissingProgram, ServerProcess
from tests.services.redis import RedisServer


async def test_a_killed_redis_comes_back_empty_on_the_same_port(redis_server: RedisServer) -> None:
    await redis_server.cli("set", "lesson", "algebra")
    await redis_server.kill()
    assert not redis_server.running
    await redis_server.start()
    assert await redis_server.cli("get", "lesson") == ""


async def test_each_test_database_is_empty_and_its_own(postgres_server: PostgresServer) -> None:
    first, second = await postgres_server.create_database(), await postgres_server.create_database()
    assert first != second
    assert await _value(first, "select count(*) from pg_tables where schemaname = 'public'") == 0


@pytest.mark.parametrize("mode", ["fast", "immediate", "kill"])
async def test_committed_rows_survive_however_postgres_ends(
    private_postgres: PostgresServer, mode: str
) -> None:
    url = await private_postgres.create_database()
    await private_postgres.execute("create table said as select 'hello' as text", url.rpartition("/")[2])
    if mode == "kill":
        await private_postgres.kill()
    else:
        await private_postgres.stop("fast" if mode == "fast" else "immediate")
    assert not private_postgres.running
    await private_postgres.start()
    assert await _value(url, "select text from said") == "hello"


async def test_postgres_writes_through_to_disk(postgres_server: PostgresServer) -> None:
    url = await postgres_server.create_database()
    assert await _value(url, "show fsync") == "on"
    assert await _value(url, "show synchronous_commit") == "on"


async def test_a_program_that_ends_at_once_fails_with_its_output(tmp_path: Path) -> None:
    process = ServerProcess("false", tmp_path / "log")

    async def never() -> bool:
        return False

    with pytest.raises(DidNotStart, match="no such lesson"):
        await process.start(["sh", "-c", "echo no such lesson; exit 3"], never)


def test_a_stub_that_only_points_to_a_snap_is_not_a_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = tmp_path / "chromium-browser"
    stub.write_text("#!/bin/sh\necho requires the chromium snap to be installed >&2\nexit 1\n")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(MissingProgram, match="install"):
        chromium_path()


async def _value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_missing_coturn_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="apt-get install coturn"):
        await CoturnServer(tmp_path).start()
