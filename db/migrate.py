"""Moves a database between versions of its schema."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import migration_engine, take_migration_turn


class UnknownRevision(ValueError):
    """No step of this code leads to that revision."""


async def upgrade(url: str, revision: str = "head") -> None:
    """Applies the steps that are missing, up to `revision`."""
    await _run(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Takes steps back down to `revision`; "base" empties the database. Raises UnknownRevision."""
    try:
        ScriptDirectory.from_config(_config()).get_revision(revision)
    except CommandError:
        raise UnknownRevision(revision) from None
    await _run(url, lambda config: command.downgrade(config, revision))


async def current(engine: AsyncEngine) -> str | None:
    """The revision that the database is at; None when it is empty."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def pending(engine: AsyncEngine) -> bool:
    """Whether the database is at another revision than this code was written for."""
    return await current(engine) != latest()


def latest() -> str | None:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


async def _run(url: str, step: Callable[[Config], None]) -> None:
    """All steps in one transaction, and no two processes at once."""
    engine = migration_engine(url)

    def on(connection: Connection) -> None:
        take_migration_turn(connection)
        config = _config()
        config.attributes["connection"] = connection
        step(config)

    try:
        async with engine.begin() as connection:
            await connection.run_sync(on)
    finally:
        await engine.dispose()
