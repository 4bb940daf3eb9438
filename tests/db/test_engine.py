"""What the engine promises of both databases, and what only SQLite has to be told."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.errors import Unavailable
from db.engine import Database, UnknownDatabase, fingerprint, is_outage, normalised, open_database
from realtime.rooms.tables import UserRow
from tests.conformance.store_places import PostgresPlace, StorePlace, database_name, sqlite_url

PERSON = {"id": "ana", "name": "Ana", "role": "student", "picture": None, "seen_at": None}


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


async def names(connection: AsyncConnection) -> list[str]:
    return list((await connection.execute(select(UserRow.name))).scalars())


async def write_and_fail(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(UserRow), [PERSON])
        raise RuntimeError


async def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(RuntimeError):
        await write_and_fail(database)
    async with database.reading() as connection:
        assert await names(connection) == []
    async with database.writing() as connection:
        await connection.execute(insert(UserRow), [PERSON])
    async with database.reading() as connection:
        assert await names(connection) == ["Ana"]


async def test_a_reader_sees_one_state_while_somebody_writes(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(UserRow), [PERSON])
    async with database.reading() as reader:
        assert await names(reader) == ["Ana"]
        async with database.writing() as writer:
            await writer.execute(update(UserRow).values(name="Anna"))
            assert await names(reader) == ["Ana"]
        assert await names(reader) == ["Ana"]
    async with database.reading() as reader:
        assert await names(reader) == ["Anna"]


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.writing() as writer:
        await writer.execute(insert(UserRow), [PERSON])

        async def read() -> list[str]:
            async with database.reading() as reader:
                return await names(reader)

        async with asyncio.timeout(20):
            assert await asyncio.gather(*(read() for _ in range(8))) == [[]] * 8


async def test_many_writers_at_once_all_get_their_turn(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.writing() as connection:
            await connection.execute(insert(UserRow), [{**PERSON, "id": f"u{number}"}])

    await asyncio.gather(*(write(number) for number in range(20)))
    async with database.reading() as connection:
        assert len(await names(connection)) == 20


async def test_a_row_that_refers_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(
                text(
                    "INSERT INTO members (room_id, user_id, role, joined_at, read_seq, by_token)"
                    " VALUES ('room_x', 'nobody', 'member', CURRENT_TIMESTAMP, 0, :no)"
                ),
                {"no": False},
            )


async def test_instants_keep_their_microsecond_and_come_back_in_utc(database: Database) -> None:
    at = datetime(2030, 3, 31, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    async with database.writing() as connection:
        await connection.execute(insert(UserRow), [{**PERSON, "seen_at": at}])
    async with database.reading() as connection:
        back = (await connection.execute(select(UserRow.seen_at))).scalar_one()
    assert back == at
    assert back is not None
    assert back.tzinfo is UTC


async def test_an_instant_without_a_zone_is_a_mistake(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"):
        async with database.writing() as connection:
            await connection.execute(insert(UserRow), [{**PERSON, "seen_at": datetime(2030, 1, 1)}])  # noqa: DTZ001  # the mistake


async def test_sqlite_writes_ahead_and_through_to_the_disk(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "homeroom.db"))
    try:
        async with database.writing() as connection:
            assert await pragma(connection, "journal_mode") == "wal"
            assert await pragma(connection, "synchronous") == 2  # FULL
            assert await pragma(connection, "foreign_keys") == 1
            assert await pragma(connection, "busy_timeout") == 5000
        async with database.reading() as connection:
            assert await pragma(connection, "journal_mode") == "wal"
            assert await pragma(connection, "query_only") == 1
    finally:
        await database.close()


async def test_postgresql_commits_to_the_disk_and_gives_up_on_what_takes_too_long(
    postgres_place: PostgresPlace,
) -> None:
    database = open_database(await postgres_place.migrated())
    try:
        async with database.writing() as connection:
            shown = [
                (await connection.exec_driver_sql(f"SHOW {name}")).scalar_one()
                for name in ("synchronous_commit", "statement_timeout", "lock_timeout", "TimeZone")
            ]
        assert shown == ["on", "10s", "5s", "UTC"]
    finally:
        await database.close()


async def test_readers_of_sqlite_cannot_write(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "homeroom.db"))
    try:
        with pytest.raises(Unavailable):
            async with database.reading() as connection:
                await connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
    finally:
        await database.close()


async def test_a_database_that_is_away_is_unavailable_to_readers_and_writers() -> None:
    database = open_database("postgresql://homeroom@127.0.0.1:1/none")
    try:
        with pytest.raises(Unavailable):
            async with database.reading() as connection:
                await connection.execute(text("SELECT 1"))
        with pytest.raises(Unavailable):
            async with database.writing() as connection:
                await connection.execute(text("SELECT 1"))
    finally:
        await database.close()


async def test_a_database_that_was_dropped_is_away(postgres_place: PostgresPlace) -> None:
    url = await postgres_place.migrated()
    database = open_database(url)
    try:
        async with database.reading() as connection:
            assert await names(connection) == []
        await postgres_place.server.execute(f'DROP DATABASE "{database_name(url)}" WITH (FORCE)')
        with pytest.raises(Unavailable):
            async with database.reading() as connection:
                await names(connection)
    finally:
        await database.close()


async def test_a_mistake_of_ours_is_no_outage() -> None:
    assert not is_outage(IntegrityError("INSERT", {}, Exception()))
    assert not is_outage(ValueError())
    assert is_outage(OperationalError("SELECT", {}, Exception()))
    assert is_outage(DBAPIError("SELECT", {}, Exception()))
    assert is_outage(ConnectionRefusedError())


def test_only_two_databases_are_known() -> None:
    assert normalised("sqlite:///data/homeroom.db").drivername == "sqlite+aiosqlite"
    assert normalised("postgresql://homeroom@db/homeroom").drivername == "postgresql+asyncpg"
    assert normalised("postgres://homeroom@db/homeroom").drivername == "postgresql+asyncpg"
    with pytest.raises(UnknownDatabase, match="mysql is not supported"):
        normalised("mysql://homeroom@db/homeroom")


async def test_two_databases_differ_in_their_fingerprints(store_place: StorePlace) -> None:
    one, other = open_database(await store_place.migrated()), open_database(await store_place.migrated())
    again = open_database(one.url.render_as_string(hide_password=False))
    try:
        assert await fingerprint(one) != await fingerprint(other)
        assert await fingerprint(one) == await fingerprint(again)
    finally:
        for database in (one, other, again):
            await database.close()


async def test_an_ordinary_role_of_postgresql_can_take_the_fingerprint(postgres_place: PostgresPlace) -> None:
    url = await postgres_place.migrated()
    name = database_name(url)
    await postgres_place.server.execute(f'CREATE ROLE "{name}" LOGIN')
    for grant in ("USAGE ON SCHEMA public", "SELECT ON ALL TABLES IN SCHEMA public"):
        await postgres_place.server.execute(f'GRANT {grant} TO "{name}"', name)
    database = open_database(url.replace("//homeroom@", f"//{name}@"))
    try:
        assert (await fingerprint(database)).startswith("postgresql:")
    finally:
        await database.close()


async def pragma(connection: AsyncConnection, name: str) -> object:
    return (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
