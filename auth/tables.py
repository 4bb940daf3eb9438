"""What is kept about sign-in: only what was taken back. Tokens themselves are never stored."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UtcDateTime


class Revocation(Base):
    """One revocation. Rows are added and expire; none is changed, so that it stays told who revoked what, and when."""

    __tablename__ = "revocations"
    __table_args__ = (
        CheckConstraint("kind IN ('jti', 'user')", name="kind"),
        Index("ix_revocations_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(128))
    revoked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(128))
