"""SQL of invitations, and of what the door has to know besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetings.tables import ChangeRow, InvitationRow

COLUMNS = tuple(InvitationRow.__table__.columns)


@dataclass(frozen=True)
class InvitationRecord:
    """A row of `meeting_invitations`."""

    id: str
    meeting_id: str
    email: str
    name: str | None
    secret_hash: str
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


async def invitation(connection: AsyncConnection, invitation_id: str) -> InvitationRecord | None:
    query = select(*COLUMNS).where(InvitationRow.id == invitation_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _record_of(row)


async def invitations(connection: AsyncConnection, meeting_id: str) -> Sequence[InvitationRecord]:
    """The newest first."""
    rows = await connection.execute(
        select(*COLUMNS).where(InvitationRow.meeting_id == meeting_id).order_by(InvitationRow.id.desc())
    )
    return [_record_of(row) for row in rows]


async def count(connection: AsyncConnection, meeting_id: str) -> int:
    """All that were ever made for a meeting."""
    query = select(func.count()).where(InvitationRow.meeting_id == meeting_id)
    return int((await connection.execute(query)).scalar_one())


async def ended_by_somebody(connection: AsyncConnection, meeting_id: str, key: str) -> bool:
    """Whether a person ended the class after it last began, as its history tells."""
    rows = await connection.execute(
        select(ChangeRow.what, ChangeRow.actor)
        .where(
            ChangeRow.meeting_id == meeting_id,
            ChangeRow.key == key,
            ChangeRow.what.in_(["started", "ended"]),
        )
        .order_by(ChangeRow.id.desc())
        .limit(10)
    )
    for row in rows:
        if row.what == "started":
            return False
        if row.actor is not None:
            return True
    return False


def _record_of(row: Any) -> InvitationRecord:
    return InvitationRecord(
        id=row.id,
        meeting_id=row.meeting_id,
        email=row.email,
        name=row.name,
        secret_hash=row.secret_hash,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
