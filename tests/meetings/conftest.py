"""The databases that these tests run over, and nodes over them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.conformance.store_places import (
    SqlitePlace,
    database_url,
    postgres_place,
    postgres_template,
    sqlite_template,
    store_place,
)
from tests.meetings.scene import Scene
from tests.realtime.clocks import ManualClock
from tests.realtime.school import EVERYBODY, Node, running
from tests.services.scripted_provider import ScriptedVendor

__all__ = [
    "database_url",
    "postgres_place",
    "postgres_template",
    "sqlite_template",
    "store_place",
]


@pytest_asyncio.fixture
async def node(database_url: str, tmp_path: Path) -> AsyncIterator[Node]:
    """A node alone, on SQLite and on PostgreSQL, that knows everybody of the school; its clock is moved by hand."""
    alone = Node(database_url, tmp_path / "data", clock=ManualClock())
    async with running(alone):
        await asyncio.gather(*(alone.admit(who) for who in EVERYBODY))
        yield alone


@pytest_asyncio.fixture
async def scene(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    """Meetings on a node with a scripted provider; jobs are done when the test says so. On SQLite: rules are the same on both."""
    database_url = await SqlitePlace(tmp_path, sqlite_template).migrated()
    alone = Node(database_url, tmp_path / "data", clock=ManualClock())
    async with running(alone):
        await asyncio.gather(*(alone.admit(who) for who in EVERYBODY))
        yield Scene(alone, ScriptedVendor(alone.clock))


@pytest_asyncio.fixture
async def scene_anywhere(node: Node) -> Scene:
    """The same on SQLite and on PostgreSQL."""
    return Scene(node, ScriptedVendor(node.clock))
