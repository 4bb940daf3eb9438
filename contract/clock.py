"""Time, passed in: the wall clock for what is written down, the monotonic clock for what is waited for."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the server asks about time. Tests pass one they can move."""

    def now(self) -> datetime:
        """The present instant, in UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never jumps when the wall clock is set."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
