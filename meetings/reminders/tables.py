"""Reminders that were given, or that were over already when the class was scheduled."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UtcDateTime


class ReminderRow(Base):
    """There is one for each reminder that must not be given (again). `starts_at`: a class that moves is reminded of anew."""

    __tablename__ = "meeting_reminders"

    occurrence_id: Mapped[str] = mapped_column(ForeignKey("meeting_occurrences.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    minutes: Mapped[int] = mapped_column(Integer, primary_key=True)
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
