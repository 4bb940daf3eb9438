"""`homeroom worker`: the jobs of meetings in a process of their own, any number of them on PostgreSQL, one beside `serve` on SQLite.

What it writes reaches people through the nodes that they are connected to: over the bus at once, without one within seconds.
"""

import logging
from collections.abc import Sequence

from db import migrate
from meetings.provider import MeetingProvider
from server import maintenance
from server.classroom import Classroom, build_classroom
from server.foundation import Foundation, build_foundation, build_trust
from server.lifecycle import CannotStart, Running, Step, StopSignal, stop
from server.logs import configure_logs
from server.safety import refuse_unsafe, warnings
from server.schedule_parts import ScheduleParts, build_schedule
from server.settings import Settings

log = logging.getLogger(__name__)

_STOP_SECONDS = 28.0


class WorkerProcess:
    """As a node of the server, without anything that listens."""

    def __init__(self, settings: Settings, further: Sequence[MeetingProvider] = ()) -> None:
        refuse_unsafe(settings)
        self._settings = settings
        self.base: Foundation = build_foundation(settings)
        self.room: Classroom = build_classroom(self.base, build_trust(self.base))
        self.schedule: ScheduleParts = build_schedule(self.base, self.room, works=True, further=further)

    async def start(self) -> None:
        """Raises CannotStart when the database is not up to date."""
        maintenance.with_folder(self._settings)
        if await migrate.pending(self.base.database.reader):
            raise CannotStart("The database is not up to date: run `homeroom migrate` first.")
        await self.room.log.epochs.open()
        await self.base.bus.start()
        for part in self._running():
            await part.start()

    async def stop(self, hurry: StopSignal | None = None) -> None:
        """What is being done is brought to its end, or given back."""
        steps = [
            *(Step(part.name, part.close, 5) for part in reversed(self._running())),
            Step("delivery", self.room.log.delivery.close),
            Step("bus", self.base.bus.close),
            Step("position", self.room.log.epochs.close),
            Step("database", self.base.database.close),
        ]
        waiting = hurry.wait_for_hurry() if hurry is not None else None
        await stop(steps, seconds=_STOP_SECONDS, clock=self.base.clock, hurry=waiting)

    def _running(self) -> list[Running]:
        parts = self.room.log
        return [
            Running("relay", parts.relay.start, parts.relay.close),
            Running("writer", parts.writer.start, parts.writer.close),
            *self.schedule.running,
        ]


async def work(settings: Settings) -> None:
    """Runs until it is told to stop. Raises CannotStart."""
    configure_logs(settings.log_level, settings.log_style)
    for warning in warnings(settings):
        log.warning(warning)
    signals = StopSignal()
    signals.install()
    process = WorkerProcess(settings)
    try:
        await process.start()
        log.info("the worker works")
        await signals.wait()
    finally:
        await process.stop(signals)
        signals.remove()
