"""What waits for one client: encoded packets in their order, and how many bytes they are."""

import asyncio
from collections import deque


class Outbox:
    """A queue with one reader. Adding never blocks; the bound is kept by whoever adds, who knows `waiting`."""

    __slots__ = ("_packets", "_waiter", "waiting")

    def __init__(self) -> None:
        self._packets: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self.waiting = 0
        """Bytes of the packets in the queue."""

    def __bool__(self) -> bool:
        return bool(self._packets)

    def add(self, encoded: bytes) -> None:
        self._packets.append(encoded)
        self.waiting += len(encoded)
        self.wake()

    def take(self) -> bytes:
        """The oldest packet. Raises IndexError when there is none."""
        encoded = self._packets.popleft()
        self.waiting -= len(encoded)
        return encoded

    def take_some(self, most: int) -> list[bytes]:
        """Up to `most` of the oldest packets."""
        return [self.take() for _ in range(min(most, len(self._packets)))]

    def clear(self) -> None:
        self._packets.clear()
        self.waiting = 0

    def wake(self) -> None:
        """Let the reader look again, though nothing may have been added."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def sleep(self) -> None:
        """Until something is added or `wake` is called."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
