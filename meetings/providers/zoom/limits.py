"""Zoom's rate limits: how fast it may be asked, and when it says to come back."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from contract.clock import Clock


class Category(StrEnum):
    """The rate limit label of an operation."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


PER_SECOND: Final = {Category.LIGHT: 30.0, Category.MEDIUM: 20.0, Category.HEAVY: 10.0}
"""Of a Pro account, the smallest that has registration, reports and cloud recordings. The answers' headers correct it."""


class Bucket:
    """Requests of one account and category, a second's worth at once, then evenly (GCRA). Those who wait keep their order."""

    def __init__(self, per_second: float, clock: Clock, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._due = clock.monotonic()

    async def take(self) -> None:
        now = self._clock.monotonic()
        self._due = max(self._due, now) + 1 / self._per_second
        wait = self._due - now - 1
        if wait > 0:
            await self._sleep(wait)

    def learn(self, headers: Mapping[str, str]) -> None:
        """What the vendor says this account may do in a second."""
        limit = headers.get("X-RateLimit-Limit", "")
        if headers.get("X-RateLimit-Type", "").upper() == "QPS" and limit.isdigit() and int(limit) > 0:
            self._per_second = float(limit)


def next_midnight(now: datetime) -> datetime:
    """When Zoom's daily counters begin anew: 00:00 UTC."""
    return (now.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Retry-After as seconds, an HTTP date or an ISO date-time; else X-RateLimit-Reset in Unix seconds. None: not told."""
    told = headers.get("Retry-After", "").strip()
    found = _moment(told, now) if told else None
    if found is None:
        reset = headers.get("X-RateLimit-Reset", "").strip()
        found = _moment(reset, datetime.fromtimestamp(0, UTC)) if reset else None
    return None if found is None else max(found, now)


def _moment(text: str, now: datetime) -> datetime | None:
    try:
        return now + timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
