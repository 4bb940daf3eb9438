"""The databases that these tests run over, and a node over each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from realtime.bus.memory import MemoryExchange
from tests.conformance.store_places import (
    database_url,
    empty_url,
    postgres_place,
    postgres_template,
    sqlite_template,
    store_place,
)
from tests.realtime.school import EVERYBODY, Node, running

__all__ = [
    "database_url",
    "empty_url",
    "postgres_place",
    "postgres_template",
    "sqlite_template",
    "store_place",
]


@pytest_asyncio.fixture
async def node(database_url: str, tmp_path: Path) -> AsyncIterator[Node]:
    """A node alone, on SQLite and on PostgreSQL, that knows everybody of the school."""
    alone = Node(database_url, tmp_path / "data")
    async with running(alone):
        await alone.admit(*EVERYBODY)
        yield alone


@pytest_asyncio.fixture
async def two_nodes(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Node, Node]]:
    """Two nodes over one database, which may be SQLite: two processes on one file do no harm either."""
    exchange = MemoryExchange()
    first = Node(database_url, tmp_path / "first", exchange, "node_a")
    second = Node(database_url, tmp_path / "second", exchange, "node_b")
    async with running(first, second):
        await first.admit(*EVERYBODY)
        yield first, second
