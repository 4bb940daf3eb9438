"""SQL of links: what providers hold of meetings."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetings.model import LinkRecord, LinkStatus
from meetings.provider import Reference
from meetings.tables import LinkRow, OccurrenceRow
from realtime.log.transaction import Transaction


async def link(connection: AsyncConnection, link_id: str) -> LinkRecord | None:
    row = (await connection.execute(select(*COLUMNS).where(LinkRow.id == link_id))).one_or_none()
    return None if row is None else link_of(row)


async def links(connection: AsyncConnection, meeting_id: str) -> Sequence[LinkRecord]:
    """Of a meeting, the oldest first, those that are not wanted any more included."""
    rows = await connection.execute(
        select(*COLUMNS).where(LinkRow.meeting_id == meeting_id).order_by(LinkRow.id)
    )
    return [link_of(row) for row in rows]


async def links_by_external(
    connection: AsyncConnection, provider: str, external_id: str
) -> Sequence[LinkRecord]:
    """Those that a provider calls so; those wanted first, the newest first."""
    rows = await connection.execute(
        select(*COLUMNS)
        .where(LinkRow.provider == provider, LinkRow.external_id == external_id)
        .order_by(LinkRow.wanted.desc(), LinkRow.id.desc())
    )
    return [link_of(row) for row in rows]


async def due_for_a_look(
    connection: AsyncConnection, now: datetime, since: datetime, after: str, limit: int
) -> Sequence[LinkRecord]:
    """Wanted links of occurrences that are still to come and that were not looked at `since` then, in the order of ids."""
    to_come = (
        select(OccurrenceRow.id)
        .where(
            OccurrenceRow.part_id == LinkRow.part_id,
            OccurrenceRow.ends_at > now,
            OccurrenceRow.status.in_(["scheduled", "live"]),
            LinkRow.occurrence_id.is_(None) | (LinkRow.occurrence_id == OccurrenceRow.id),
        )
        .exists()
    )
    unseen = LinkRow.seen_at.is_(None) | (LinkRow.seen_at <= since)
    return await _links_where(connection, LinkRow.wanted.is_(True) & unseen & to_come, after, limit)


async def left_over(connection: AsyncConnection, after: str, limit: int) -> Sequence[LinkRecord]:
    """Links that nobody wants, and that are not known to be gone."""
    there = LinkRow.wanted.is_(False) & (LinkRow.status != LinkStatus.CANCELLED.value)
    return await _links_where(connection, there, after, limit)


async def _links_where(
    connection: AsyncConnection, these: Any, after: str, limit: int
) -> Sequence[LinkRecord]:
    query = select(*COLUMNS).where(these, LinkRow.id > after).order_by(LinkRow.id).limit(limit)
    return [link_of(row) for row in await connection.execute(query)]


async def known_markers(connection: AsyncConnection, markers: Collection[str]) -> dict[str, LinkRecord]:
    """The links that the markers belong to; a marker is its link's id."""
    rows = await connection.execute(select(*COLUMNS).where(LinkRow.id.in_(set(markers))))
    return {row.id: link_of(row) for row in rows}


def add(transaction: Transaction, record: LinkRecord) -> None:
    """A new link."""
    transaction.add(
        LinkRow, {"id": record.id, **_values(record), "created_at": record.created_at or transaction.now}
    )


async def save(transaction: Transaction, record: LinkRecord) -> None:
    """A link that is there."""
    await transaction.execute(update(LinkRow).where(LinkRow.id == record.id).values(**_values(record)))


def reference_of(record: LinkRecord) -> Reference | None:
    """What the provider calls it; None as long as it is not known to hold anything."""
    return None if record.external_id is None else Reference(record.external_id, record.reference)


COLUMNS = tuple(LinkRow.__table__.columns)


def link_of(row: Any) -> LinkRecord:
    """A link, from a row that holds `COLUMNS`."""
    return LinkRecord(
        id=row.id,
        meeting_id=row.meeting_id,
        part_id=row.part_id,
        occurrence_id=row.occurrence_id,
        provider=row.provider,
        status=LinkStatus(row.status),
        reference=json.loads(row.reference),
        pushed=row.pushed,
        wanted=row.wanted,
        attempts=row.attempts,
        problem_code=row.problem_code,
        problem=row.problem,
        hint=row.hint,
        retry_at=row.retry_at,
        external_id=row.external_id,
        created_at=row.created_at,
        claim=row.claim,
        troubled_at=row.troubled_at,
        told_at=row.told_at,
        seen_at=row.seen_at,
    )


def _values(record: LinkRecord) -> dict[str, object]:
    return {
        "meeting_id": record.meeting_id,
        "part_id": record.part_id,
        "occurrence_id": record.occurrence_id,
        "provider": record.provider,
        "status": record.status.value,
        "wanted": record.wanted,
        "external_id": record.external_id,
        "reference": json.dumps(record.reference, separators=(",", ":")),
        "pushed": record.pushed,
        "claim": record.claim,
        "attempts": record.attempts,
        "problem_code": record.problem_code,
        "problem": record.problem,
        "hint": record.hint,
        "retry_at": record.retry_at,
        "troubled_at": record.troubled_at,
        "told_at": record.told_at,
        "seen_at": record.seen_at,
    }
