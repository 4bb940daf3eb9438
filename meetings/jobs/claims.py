"""Taking jobs, and keeping them: who claimed a job holds it until its lease ends, and saves nothing afterwards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Database
from meetings.jobs.port import Job
from meetings.jobs.store import job_of
from meetings.jobs.tables import JobRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention


@dataclass(frozen=True)
class Claim:
    """What one claim asks for. `lease` is the token that it is held by until `until`."""

    kind: str
    count: int
    lease: str
    now: datetime
    until: datetime


async def due_kinds(connection: AsyncConnection, kinds: Collection[str], now: datetime) -> Sequence[str]:
    """Kinds of which something may be begun."""
    found = await connection.execute(
        select(JobRow.kind).where(JobRow.kind.in_(kinds), _is_free(now)).distinct()
    )
    return sorted(found.scalars())


async def next_due(connection: AsyncConnection, kinds: Collection[str]) -> datetime | None:
    """When the first of those that wait is due."""
    return (
        await connection.execute(
            select(JobRow.due_at)
            .where(JobRow.state == "waiting", JobRow.kind.in_(kinds))
            .order_by(JobRow.due_at)
            .limit(1)
        )
    ).scalar_one_or_none()


async def claim(database: Database, wanted: Claim) -> Sequence[Job]:
    """Takes what is due, the longest due first, and what somebody else began and held no longer.

    Many processes may do so at once: what one of them has locked, the others pass over (where the database can lock rows).
    """
    picked = (
        select(JobRow.id)
        .where(JobRow.kind == wanted.kind, _is_free(wanted.now))
        .order_by(JobRow.due_at, JobRow.id)
        .limit(wanted.count)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    statement = (
        update(JobRow)
        .where(JobRow.id.in_(select(picked.c.id)))
        .values(
            state="running",
            again=case((JobRow.state == "running", JobRow.again), else_=False),
            lease=wanted.lease,
            locked_until=wanted.until,
            attempts=JobRow.attempts + 1,
        )
        .returning(*JobRow.__table__.columns)
    )
    async with database.writing() as connection:
        rows = (await connection.execute(statement)).all()
    return [job_of(row, wanted.lease) for row in sorted(rows, key=lambda row: (row.due_at, row.id))]


class Renew(Intention[frozenset[str]]):
    """Holds on to jobs; the ids of those that are still held."""

    room_id = ""

    def __init__(self, jobs: Collection[Job], until: datetime) -> None:
        self._held = [(job.id, job.lease) for job in jobs]
        self._until = until

    async def apply(self, transaction: Transaction) -> frozenset[str]:
        ids, leases = {one for one, _ in self._held}, {lease for _, lease in self._held}
        renewed = await transaction.execute(
            update(JobRow)
            .where(JobRow.id.in_(ids), JobRow.lease.in_(leases), JobRow.state == "running")
            .values(locked_until=self._until)
            .returning(JobRow.id)
        )
        return frozenset(renewed.scalars())


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `due_at` None: it is over, done or dead."""

    result: str
    due_at: datetime | None = None
    error: str | None = None
    counts: bool = True


class Finish(Intention[bool]):
    """Writes down how a run ended; False when its lease was lost."""

    room_id = ""

    def __init__(self, job: Job, outcome: Outcome) -> None:
        self._job = job
        self._outcome = outcome

    async def apply(self, transaction: Transaction) -> bool:
        return await finish(transaction, self._job, self._outcome)


async def finish(transaction: Transaction, job: Job, outcome: Outcome = Outcome("done")) -> bool:
    """Ends a run, also in the transaction of what it did, so that both are so or neither; False when its lease was lost."""
    values = (
        _ended(transaction, outcome) if outcome.due_at is None else _waiting(job, outcome, outcome.due_at)
    )
    changed = await transaction.execute(
        update(JobRow)
        .where(JobRow.id == job.id, JobRow.lease == job.lease, JobRow.state == "running")
        .values(**values, again=False, lease=None, locked_until=None)
    )
    return bool(changed.rowcount)


def _ended(transaction: Transaction, outcome: Outcome) -> dict[str, Any]:
    """One that was asked for anew while it ran is run once more, at the time that was asked for."""
    return {
        "state": case((JobRow.again, "waiting"), else_=outcome.result),
        "attempts": case((JobRow.again, 0), else_=JobRow.attempts),
        "finished_at": case((JobRow.again, None), else_=transaction.now),
        "error": outcome.error,
    }


def _waiting(job: Job, outcome: Outcome, due_at: datetime) -> dict[str, Any]:
    counted = job.attempts if outcome.counts else max(0, job.attempts - 1)
    return {
        "state": "waiting",
        "attempts": case((JobRow.again, 0), else_=counted),
        "due_at": case((JobRow.again, JobRow.due_at), else_=due_at),
        "error": outcome.error,
    }


def _is_free(now: datetime) -> Any:
    return or_(
        and_(JobRow.state == "waiting", JobRow.due_at <= now),
        and_(JobRow.state == "running", JobRow.locked_until <= now),
    )
