"""Deadlines of many at the price of one timer."""

import asyncio
import heapq
import math
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_AT_ONCE = 256
"""Items that one turn acts upon before others get the loop."""


class Wheel(Generic[T]):
    """Calls `act` for each item when its time has come. Times are rounded to ticks; cancelling is a set's discard."""

    def __init__(self, act: Callable[[T], None], tick: float) -> None:
        """`tick`: seconds."""
        self._act = act
        self._tick = tick
        self._slots: dict[int, set[T]] = {}
        self._order: list[int] = []
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = 0

    def add(self, item: T, seconds: float, *, early: bool = False) -> set[T]:
        """Where the item lies until then: discard it there to cancel. Up to half a tick off, or one `early`."""
        loop = asyncio.get_running_loop()
        ticks = (loop.time() + seconds) / self._tick
        number = math.floor(ticks) if early else round(ticks)
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = set()
            heapq.heappush(self._order, number)
            self._arm(loop)
        slot.add(item)
        return slot

    def stop(self) -> None:
        """Forget everything."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._slots.clear()
        self._order.clear()

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        first = self._order[0]
        if self._timer is not None:
            if self._armed_for <= first:
                return
            self._timer.cancel()
        self._armed_for = first
        self._timer = loop.call_at(first * self._tick, self._turn)

    def _turn(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time() / self._tick + 0.01
        budget = _AT_ONCE
        while self._order and self._order[0] <= now:
            slot = self._slots[self._order[0]]
            while slot and budget:
                self._act(slot.pop())
                budget -= 1
            if slot:
                break
            del self._slots[heapq.heappop(self._order)]
        if self._order and self._timer is None:
            self._arm(loop)
