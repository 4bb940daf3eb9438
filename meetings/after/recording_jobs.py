"""Recordings come here: jobs that look for files, fetch each, and delete what has been kept for long enough."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NoReturn

from contract.after_class import RecordingState
from contract.clock import Clock
from db.engine import Database
from meetings import history, store
from meetings.after import recording_store, rules
from meetings.after.asking import Asked, Asking, answered
from meetings.after.fetching import Answered, Broken, TooLarge, Unwritable, Wanted, WrongSize, fetched
from meetings.after.folder import RecordingFolder, safe_type
from meetings.after.lessons import lesson_of
from meetings.after.model import SessionRecord
from meetings.after.recording_store import RecordingRecord
from meetings.after.source import Hosts, Refused
from meetings.history import Line
from meetings.jobs.port import Again, Dead, Job
from meetings.jobs.rules import is_exhausted
from meetings.linking import store as linking
from meetings.model import OccurrenceRecord
from meetings.provider import MeetingProvider, RecordedFile
from meetings.providers.registry import Providers
from meetings.webhooks.writes import ForgetDeliveries
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer

log = logging.getLogger(__name__)

FETCH, LOOK, RETENTION = "recording", "recordings", "retention"
"""Kinds of jobs: one for each file, one for each session that is over, one every day."""

_WEBHOOK_DAYS: Final = 60
_LOST: Final = frozenset({401, 403, 404, 410})
"""Answers of a host whose address has run out."""
_WAITING = frozenset({RecordingState.FETCHING.value, RecordingState.FAILED.value})


@dataclass(frozen=True)
class RecordingLimits:
    """As the operator has set them. `days` 0: for ever."""

    most_bytes: int
    days: int


class Fetch:
    """Handles jobs of the kind `recording`."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        providers: Providers,
        folder: RecordingFolder,
        *,
        limits: RecordingLimits,
        clock: Clock,
        asking: Asking,
    ) -> None:
        self._database = database
        self._writer = writer
        self._providers = providers
        self._folder = folder
        self._limits = limits
        self._clock = clock
        self._asking = asking

    async def __call__(self, job: Job) -> None:
        async with self._database.reading() as connection:
            record = await recording_store.recording(connection, str(job.payload["recording_id"]))
            link = await linking.link(connection, record.link_id) if record is not None else None
        if record is None or link is None or record.state not in _WAITING:
            return
        if not self._providers.known(link.provider):
            await self._fail(record, "Its provider is not configured any more.")
        kept = self._folder.find(self._name(record, None))
        if kept is None:
            record = await self._get(record, self._providers.get(link.provider), job)
        else:  # it was here already when the server died
            content_type = safe_type(record.content_type, record.kind)
            record = replace(record, path=kept.name, bytes=kept.stat().st_size, content_type=content_type)
        await self._writer.submit(_Ready(await self._room(record), record, self._limits.days))

    async def _get(self, record: RecordingRecord, provider: MeetingProvider, job: Job) -> RecordingRecord:
        source = record.source
        wanted = Wanted(
            record.id,
            str(source.get("url")),
            source.get("token"),
            source.get("bytes"),
            self._limits.most_bytes,
        )
        try:
            part, told = await fetched(self._folder, Hosts(provider.hosts), wanted)
        except Refused as error:
            await self._fail(record, error.message)
        except TooLarge:
            await self._fail(record, "It is larger than recordings may be here; it stays with the provider.")
        except Answered as error:
            if error.status in _LOST:
                await self._ask_anew(record)
            await self._again(record, job, f"Its host answered with {error.status}.")
        except WrongSize:
            await self._again(record, job, "It is not as long as the provider said.")
        except Broken:
            await self._again(record, job, "The connection to its host broke off.")
        except Unwritable:
            log.warning("the folder of recordings takes nothing: it is full, or may not be written to")
            await self._again(
                record, job, "It could not be written: the disk of the server is full, or not open to it."
            )
        content_type = safe_type(record.content_type or told, record.kind)
        name = self._name(record, content_type)
        size = await self._folder.keep(part, name)
        return replace(record, path=name, bytes=size, content_type=content_type)

    def _name(self, record: RecordingRecord, content_type: str | None) -> str:
        told = content_type or safe_type(record.content_type, record.kind)
        return self._folder.name_of(record.id, told)

    async def _room(self, record: RecordingRecord) -> str:
        async with self._database.reading() as connection:
            return await store.room_of(connection, record.meeting_id) or ""

    async def _fail(self, record: RecordingRecord, problem: str) -> NoReturn:
        """Raises Dead: somebody has to do something."""
        failed = replace(record, state=RecordingState.FAILED.value, problem=problem)
        await self._folder.forget_part(record.id)
        await self._writer.submit(_Save(await self._room(record), failed))
        raise Dead(problem)

    async def _again(self, record: RecordingRecord, job: Job, problem: str) -> NoReturn:
        """Raises Again, or Dead when that was tried often enough."""
        if is_exhausted(job.attempts):
            await self._fail(record, problem)
        raise Again(problem)

    async def _ask_anew(self, record: RecordingRecord) -> None:
        """Addresses run out: the provider is asked for a fresh one. Raises Again when it gave one."""
        asked = await self._asking.about(_session_of(record, self._clock.now()))
        if asked is None:
            return
        for file in await answered(lambda: _ask(asked)):
            if file.external_id == record.external_id and file.url != record.source.get("url"):
                fresh = {**record.source, "url": file.url, "token": file.token, "bytes": file.bytes}
                await self._writer.submit(_Save(asked.room_id, replace(record, source=fresh)))
                raise Again("The provider gave a fresh address.", self._clock.now())


