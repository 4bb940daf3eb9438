"""The sending half: a bounded queue and one task that writes it out in pipelines. What is in doubt is never sent twice."""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from redis.exceptions import ResponseError

from contract.clock import Clock
from realtime.bus.port import BusCounts
from realtime.bus.redis_wire import LOST, Backoff, Dial, Wire, hang_up
from realtime.bus.seldom import Seldom

_LOG = logging.getLogger(__name__)

QUEUE_NOTICES = 8192
QUEUE_BYTES = 8 * 1024 * 1024
STALE_SECONDS = 2.0
"""A notice that waited longer is worth nothing: receivers compare heads when the bus is back, and ask."""

_BATCH_NOTICES = 256
_BATCH_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Waiting:
    channel: str
    payload: bytes
    since: float
    counted: bool
    """False for the own probe, which is no news to anybody else."""


class Publisher:
    """`offer` never waits; `run` goes on until cancelled."""

    def __init__(self, dial: Dial, sharded: bool, counts: BusCounts, clock: Clock) -> None:
        self._dial = dial
        self._verb = "SPUBLISH" if sharded else "PUBLISH"
        self._counts = counts
        self._clock = clock
        self._queue: deque[_Waiting] = deque()
        self._bytes = 0
        self._work = asyncio.Event()
        self._hurry = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._backoff = Backoff()
        self._seldom = Seldom(_LOG, clock)

    def offer(self, channel: str, payload: bytes, *, counted: bool = True) -> None:
        """Queue one payload. When the queue is full its oldest is dropped and counted."""
        self._queue.append(_Waiting(channel, payload, self._clock.monotonic(), counted))
        self._bytes += len(payload)
        while len(self._queue) > QUEUE_NOTICES or self._bytes > QUEUE_BYTES:
            self._drop(self._pop())
        self._idle.clear()
        self._work.set()

    def hurry(self) -> None:
        """Redis is known to be back: do not sit out the rest of the back-off."""
        self._hurry.set()

    async def flush(self) -> None:
        """Return when nothing waits any more."""
        await self._idle.wait()

    async def run(self) -> None:
        while True:
            wire: Wire | None = None
            try:
                wire = await self._dial()
                await self._send_for_ever(wire)
            except LOST as problem:
                self._seldom.warning("bus: nothing can be sent, %s", type(problem).__name__)
            except Exception as problem:
                self._seldom.warning("bus: the publisher failed with %s", type(problem).__name__)
            finally:
                if wire is not None:
                    await hang_up(wire)
            await self._pause()

    async def _pause(self) -> None:
        self._drop_stale()
        self._hurry.clear()
        try:
            async with asyncio.timeout(self._backoff.next()):
                await self._hurry.wait()
        except TimeoutError:
            self._drop_stale()

    async def _send_for_ever(self, wire: Wire) -> None:
        self._drop_stale()  # Not later: while the way is open, only this process itself can have been slow.
        while True:
            self._work.clear()
            if not self._queue:
                self._idle.set()
                await self._work.wait()
            if await wire.can_read():
                raise ConnectionError  # Noticed before anything was written: nothing is lost, dial again.
            batch = self._take_batch()
            await self._send(wire, batch)
            self._backoff.reset()

    async def _send(self, wire: Wire, batch: list[_Waiting]) -> None:
        answered = 0
        try:
            commands = ((self._verb, one.channel, one.payload) for one in batch)
            await wire.send_packed_command(wire.pack_commands(commands))
            for one in batch:
                try:
                    await wire.read_response()
                except ResponseError as problem:
                    self._drop(one)
                    self._seldom.warning("bus: Redis refused a notice, %s", type(problem).__name__)
                else:
                    self._counts.published += one.counted
                answered += 1
        finally:
            for one in batch[answered:]:
                self._drop(one)

    def _take_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        weight = 0
        while self._queue and len(batch) < _BATCH_NOTICES and weight < _BATCH_BYTES:
            batch.append(self._pop())
            weight += len(batch[-1].payload)
        return batch

    def _drop_stale(self) -> None:
        oldest = self._clock.monotonic() - STALE_SECONDS
        while self._queue and self._queue[0].since < oldest:
            self._drop(self._pop())

    def _pop(self) -> _Waiting:
        one = self._queue.popleft()
        self._bytes -= len(one.payload)
        return one

    def _drop(self, one: _Waiting) -> None:
        self._counts.dropped += one.counted
