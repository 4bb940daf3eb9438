"""Who was told what of which series, so that nobody is told the same twice and everybody learns what changes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UtcDateTime


class InviteeRow(Base):
    """Somebody who is to know of a part of a series. `address` is `email` in small letters.

    `sequence`, `method` and `version` are what they are to be told last; `told_sequence`, `told_method` and `told_version`
    what the mail server has accepted for them. Classes that had ended at `since` were never told to them.
    """

    __tablename__ = "meeting_invitees"
    __table_args__ = (Index("ix_meeting_invitees_meeting_id", "meeting_id"),)

    part_id: Mapped[str] = mapped_column(ForeignKey("meeting_parts.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    email: Mapped[str] = mapped_column(String(254))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(Integer)
    method: Mapped[str] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(64))
    told_sequence: Mapped[int | None] = mapped_column(Integer)
    told_method: Mapped[str | None] = mapped_column(String(10))
    told_version: Mapped[str | None] = mapped_column(String(64))


class CalendarVersionRow(Base):
    """A part of a series as some invitees were told of it; `content` is JSON, `version` a hash of what people see of it."""

    __tablename__ = "meeting_calendar_versions"

    part_id: Mapped[str] = mapped_column(ForeignKey("meeting_parts.id"), primary_key=True)
    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
