"""SQL of recordings, and what is told of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.after_class import MeetingRecording, RecordingReady, RecordingState
from meetings import history
from meetings.after.guests import bounded, instant
from meetings.after.model import Lesson
from meetings.after.tables import RecordingRow
from meetings.history import Line
from meetings.jobs.port import JobWish
from meetings.jobs.store import wish
from meetings.provider import RecordedFile
from meetings.system import SYSTEM
from realtime.log.transaction import Draft, Transaction

KIND: Final = "recording"
DELETED: Final = "deleted"
"""State of a row that is kept only so that the file is not fetched anew."""

KINDS: Final = frozenset({"video", "audio", "chat", "transcript", "other"})
_LONGEST_TYPE = 100
_MOST_BYTES, _MOST_SECONDS = 2**53, 10**7
"""Beyond it a provider's word is no figure."""
_COLUMNS = tuple(RecordingRow.__table__.columns)


@dataclass(frozen=True)
class RecordingRecord:
    """A row of `meeting_recordings`."""

    id: str
    meeting_id: str
    occurrence_id: str | None
    link_id: str
    external_id: str
    kind: str
    state: str
    source: Mapping[str, Any] = field(default_factory=dict)
    """url, token and bytes as the provider told them last, and the session; empty once the file is here."""
    path: str | None = None
    content_type: str | None = None
    bytes: int | None = None
    seconds: int | None = None
    starts_at: datetime | None = None
    problem: str | None = None
    keep_until: datetime | None = None


async def recording(connection: AsyncConnection, recording_id: str) -> RecordingRecord | None:
    rows = await connection.execute(select(*_COLUMNS).where(RecordingRow.id == recording_id))
    return next((_record_of(row) for row in rows), None)


async def recordings_of(connection: AsyncConnection, meeting_id: str) -> Sequence[RecordingRecord]:
    """In the order in which they were told of; those that were deleted are left out."""
    rows = await connection.execute(
        select(*_COLUMNS)
        .where(RecordingRow.meeting_id == meeting_id, RecordingRow.state != DELETED)
        .order_by(RecordingRow.id)
    )
    return [_record_of(row) for row in rows]


async def outlived(connection: AsyncConnection, now: datetime) -> Sequence[RecordingRecord]:
    """Those whose time for being kept is over."""
    rows = await connection.execute(
        select(*_COLUMNS).where(
            RecordingRow.keep_until <= now, RecordingRow.state == RecordingState.READY.value
        )
    )
    return [_record_of(row) for row in rows]


async def paths_in_use(connection: AsyncConnection) -> Mapping[str, str]:
    """The state of each recording that has, or is about to have, a file, by id."""
    states = (RecordingState.READY.value, RecordingState.FETCHING.value)
    rows = await connection.execute(
        select(RecordingRow.id, RecordingRow.state).where(RecordingRow.state.in_(states))
    )
    return {row.id: row.state for row in rows}


async def take_note(transaction: Transaction, lesson: Lesson, session: str, file: RecordedFile) -> None:
    """A file that there is at the provider: it is to be fetched. One that is known only gets its fresh address."""
    external_id = bounded(file.external_id or file.url)
    same = (RecordingRow.link_id == lesson.link_id, RecordingRow.external_id == external_id)
    rows = await transaction.read(select(*_COLUMNS).where(*same))
    known = next((_record_of(row) for row in rows), None)
    size = file.bytes if file.bytes is not None and 0 < file.bytes <= _MOST_BYTES else None
    source = {"url": file.url, "token": file.token, "bytes": size, "session": session}
    if known is not None:
        if known.state in {RecordingState.FETCHING.value, RecordingState.FAILED.value}:
            await save(transaction, replace(known, state=RecordingState.FETCHING.value, source=source))
            await _fetch(transaction, known.id, lesson.meeting.id)
        return
    record = RecordingRecord(
        id=transaction.ids.new("rec"),
        meeting_id=lesson.meeting.id,
        occurrence_id=lesson.occurrence.id,
        link_id=lesson.link_id,
        external_id=external_id,
        kind=file.kind if file.kind in KINDS else "other",
        state=RecordingState.FETCHING.value,
        source=source,
        content_type=_type_of(file),
        bytes=size,
        seconds=_seconds(file),
        starts_at=instant(file.starts_at) if file.starts_at is not None else None,
    )
    transaction.add(RecordingRow, {**_values(record), "id": record.id, "created_at": transaction.now})
    await _fetch(transaction, record.id, lesson.meeting.id)


async def _fetch(transaction: Transaction, recording_id: str, meeting_id: str) -> None:
    payload = {"recording_id": recording_id}
    await wish(transaction, JobWish(f"{KIND}:{recording_id}", KIND, transaction.now, payload, meeting_id))


async def save(transaction: Transaction, record: RecordingRecord) -> None:
    await transaction.execute(
        update(RecordingRow).where(RecordingRow.id == record.id).values(**_values(record))
    )


def announce(transaction: Transaction, lesson: Lesson, record: RecordingRecord) -> None:
    """Tells the room that it can be played."""
    told = RecordingReady(recording=view(record, lesson.occurrence.slot.key), title=lesson.title)
    transaction.append(lesson.meeting.room_id, Draft("meeting.recording_ready", SYSTEM, told))
    line = Line("recording_ready", "A recording can be played.", key=lesson.occurrence.slot.key)
    history.record(transaction, lesson.meeting.id, line)


def view(
    record: RecordingRecord, key: str | None, *, url: str | None = None, for_staff: bool = False
) -> MeetingRecording:
    return MeetingRecording(
        id=record.id,
        meeting_id=record.meeting_id,
        key=key,
        kind=record.kind,
        state=RecordingState(record.state),
        starts_at=record.starts_at,
        seconds=record.seconds,
        bytes=record.bytes,
        content_type=record.content_type,
        url=url,
        keep_until=record.keep_until,
        problem=record.problem if for_staff else None,
    )


def _type_of(file: RecordedFile) -> str | None:
    told = (file.content_type or "").partition(";")[0].strip().lower()
    return told[:_LONGEST_TYPE] if told.isascii() and told.isprintable() and told else None


def _seconds(file: RecordedFile) -> int | None:
    if file.starts_at is None or file.ends_at is None:
        return None
    seconds = round((instant(file.ends_at) - instant(file.starts_at)).total_seconds())
    return seconds if 0 <= seconds <= _MOST_SECONDS else None


def _values(record: RecordingRecord) -> dict[str, Any]:
    """The columns, apart from the id."""
    values = {**vars(record), "source": json.dumps(dict(record.source), separators=(",", ":"))}
    del values["id"]
    return values


def _record_of(row: Any) -> RecordingRecord:
    return RecordingRecord(
        id=row.id,
        meeting_id=row.meeting_id,
        occurrence_id=row.occurrence_id,
        link_id=row.link_id,
        external_id=row.external_id,
        kind=row.kind,
        state=row.state,
        source=json.loads(row.source),
        path=row.path,
        content_type=row.content_type,
        bytes=row.bytes,
        seconds=row.seconds,
        starts_at=row.starts_at,
        problem=row.problem,
        keep_until=row.keep_until,
    )
