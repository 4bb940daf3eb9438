"""`homeroom worker`, as it is run."""

import signal
from contextlib import AsyncExitStack
from functools import partial

from tests.conftest import StartHomeroom
from tests.integration.people import Rest, eventually
from tests.services.homeroom import HomeroomServer, program
from tests.services.process import ServerProcess
from tests.services.redis import RedisServer

JITSI = {
    "HOMEROOM_JITSI_URL": "https://meet.school.example",
    "HOMEROOM_JITSI_APP_ID": "homeroom",
    "HOMEROOM_JITSI_APP_SECRET": "a-secret-of-the-jitsi-server-of-32-bytes",
}
CLASS = {
    "title": "Algebra",
    "starts": "2030-01-07T09:00",
    "zone": "Europe/Paris",
    "minutes": 45,
    "provider": "jitsi",
    "accept_clashes": True,
}


class Worker:
    """A worker beside a node, with the node's settings."""

    def __init__(self, node: HomeroomServer, name: str) -> None:
        self._node = node
        self._process = ServerProcess("homeroom worker", node.folder / f"{name}.log")

    async def __aenter__(self) -> "Worker":
        await self._process.start(
            [program(), "worker"],
            self._works,
            environment=self._node.environment,
            directory=self._node.folder,
            seconds=60,
        )
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self._process.running:
            await self._process.signal_and_wait(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM and the exit status."""
        return await self._process.signal_and_wait(signal.SIGTERM)

    async def _works(self) -> bool:
        return "the worker works" in self._process.output()


async def scheduled(rest: Rest) -> str:
    """The id of a new meeting."""
    status, made, _ = await rest.call("POST", "/api/v1/meetings", json=CLASS)
    assert status == 201, made
    return str(made["meeting"]["id"])


async def is_ready(rest: Rest, meeting_id: str) -> bool:
    _, detail, _ = await rest.call("GET", f"/api/v1/meetings/{meeting_id}")
    return bool(detail["meeting"]["provided"]["state"] == "ready")


async def do_the_work(node: HomeroomServer, workers: int) -> None:
    """What was there before they came, what came while they were there, and nothing after they went."""
    rest = Rest(node, node.token("tara", role="instructor"))
    meetings = [await scheduled(rest)]
    assert not await is_ready(rest, meetings[0])
    async with AsyncExitStack() as stack:
        started = [
            await stack.enter_async_context(Worker(node, f"worker-{number}")) for number in range(workers)
        ]
        meetings.append(await scheduled(rest))
        for meeting_id in meetings:
            await eventually(partial(is_ready, rest, meeting_id))
        assert [await worker.stop() for worker in started] == [0] * workers
    assert not await is_ready(rest, await scheduled(rest))


async def test_a_worker_of_its_own_works_beside_a_node_on_sqlite(start_homeroom: StartHomeroom) -> None:
    await do_the_work(await start_homeroom(environment={**JITSI, "HOMEROOM_WORKER": "off"}), workers=1)


async def test_many_workers_work_on_postgres(
    start_homeroom: StartHomeroom, postgres_url: str, redis_server: RedisServer
) -> None:
    node = await start_homeroom(
        environment={**JITSI, "HOMEROOM_WORKER": "off"},
        database_url=postgres_url,
        redis_url=redis_server.url,
    )
    await do_the_work(node, workers=2)
