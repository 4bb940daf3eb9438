"""SQL of jobs. Wishes are part of the transaction of what they follow from: what was saved is also done, and nothing else is."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.after_class import JobView
from meetings.jobs.port import Job, JobWish
from meetings.jobs.tables import JobRow
from realtime.log.transaction import Transaction

NEWS: Final = "jobs"
"""What a transaction tells the worker of this node."""

_CHUNK = 500


async def wish(transaction: Transaction, wanted: JobWish) -> None:
    """Wishes for one job; see JobWish for what happens to one of the same key that is there."""
    await wish_all(transaction, [wanted])


async def wish_all(transaction: Transaction, wishes: Sequence[JobWish]) -> None:
    """Wishes for many jobs. The same key twice among them counts as wished for once, the last time."""
    by_key = {one.key: one for one in wishes}
    if not by_key:
        return
    present = await _present(transaction, list(by_key))
    for key, one in by_key.items():
        if key not in present:
            transaction.add(JobRow, _new_row(transaction, one))
        elif not one.once:
            await _wish_anew(transaction, one)
    transaction.news.add(NEWS)


async def withdraw(transaction: Transaction, keys: Sequence[str]) -> None:
    """What waits, or is dead, is not wanted any more. One that runs comes to its end; one that is done stays known as done."""
    for start in range(0, len(keys), _CHUNK):
        await _withdraw_where(transaction, JobRow.key.in_(keys[start : start + _CHUNK]))


async def withdraw_of(transaction: Transaction, meeting_id: str, kind: str) -> None:
    """The same for all of one kind of a meeting."""
    await _withdraw_where(transaction, (JobRow.meeting_id == meeting_id) & (JobRow.kind == kind))


async def holds(transaction: Transaction, job: Job) -> bool:
    """Whether the run still has its lease. One that lost it may save nothing: another does the same work by now.

    Locks the job's row, so that it stays so until the transaction has ended.
    """
    found = await transaction.read(
        select(JobRow.id).where(JobRow.id == job.id, JobRow.lease == job.lease).with_for_update()
    )
    return found.one_or_none() is not None


async def states(connection: AsyncConnection, keys: Collection[str]) -> Mapping[str, str]:
    """waiting, running, done or dead, by key; those that are not there are left out."""
    rows = await connection.execute(select(JobRow.key, JobRow.state).where(JobRow.key.in_(set(keys))))
    return {row.key: row.state for row in rows}


async def view(connection: AsyncConnection, job_id: str) -> JobView | None:
    row = (await connection.execute(select(*_VIEWED).where(JobRow.id == job_id))).one_or_none()
    return None if row is None else _view_of(row)


async def page(
    connection: AsyncConnection, *, meeting_id: str | None, dead: bool, after: str | None, limit: int
) -> Sequence[JobView]:
    """The newest first, one more than `limit` when there are more. Not `dead`: also those that failed and are tried again."""
    statement = select(*_VIEWED).order_by(JobRow.id.desc()).limit(limit + 1)
    troubled = JobRow.error.is_not(None) & (JobRow.state != "done")
    statement = statement.where(JobRow.state == "dead" if dead else or_(JobRow.state == "dead", troubled))
    if meeting_id is not None:
        statement = statement.where(JobRow.meeting_id == meeting_id)
    if after is not None:
        statement = statement.where(JobRow.id < after)
    return [_view_of(row) for row in await connection.execute(statement)]


async def revive(transaction: Transaction, job_ids: Collection[str]) -> int:
    """Runs dead jobs, and those that wait for their next try, again at once; how many there were."""
    changed = await transaction.execute(
        update(JobRow)
        .where(JobRow.id.in_(set(job_ids)), JobRow.state.in_(["dead", "waiting"]))
        .values(state="waiting", due_at=transaction.now, attempts=0, again=False)
    )
    transaction.news.add(NEWS)
    return changed.rowcount


def job_of(row: Any, lease: str) -> Job:
    """A row that was claimed."""
    return Job(
        id=row.id,
        key=row.key,
        kind=row.kind,
        payload=json.loads(row.payload),
        meeting_id=row.meeting_id,
        attempts=row.attempts,
        created_at=row.created_at,
        lease=lease,
    )


_VIEWED = (
    JobRow.id,
    JobRow.kind,
    JobRow.meeting_id,
    JobRow.attempts,
    JobRow.created_at,
    JobRow.due_at,
    JobRow.state,
    JobRow.error,
)


def _view_of(row: Any) -> JobView:
    return JobView(
        id=row.id,
        kind=row.kind,
        meeting_id=row.meeting_id,
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        dead=row.state == "dead",
        error=row.error,
    )


async def _present(transaction: Transaction, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        found |= set((await transaction.read(select(JobRow.key).where(JobRow.key.in_(chunk)))).scalars())
    return found


def _new_row(transaction: Transaction, one: JobWish) -> dict[str, object]:
    return {
        "id": transaction.ids.new("job"),
        "key": one.key,
        "kind": one.kind,
        "payload": json.dumps(one.payload, separators=(",", ":")),
        "meeting_id": one.meeting_id,
        "state": "waiting",
        "again": False,
        "due_at": one.due_at,
        "attempts": 0,
        "lease": None,
        "locked_until": None,
        "error": None,
        "created_at": transaction.now,
        "finished_at": None,
    }


async def _wish_anew(transaction: Transaction, one: JobWish) -> None:
    """One that runs is marked, and keeps its lease; any other waits from now on. In one statement, as it may be claimed just now."""
    runs = JobRow.state == "running"
    changed = await transaction.execute(
        update(JobRow)
        .where(JobRow.key == one.key)
        .values(
            payload=json.dumps(one.payload, separators=(",", ":")),
            meeting_id=one.meeting_id,
            due_at=one.due_at,
            again=case((runs, True), else_=False),
            state=case((runs, "running"), else_="waiting"),
            attempts=case((runs, JobRow.attempts), else_=0),
            error=None,
            finished_at=None,
        )
    )
    if not changed.rowcount:  # it was withdrawn by somebody else just now
        transaction.add(JobRow, _new_row(transaction, one))


async def _withdraw_where(transaction: Transaction, these: Any) -> None:
    await transaction.execute(delete(JobRow).where(these, JobRow.state.in_(_UNSTARTED)))
    await transaction.execute(update(JobRow).where(these, JobRow.state == "running").values(again=False))


_UNSTARTED: Final = ("waiting", "dead")
