"""People, rooms and who belongs where."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Position, UtcDateTime


class UserRow(Base):
    """Somebody as their last token described them. `seen_at` is null for people who were added but never signed in.

    `email` and `zone` (IANA) are for invitations and reminders; other people are never told them. They stay when a later
    token does not name them.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    picture: Mapped[str | None] = mapped_column(String(1000))
    email: Mapped[str | None] = mapped_column(String(254))
    zone: Mapped[str | None] = mapped_column(String(64))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoomRow(Base):
    """A room. `direct_pair` names the two of a direct room; `creation_key` makes a repeated creation the same room."""

    __tablename__ = "rooms"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    visibility: Mapped[str] = mapped_column(String(20))
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    direct_pair: Mapped[str | None] = mapped_column(String(300), unique=True)
    creation_key: Mapped[str | None] = mapped_column(String(300), unique=True)


class MemberRow(Base):
    """Somebody in a room. `by_token`: the membership follows the person's token, and ends when the token omits it."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_user_id", "user_id"),)

    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_seq: Mapped[int] = mapped_column(Position)
    by_token: Mapped[bool]
