"""How long to wait before trying again: at once, then full jitter over a doubling span, so that a crowd spreads out."""

from collections.abc import Callable

_FIRST_SPAN = 0.5
"""Seconds: the second try comes within this time."""

LONGEST = 30.0
"""Seconds: no span grows beyond this, so that ten thousand clients return over half a minute."""


class Backoff:
    """Delays between tries. `uniform(a, b)` is random.uniform, or a test's."""

    def __init__(self, uniform: Callable[[float, float], float]) -> None:
        self._uniform = uniform
        self._tries = 0

    def reset(self) -> None:
        """Things went well: the next try is quick again."""
        self._tries = 0

    def next(self, at_least: float | None = None) -> float:
        """Seconds to wait now; `at_least` is what the server asked for, to which the jitter is added."""
        self._tries += 1
        span = min(LONGEST, _FIRST_SPAN * 2.0 ** min(self._tries - 2, 10)) if self._tries > 1 else 0.1
        return (at_least or 0.0) + self._uniform(0.0, span)
