"""Does the jobs that are due: a bounded number at once, each kind in its turn, each held by a lease that is renewed."""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from contract.clock import Clock
from contract.errors import DomainError, Unavailable
from contract.ids import IdFactory
from db.engine import Database
from meetings.jobs import claims
from meetings.jobs.claims import Claim, Finish, Outcome, Renew
from meetings.jobs.port import Again, Dead, Handler, Job
from meetings.jobs.rules import MOST_ATTEMPTS, WorkerRules, is_exhausted, pause_after, shares
from meetings.jobs.store import NEWS
from realtime.log.writer import Writer

log = logging.getLogger(__name__)

_RELEASED = "It was being done when the server stopped."


class WorkerObserver(Protocol):
    """Counts, for the metrics."""

    def job_ended(self, kind: str, result: str) -> None:
        """`result`: done, again, dead or lost (its lease)."""


@dataclass
class _Run:
    job: Job
    task: "asyncio.Task[None]"
    held_until: float
    """By the monotonic clock; after it others may do the same."""
    lost: bool = False


class Worker:
    """Runs in the background of a node, or alone in a process of its own. Handlers are by kind; other kinds are left to others."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock,
        ids: IdFactory,
        observer: WorkerObserver,
        rules: WorkerRules | None = None,
    ) -> None:
        self._database = database
        self._writer = writer
        self._handlers = dict(handlers)
        self._clock = clock
        self._ids = ids
        self._observer = observer
        self._rules = rules or WorkerRules()
        self._chance: Callable[[], float] = random.random
        self._runs: dict[str, _Run] = {}
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False
        writer.wake(NEWS, self.wake)

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    async def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._serve(), name="worker"),
            asyncio.create_task(self._hold(), name="worker-leases"),
        ]

    async def close(self) -> None:
        """Begins nothing more, lets what runs come to its end for a while, and gives the rest back."""
        self._closing = True
        self._woken.set()
        if self._tasks:  # what it has claimed just now must become a run, or nobody would give it back
            await asyncio.wait(self._tasks[:1], timeout=self._rules.drain_seconds)
        running = [run.task for run in self._runs.values()]
        if running:
            await asyncio.wait(running, timeout=self._rules.drain_seconds)
        for run in list(self._runs.values()):
            run.task.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*running, *self._tasks, return_exceptions=True)
        self._tasks = []

    async def run_due(self) -> int:
        """Does all that is due by the clock, what follows from it included, and returns how many runs there were."""
        count = 0
        while begun := await self._begin_what_is_due():
            count += begun
            await asyncio.gather(*(run.task for run in list(self._runs.values())))
        return count

    async def _serve(self) -> None:
        while not self._closing:
            self._woken.clear()
            pause = self._rules.poll_seconds
            try:
                while await self._begin_what_is_due():
                    pass
                pause = await self._until_next()
            except Unavailable:
                pass  # the database is away: it is asked again
            except Exception:
                log.exception("looking for work failed")
            try:
                async with asyncio.timeout(pause):
                    await self._woken.wait()
            except TimeoutError:
                pass

    async def _until_next(self) -> float:
        async with self._database.reading() as connection:
            due_at = await claims.next_due(connection, self._handlers)
        if due_at is None:
            return self._rules.poll_seconds
        left = (due_at - self._clock.now()).total_seconds()
        if left <= 0 and self._runs:
            return self._rules.poll_seconds  # there is no place for it: a run that ends wakes us
        return min(max(left, 0.02), self._rules.poll_seconds)

    async def _begin_what_is_due(self) -> int:
        free = self._rules.at_once - len(self._runs)
        if free <= 0 or self._closing:
            return 0
        now = self._clock.now()
        async with self._database.reading() as connection:
            due = await claims.due_kinds(connection, self._handlers, now)
        running = Counter(run.job.kind for run in self._runs.values())
        begun = 0
        for kind, count in shares(due, running, free, self._rules).items():
            begun += await self._begin(kind, count)
        return begun

    async def _begin(self, kind: str, count: int) -> int:
        now, began = self._clock.now(), self._clock.monotonic()
        lease = self._ids.new("lease")
        until = now + timedelta(seconds=self._rules.lease_seconds)
        jobs = await claims.claim(self._database, Claim(kind, count, lease, now, until))
        for job in jobs:
            task = asyncio.create_task(self._run(job), name=f"job-{job.kind}")
            self._runs[_key(job)] = _Run(job, task, began + self._rules.lease_seconds)
        return len(jobs)

    async def _run(self, job: Job) -> None:
        try:
            outcome = await self._outcome(job)
        except asyncio.CancelledError:
            run = self._runs.get(_key(job))
            if run is not None and not run.lost:
                await self._end(job, Outcome("again", self._clock.now(), _RELEASED, counts=False))
            raise
        else:
            await self._end(job, outcome)
        finally:
            self._runs.pop(_key(job), None)
            self._woken.set()

    async def _outcome(self, job: Job) -> Outcome:
        if job.attempts > MOST_ATTEMPTS:
            return Outcome("dead", error="The server ended again and again while it was being done.")
        try:
            async with asyncio.timeout(self._rules.patience_for(job.kind)):
                await self._handlers[job.kind](job)
        except Again as again:
            return self._again(job, again)
        except Dead as dead:
            return Outcome("dead", error=dead.message)
        except TimeoutError:
            return self._again(job, Again("It took too long."))
        except DomainError as refusal:
            return self._again(job, Again(refusal.message, counts=not isinstance(refusal, Unavailable)))
        except Exception as error:
            log.exception("a job of kind %s failed", job.kind)
            return self._again(job, Again(f"The server made a mistake ({type(error).__name__})."))
        return Outcome("done")

    def _again(self, job: Job, again: Again) -> Outcome:
        if again.counts and is_exhausted(job.attempts):
            return Outcome("dead", error=again.message)
        due_at = again.due_at or self._clock.now() + pause_after(job.attempts, self._chance())
        return Outcome("again", due_at, again.message, again.counts)

    async def _end(self, job: Job, outcome: Outcome) -> None:
        """When it cannot be written down, the lease runs out and the job is done once more."""
        try:
            kept = await self._writer.submit(Finish(job, outcome))
        except DomainError:
            kept = False
        self._observer.job_ended(job.kind, outcome.result if kept else "lost")

    async def _hold(self) -> None:
        while True:
            await asyncio.sleep(self._rules.lease_seconds / 3)
            runs = list(self._runs.values())
            if runs:
                await self._renew(runs)

    async def _renew(self, runs: list[_Run]) -> None:
        began = self._clock.monotonic()
        until = self._clock.now() + timedelta(seconds=self._rules.lease_seconds)
        try:
            async with asyncio.timeout(self._rules.lease_seconds / 3):
                held = await self._writer.submit(Renew([run.job for run in runs], until))
        except (DomainError, TimeoutError):
            held = None  # nobody knows
        for run in runs:
            if held is not None and run.job.id in held:
                run.held_until = began + self._rules.lease_seconds
            elif _key(run.job) in self._runs and (held is not None or self._is_over(run)):
                run.lost = True
                run.task.cancel()

    def _is_over(self, run: _Run) -> bool:
        """Whether another may begin the same before this one's lease could be renewed."""
        return self._clock.monotonic() + self._rules.lease_seconds / 3 >= run.held_until


def _key(job: Job) -> str:
    """Of a run: a job whose lease was lost may be claimed again here before its first run has ended."""
    return f"{job.lease}:{job.id}"
