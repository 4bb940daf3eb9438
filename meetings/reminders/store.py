"""SQL of reminders that were given, or never will be."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetings.reminders.rules import Mark
from meetings.reminders.tables import ReminderRow
from meetings.tables import OccurrenceRow
from realtime.log.transaction import Transaction


async def given(connection: AsyncConnection, meeting_id: str) -> set[Mark]:
    """All of a meeting that are settled: given, or over when the class was scheduled."""
    rows = await connection.execute(
        select(ReminderRow.occurrence_id, ReminderRow.starts_at, ReminderRow.minutes)
        .join(OccurrenceRow, OccurrenceRow.id == ReminderRow.occurrence_id)
        .where(OccurrenceRow.meeting_id == meeting_id)
    )
    return {Mark(row.occurrence_id, row.starts_at, row.minutes) for row in rows}


def settle(transaction: Transaction, marks: Iterable[Mark], *, given: bool) -> None:
    """Never again, whoever tries: the row's key is the reminder itself."""
    for mark in marks:
        transaction.add(
            ReminderRow,
            {
                "occurrence_id": mark.occurrence_id,
                "starts_at": mark.starts_at,
                "minutes": mark.minutes,
                "given": given,
                "at": transaction.now,
            },
        )
