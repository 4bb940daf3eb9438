"""Desks over both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.conformance.store_places import (
    database_url,
    empty_url,
    postgres_place,
    postgres_template,
    sqlite_template,
    sqlite_url,
    store_place,
)
from tests.meetings.after.desk import Desk, opened

__all__ = [
    "database_url",
    "empty_url",
    "postgres_place",
    "postgres_template",
    "sqlite_template",
    "store_place",
]


@pytest_asyncio.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """On SQLite and on PostgreSQL."""
    async with opened(database_url, tmp_path) as desk:
        yield desk


@pytest_asyncio.fixture
async def light_desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    """On SQLite alone, for what no database can change."""
    path = tmp_path / "homeroom.db"
    path.write_bytes(sqlite_template.read_bytes())
    async with opened(sqlite_url(path), tmp_path) as desk:
        yield desk
