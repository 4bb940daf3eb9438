"""The databases that these tests run over, and nodes over them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.conformance.store_places import (
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
        await alone.admit(*EVERYBODY)
        yield alone


@pytest_asyncio.fixture
async def scene(node: Node) -> Scene:
    """Meetings on that node, with a scripted provider; jobs are done when the test says so."""
    return Scene(node, ScriptedVendor(node.clock))
