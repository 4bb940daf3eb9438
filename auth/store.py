"""SQL of revocations. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.revocation import RevocationKind, Revoked
from auth.tables import Revocation


async def add(connection: AsyncConnection, id: str, revoked: Revoked) -> None:
    await connection.execute(
        insert(Revocation).values(
            id=id,
            kind=revoked.kind.value,
            value=revoked.value,
            revoked_at=revoked.revoked_at,
            expires_at=revoked.expires_at,
            by=revoked.by,
        )
    )


async def in_force(connection: AsyncConnection, now: datetime) -> Sequence[Revoked]:
    """All that have not expired, oldest first."""
    rows = await connection.execute(
        select(Revocation.kind, Revocation.value, Revocation.revoked_at, Revocation.by, Revocation.expires_at)
        .where(or_(Revocation.expires_at.is_(None), Revocation.expires_at > now))
        .order_by(Revocation.revoked_at, Revocation.id)
    )
    return [
        Revoked(RevocationKind(row.kind), row.value, row.revoked_at, row.by, row.expires_at) for row in rows
    ]
