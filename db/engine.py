"""From a URL to a database: the only file that knows SQLite from PostgreSQL.

SQLite runs in WAL mode with `synchronous=FULL`: a commit has reached the disk before it returns (sqlite.org/pragma.html,
"synchronous"). There is one writing connection, and readers on connections of their own that never wait for it.
PostgreSQL commits with `synchronous_commit=on` and bounded statement and lock times.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, NullPool, StaticPool, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from contract.errors import Unavailable

BUSY_MILLISECONDS = 5000
"""How long a SQLite connection waits for another process's write, a migration for instance."""

_READER_SECONDS = 15
"""How long a read waits for one of the readers of a SQLite database. The file is never away, only busy, as when a whole
class comes in at once; and clients wait for some 20 s."""

_MIGRATION_MILLISECONDS = 60_000
_MIGRATION_LOCK = 0x686F6D65
"""The advisory lock of whoever migrates a PostgreSQL database: "home" in ASCII."""

_POSTGRES_SETTINGS = {
    "synchronous_commit": "on",
    "statement_timeout": "10000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "30000",
    "application_name": "homeroom",
    "timezone": "UTC",
}


class UnknownDatabase(ValueError):
    """The URL names a database that Homeroom does not run on."""


@dataclass(frozen=True)
class Database:
    """Writers and readers of one database. `lanes` is how many transactions may write at once."""

    url: URL
    writer: AsyncEngine
    reader: AsyncEngine
    lanes: int
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """SQLite's one writing connection is shared: whoever writes takes it."""

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file, if that is what it is and it is one."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state.

        Raises:
            Unavailable: the database cannot be reached, or did not answer in time.
        """
        try:
            async with self.reader.connect() as connection:
                yield connection
        except Exception as error:
            if is_outage(error):
                raise Unavailable("The database cannot be reached just now.") from error
            raise

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed and on disk when the block has ended well, else rolled back.

        Raises:
            Unavailable: the database is away, full or too slow. If that came up during the commit itself, what was
                written may be there all the same.
        """
        try:
            async with self.turn if self.is_sqlite else nullcontext(), self.writer.begin() as connection:
                yield connection
        except Exception as error:
            if is_outage(error) and not is_collision(error):
                raise Unavailable("The database cannot be reached just now.") from error
            raise

    async def reopen(self) -> None:
        """Lets go of all connections: the next ones find what is there now, another file of the same name perhaps."""
        async with self.turn:
            await self.writer.dispose()
        await self.reader.dispose()

    async def close(self) -> None:
        await self.reader.dispose()
        await self.writer.dispose()


def is_outage(error: BaseException) -> bool:
    """Whether it means "the database is away, full or too slow", as against a mistake of ours.

    asyncpg's errors that have no class of their own in DB-API (a cancelled statement, a server shutting down) arrive
    as plain DBAPIError.
    """
    if isinstance(error, IntegrityError | ProgrammingError | DataError):
        return False
    return isinstance(error, DBAPIError | PoolTimeout | OSError)


def is_collision(error: BaseException) -> bool:
    """Whether somebody else was first: the same key was taken, or two transactions waited for each other.

    A second try may well succeed. Codes: PostgreSQL's appendix A, class 40 (transaction rollback).
    """
    if isinstance(error, IntegrityError):
        return True
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return isinstance(state, str) and state.startswith("40")


def normalised(url: str) -> URL:
    """The URL with the asynchronous driver that is used.

    Raises:
        UnknownDatabase: neither SQLite nor PostgreSQL.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+asyncpg")
    raise UnknownDatabase(f"{backend} is not supported: use sqlite:///path or postgresql://host/name")


def open_database(url: str, *, pool_size: int = 10, lanes: int = 4) -> Database:
    """Builds the engines; nothing is connected yet."""
    parsed = normalised(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    arguments: Mapping[str, Any] = {
        "server_settings": _POSTGRES_SETTINGS,
        "timeout": 5,
        "command_timeout": 15,
    }
    writer = create_async_engine(
        parsed,
        pool_size=lanes,
        max_overflow=2,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=arguments,
    )
    reader = create_async_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args=arguments,
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
    )
    return Database(parsed, writer, reader, lanes)


def _sqlite(url: URL) -> Database:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    writer = create_async_engine(url, poolclass=StaticPool, hide_parameters=True)
    reader = create_async_engine(
        url, pool_size=8, max_overflow=8, pool_timeout=_READER_SECONDS, hide_parameters=True
    )
    _prepare_sqlite(writer, "BEGIN IMMEDIATE", "foreign_keys=ON")
    _prepare_sqlite(reader, "BEGIN", "query_only=ON")
    return Database(url, writer, reader, lanes=1)


def _prepare_sqlite(
    engine: AsyncEngine, begin: str, *pragmas: str, busy_milliseconds: int = BUSY_MILLISECONDS
) -> None:
    """Sets the pragmas on each new connection, and begins transactions where SQLAlchemy says so.

    Python's sqlite3 would begin them late, at the first write (a reader would then not see one consistent state), and
    not at all for what changes the schema.
    """

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        wanted = (f"busy_timeout={busy_milliseconds}", "journal_mode=WAL", "synchronous=FULL", *pragmas)
        for pragma in wanted:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def migration_engine(url: str) -> AsyncEngine:
    """An engine for Alembic: one connection, closed after use, without the statement timeout.

    On SQLite foreign keys are not enforced: to change a table there is to copy it and drop the old one.
    """
    engine = create_async_engine(normalised(url), poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, "BEGIN IMMEDIATE", busy_milliseconds=_MIGRATION_MILLISECONDS)
    return engine


def take_migration_turn(connection: Connection) -> None:
    """Waits until no other process migrates this database; the turn ends with the transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")


async def fingerprint(database: Database) -> str:
    """Names the physical database: it differs after a restore, a move or a fail-over.

    PostgreSQL: system identifier, timeline (raised by recovery and promotion), database and table oid (new after
    `pg_restore`). SQLite: the file's device and inode; one restored in place is noticed by `realtime.log.epoch`.
    """
    if database.is_sqlite:
        path = database.path
        if path is None:
            return "memory"
        status = path.stat()
        return f"sqlite:{status.st_dev}:{status.st_ino}"
    parts = [await _told(database, question) for question in _PRINTS]
    return "postgresql:" + ":".join(part for part in parts if part is not None)


_PRINTS = (
    "SELECT system_identifier FROM pg_control_system()",
    "SELECT timeline_id FROM pg_control_checkpoint()",
    "SELECT oid FROM pg_database WHERE datname = current_database()",
    "SELECT 'room_events'::regclass::oid",
)


async def _told(database: Database, question: str) -> str | None:
    """The answer; None where the host forbids the question, as some do with the pg_control functions."""
    try:
        async with database.reading() as connection:
            return str((await connection.execute(text(question))).scalar_one())
    except ProgrammingError:
        return None
