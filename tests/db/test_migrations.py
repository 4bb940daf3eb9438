"""The schema's versions, on SQLite and on PostgreSQL."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

import auth.tables
import meetings.after.tables
import meetings.jobs.tables
import meetings.mail.tables
import meetings.reminders.tables
import meetings.tables
import meetings.webhooks.tables
import realtime.chat.tables
import realtime.log.tables
import realtime.rooms.tables
import signaling.tables
from db import migrate
from db.base import Base
from db.engine import Database, migration_engine, open_database
from tests.conformance.store_places import StorePlace

MAPPED = (
    auth.tables,
    meetings.after.tables,
    meetings.jobs.tables,
    meetings.mail.tables,
    meetings.reminders.tables,
    meetings.tables,
    meetings.webhooks.tables,
    realtime.chat.tables,
    realtime.log.tables,
    realtime.rooms.tables,
    signaling.tables,
)
NOT_MAPPED = {"alembic_version"}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        await database.close()


async def described(engine: AsyncEngine) -> dict[str, Any]:
    async with engine.connect() as connection:
        return await connection.run_sync(_describe)


def _describe(connection: Connection) -> dict[str, Any]:
    """Tables with columns, keys and indexes, as far as both databases tell them in the same words."""
    found = inspect(connection)
    tables = [name for name in found.get_table_names() if not name.startswith("messages_fts")]
    return {
        name: {
            "columns": {
                column["name"]: (str(column["type"]._type_affinity), bool(column["nullable"]))
                for column in found.get_columns(name)
            },
            "primary": found.get_pk_constraint(name)["constrained_columns"],
            "unique": sorted(tuple(one["column_names"]) for one in found.get_unique_constraints(name)),
            "foreign": sorted(
                (tuple(one["constrained_columns"]), one["referred_table"], tuple(one["referred_columns"]))
                for one in found.get_foreign_keys(name)
            ),
            "indexes": {
                one["name"]: (tuple(one["column_names"]), bool(one["unique"]))
                for one in found.get_indexes(name)
                if "duplicates_constraint" not in one and one["name"] != "ix_messages_words"
            },
        }
        for name in tables
        if name not in NOT_MAPPED
    }


def _mapped(connection: Connection) -> dict[str, Any]:
    """What SQLAlchemy would make of the mapped classes, in the connection's own database."""
    Base.metadata.create_all(connection)
    return _describe(connection)


async def test_the_migrated_schema_is_the_mapped_one(store_place: StorePlace) -> None:
    assert MAPPED
    migrated, created = await store_place.migrated(), migration_engine(await store_place.empty())
    try:
        async with created.begin() as connection:
            expected = await connection.run_sync(_mapped)
    finally:
        await created.dispose()
    async with opened(migrated) as database:
        assert await described(database.reader) == expected


async def test_the_schema_goes_up_and_down_and_up_again(empty_url: str) -> None:
    async with opened(empty_url) as database:
        assert await migrate.current(database.reader) is None
        assert await migrate.pending(database.reader)
        await migrate.upgrade(empty_url)
        first = await described(database.reader)
        assert await migrate.current(database.reader) == migrate.latest()
        assert not await migrate.pending(database.reader)
        await migrate.downgrade(empty_url, "base")
        assert await described(database.reader) == {}
        assert await migrate.pending(database.reader)
        await migrate.upgrade(empty_url)
        assert await described(database.reader) == first


async def test_an_upgrade_of_what_is_up_to_date_changes_nothing(database_url: str) -> None:
    async with opened(database_url) as database:
        before = await described(database.reader)
        await migrate.upgrade(database_url)
        assert await described(database.reader) == before


async def test_an_unknown_revision_is_refused_by_name(database_url: str) -> None:
    with pytest.raises(migrate.UnknownRevision, match="9999"):
        await migrate.downgrade(database_url, "9999")


async def test_processes_that_upgrade_at_once_do_not_disturb_each_other(empty_url: str) -> None:
    program = f"import asyncio; from db import migrate; asyncio.run(migrate.upgrade({empty_url!r}))"
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    for process in processes:
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
    async with opened(empty_url) as database:
        assert not await migrate.pending(database.reader)


async def test_an_upgrade_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    """A table that is in the way stands for whatever may go wrong half way."""
    engine = migration_engine(empty_url)
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql("CREATE TABLE reactions (id INTEGER)")
        with pytest.raises(Exception, match="already exists"):
            await migrate.upgrade(empty_url)
        assert set(await described(engine)) == {"reactions"}
        async with engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE reactions")
        await migrate.upgrade(empty_url)
        assert await migrate.current(engine) == migrate.latest()
    finally:
        await engine.dispose()
