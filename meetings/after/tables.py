"""Classes that were held: sessions, stays, recordings."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UtcDateTime


class SessionRow(Base):
    """One time that a provider held an occurrence; a class that was interrupted has several."""

    __tablename__ = "meeting_sessions"
    __table_args__ = (
        Index("uq_meeting_sessions_link_id_session", "link_id", "session", unique=True),
        Index("ix_meeting_sessions_occurrence_id", "occurrence_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    occurrence_id: Mapped[str] = mapped_column(ForeignKey("meeting_occurrences.id"))
    link_id: Mapped[str] = mapped_column(ForeignKey("meeting_links.id"))
    session: Mapped[str] = mapped_column(String(300))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StayRow(Base):
    """A stay, as one source tells it. `person` names who it is within the source: our id, an address or the provider's id."""

    __tablename__ = "meeting_stays"
    __table_args__ = (
        Index("ix_meeting_stays_occurrence_id", "occurrence_id"),
        Index("uq_meeting_stays_key", "session_id", "source", "person", "joined_at", unique=True),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("meeting_sessions.id"))
    occurrence_id: Mapped[str] = mapped_column(ForeignKey("meeting_occurrences.id"))
    source: Mapped[str] = mapped_column(String(10))
    person: Mapped[str] = mapped_column(String(300))
    user_id: Mapped[str | None] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordingRow(Base):
    """A recorded file. `source` is JSON of where to fetch it, emptied once it is here; `path` is below the folder of recordings."""

    __tablename__ = "meeting_recordings"
    __table_args__ = (
        Index("uq_meeting_recordings_link_id_external_id", "link_id", "external_id", unique=True),
        Index("ix_meeting_recordings_meeting_id", "meeting_id", "id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    occurrence_id: Mapped[str | None] = mapped_column(ForeignKey("meeting_occurrences.id"))
    link_id: Mapped[str] = mapped_column(ForeignKey("meeting_links.id"))
    external_id: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text)
    path: Mapped[str | None] = mapped_column(String(300))
    content_type: Mapped[str | None] = mapped_column(String(100))
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    seconds: Mapped[int | None] = mapped_column(Integer)
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    keep_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
