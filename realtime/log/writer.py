"""Group commit: what is waiting is written in one transaction, made durable by one fsync, and answered together.

A lane writes one batch after another. SQLite has one lane, since it has one writer; PostgreSQL has several, and a room
always takes the same one. While a lane commits, more intentions gather for its next batch: the busier the server, the
larger the batches, and nobody waits for a timer.
"""

import asyncio
import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic, Protocol, TypeVar

from contract.clock import Clock
from contract.errors import DomainError, Unavailable
from contract.events import LogEvent
from contract.ids import IdFactory
from db.engine import Database, is_collision, is_outage
from realtime.log.transaction import Transaction

log = logging.getLogger(__name__)

MAX_BATCH = 256
MAX_WAITING = 4096
"""Intentions waiting in one lane; more are refused, so that a slow database costs a bounded amount of memory."""

_TRIES = 5
"""Of one intention that collides with what others write."""

T = TypeVar("T")


class Intention(Generic[T]):
    """Something to be written. `apply` may run more than once (the batch is tried again) but commits only once.

    Refusals (DomainError) should be raised before the first change; one raised later costs the batch a second try.
    """

    room_id: str
    waits_for: str = ""
    """What it may have to wait for besides its room: a key that others may be about to take. It then goes in the lane of
    that, and a run of intentions of one kind in that order, so that two transactions seldom wait for each other.
    """

    async def apply(self, transaction: Transaction) -> T:
        raise NotImplementedError  # each kind of intention says how it is written

    @classmethod
    async def prepare(cls, transaction: Transaction, batch: Sequence[Any]) -> None:
        """Reads at once what a run of intentions of this kind needs, before each is applied."""


class Publisher(Protocol):
    """Is told what was committed, in the order of the log."""

    def committed(self, events: Sequence[LogEvent]) -> None: ...


class Follower(Protocol):
    """Is called before a transaction is committed, when all intentions have been applied. It looks at what was written and
    adds rows, so that these are there exactly if the rest is. It must be quick to see that nothing follows, and raise nothing.
    """

    async def __call__(self, transaction: Transaction) -> None: ...


class WriterObserver(Protocol):
    """Counts, for the metrics."""

    def batch_committed(self, intentions: int, seconds: float) -> None: ...

    def batch_failed(self) -> None: ...


@dataclass
class _Waiting:
    intention: Intention[Any]
    outcome: "asyncio.Future[Any]"


class _RunAlone(Exception):
    """One of the batch was refused after it had changed something: the transaction has to be rolled back."""

    def __init__(self, refusal: DomainError) -> None:
        super().__init__()
        self.refusal = refusal


