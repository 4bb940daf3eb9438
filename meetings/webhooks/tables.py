"""What providers told us, kept before it is believed to be understood."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UtcDateTime


class WebhookRow(Base):
    """A verified delivery. `key` tells a repeated one; `state` is waiting, done or failed."""

    __tablename__ = "provider_webhooks"
    __table_args__ = (Index("uq_provider_webhooks_provider_key", "provider", "key", unique=True),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(128))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    raw: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    error: Mapped[str | None] = mapped_column(Text)
