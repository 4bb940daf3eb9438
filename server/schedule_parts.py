"""Meetings, put together: providers, what is scheduled, the jobs that follow from it, and the doors to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from importlib.metadata import version

import aiohttp

from meetings.jobs.port import Handler as JobHandler
from meetings.jobs.routes import job_routes
from meetings.jobs.service import JobService
from meetings.jobs.timetable import Daily, Timetable
from meetings.jobs.worker import Worker
from meetings.linking.lookup import Bookings
from meetings.linking.memory import Memory
from meetings.linking.plan import LinkPlan
from meetings.providers.guard import ProviderObserver
from meetings.providers.registry import Providers, build_providers
from meetings.providers.surroundings import Surroundings
from meetings.routes import meeting_routes
from meetings.service import MeetingService, PersonalChannel
from meetings.writes import Means
from realtime.log.writer import Writer
from realtime.rest import Handler
from server.app import Mount
from server.foundation import Foundation
from server.lifecycle import CannotStart, Running
from server.settings import Settings

_RECONCILED_AT = time(2, 30)
_REQUEST_SECONDS = 30.0


class Outgoing:
    """The one HTTP client for requests to providers, made when the first is made."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def __call__(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_REQUEST_SECONDS),
                headers={"User-Agent": f"Homeroom/{version('homeroom')}"},
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


@dataclass(frozen=True)
class ScheduleParts:
    """What `server.compose` and `server.worker` take of meetings."""

    providers: Providers
    handlers: Mapping[str, Handler]
    """Of REST operations."""
    mounts: Sequence[Mount]
    running: Sequence[Running]
    """In the order of starting; the worker is among them where it is wanted."""
    worker: Worker


def public_address(settings: Settings) -> str:
    """Under which people and providers reach this server."""
    if settings.public_url is not None:
        return settings.public_url
    return f"http://{'localhost' if settings.dev else settings.host}:{settings.port}"


def providers_of(
    settings: Settings, surroundings: Surroundings, observer: ProviderObserver | None = None
) -> Providers:
    """Raises CannotStart: one is configured by half."""
    try:
        return build_providers(settings, surroundings, observer)
    except ValueError as error:
        raise CannotStart(str(error)) from None


def build_schedule(
    base: Foundation, writer: Writer, personal: PersonalChannel | None = None, *, works: bool
) -> ScheduleParts:
    """`works`: whether jobs are done in this process. Without `personal` nobody is connected to it, and no door is served."""
    settings, clock, database = base.settings, base.clock, base.database
    link_base = public_address(settings)
    outgoing = Outgoing()
    surroundings = Surroundings(
        clock,
        lambda name: Memory(name, database, writer, clock),
        Bookings(database, link_base),
        link_base,
        outgoing,
    )
    providers = providers_of(settings, surroundings, base.metrics)
    job_handlers: dict[str, JobHandler] = {}
    worker = Worker(database, writer, job_handlers, clock=clock, ids=base.ids, observer=base.metrics)
    timetable = Timetable(writer, clock, [Daily("reconcile", _RECONCILED_AT)])
    running = [Running("requests to providers", _nothing, outgoing.close)]
    running += [Running("providers", _nothing, providers.close)]
    if works:
        running += [Running("timetable", timetable.start, timetable.close)]
        running += [Running("worker", worker.start, worker.close)]
    handlers = {**job_routes(JobService(database, writer))}
    if personal is not None:
        means = Means(link_base, providers, [LinkPlan(providers)])
        meetings = MeetingService(database, writer, means, personal=personal, clock=clock, ids=base.ids)
        handlers |= meeting_routes(meetings)
    return ScheduleParts(providers, handlers, mounts=[], running=running, worker=worker)


async def _nothing() -> None:
    """What is closed, but need not be started."""
