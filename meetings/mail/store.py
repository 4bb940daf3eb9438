"""SQL of invitees and of the versions that they were told of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetings.calendar.entry import CalendarEntry
from meetings.mail.rules import Decision, Invitee, Notice, Told
from meetings.mail.tables import CalendarVersionRow, InviteeRow
from realtime.log.transaction import Transaction

_KEPT = timedelta(days=14)

Versions = Mapping[tuple[str, str], CalendarEntry]
"""By part and version."""


async def invitees(connection: AsyncConnection, meeting_id: str) -> Sequence[Invitee]:
    rows = await connection.execute(
        select(*InviteeRow.__table__.columns)
        .where(InviteeRow.meeting_id == meeting_id)
        .order_by(InviteeRow.part_id, InviteeRow.address)
    )
    return [_invitee_of(row) for row in rows]


async def invitee(connection: AsyncConnection, part_id: str, address: str) -> Invitee | None:
    row = (
        await connection.execute(
            select(*InviteeRow.__table__.columns).where(
                InviteeRow.part_id == part_id, InviteeRow.address == address
            )
        )
    ).one_or_none()
    return None if row is None else _invitee_of(row)


async def versions(connection: AsyncConnection, part_ids: Iterable[str]) -> Versions:
    columns = (CalendarVersionRow.part_id, CalendarVersionRow.version, CalendarVersionRow.content)
    rows = await connection.execute(select(*columns).where(CalendarVersionRow.part_id.in_(set(part_ids))))
    return {(row.part_id, row.version): CalendarEntry.model_validate_json(row.content) for row in rows}


async def version(connection: AsyncConnection, part_id: str, name: str) -> tuple[CalendarEntry, Any] | None:
    """The entry, and when it was first told."""
    row = (
        await connection.execute(
            select(CalendarVersionRow.content, CalendarVersionRow.created_at).where(
                CalendarVersionRow.part_id == part_id, CalendarVersionRow.version == name
            )
        )
    ).one_or_none()
    return None if row is None else (CalendarEntry.model_validate_json(row.content), row.created_at)


def keep_version(transaction: Transaction, entry: CalendarEntry) -> None:
    """One that is not kept yet."""
    transaction.add(
        CalendarVersionRow,
        {
            "part_id": entry.part_id,
            "version": entry.version,
            "content": entry.model_dump_json(),
            "created_at": transaction.now,
        },
    )


async def drop_versions(transaction: Transaction, meeting_id: str, part_ids: Iterable[str]) -> None:
    """Those that no invitee was or is to be told of any more; for a while they may still be looked up by mails under way."""
    mine = InviteeRow.meeting_id == meeting_id
    used: Any = union(
        select(InviteeRow.version).where(mine),
        select(InviteeRow.told_version).where(mine, InviteeRow.told_version.is_not(None)),
    )
    await transaction.execute(
        delete(CalendarVersionRow).where(
            CalendarVersionRow.part_id.in_(set(part_ids)),
            CalendarVersionRow.version.not_in(used),
            CalendarVersionRow.created_at < transaction.now - _KEPT,
        )
    )


def add(transaction: Transaction, one: Invitee) -> None:
    transaction.add(
        InviteeRow,
        {
            "part_id": one.part_id,
            "address": one.address,
            "meeting_id": one.meeting_id,
            "email": one.email,
            "since": one.since,
            "sequence": one.due.sequence,
            "method": one.due.method.value,
            "version": one.due.version,
            "told_sequence": None,
            "told_method": None,
            "told_version": None,
        },
    )


async def decide_all(transaction: Transaction, decisions: Sequence[tuple[Invitee, Decision]]) -> None:
    """What many invitees are to be told next, in one round trip."""
    if not decisions:
        return
    await transaction.flush()
    transaction.writes += 1
    columns = InviteeRow.__table__.c
    await transaction.connection.execute(
        update(InviteeRow.__table__)  # type: ignore[arg-type]  # a mapped class's table is typed FromClause
        .where(columns.part_id == bindparam("the_part"), columns.address == bindparam("the_address"))
        .values(
            sequence=bindparam("new_sequence"),
            method=bindparam("new_method"),
            version=bindparam("new_version"),
            since=bindparam("new_since", type_=columns.since.type),
        ),
        [
            {
                "the_part": one.part_id,
                "the_address": one.address,
                "new_sequence": decision.notice.sequence,
                "new_method": decision.notice.method.value,
                "new_version": decision.notice.version,
                "new_since": decision.since,
            }
            for one, decision in decisions
        ],
    )


async def told(transaction: Transaction, part_id: str, address: str, notice: Notice) -> None:
    """The mail server has taken it."""
    await transaction.execute(
        update(InviteeRow)
        .where(InviteeRow.part_id == part_id, InviteeRow.address == address)
        .values(told_sequence=notice.sequence, told_method=notice.method.value, told_version=notice.version)
    )


async def forget(transaction: Transaction, part_id: str, address: str) -> None:
    """Somebody who was to be invited and never was."""
    await transaction.execute(
        delete(InviteeRow).where(InviteeRow.part_id == part_id, InviteeRow.address == address)
    )


def _invitee_of(row: Any) -> Invitee:
    last = None
    if row.told_sequence is not None:
        last = Notice(row.told_sequence, Told(row.told_method), row.told_version)
    return Invitee(
        part_id=row.part_id,
        address=row.address,
        meeting_id=row.meeting_id,
        email=row.email,
        since=row.since,
        due=Notice(row.sequence, Told(row.method), row.version),
        last=last,
    )
