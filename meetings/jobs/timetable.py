"""Work of every day: wished for by whichever node gets to it first, once."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete

from contract.clock import Clock
from contract.errors import DomainError
from meetings.jobs import store
from meetings.jobs.port import JobWish
from meetings.jobs.tables import JobRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer

log = logging.getLogger(__name__)

_LOOK_SECONDS = 900.0
_KEPT = timedelta(days=60)
"""Done jobs are known as done for so long; nothing is wished for `once` again after that."""


@dataclass(frozen=True)
class Daily:
    """A job of `kind` every day at `at` (UTC), with the key kind:2026-11-24."""

    kind: str
    at: time
    payload: Mapping[str, Any] = field(default_factory=dict)

    def wish_for(self, now: datetime) -> JobWish:
        """The day's job; a server that starts later in the day catches up on it."""
        day = now.astimezone(UTC).date()
        return JobWish(
            key=f"{self.kind}:{day.isoformat()}",
            kind=self.kind,
            due_at=datetime.combine(day, self.at, UTC),
            payload=self.payload,
            once=True,
        )


class Timetable:
    """Runs beside the worker."""

    def __init__(self, writer: Writer, clock: Clock, dailies: Sequence[Daily]) -> None:
        self._writer = writer
        self._clock = clock
        self._dailies = dailies
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever(), name="timetable")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self) -> None:
        """Wishes for today's work, unless it was wished for."""
        now = self._clock.now()
        await self._writer.submit(_Today([daily.wish_for(now) for daily in self._dailies], now - _KEPT))

    async def _for_ever(self) -> None:
        while True:
            try:
                await self.look()
            except DomainError as error:
                log.warning("the day's work could not be written down: %s", error.wire_code)
            await asyncio.sleep(_LOOK_SECONDS)


class _Today(Intention[None]):
    room_id = ""

    def __init__(self, wishes: Sequence[JobWish], forgotten: datetime) -> None:
        self._wishes = wishes
        self._forgotten = forgotten

    async def apply(self, transaction: Transaction) -> None:
        await store.wish_all(transaction, self._wishes)
        await transaction.execute(
            delete(JobRow).where(JobRow.state == "done", JobRow.finished_at < self._forgotten)
        )
