"""A node with meetings and a mail server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conformance.store_places import SqlitePlace
from tests.meetings.mail.postbox import Post
from tests.realtime.school import Node
from tests.services.mail_server import mail_server


@pytest_asyncio.fixture
async def post(node: Node) -> AsyncIterator[Post]:
    async with mail_server() as server:
        scene = Post(node, server)
        yield scene
        await scene.close()


@pytest.fixture
def store_place(tmp_path: Path, sqlite_template: Path) -> SqlitePlace:
    """What does not depend on the database is tested on one; see `test_on_postgres.py`."""
    return SqlitePlace(tmp_path, sqlite_template)
