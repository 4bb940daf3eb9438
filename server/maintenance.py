"""What an operator does to the database from the command line, beside a running server or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import update

from auth import store
from auth.revocation import RevocationKind, Revoked
from contract.clock import SystemClock
from contract.connection import Revoke
from contract.errors import Unavailable
from contract.ids import IdFactory
from db import migrate
from db.engine import Database, is_outage, migration_engine, open_database
from realtime.log.epoch import EpochKeeper
from realtime.log.tables import Installation
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention
from server.lifecycle import CannotStart
from server.settings import Settings


async def upgrade(settings: Settings) -> str | None:
    """Bring the database up to date; the revision that it is at now."""
    with_folder(settings)
    async with _in_words():
        await migrate.upgrade(settings.database)
        return await _revision(settings)


async def is_behind(settings: Settings) -> bool:
    """Whether the database is at another revision than this code was written for."""
    async with _in_words():
        return await _revision(settings) != migrate.latest()


async def downgrade(settings: Settings, revision: str) -> str | None:
    """Take steps back; the revision that it is at now, None when it is empty."""
    async with _in_words():
        try:
            await migrate.downgrade(settings.database, revision)
        except migrate.UnknownRevision:
            raise CannotStart(f"There is no revision {revision} to go back to.") from None
        return await _revision(settings)


async def new_epoch(settings: Settings) -> str:
    """Begin a new epoch, for a restore that the server did not notice by itself: clients then fetch everything anew."""
    ids = IdFactory(SystemClock())
    async with _in_words(), _opened(settings) as database:
        keeper = EpochKeeper(database, settings.data_dir, ids)
        await keeper.open()
        try:
            return await keeper.renew()
        finally:
            await keeper.close()


async def revoke(settings: Settings, wish: Revoke) -> None:
    """Take a sign-in back, also when no server runs. Running nodes learn of it when they next read the table."""
    clock = SystemClock()
    if wish.jti is not None:
        kind, value = RevocationKind.TOKEN, wish.jti
    else:
        kind, value = RevocationKind.USER, wish.user_id or ""
    revoked = Revoked(kind, value, clock.now(), by="operator")
    async with _in_words(), _opened(settings) as database, database.writing() as connection:
        await store.add(connection, IdFactory(clock).new("rev"), revoked)


class Probe(Intention[None]):
    """Writes the least there is to write, to see whether the database takes it."""

    room_id = ""

    async def apply(self, transaction: Transaction) -> None:
        await transaction.execute(update(Installation).values(id=Installation.id))


def with_folder(settings: Settings) -> None:
    """Make the folder of an SQLite database.

    Raises:
        CannotStart: it cannot be made.
    """
    if settings.database_file is None:
        return
    try:
        settings.database_file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The folder {settings.database_file.parent} cannot be made: {error.strerror}."
        ) from None


async def _revision(settings: Settings) -> str | None:
    engine = migration_engine(settings.database)
    try:
        return await migrate.current(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings.database, lanes=1)
    try:
        if await migrate.pending(database.reader):
            raise CannotStart("The database is not up to date: run `homeroom migrate` first.")
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def _in_words() -> AsyncIterator[None]:
    """A database that is away, in a sentence: the driver's own words may hold the address with its password."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Unavailable) or is_outage(error):
            raise CannotStart(
                f"The database cannot be reached ({type(error).__qualname__}): "
                "see that it runs and that HOMEROOM_DATABASE_URL is right."
            ) from None
        raise
