"""Writes what differs between two versions of a timetable. Rows are added and changed, never deleted."""

import json
from collections.abc import Sequence

from sqlalchemy import bindparam, update

from contract.schedule import wall_text
from db.base import Base
from meetings.model import MeetingRecord, OccurrenceRecord, PartRecord
from meetings.store import DROPPED
from meetings.tables import MeetingRow, OccurrenceRow, PartRow
from meetings.timetable import Timetable
from realtime.log.transaction import Transaction

Row = dict[str, object]


async def save_new(transaction: Transaction, after: Timetable, creation_key: str | None) -> None:
    """Writes a meeting that is new; its room is there. Each table is written before those that name its rows."""
    transaction.add(MeetingRow, {**_meeting_row(after.meeting), "creation_key": creation_key})
    await transaction.flush()
    await _save_parts(transaction, (), after.meeting.parts)
    await _save_occurrences(transaction, {}, _occurrence_rows(after))


async def save(transaction: Transaction, before: Timetable, after: Timetable) -> None:
    """Writes a meeting that was there."""
    if after.meeting != before.meeting:
        row = _meeting_row(after.meeting)
        await transaction.execute(update(MeetingRow).where(MeetingRow.id == after.meeting.id).values(**row))
    await _save_parts(transaction, before.meeting.parts, after.meeting.parts)
    await _save_occurrences(transaction, _occurrence_rows(before), _occurrence_rows(after))


async def _save_parts(
    transaction: Transaction, before: Sequence[PartRecord], after: Sequence[PartRecord]
) -> None:
    known = {part.id: part for part in before}
    for part in after:
        if part.id not in known:
            transaction.add(PartRow, _part_row(part))
    await _update(
        transaction, PartRow, [_part_row(part) for part in after if known.get(part.id, part) != part]
    )


async def _save_occurrences(transaction: Transaction, before: dict[str, Row], after: dict[str, Row]) -> None:
    """Changed rows first, and those that give up a key before those that take one: it is unique in a meeting."""
    await transaction.flush()
    changed = [row for name, row in after.items() if name in before and before[name] != row]
    moved = [row for row in changed if before[str(row["id"])]["key"] != row["key"]]
    await _update(transaction, OccurrenceRow, [{**row, "key": str(row["id"])[-16:]} for row in moved])
    await _update(transaction, OccurrenceRow, changed)
    for name, row in after.items():
        if name not in before:
            transaction.add(OccurrenceRow, row)
    await transaction.flush()


async def _update(transaction: Transaction, table: type[Base], rows: Sequence[Row]) -> None:
    """Changes many rows of one table in one round trip."""
    if not rows:
        return
    await transaction.flush()
    transaction.writes += 1
    columns = table.__table__.c
    values = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in rows[0] if name != "id"}
    await transaction.connection.execute(
        update(table.__table__)  # type: ignore[arg-type]  # a mapped class's table is typed FromClause
        .where(columns.id == bindparam("this_id"))
        .values(values),
        [
            {"this_id": row["id"], **{f"new_{name}": row[name] for name in row if name != "id"}}
            for row in rows
        ],
    )


def _meeting_row(record: MeetingRecord) -> Row:
    return {
        "id": record.id,
        "room_id": record.room_id,
        "host_id": record.host_id,
        "created_by": record.created_by,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "sequence": record.sequence,
        "cancelled_at": record.cancelled_at,
        "reminders": json.dumps(record.reminders),
        "guests": json.dumps(record.guests),
    }


def _part_row(part: PartRecord) -> Row:
    return {
        "id": part.id,
        "meeting_id": part.meeting_id,
        "starts": wall_text(part.series.starts),
        "zone": part.series.zone,
        "minutes": part.series.minutes,
        "rule": part.series.rule,
        "except_keys": json.dumps(sorted(part.series.except_keys)),
        "title": part.title,
        "description": part.description,
        "provider": part.provider,
        "policy": part.policy.model_dump_json(),
        "alternative_hosts": json.dumps(part.alternative_hosts),
        "host_account": part.host_account,
        "tzdata": part.tzdata,
        "sequence": part.sequence,
        "ended": part.ended,
    }


def _occurrence_rows(timetable: Timetable) -> dict[str, Row]:
    rows = {one.id: _occurrence_row(one) for one in timetable.occurrences}
    return rows | {one.id: {**_occurrence_row(one), "status": DROPPED} for one in timetable.dropped}


def _occurrence_row(one: OccurrenceRecord) -> Row:
    return {
        "id": one.id,
        "meeting_id": one.meeting_id,
        "part_id": one.part_id,
        "key": one.slot.key,
        "starts": wall_text(one.slot.starts),
        "zone": one.slot.zone,
        "starts_at": one.slot.starts_at,
        "ends_at": one.slot.ends_at,
        "adjustment": one.slot.adjustment.value if one.slot.adjustment is not None else None,
        "title": one.title,
        "description": one.description,
        "status": one.status.value,
        "sequence": one.sequence,
        "changed": one.changed,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
    }
