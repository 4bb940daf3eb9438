"""Calls and the seats in them. A seat that was taken is also an interval of attendance."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UtcDateTime


class CallRow(Base):
    """A call. `active_room_id` is the room while the call lasts, and unique: a room has one call at a time."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_room_id", "room_id", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id"))
    active_room_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_by: Mapped[str] = mapped_column(Text)
    policy: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)


class SeatRow(Base):
    """A seat. `details` holds what only the call itself needs, as JSON: tracks, blocks, floor, hand, where it is connected."""

    __tablename__ = "call_seats"
    __table_args__ = (
        Index("ix_call_seats_call_id", "call_id", "left_at"),
        Index("ix_call_seats_node_id", "node_id", "left_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    user: Mapped[str] = mapped_column(Text)
    node_id: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(String(20))
    details: Mapped[str] = mapped_column(Text)


class NodeRow(Base):
    """A node counts upwards here while it lives. `beat_at` is by its own clock."""

    __tablename__ = "call_nodes"

    node_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    beat: Mapped[int] = mapped_column(Integer)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)
