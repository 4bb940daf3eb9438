"""A worker that is killed between any two steps leaves exactly one meeting at the provider, and nothing that nobody wants."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import update

from meetings.jobs.tables import JobRow
from meetings.model import LinkStatus
from tests.conformance.store_places import SqlitePlace
from tests.meetings.linking.worker_process import Work, at_work
from tests.meetings.scene import Scene
from tests.realtime.school import EVERYBODY, Node, running
from tests.services.scripted_provider import ScriptedVendor
from tests.services.scripted_service import ScriptedService, over_http


class Stage:
    """A node that schedules, a service over HTTP, and workers that come and go."""

    def __init__(self, node: Node, service: ScriptedService, url: str, folder: Path) -> None:
        self.node = node
        self.scene = Scene(node, service.vendor)
        self.service = service
        self._url = url
        self._folder = folder

    async def work(self, dies: str = "") -> int:
        """One worker until nothing is due any more, or until it dies."""
        self.service.kills = dies
        status = await at_work(Work(self._url, self._folder, self.service.url, dies))
        await self._leases_end()
        return status

    async def _leases_end(self) -> None:
        """As when half a minute has passed."""
        async with self.node.database.writing() as connection:
            await connection.execute(
                update(JobRow).where(JobRow.state == "running").values(locked_until=self.node.clock.now())
            )


@asynccontextmanager
async def staged(database_url: str, folder: Path) -> AsyncIterator[Stage]:
    node = Node(database_url, folder)
    async with running(node), over_http(ScriptedVendor()) as service:
        await node.admit(*EVERYBODY)
        yield Stage(node, service, database_url, folder)


@pytest_asyncio.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """On SQLite and on PostgreSQL."""
    async with staged(database_url, tmp_path / "data") as ready:
        yield ready


@pytest_asyncio.fixture
async def stage_on_sqlite(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """For what is the same on both."""
    async with staged(await SqlitePlace(tmp_path, sqlite_template).migrated(), tmp_path / "data") as ready:
        yield ready


@pytest.mark.parametrize(
    "dies", ["begun", "create:claimed", "create:sent", "create:done", "create:answered", "saved"]
)
async def test_a_worker_killed_while_it_makes_a_meeting_makes_one(stage: Stage, dies: str) -> None:
    detail = await stage.scene.schedule()
    assert await stage.work(dies) == -9
    assert await stage.work() == 0
    link = await stage.scene.link(detail.meeting.id)
    assert link.status is LinkStatus.READY
    assert list(stage.service.vendor.things) == [link.external_id]
    assert stage.service.vendor.made == [link.id]
    assert len(await stage.scene.told(detail.meeting.room_id)) == 1


@pytest.mark.parametrize("dies", ["find:claimed", "find:done", "update:sent", "update:answered"])
async def test_a_worker_killed_while_it_makes_good_for_another_makes_none(
    stage_on_sqlite: Stage, dies: str
) -> None:
    stage = stage_on_sqlite
    detail = await stage.scene.schedule()
    assert await stage.work("create:done") == -9
    assert await stage.work(dies) == -9
    assert await stage.work() == 0
    link = await stage.scene.link(detail.meeting.id)
    assert [link.external_id] == list(stage.service.vendor.things)
    assert stage.service.vendor.made == [link.id]


@pytest.mark.parametrize("dies", ["cancel:claimed", "cancel:sent", "cancel:done", "saved"])
async def test_a_worker_killed_while_it_deletes_a_meeting_leaves_none(
    stage_on_sqlite: Stage, dies: str
) -> None:
    stage = stage_on_sqlite
    detail = await stage.scene.schedule()
    assert await stage.work() == 0
    await stage.scene.cancel(detail.meeting.id)
    assert await stage.work(dies) == -9
    assert await stage.work() == 0
    (link,) = await stage.scene.links(detail.meeting.id)
    assert link.status is LinkStatus.CANCELLED
    assert stage.service.vendor.things == {}
