"""Meetings, put together: providers, what is scheduled, the jobs that follow from it, and the doors to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from importlib.metadata import version

import aiohttp

from meetings.change import Consequence
from meetings.door.guests import SeeingOff
from meetings.door.writes import LEAVING
from meetings.ending import EndingService
from meetings.jobs.census import Census
from meetings.jobs.port import Handler as JobHandler
from meetings.jobs.routes import job_routes
from meetings.jobs.service import JobService
from meetings.jobs.timetable import Daily, Timetable
from meetings.jobs.worker import Worker
from meetings.linking.handler import LinkHandler
from meetings.linking.health import HealthBoard
from meetings.linking.keeping import KIND as KEEP
from meetings.linking.keeping import Keep, keepers
from meetings.linking.looking import Look, Reconcile
from meetings.linking.lookup import Bookings
from meetings.linking.memory import Memory
from meetings.linking.plan import LinkPlan
from meetings.linking.routes import link_routes
from meetings.linking.service import LinkService
from meetings.means import Means as ScheduleMeans
from meetings.provider import MeetingProvider
from meetings.providers.guard import ProviderObserver
from meetings.providers.registry import Providers, build_providers
from meetings.providers.surroundings import Surroundings
from meetings.routes import ending_routes, meeting_routes
from meetings.service import MeetingService
from meetings.tzdata import KIND as TZDATA
from meetings.tzdata import EachRelease, Recompute
from realtime.log.writer import Writer
from realtime.rest import Handler
from server.after_parts import AfterParts, build_after
from server.app import Mount
from server.classroom import Classroom
from server.foundation import Foundation
from server.lifecycle import CannotStart, Running
from server.mail_parts import MailParts, build_mail
from server.settings import Settings

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
    meetings: MeetingService
    after: AfterParts
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
    settings: Settings,
    surroundings: Surroundings,
    observer: ProviderObserver | None = None,
    further: Sequence[MeetingProvider] = (),
) -> Providers:
    """Raises CannotStart: one is configured by half."""
    try:
        return build_providers(settings, surroundings, observer, further)
    except ValueError as error:
        raise CannotStart(str(error)) from None


@dataclass(frozen=True)
class Means:
    """What all of meetings is built with."""

    base: Foundation
    room: Classroom
    providers: Providers
    link_base: str
    after: AfterParts
    mail: MailParts

    @property
    def writer(self) -> Writer:
        return self.room.log.writer


def build_schedule(
    base: Foundation, room: Classroom, *, works: bool, further: Sequence[MeetingProvider] = ()
) -> ScheduleParts:
    """`works`: whether jobs are done in this process. `further` providers are offered beside those of the settings."""
    settings, clock, writer = base.settings, base.clock, room.log.writer
    link_base, outgoing = public_address(settings), Outgoing()
    surroundings = Surroundings(
        clock,
        lambda name: Memory(name, base.database, writer, clock),
        Bookings(base.database, link_base),
        link_base,
        outgoing,
    )
    providers = providers_of(settings, surroundings, base.metrics, further)
    after = build_after(base, room, providers, link_base)
    mail = build_mail(base, room, link_base)
    means = Means(base, room, providers, link_base, after, mail)
    worker = Worker(
        base.database, writer, _job_handlers(means), clock=clock, ids=base.ids, observer=base.metrics
    )
    running = [
        Running("requests to providers", _nothing, outgoing.close),
        Running("providers", _nothing, means.providers.close),
        *_everywhere(means),
        *(_where_work_is_done(means, worker) if works else ()),
    ]
    meetings = _meetings(means)
    return ScheduleParts(
        providers, meetings, after, _doors(means, meetings), _mounts(means), running=running, worker=worker
    )


def _everywhere(means: Means) -> Sequence[Running]:
    base = means.base
    health = HealthBoard(
        means.providers, Memory("homeroom", base.database, means.writer, base.clock), base.clock
    )
    classes = means.after.classes_here
    return [
        Running("health of providers", health.start, health.close),
        Running("classes here", classes.start, classes.close),
        *means.mail.running,
    ]


def _where_work_is_done(means: Means, worker: Worker) -> Sequence[Running]:
    base, writer = means.base, means.writer
    dailies = [*_DAILY, *means.after.dailies, *keepers(means.providers)]
    timetable = Timetable(writer, base.clock, dailies)
    census = Census(base.database, writer, base.metrics, revived=frozenset({"link"}))
    return [
        Running("timetable", timetable.start, timetable.close),
        Running("census of jobs", census.start, census.close),
        Running("worker", worker.start, worker.close),
    ]


_DAILY = (Daily("reconcile", time(2, 30)), EachRelease())
"""Times in UTC."""


def _consequences(means: Means) -> Sequence[Consequence]:
    """What follows from a change of the schedule, in this order."""
    return [LinkPlan(means.providers), *means.after.consequences, *means.mail.consequences]


def _job_handlers(means: Means) -> Mapping[str, JobHandler]:
    """By kind of job."""
    base = means.base
    link = LinkHandler(base.database, means.writer, means.providers, base.clock, means.link_base)
    memory = Memory("homeroom", base.database, means.writer, base.clock)
    look = Look(base.database, means.writer, memory, base.clock, means.link_base)
    reconcile = Reconcile(
        base.database, means.writer, means.providers, look, clock=base.clock, link_base=means.link_base
    )
    leaving = SeeingOff(means.writer, means.room.live.personal)
    tzdata = Recompute(base.database, means.writer, _schedule_means(means))
    return {
        "link": link,
        "reconcile": reconcile,
        KEEP: Keep(base.database, means.providers, base.clock, means.link_base),
        TZDATA: tzdata,
        LEAVING: leaving,
        **means.after.jobs,
        **means.mail.jobs,
    }


def _schedule_means(means: Means) -> ScheduleMeans:
    return ScheduleMeans(means.link_base, means.providers, _consequences(means))


def _meetings(means: Means) -> MeetingService:
    base = means.base
    return MeetingService(
        base.database,
        means.writer,
        _schedule_means(means),
        personal=means.room.live.personal,
        clock=base.clock,
        ids=base.ids,
    )


def _doors(means: Means, meetings: MeetingService) -> Mapping[str, Handler]:
    """By REST operation."""
    base, writer = means.base, means.writer
    links = LinkService(base.database, writer, meetings.get, means.link_base)
    return {
        **meeting_routes(meetings),
        **link_routes(links),
        **job_routes(JobService(base.database, writer)),
        **ending_routes(
            EndingService(base.database, writer, means.providers, means.after.afterwards, meetings.get)
        ),
        **means.after.handlers,
    }


def _mounts(means: Means) -> Sequence[Mount]:
    """Parts that bring routes of their own."""
    return [*means.after.mounts]


async def _nothing() -> None:
    """What is closed, but need not be started."""
