"""The events of one client: all at once or one after the other, and not too many."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realtime.engine.eager import Starter
    from realtime.engine.session import Session

Job = Coroutine[Any, Any, None]


class Lane:
    """Runs the jobs of a session. One that does not wait is over when `add` returns, and costs no task."""

    __slots__ = ("_bytes", "_running", "_serial", "_session", "_starter", "_waiting")

    def __init__(self, session: "Session", starter: "Starter", *, serial: bool) -> None:
        """`serial`: a job begins when the one before has ended."""
        self._session = session
        self._starter = starter
        self._serial = serial
        self._waiting: deque[tuple[Job, int]] | None = None
        self._running = 0
        self._bytes = 0

    def add(self, job: Job, size: int) -> None:
        """`size`: bytes that the job holds on to."""
        if self._serial and self._running:
            if self._waiting is None:
                self._waiting = deque()
            self._waiting.append((job, size))
            self._bytes += size
        elif not self._begin(job, size):
            return
        if self._is_full():
            self._session.hold()

    def bypass(self, job: Job) -> "asyncio.Task[None] | None":
        """Run what need not wait for the others, and does not count as one of them."""
        return self._starter.start(job)

    def clear(self) -> None:
        """Drop what has not begun."""
        waiting, self._waiting = self._waiting, None
        for job, size in waiting or ():
            self._bytes -= size
            job.close()

    def _is_full(self) -> bool:
        limits = self._session.server.limits
        waiting = len(self._waiting) if self._waiting is not None else 0
        return (
            self._running + waiting >= limits.max_waiting_events
            or self._bytes >= limits.max_waiting_event_bytes
        )

    def _begin(self, job: Job, size: int) -> bool:
        """Whether it is still under way."""
        self._running += 1  # before it starts: it may lead to another
        task = self._starter.start(job)
        if task is None:
            self._running -= 1
            return False
        self._bytes += size
        task.add_done_callback(lambda _: self._ended(size))
        return True

    def _ended(self, size: int) -> None:
        self._running -= 1
        self._bytes -= size
        while self._waiting and not self._running:
            job, waiting = self._waiting.popleft()
            self._bytes -= waiting
            self._begin(job, waiting)
        if self._session.is_held and not self._is_full():
            self._session.release()