class Look:
    """Handles jobs of the kind `recordings`: for providers that do not tell, or whose word was lost."""

    def __init__(self, asking: Asking, writer: Writer) -> None:
        self._asking = asking
        self._writer = writer

    async def __call__(self, job: Job) -> None:
        asked = await self._asking.about_job(job)
        if asked is None:
            return
        files = await answered(lambda: _ask(asked))
        if files:
            await self._writer.submit(_Note(asked, files))
            return
        again = self._asking.later(job, "The provider has no recording yet.")
        if again is not None:
            raise again


class Retention:
    """Handles jobs of the kind `retention`."""

    def __init__(self, database: Database, writer: Writer, folder: RecordingFolder, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._folder = folder
        self._clock = clock

    async def __call__(self, job: Job) -> None:
        async with self._database.reading() as connection:
            old = await recording_store.outlived(connection, self._clock.now())
            rooms = {one.id: await store.room_of(connection, one.meeting_id) for one in old}
        for one in old:
            expired = replace(one, state=RecordingState.EXPIRED.value, path=None, source={})
            line = Line("recording_expired", "A recording was deleted: its time was over.")
            await self._writer.submit(_Save(rooms[one.id] or "", expired, line))
            await self._folder.remove(one.path)
        async with self._database.reading() as connection:
            states = await recording_store.paths_in_use(connection)
        count = await self._folder.clean(states)
        if count:
            log.info("%d left-over files of recordings were deleted", count)
        await self._writer.submit(ForgetDeliveries(_WEBHOOK_DAYS))


def _session_of(record: RecordingRecord, now: datetime) -> SessionRecord:
    """The time of holding the class that it is of, though nothing else may have been told of that."""
    name = str(record.source.get("session") or "")
    return SessionRecord("", record.meeting_id, record.occurrence_id or "", record.link_id, name, now)


async def _ask(asked: Asked) -> Sequence[RecordedFile]:
    return await asked.provider.recordings(asked.reference, asked.spec, asked.session.told_as)


class _Save(Intention[None]):
    """Writes a recording that nobody deleted meanwhile."""

    def __init__(self, room_id: str, record: RecordingRecord, line: Line | None = None) -> None:
        self.room_id = room_id
        self._record = record
        self._line = line

    async def apply(self, transaction: Transaction) -> None:
        await transaction.flush()
        now = await recording_store.recording(transaction.connection, self._record.id)
        if now is None or now.state == recording_store.DELETED:
            return
        await recording_store.save(transaction, self._record)
        if self._line is not None:
            history.record(transaction, self._record.meeting_id, self._line)


class _Ready(Intention[None]):
    """A file is here: from now on it can be played, and the room hears of it."""

    def __init__(self, room_id: str, record: RecordingRecord, days: int) -> None:
        self.room_id = room_id
        self._record = record
        self._days = days

    async def apply(self, transaction: Transaction) -> None:
        await transaction.flush()
        connection = transaction.connection
        now = await recording_store.recording(connection, self._record.id)
        meeting = await store.load(connection, self._record.meeting_id)
        if now is None or meeting is None or now.state not in _WAITING:
            return  # deleted meanwhile; the file goes with the next cleaning
        ready = replace(
            self._record,
            state=RecordingState.READY.value,
            source={},
            problem=None,
            keep_until=transaction.now + timedelta(days=self._days) if self._days else None,
        )
        await recording_store.save(transaction, ready)
        if ready.occurrence_id is None:
            return
        occurrence = await store.occurrence_by_id(connection, ready.occurrence_id)
        if occurrence is not None:
            lesson = await lesson_of(connection, meeting, occurrence)
            recording_store.announce(transaction, lesson, ready)


class _Note(Intention[None]):
    """Files that the provider has of a session."""

    def __init__(self, asked: Asked, files: Sequence[RecordedFile]) -> None:
        self.room_id = asked.room_id
        self._session = asked.session
        self._files = files

    async def apply(self, transaction: Transaction) -> None:
        await transaction.flush()
        connection = transaction.connection
        meeting = await store.load(connection, self._session.meeting_id)
        occurrence = await store.occurrence_by_id(connection, self._session.occurrence_id)
        if meeting is None or occurrence is None:
            return
        of_part = [
            one
            for one in await store.occurrences(connection, meeting.id)
            if one.part_id == occurrence.part_id
        ]
        for file in self._files:
            meant = occurrence
            if file.starts_at is not None and not _is_of(file.starts_at, occurrence):
                meant = rules.nearest(of_part, file.starts_at) or occurrence  # some tell of a whole series
            lesson = replace(await lesson_of(connection, meeting, meant), link_id=self._session.link_id)
            await recording_store.take_note(transaction, lesson, self._session.told_as, file)


def _is_of(at: datetime, occurrence: OccurrenceRecord) -> bool:
    slot = occurrence.slot
    return slot.starts_at - rules.AROUND <= at <= slot.ends_at + rules.AROUND
