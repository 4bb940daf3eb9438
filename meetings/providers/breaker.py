"""A provider that is away is left alone for a while: what waits for it stays queued, and nobody waits for its silence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from contract.clock import Clock

_FAILURES: Final = 5
"""In a row, until it counts as away."""
_FIRST_REST: Final = 15.0
_LONGEST_REST: Final = 60.0
_PROBE_SECONDS: Final = 60.0
"""How long the one call that finds out may take before another may."""


class Breaker:
    """Of one provider, in one process. After each rest one call is let through; if that succeeds, all are."""

    def __init__(self, clock: Clock, chance: Callable[[], float]) -> None:
        self._clock = clock
        self._chance = chance
        self._failures = 0
        self._rests = 0
        self._closed_until: datetime | None = None

    @property
    def healthy(self) -> bool:
        return self._closed_until is None

    def resting_until(self) -> datetime | None:
        """Until when nothing is asked; None: a call may be made, which then must end in `succeeded` or `failed`."""
        if self._closed_until is None:
            return None
        now = self._clock.now()
        if now < self._closed_until:
            return self._closed_until
        self._closed_until = now + timedelta(seconds=_PROBE_SECONDS)  # for all others
        return None

    def peek(self) -> datetime | None:
        """The same, for somebody who does not call yet."""
        if self._closed_until is None or self._clock.now() >= self._closed_until:
            return None
        return self._closed_until

    def succeeded(self) -> bool:
        """It answered, be it with a refusal. Whether it had counted as away."""
        was_away = self._closed_until is not None
        self._failures, self._rests, self._closed_until = 0, 0, None
        return was_away

    def failed(self) -> bool:
        """It did not answer. Whether it counts as away by that."""
        self._failures += 1
        if self._failures < _FAILURES and self._closed_until is None:
            return False
        rest = min(_LONGEST_REST, _FIRST_REST * 2 ** min(self._rests, 10)) * (0.75 + self._chance() / 2)
        self._rests += 1
        self._closed_until = self._clock.now() + timedelta(seconds=rest)
        return True
