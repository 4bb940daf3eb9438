"""A worker in a process of its own, composed as `homeroom worker` composes it, that can be killed at any moment.

Processes are forked from one that has imported everything, so that starting one takes a moment and not seconds.
"""

import asyncio
import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from meetings.jobs.port import Handler, Job
from meetings.provider import Layout
from server.settings import Settings
from server.worker import WorkerProcess
from tests.realtime.school import SECRET
from tests.services.scripted_provider import ScriptedProvider
from tests.services.scripted_service import HttpLine

NAME = "tests.meetings.linking.worker_process"


@dataclass(frozen=True)
class Work:
    """What a worker is started with. `dies`: when it kills itself; "" for never. `kind`: of the provider's layout."""

    database_url: str
    folder: Path
    service_url: str
    dies: str = ""
    kind: Layout = Layout.SERIES


async def at_work(work: Work) -> int:
    """Starts a worker that does all that is due, and waits for its end; the exit status, -9 for one that was killed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([NAME])
    process = context.Process(target=_run, args=(work,), daemon=True)
    await asyncio.to_thread(process.start)
    await asyncio.to_thread(process.join, 60)
    return -1 if process.exitcode is None else process.exitcode


def _run(work: Work) -> None:
    asyncio.run(_work(work))


async def _work(work: Work) -> None:
    settings = Settings(
        data_dir=work.folder,
        database_url=SecretStr(work.database_url),
        jwt_secret=SecretStr(SECRET),
        jwt_issuer="https://lms.test",
        jwt_audience="homeroom",
    )
    line = HttpLine(work.service_url, work.dies)
    process = WorkerProcess(settings, [ScriptedProvider(line, work.kind)])
    handlers = process.schedule.worker._handlers
    handlers["link"] = _Dying(handlers["link"], work.dies)
    writer, epochs = process.room.log.writer, process.room.log.epochs
    await epochs.open()
    await writer.start()
    await process.schedule.worker.run_due()
    await writer.close()
    await line.close()
    await process.base.database.close()
    await epochs.close()


class _Dying:
    """Dies before anything was done, or when all was done but the job was not yet told so."""

    def __init__(self, inner: Handler, dies: str) -> None:
        self._inner = inner
        self._dies = dies

    async def __call__(self, job: Job) -> None:
        if self._dies == "begun":
            os.kill(os.getpid(), signal.SIGKILL)
        await self._inner(job)
        if self._dies == "saved":
            os.kill(os.getpid(), signal.SIGKILL)
