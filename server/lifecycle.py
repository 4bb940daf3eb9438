"""From the signal to the exit: the steps of stopping, in order, within a bounded time."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from contract.clock import Clock

logger = logging.getLogger(__name__)

_A_MOMENT = 0.5


class CannotStart(Exception):
    """The server cannot start, or a command cannot be done. The text is one sentence for the operator, no secrets."""


@dataclass(frozen=True)
class Running:
    """Something that runs in the background."""

    name: str
    start: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Step:
    """One thing to do while stopping. `patience` in seconds bounds it, besides what is left of the whole time."""

    name: str
    run: Callable[[], Awaitable[object]]
    patience: float | None = None


class StopSignal:
    """Waits for SIGTERM or SIGINT. A second one cuts the stopping short."""

    def __init__(self) -> None:
        self._received = asyncio.Event()
        self._hurry = asyncio.Event()

    def install(self) -> None:
        """Take the signals over from Python, for the running event loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.notify)

    def remove(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    def notify(self) -> None:
        """As if a signal had come."""
        if self._received.is_set():
            self._hurry.set()
        self._received.set()

    async def wait(self) -> None:
        await self._received.wait()

    async def wait_for_hurry(self) -> None:
        await self._hurry.wait()


async def stop(
    steps: Sequence[Step], *, seconds: float, clock: Clock, hurry: Awaitable[None] | None = None
) -> bool:
    """Run every step in order; whether all of them came to an end by themselves in time.

    A step that fails or takes too long is logged and the next one runs: what is left of `seconds` is shared, and when
    nothing is left each remaining step still gets a moment, because closing files matters more than the clock.
    `hurry` ends the patience at once.
    """
    hurried = (
        asyncio.ensure_future(hurry) if hurry is not None else asyncio.get_running_loop().create_future()
    )
    end = clock.monotonic() + seconds
    clean = True
    try:
        for step in steps:
            left = max(end - clock.monotonic(), _A_MOMENT)
            patience = _A_MOMENT if hurried.done() else min(left, step.patience or left)
            clean = await _run(step, patience, hurried) and clean
    finally:
        hurried.cancel()
    return clean


async def _run(step: Step, patience: float, hurried: asyncio.Future[None]) -> bool:
    task: asyncio.Future[object] = asyncio.ensure_future(step.run())
    waiting: set[asyncio.Future[Any]] = {task} if hurried.done() else {task, hurried}
    await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_A_MOMENT)
    if task.cancelled() or not task.done():
        logger.warning("stopping: %s took too long", step.name)
        return False
    error = task.exception()
    if error is not None:
        logger.error("stopping: %s failed", step.name, exc_info=error)
    return error is None
