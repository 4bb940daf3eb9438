"""One thing told to any number of readers, each at its own pace."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Broadcast(Generic[T]):
    """Readers hear what is told after they came. One that falls behind by more than `capacity` misses the oldest."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._readers: set[_Reader[T]] = set()
        self._over = False

    def tell(self, item: T) -> None:
        for reader in self._readers:
            reader.waiting.append(item)
            reader.changed.set()

    def end(self) -> None:
        """Every reader stops once it has read what waits."""
        self._over = True
        for reader in self._readers:
            reader.changed.set()

    def listen(self, first: tuple[T, ...] = ()) -> AsyncIterator[T]:
        """Registered at once, not only when the iteration begins; `first` is read before anything else."""
        reader = _Reader[T](deque(first, self._capacity), asyncio.Event())
        self._readers.add(reader)
        return self._read(reader)

    async def _read(self, reader: "_Reader[T]") -> AsyncIterator[T]:
        try:
            while True:
                while reader.waiting:
                    yield reader.waiting.popleft()
                if self._over:
                    return
                reader.changed.clear()
                await reader.changed.wait()
        finally:
            self._readers.discard(reader)


class _Reader(Generic[T]):
    def __init__(self, waiting: deque[T], changed: asyncio.Event) -> None:
        self.waiting = waiting
        self.changed = changed
