"""What a class leaves behind, put together: the inbox, the clock, attendance, recordings, and classes held as calls of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from contract.clock import Clock
from meetings.after import closing_time, recording_jobs, report
from meetings.after.asking import Asking
from meetings.after.closing import Closing
from meetings.after.closing_time import ClosePlan
from meetings.after.folder import RecordingFolder
from meetings.after.model import Afterwards
from meetings.after.playing import RecordingDoor
from meetings.after.recording_jobs import Fetch, Look, RecordingLimits, Retention
from meetings.after.report import ReportHandler
from meetings.after.routes import after_routes
from meetings.after.service import AfterService
from meetings.after.tickets import Tickets
from meetings.change import Consequence
from meetings.jobs.port import Handler as JobHandler
from meetings.jobs.timetable import Daily
from meetings.providers.builtin.provider import BuiltinProvider
from meetings.providers.registry import BUILTIN, TOLD_LIVE, Providers
from meetings.webhooks import handler as webhooks
from meetings.webhooks.inbox import Inbox
from meetings.webhooks.routes import WebhookDoor
from meetings.webhooks.writes import KIND as WEBHOOK
from realtime.log.writer import Writer
from realtime.rest import Handler
from server.app import Mount
from server.classes_here import CallPlan, ClassesHere
from server.classroom import Classroom
from server.foundation import Foundation
from server.settings import Settings

_RETENTION_AT = time(3, 30)


@dataclass(frozen=True)
class AfterParts:
    """What `server.schedule_parts` takes of this."""

    afterwards: Afterwards
    service: AfterService
    inbox: Inbox
    handlers: Mapping[str, Handler]
    """Of REST operations."""
    jobs: Mapping[str, JobHandler]
    """By kind."""
    mounts: Sequence[Mount]
    dailies: Sequence[Daily]
    consequences: Sequence[Consequence]
    classes_here: ClassesHere


def recordings_folder(settings: Settings) -> Path:
    return settings.recordings_dir or settings.data_dir / "recordings"


def build_after(base: Foundation, room: Classroom, providers: Providers, link_base: str) -> AfterParts:
    settings, clock, database, writer = base.settings, base.clock, base.database, room.log.writer
    afterwards = _afterwards(providers, link_base)
    folder = RecordingFolder(recordings_folder(settings))
    tickets = Tickets(database, writer, clock)
    service = AfterService(database, writer, folder, tickets, clock)
    inbox = Inbox(providers, writer, clock)
    here = ClassesHere(database, writer, room.calls.hub, clock, afterwards)
    _connect(providers, here)
    return AfterParts(
        afterwards=afterwards,
        service=service,
        inbox=inbox,
        handlers=after_routes(service),
        jobs=_jobs(base, writer, providers, folder, afterwards=afterwards),
        mounts=[WebhookDoor(inbox), RecordingDoor(service)],
        dailies=[Daily(recording_jobs.RETENTION, _RETENTION_AT)],
        consequences=[ClosePlan(), CallPlan()],
        classes_here=here,
    )


def _afterwards(providers: Providers, link_base: str) -> Afterwards:
    """Whom to ask when a class is over."""
    others = [one for one in providers.all() if one.name not in TOLD_LIVE]
    return Afterwards(
        reports=frozenset(one.name for one in others if one.capabilities.attendance),
        recordings=frozenset(one.name for one in others if one.capabilities.recordings),
        link_base=link_base,
    )


def _jobs(
    base: Foundation, writer: Writer, providers: Providers, folder: RecordingFolder, *, afterwards: Afterwards
) -> Mapping[str, JobHandler]:
    settings, database = base.settings, base.database
    clock: Clock = base.clock
    asking = Asking(database, providers, clock, afterwards.link_base)
    limits = RecordingLimits(settings.recording_bytes, settings.recordings_days)
    return {
        WEBHOOK: webhooks.WebhookHandler(database, writer, providers, clock, afterwards),
        closing_time.KIND: Closing(database, writer, afterwards),
        report.KIND: ReportHandler(asking, writer),
        recording_jobs.FETCH: Fetch(
            database, writer, providers, folder, limits=limits, clock=clock, asking=asking
        ),
        recording_jobs.LOOK: Look(asking, writer),
        recording_jobs.RETENTION: Retention(database, writer, folder, clock),
    }


def _connect(providers: Providers, here: ClassesHere) -> None:
    """Ending a class that is a call of ours ends the call."""
    builtin = providers.get(BUILTIN).inner if providers.known(BUILTIN) else None
    if isinstance(builtin, BuiltinProvider):
        builtin.ends_calls_with(here.end_call)
