"""How late the event loop is: the time by which a sleep overslept. Everything a client waits for waits at least as long."""

import asyncio
from collections import deque
from collections.abc import Callable

from contract.clock import Clock

_EVERY = 0.25
_REMEMBERED = 20
"""Samples: the worst of the last five seconds is what readiness looks at."""


class LoopLag:
    """Samples in a task of its own. `observe` is told each lag, in seconds."""

    def __init__(self, clock: Clock, observe: Callable[[float], None]) -> None:
        self._clock = clock
        self._observe = observe
        self._recent: deque[float] = deque([0.0], maxlen=_REMEMBERED)
        self._task: asyncio.Task[None] | None = None

    @property
    def worst(self) -> float:
        """Seconds, over the last moments."""
        return max(self._recent)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._sample(), name="loop-lag")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _sample(self) -> None:
        while True:
            asleep = self._clock.monotonic()
            await asyncio.sleep(_EVERY)
            lag = max(0.0, self._clock.monotonic() - asleep - _EVERY)
            self._recent.append(lag)
            self._observe(lag)
