"""The log as it is stored: one head and one dense run of events for each room, and the epoch they are told in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Position, UtcDateTime


class Installation(Base):
    """The one row that says which database this is. `fingerprint` tells a restored one from the one it was taken of;
    with `bus_key` the nodes sign what they tell each other of the log.
    """

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(200))
    bus_key: Mapped[str] = mapped_column(String(64))


class RoomHead(Base):
    """The seq of a room's last event. Its row is locked by whoever appends, so that seq follows the order of commits."""

    __tablename__ = "room_heads"

    room_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    last_seq: Mapped[int] = mapped_column(Position)


class RoomEvent(Base):
    """One event. `data` and `actor` are JSON as they go over the wire; `subject` is the message it is about."""

    __tablename__ = "room_events"
    __table_args__ = (
        UniqueConstraint("room_id", "actor_id", "client_id"),
        Index("ix_room_events_subject", "subject"),
    )

    room_id: Mapped[str] = mapped_column(ForeignKey("room_heads.room_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(40))
    ts: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[str] = mapped_column(String(128))
    actor: Mapped[str] = mapped_column(Text)
    data: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(64))