class Writer:
    """The only way to change the database's rooms, messages and log."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdFactory,
        epoch: Callable[[], str],
        observer: WriterObserver,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._epoch = epoch
        self._observer = observer
        self._publisher: Publisher | None = None
        self._wakers: dict[str, Callable[[], None]] = {}
        self._followers: list[Follower] = []
        self._lanes: list[asyncio.Queue[_Waiting]] = [
            asyncio.Queue(MAX_WAITING) for _ in range(database.lanes)
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    def publish_to(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def wake(self, news: str, waker: Callable[[], None]) -> None:
        """Calls `waker` after each commit of a transaction that had `news`."""
        self._wakers[news] = waker

    def follow(self, follower: "Follower") -> None:
        """Lets `follower` add to each transaction what follows from it."""
        self._followers.append(follower)

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._serve(lane), name=f"writer-{number}")
            for number, lane in enumerate(self._lanes)
        ]

    async def close(self) -> None:
        """Writes what is waiting, refuses the rest."""
        self._closing = True
        await asyncio.gather(*(lane.join() for lane in self._lanes))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def submit(self, intention: Intention[T]) -> T:
        """Returns once the intention is committed and on disk.

        Raises:
            DomainError: the intention was refused.
            Unavailable: the database is away, or too much is waiting. What was asked may still have been written
                when the connection broke during the commit: ask again with the same `client_id`.
        """
        if self._closing:
            raise Unavailable("The server is shutting down.")
        outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        name = intention.waits_for or intention.room_id
        lane = self._lanes[zlib.crc32(name.encode()) % len(self._lanes)]
        try:
            lane.put_nowait(_Waiting(intention, outcome))
        except asyncio.QueueFull as error:
            raise Unavailable("Too much is waiting to be written.", retry_after_ms=1000) from error
        result: T = await asyncio.shield(outcome)
        return result

    async def _serve(self, lane: "asyncio.Queue[_Waiting]") -> None:
        while True:
            batch = [await lane.get()]
            while len(batch) < MAX_BATCH and not lane.empty():
                batch.append(lane.get_nowait())
            try:
                await self._settle(batch)
            finally:
                for _ in batch:
                    lane.task_done()

    async def _settle(self, batch: list[_Waiting]) -> None:
        """Whatever happens, every waiting command is answered."""
        left = batch
        try:
            try:
                await self._commit(batch)
            except Unavailable:
                raise
            except Exception:
                while left:  # one of them spoilt it for all: each is tried by itself
                    await self._settle_one(left[0])
                    left = left[1:]
        except Unavailable as error:
            self._refuse(left, error)

    async def _settle_one(self, waiting: _Waiting) -> None:
        """Raises Unavailable: then the others need not be tried either."""
        for attempt in range(1, _TRIES + 1):
            try:
                await self._commit([waiting])
            except Unavailable:
                raise
            except _RunAlone as error:
                self._refuse([waiting], error.refusal)
            except Exception as error:
                if attempt < _TRIES and is_collision(error):
                    continue  # somebody else wrote the same key first: the next try finds it
                self._refuse([waiting], error)
            return

    async def _commit(self, batch: list[_Waiting]) -> None:
        began = self._clock.monotonic()
        results: list[tuple[_Waiting, Any]] = []
        refusals: list[tuple[_Waiting, DomainError]] = []
        async with self._database.writing() as connection:
            transaction = Transaction(connection, self._epoch(), self._clock.now(), self._ids)
            await transaction.lock(waiting.intention.room_id for waiting in batch)
            await self._apply(transaction, batch, results, refusals)
            for follower in self._followers:
                await follower(transaction)
            await transaction.flush()
        self._observer.batch_committed(len(batch), self._clock.monotonic() - began)
        self._tell(transaction.events)
        for news in transaction.news & self._wakers.keys():
            self._wakers[news]()
        for waiting, result in results:
            _resolve(waiting.outcome, result)
        for waiting, refusal in refusals:
            _reject(waiting.outcome, refusal)

    async def _apply(
        self,
        transaction: Transaction,
        batch: list[_Waiting],
        results: list[tuple[_Waiting, Any]],
        refusals: list[tuple[_Waiting, DomainError]],
    ) -> None:
        for kind, run in groupby(batch, key=lambda waiting: type(waiting.intention)):
            same = sorted(run, key=lambda waiting: waiting.intention.waits_for)
            await kind.prepare(transaction, [waiting.intention for waiting in same])
            for waiting in same:
                before = transaction.writes
                try:
                    results.append((waiting, await waiting.intention.apply(transaction)))
                except DomainError as refusal:
                    if transaction.writes != before:
                        raise _RunAlone(refusal) from refusal
                    refusals.append((waiting, refusal))

    def _tell(self, events: Sequence[LogEvent]) -> None:
        """What is committed stays committed, whatever goes wrong in telling it: it must not be written again."""
        if self._publisher is None or not events:
            return
        try:
            self._publisher.committed(events)
        except Exception:
            log.exception("what was committed could not be told")

    def _refuse(self, batch: list[_Waiting], error: BaseException) -> None:
        if isinstance(error, Unavailable):
            self._observer.batch_failed()
            log.warning("the database did not take a batch: %s", type(error.__cause__).__name__)
            refusal: DomainError = error
        elif isinstance(error, DomainError):
            refusal = error
        elif is_outage(error):  # two transactions waited for each other, again and again
            self._observer.batch_failed()
            log.warning("others were writing the same: %s", type(error).__name__)
            refusal = Unavailable()
        else:
            self._observer.batch_failed()
            log.error("a batch failed", exc_info=error)
            refusal = DomainError()
        for waiting in batch:
            _reject(waiting.outcome, refusal)


def _resolve(outcome: "asyncio.Future[Any]", result: Any) -> None:
    if not outcome.done():
        outcome.set_result(result)


def _reject(outcome: "asyncio.Future[Any]", refusal: DomainError) -> None:
    if not outcome.done():
        outcome.set_exception(refusal)
        outcome.exception()  # marks it as seen: nobody may be waiting any more
