"""Counts jobs from time to time, for the metrics, and gives dead ones another chance when a server starts."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final, Protocol

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.errors import DomainError
from db.engine import Database
from meetings.jobs.store import NEWS
from meetings.jobs.tables import JobRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer

log = logging.getLogger(__name__)

_EVERY_SECONDS: Final = 15.0


class CensusObserver(Protocol):
    """Shows the counts."""

    def jobs_counted(self, counts: Mapping[tuple[str, str], int]) -> None:
        """By kind and state; without those that are done."""


class Census:
    """Runs beside a worker. What is dead of `revived` kinds is tried again at its start: what was missing may have been
    configured since.
    """

    def __init__(
        self, database: Database, writer: Writer, observer: CensusObserver, revived: frozenset[str]
    ) -> None:
        self._database = database
        self._writer = writer
        self._observer = observer
        self._revived = revived
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._writer.submit(_Revive(self._revived))
        self._task = asyncio.create_task(self._for_ever(), name="job-census")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def count(self) -> None:
        async with self._database.reading() as connection:
            self._observer.jobs_counted(await counted(connection))

    async def _for_ever(self) -> None:
        while True:
            try:
                await self.count()
            except DomainError:
                log.debug("jobs could not be counted")
            await asyncio.sleep(_EVERY_SECONDS)


async def counted(connection: AsyncConnection) -> Mapping[tuple[str, str], int]:
    """How many jobs there are that are not done, by kind and state."""
    rows = await connection.execute(
        select(JobRow.kind, JobRow.state, func.count())
        .where(JobRow.state.in_(["waiting", "running", "dead"]))
        .group_by(JobRow.kind, JobRow.state)
    )
    return {(kind, state): count for kind, state, count in rows}


class _Revive(Intention[None]):
    room_id = ""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds

    async def apply(self, transaction: Transaction) -> None:
        await transaction.execute(
            update(JobRow)
            .where(JobRow.kind.in_(self._kinds), JobRow.state == "dead")
            .values(state="waiting", due_at=transaction.now, attempts=0, again=False)
        )
        transaction.news.add(NEWS)
