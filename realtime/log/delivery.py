"""From the log to the sockets of this node, in one order: by seq.

A feed is a room that somebody on this node listens to. Its cursor is the last seq that was delivered here. What is
offered to it is delivered when it is next, dropped when it is behind, and when it is ahead the gap is read from the
database. It does not matter who offers, this node's own writer or the bus, nor how often. A head check from time to time
finds a last message whose notice was lost.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from contract.errors import DomainError
from contract.events import LogEvent
from db.engine import Database
from realtime.engine import Frame
from realtime.log import store
from realtime.log.epoch import EpochKeeper
from realtime.log.transaction import wire

log = logging.getLogger(__name__)

_PAGE = 200
"""Events read at once to fill a gap."""

_FIRST_RETRY_SECONDS = 0.01
RETRY_SECONDS = 0.5
"""Between tries to read a gap while the database is away."""


class Listener(Protocol):
    """A connection, as far as delivery knows it."""

    sid: str

    def send(self, event: Frame, /) -> None: ...


class DeliveryObserver(Protocol):
    """Counts, for the metrics."""

    def delivered(self, events: int, deliveries: int) -> None: ...

    def gap_found(self) -> None: ...


class Subscription:
    """One connection's place in a feed.

    While held, what comes is kept back: the answer to `room:join` has to leave first. After that everything above
    `after`, the position told in that answer, goes straight to the connection.
    """

    def __init__(self, listener: Listener, room_id: str, earlier: "Subscription | None" = None) -> None:
        """`earlier`: whose place it takes, when the connection listened to the room already."""
        self.listener = listener
        self.room_id = room_id
        self._earlier = earlier
        self._after = 0
        self._held: list[tuple[int, Frame]] | None = []

    def send(self, seq: int, frame: Frame) -> None:
        if self._held is not None:
            self._held.append((seq, frame))
        elif seq > self._after:
            self.listener.send(frame)

    def release(self, after: int) -> None:
        """Lets everything above `after` through from now on."""
        held, self._held, self._after, self._earlier = self._held, None, after, None
        for seq, frame in held or ():
            self.send(seq, frame)

    def resume(self) -> bool:
        """Goes on where the earlier one was; whether there was one."""
        if self._earlier is None:
            return False
        self.release(self._earlier._after)
        return True


class _Feed:
    def __init__(self, room_id: str) -> None:
        self.room_id = room_id
        self.cursor: int | None = None
        self.wanted = 0
        self.offered = 0  # what is surely committed, while a hint in `wanted` may claim too much
        self.subscriptions: dict[str, Subscription] = {}
        self.starting = asyncio.Lock()
        self.filling: asyncio.Task[None] | None = None


class Delivery:
    """All feeds of this node."""

    def __init__(
        self,
        database: Database,
        epochs: EpochKeeper,
        encode: Callable[[str, object], Frame],
        observer: DeliveryObserver,
    ) -> None:
        self._database = database
        self._epochs = epochs
        self._encode = encode
        self._observer = observer
        self._feeds: dict[str, _Feed] = {}
        self._rooms_of: dict[str, set[str]] = {}
        self._watchers: list[Callable[[LogEvent], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def watch(self, watcher: Callable[[LogEvent], None]) -> None:
        """Calls `watcher` after each event was delivered on this node."""
        self._watchers.append(watcher)

    @property
    def room_ids(self) -> Sequence[str]:
        """The rooms that somebody on this node listens to."""
        return list(self._feeds)

    def rooms_of(self, sid: str) -> Sequence[str]:
        return list(self._rooms_of.get(sid, ()))

    def listeners(self, room_id: str) -> Sequence[Listener]:
        feed = self._feeds.get(room_id)
        return [subscription.listener for subscription in feed.subscriptions.values()] if feed else []

    async def subscribe(self, listener: Listener, room_id: str) -> Subscription:
        """Begins to hold back the room's events for `listener`. Read the room's state after this, then `release`.

        Raises:
            Unavailable: the database is away.
        """
        feed = self._feeds.setdefault(room_id, _Feed(room_id))
        subscription = Subscription(listener, room_id, feed.subscriptions.get(listener.sid))
        feed.subscriptions[listener.sid] = subscription
        self._rooms_of.setdefault(listener.sid, set()).add(room_id)
        try:
            await self._begin(feed)
        except BaseException:
            self.unsubscribe(listener.sid, room_id)
            raise
        return subscription

    def release(self, subscription: Subscription, after: int) -> bool:
        """Lets what was held back and lies above `after` through. Whether the connection still listens: if it was
        unsubscribed meanwhile, this was the last that it heard.
        """
        subscription.release(after)
        return self._is_present(subscription)

    def withdraw(self, subscription: Subscription) -> None:
        """Undoes `subscribe`: a connection that listened to the room before does so as if nothing had happened."""
        if self._is_present(subscription) and not subscription.resume():
            self.unsubscribe(subscription.listener.sid, subscription.room_id)

    def _is_present(self, subscription: Subscription) -> bool:
        feed = self._feeds.get(subscription.room_id)
        return feed is not None and feed.subscriptions.get(subscription.listener.sid) is subscription

    def unsubscribe(self, sid: str, room_id: str) -> None:
        """Stops one connection's deliveries of one room."""
        rooms = self._rooms_of.get(sid)
        if rooms is not None:
            rooms.discard(room_id)
            if not rooms:
                del self._rooms_of[sid]
        feed = self._feeds.get(room_id)
        if feed is None:
            return
        feed.subscriptions.pop(sid, None)
        if not feed.subscriptions:
            del self._feeds[room_id]
            if feed.filling is not None:
                feed.filling.cancel()

    def drop(self, sid: str) -> None:
        """Stops all deliveries to a connection."""
        for room_id in self.rooms_of(sid):
            self.unsubscribe(sid, room_id)

    def start_over(self) -> None:
        """The log is another one: whoever listens has to join again."""
        for sid in list(self._rooms_of):
            self.drop(sid)

    def offer(self, events: Sequence[LogEvent]) -> None:
        """Takes committed events, of any rooms, in any order, any number of times."""
        for event in events:
            feed = self._feeds.get(event.room_id)
            if feed is not None:
                feed.offered = max(feed.offered, event.seq)
            if feed is None or feed.cursor is None:
                self._want(feed, event.seq)
            elif feed.filling is None and event.seq == feed.cursor + 1:
                self._deliver(feed, event)
            elif event.seq > feed.cursor:
                self._want(feed, event.seq)

    def hint(self, room_id: str, seq: int) -> None:
        """Somebody says that the room's log reaches up to `seq`."""
        self._want(self._feeds.get(room_id), seq)

    async def check_heads(self) -> bool:
        """Compares every feed with the database, and catches up where a notice was lost.

        Returns whether the database went back: it holds less of a room than was delivered before it was asked.
        """
        cursors = {room_id: feed.cursor or 0 for room_id, feed in self._feeds.items()}
        async with self._database.reading() as connection:
            heads = await store.heads(connection, cursors)
        for room_id, head in heads.items():
            self.hint(room_id, head)
        return any(heads.get(room_id, 0) < cursor for room_id, cursor in cursors.items())

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _begin(self, feed: _Feed) -> None:
        async with feed.starting:
            if feed.cursor is not None:
                return
            async with self._database.reading() as connection:
                feed.cursor = await store.head(connection, feed.room_id) or 0
        self._want(feed, feed.wanted)

    def _want(self, feed: _Feed | None, seq: int) -> None:
        if feed is None:
            return
        feed.wanted = max(feed.wanted, seq)
        if feed.cursor is None or feed.filling is not None or feed.wanted <= feed.cursor:
            return
        self._observer.gap_found()
        feed.filling = asyncio.create_task(self._fill(feed), name="fill-gap")
        self._tasks.add(feed.filling)
        feed.filling.add_done_callback(self._tasks.discard)

    async def _fill(self, feed: _Feed) -> None:
        pause = _FIRST_RETRY_SECONDS
        try:
            while feed.cursor is not None and feed.cursor < feed.wanted and feed.subscriptions:
                if not await self._read_on(feed, feed.cursor):
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, RETRY_SECONDS)
        finally:
            feed.filling = None

    async def _read_on(self, feed: _Feed, cursor: int) -> bool:
        """Whether there is nothing to wait for before reading again."""
        wanted = feed.wanted
        try:
            async with self._database.reading() as connection:
                events = await store.events_after(connection, self._epochs.epoch, feed.room_id, cursor, _PAGE)
        except DomainError:
            return False  # the database is away; the feed stays where it is
        for event in events:
            self._deliver(feed, event)
        if events or feed.wanted != wanted:
            return True
        feed.wanted = max(cursor, feed.offered)  # somebody claimed more than there is
        return feed.wanted == cursor  # else it was committed while this was read

    def _deliver(self, feed: _Feed, event: LogEvent) -> None:
        frame = self._encode(event.type, wire([event])[0])
        feed.cursor = event.seq
        for subscription in list(feed.subscriptions.values()):
            subscription.send(event.seq, frame)
        self._observer.delivered(1, len(feed.subscriptions))
        for watcher in self._watchers:
            try:
                watcher(event)
            except Exception:
                log.exception("a watcher of the log failed", extra={"event_id": event.id})

    def send(
        self, room_id: str, event: str, payload: Mapping[str, object], besides: Iterable[str] = ()
    ) -> None:
        """Sends something that is in no log to all who listen to the room here, `besides` those connections."""
        feed = self._feeds.get(room_id)
        if feed is None:
            return
        frame = self._encode(event, payload)
        left_out = set(besides)
        for sid, subscription in list(feed.subscriptions.items()):
            if sid not in left_out:
                subscription.listener.send(frame)
