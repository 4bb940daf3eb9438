"""Meetings, their parts and occurrences, what providers hold of them, and what happened."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UtcDateTime


class MeetingRow(Base):
    """A meeting. `guests` and `reminders` are JSON lists; `creation_key` makes a repeated creation the same meeting."""

    __tablename__ = "meetings"
    __table_args__ = (Index("ix_meetings_room_id", "room_id", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id"))
    host_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(Integer)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminders: Mapped[str] = mapped_column(Text)
    guests: Mapped[str] = mapped_column(Text)
    creation_key: Mapped[str | None] = mapped_column(String(300), unique=True)


class PartRow(Base):
    """A stretch of a series with one rule. `except_keys`, `policy` and `alternative_hosts` are JSON."""

    __tablename__ = "meeting_parts"
    __table_args__ = (Index("ix_meeting_parts_meeting_id", "meeting_id", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    starts: Mapped[str] = mapped_column(String(16))
    zone: Mapped[str] = mapped_column(String(64))
    minutes: Mapped[int] = mapped_column(Integer)
    rule: Mapped[str | None] = mapped_column(String(500))
    except_keys: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(String(32))
    policy: Mapped[str] = mapped_column(Text)
    alternative_hosts: Mapped[str] = mapped_column(Text)
    host_account: Mapped[str | None] = mapped_column(String(254))
    tzdata: Mapped[str] = mapped_column(String(20))
    sequence: Mapped[int] = mapped_column(Integer)
    ended: Mapped[bool]


class OccurrenceRow(Base):
    """One class. `key` is the wall time of the rule; `starts` the one it has. `title` null: as the part's.

    `status` is one of `OccurrenceStatus`, or "dropped": the rule has it no longer, and it is told of nowhere. Rows stay, since
    links and history may name them, and since the rule may have it again.
    """

    __tablename__ = "meeting_occurrences"
    __table_args__ = (
        Index("uq_meeting_occurrences_meeting_id_key", "meeting_id", "key", unique=True),
        Index("ix_meeting_occurrences_starts_at", "starts_at"),
        Index("ix_meeting_occurrences_part_id", "part_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    part_id: Mapped[str] = mapped_column(ForeignKey("meeting_parts.id"))
    key: Mapped[str] = mapped_column(String(16))
    starts: Mapped[str] = mapped_column(String(16))
    zone: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    adjustment: Mapped[str | None] = mapped_column(String(16))
    title: Mapped[str | None] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int] = mapped_column(Integer)
    changed: Mapped[bool]
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LinkRow(Base):
    """What a provider holds. `reference` is JSON; `claim` names the run that asked the provider last."""

    __tablename__ = "meeting_links"
    __table_args__ = (
        Index("ix_meeting_links_meeting_id", "meeting_id"),
        Index("ix_meeting_links_provider_external_id", "provider", "external_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    part_id: Mapped[str] = mapped_column(ForeignKey("meeting_parts.id"))
    occurrence_id: Mapped[str | None] = mapped_column(ForeignKey("meeting_occurrences.id"))
    provider: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    wanted: Mapped[bool]
    external_id: Mapped[str | None] = mapped_column(String(400))
    reference: Mapped[str] = mapped_column(Text)
    pushed: Mapped[str] = mapped_column(String(64))
    claim: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(Integer)
    problem_code: Mapped[str | None] = mapped_column(String(32))
    problem: Mapped[str | None] = mapped_column(Text)
    hint: Mapped[str | None] = mapped_column(Text)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    troubled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ChangeRow(Base):
    """A line of a meeting's history; never changed. `actor` is JSON, null where nobody of ours did it."""

    __tablename__ = "meeting_changes"
    __table_args__ = (Index("ix_meeting_changes_meeting_id", "meeting_id", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str | None] = mapped_column(Text)
    what: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(Text)
    scope: Mapped[str | None] = mapped_column(String(16))
    key: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(500))


class ProviderMemoryRow(Base):
    """What a provider's adapter keeps: counters of a day, subscriptions."""

    __tablename__ = "provider_memory"

    provider: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvitationRow(Base):
    """A guest's way in. Only a hash of the secret is kept."""

    __tablename__ = "meeting_invitations"
    __table_args__ = (Index("ix_meeting_invitations_meeting_id", "meeting_id", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str | None] = mapped_column(String(120))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FeedRow(Base):
    """A person's calendar feed. Only a hash of the secret is kept."""

    __tablename__ = "calendar_feeds"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
