"""Jobs: nothing that was wished for is lost, nothing is done by two at once, and no kind starves another."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from contract.errors import Conflict
from meetings.jobs import claims, store
from meetings.jobs.port import Again, Dead, Handler, Job, JobWish
from meetings.jobs.rules import MOST_ATTEMPTS, WorkerRules, pause_after, shares
from meetings.jobs.tables import JobRow
from meetings.jobs.timetable import Daily, Timetable
from meetings.jobs.worker import Worker
from realtime.bus.memory import MemoryExchange
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention
from tests.realtime.clocks import ManualClock
from tests.realtime.school import Node, running


class Wish(Intention[None]):
    room_id = ""

    def __init__(self, *wishes: JobWish) -> None:
        self._wishes = wishes

    async def apply(self, transaction: Transaction) -> None:
        await store.wish_all(transaction, self._wishes)


class Withdraw(Intention[None]):
    room_id = ""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    async def apply(self, transaction: Transaction) -> None:
        await store.withdraw(transaction, self._keys)


class Counted:
    """The worker's observer."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []

    def job_ended(self, kind: str, result: str) -> None:
        self.ended.append((kind, result))


class Diary:
    """A handler that writes down what it did, and does with it what the test says."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.troubles: list[Exception] = []
        self.gate: asyncio.Event | None = None
        self.begun = asyncio.Event()

    async def __call__(self, job: Job) -> None:
        self.jobs.append(job)
        self.begun.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)

    @property
    def keys(self) -> list[str]:
        return [job.key for job in self.jobs]


def wish(key: str, due_at: datetime, **more: object) -> JobWish:
    kind = key.partition(":")[0]
    return JobWish(key=key, kind=kind, due_at=due_at, **more)  # type: ignore[arg-type]  # passed through


def worker_on(node: Node, handlers: Mapping[str, Handler], rules: WorkerRules | None = None) -> Worker:
    return Worker(
        node.database,
        node.writer,
        handlers,
        clock=node.clock,
        ids=node.ids,
        observer=Counted(),
        rules=rules,
    )


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[Worker]:
    await worker.start()
    try:
        yield worker
    finally:
        await worker.close()


async def row(node: Node, key: str) -> JobRow | None:
    async with node.database.reading() as connection:
        found = await connection.execute(select(JobRow.__table__).where(JobRow.key == key))
        return found.one_or_none()  # type: ignore[return-value]  # a row that reads like the class


async def found(node: Node, key: str) -> JobRow:
    there = await row(node, key)
    assert there is not None
    return there


class Revive(Intention[int]):
    room_id = ""

    def __init__(self, *ids: str) -> None:
        self._ids = ids

    async def apply(self, transaction: Transaction) -> int:
        return await store.revive(transaction, self._ids)


class Holds(Intention[bool]):
    room_id = ""

    def __init__(self, job: Job) -> None:
        self._job = job

    async def apply(self, transaction: Transaction) -> bool:
        return await store.holds(transaction, self._job)


@pytest_asyncio.fixture
async def node(database_url: str, tmp_path: Path) -> AsyncIterator[Node]:
    """A node that knows nobody: jobs are nobody's. Its clock is moved by hand."""
    alone = Node(database_url, tmp_path / "data", clock=ManualClock())
    async with running(alone):
        yield alone


@pytest.fixture
def clock(node: Node) -> ManualClock:
    """The node's."""
    assert isinstance(node.clock, ManualClock)
    return node.clock


@pytest_asyncio.fixture
async def two_nodes(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Node, Node]]:
    """Two processes over one database, as far as the database can tell."""
    first = Node(database_url, tmp_path / "first", MemoryExchange(), "node_a")
    second = Node(database_url, tmp_path / "second", MemoryExchange(), "node_b")
    async with running(first, second):
        yield first, second


async def test_a_wish_is_done_once_it_is_due(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    worker = worker_on(node, {"mail": diary})
    await node.writer.submit(Wish(wish("mail:a", clock.now() + timedelta(minutes=1), payload={"to": "ana"})))
    assert await worker.run_due() == 0
    clock.move(60)
    assert await worker.run_due() == 1
    assert [dict(job.payload) for job in diary.jobs] == [{"to": "ana"}]
    assert (await found(node, "mail:a")).state == "done"
    assert await worker.run_due() == 0


async def test_the_same_key_is_there_once_and_moves(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    worker = worker_on(node, {"mail": diary})
    await node.writer.submit(Wish(wish("mail:a", clock.now(), payload={"n": 1})))
    await node.writer.submit(Wish(wish("mail:a", clock.now() + timedelta(hours=1), payload={"n": 2})))
    assert await worker.run_due() == 0
    clock.move(3600)
    assert await worker.run_due() == 1
    assert [dict(job.payload) for job in diary.jobs] == [{"n": 2}]


async def test_once_means_once_also_when_it_is_done(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    worker = worker_on(node, {"mail": diary})
    for _ in range(2):
        await node.writer.submit(Wish(wish("mail:a", clock.now(), once=True)))
        await worker.run_due()
    assert diary.keys == ["mail:a"]
    await node.writer.submit(Wish(wish("mail:a", clock.now())))
    await worker.run_due()
    assert diary.keys == ["mail:a", "mail:a"]


async def test_a_wish_of_a_transaction_that_is_refused_is_no_wish(node: Node, clock: ManualClock) -> None:
    class Refused(Wish):
        async def apply(self, transaction: Transaction) -> None:
            await super().apply(transaction)
            raise Conflict("not like this")

    with pytest.raises(Conflict):
        await node.writer.submit(Refused(wish("mail:a", clock.now())))
    assert await row(node, "mail:a") is None


async def test_one_that_is_wished_for_while_it_runs_runs_once_more(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    diary.gate = asyncio.Event()
    worker = worker_on(node, {"link": diary})
    await node.writer.submit(Wish(wish("link:a", clock.now(), payload={"n": 1})))
    running_it = asyncio.create_task(worker.run_due())
    await diary.begun.wait()
    await node.writer.submit(Wish(wish("link:a", clock.now(), payload={"n": 2})))
    diary.gate.set()
    assert await running_it == 2
    assert [dict(job.payload) for job in diary.jobs] == [{"n": 1}, {"n": 2}]


async def test_what_failed_is_tried_again_later_and_later(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    diary.troubles = [Again("away"), ValueError("a mistake of ours"), Again("away")]
    worker = worker_on(node, {"link": diary})
    began = clock.now()
    await node.writer.submit(Wish(wish("link:a", began)))
    pauses = []
    for _ in range(3):
        await worker.run_due()
        waiting = await found(node, "link:a")
        pauses.append((waiting.due_at - clock.now()).total_seconds())
        clock.move(pauses[-1])
    assert [2.5 <= pauses[0] <= 5, 5 <= pauses[1] <= 10, 10 <= pauses[2] <= 20] == [True] * 3
    assert await worker.run_due() == 1
    assert (await found(node, "link:a")).state == "done"
    assert [job.attempts for job in diary.jobs] == [1, 2, 3, 4]


async def test_what_fails_for_ever_is_dead_and_can_be_revived(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    diary.troubles = [Again("away") for _ in range(MOST_ATTEMPTS)]
    worker = worker_on(node, {"link": diary})
    await node.writer.submit(Wish(wish("link:a", clock.now())))
    for _ in range(MOST_ATTEMPTS):
        await worker.run_due()
        clock.move(4000)
    dead = await found(node, "link:a")
    assert (dead.state, dead.error, len(diary.jobs)) == ("dead", "away", MOST_ATTEMPTS)
    await node.writer.submit(Revive(dead.id))
    assert await worker.run_due() == 1
    assert (await found(node, "link:a")).state == "done"


async def test_what_cannot_be_helped_is_dead_at_once(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    diary.troubles = [Dead("No scope.")]
    worker = worker_on(node, {"link": diary})
    await node.writer.submit(Wish(wish("link:a", clock.now())))
    await worker.run_due()
    assert ((await found(node, "link:a")).state, (await found(node, "link:a")).error) == ("dead", "No scope.")


async def test_what_does_not_count_may_happen_for_ever(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    diary.troubles = [Again("resting", counts=False) for _ in range(MOST_ATTEMPTS + 5)]
    worker = worker_on(node, {"link": diary})
    await node.writer.submit(Wish(wish("link:a", clock.now())))
    for _ in range(MOST_ATTEMPTS + 6):
        await worker.run_due()
        clock.move(10)
    assert (await found(node, "link:a")).state == "done"
    assert {job.attempts for job in diary.jobs} == {1}


async def test_what_was_withdrawn_is_not_done_but_stays_known_when_it_was(
    node: Node, clock: ManualClock
) -> None:
    diary = Diary()
    worker = worker_on(node, {"reminder": diary})
    await node.writer.submit(Wish(wish("reminder:a", clock.now()), wish("reminder:b", clock.now())))
    await node.writer.submit(Withdraw("reminder:a"))
    await worker.run_due()
    await node.writer.submit(Withdraw("reminder:b"))
    await node.writer.submit(Wish(wish("reminder:b", clock.now(), once=True)))
    await worker.run_due()
    assert diary.keys == ["reminder:b"]


async def test_many_workers_do_each_job_once(two_nodes: tuple[Node, Node]) -> None:
    first, second = two_nodes
    diary, now = Diary(), first.clock.now()
    workers = [worker_on(one, {"mail": diary, "link": diary}) for one in (first, second, first, second)]
    await first.writer.submit(Wish(*(wish(f"mail:{n}", now) for n in range(40))))
    await second.writer.submit(Wish(*(wish(f"link:{n}", now) for n in range(40))))
    await asyncio.gather(*(worker.run_due() for worker in workers))
    assert sorted(diary.keys) == sorted([f"mail:{n}" for n in range(40)] + [f"link:{n}" for n in range(40)])


async def test_a_job_whose_worker_died_is_done_by_another_and_the_first_saves_nothing(
    node: Node, clock: ManualClock
) -> None:
    slow, quick = Diary(), Diary()
    slow.gate = asyncio.Event()
    dying, other = worker_on(node, {"link": slow}), worker_on(node, {"link": quick})
    await node.writer.submit(Wish(wish("link:a", clock.now())))
    first = asyncio.create_task(dying.run_due())
    await slow.begun.wait()
    assert await other.run_due() == 0
    clock.move(WorkerRules().lease_seconds + 1)
    assert await other.run_due() == 1
    assert not await node.writer.submit(Holds(slow.jobs[0]))
    slow.troubles = [Dead("too late")]
    slow.gate.set()
    await first
    ended = await found(node, "link:a")
    assert (ended.state, ended.error) == ("done", None)
    assert [job.attempts for job in quick.jobs] == [2]


async def test_one_that_kills_its_server_each_time_is_dead_in_the_end(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    await node.writer.submit(Wish(wish("link:a", clock.now())))
    for number in range(MOST_ATTEMPTS):
        now = clock.now()
        taken = await claims.claim(
            node.database, claims.Claim("link", 1, f"lease_{number}", now, now + timedelta(seconds=1))
        )
        assert len(taken) == 1
        clock.move(2)
    await worker_on(node, {"link": diary}).run_due()
    assert (await found(node, "link:a")).state == "dead"
    assert diary.jobs == []


async def test_a_worker_wakes_at_once_when_a_wish_commits(node: Node) -> None:
    diary = Diary()
    async with at_work(worker_on(node, {"mail": diary}, rules=WorkerRules(poll_seconds=1000))):
        await asyncio.sleep(0)
        await node.writer.submit(Wish(wish("mail:a", node.clock.now())))
        async with asyncio.timeout(20):
            await diary.begun.wait()
    assert diary.keys == ["mail:a"]


async def test_a_worker_finds_what_another_process_wished_for(two_nodes: tuple[Node, Node]) -> None:
    here, there = two_nodes
    diary = Diary()
    async with at_work(worker_on(here, {"mail": diary}, rules=WorkerRules(poll_seconds=0.05))):
        await there.writer.submit(Wish(wish("mail:a", there.clock.now())))
        async with asyncio.timeout(20):
            await diary.begun.wait()
    assert diary.keys == ["mail:a"]


async def test_a_run_that_takes_long_keeps_its_lease(node: Node, clock: ManualClock) -> None:
    """By the test's clock it would have ended several times over."""
    slow, quick = Diary(), Diary()
    slow.gate = asyncio.Event()
    rules = WorkerRules(lease_seconds=0.15)
    await node.writer.submit(Wish(wish("link:a", clock.now())))
    async with at_work(worker_on(node, {"link": slow}, rules)):
        await slow.begun.wait()
        for _ in range(4):
            before = (await found(node, "link:a")).locked_until
            clock.move(0.1)
            async with asyncio.timeout(20):
                while (await found(node, "link:a")).locked_until == before:
                    await asyncio.sleep(0.01)
        assert await worker_on(node, {"link": quick}).run_due() == 0
        slow.gate.set()
    assert ((await found(node, "link:a")).state, quick.jobs) == ("done", [])


async def test_a_run_whose_lease_was_taken_is_cut_off(node: Node, clock: ManualClock) -> None:
    diary = Diary()
    diary.gate = asyncio.Event()
    await node.writer.submit(Wish(wish("link:a", clock.now())))
    async with at_work(worker_on(node, {"link": diary}, WorkerRules(lease_seconds=0.15))) as worker:
        await diary.begun.wait()
        clock.move(1)
        now = clock.now()
        taking = claims.Claim("link", 1, "another", now, now + timedelta(hours=1))
        async with asyncio.timeout(20):
            while not await claims.claim(node.database, taking):
                clock.move(1)
                taking = replace(taking, now=clock.now())
            while worker._runs:
                await asyncio.sleep(0.01)
    stands = await found(node, "link:a")
    assert (stands.state, stands.lease) == ("running", "another")


async def test_stopping_gives_back_what_does_not_end(node: Node) -> None:
    diary = Diary()
    diary.gate = asyncio.Event()
    worker = worker_on(node, {"link": diary}, rules=WorkerRules(drain_seconds=0.01))
    await node.writer.submit(Wish(wish("link:a", node.clock.now())))
    async with at_work(worker):
        await diary.begun.wait()
    back = await found(node, "link:a")
    assert (back.state, back.attempts, back.lease) == ("waiting", 0, None)


async def test_stopping_lets_what_runs_come_to_its_end(node: Node) -> None:
    diary = Diary()
    diary.gate = asyncio.Event()
    worker = worker_on(node, {"link": diary}, rules=WorkerRules(drain_seconds=20))
    await node.writer.submit(Wish(wish("link:a", node.clock.now())))
    await worker.start()
    await diary.begun.wait()
    closing = asyncio.create_task(worker.close())
    diary.gate.set()
    await closing
    assert (await found(node, "link:a")).state == "done"


async def test_a_thousand_mails_do_not_keep_a_link_waiting(node: Node, clock: ManualClock) -> None:
    order: list[str] = []

    async def write_down(job: Job) -> None:
        order.append(job.kind)

    worker = worker_on(node, {"mail": write_down, "link": write_down}, rules=WorkerRules(at_once=4))
    await node.writer.submit(Wish(*(wish(f"mail:{n:04}", clock.now()) for n in range(80))))
    clock.move(1)
    await node.writer.submit(Wish(wish("link:a", clock.now())))
    await worker.run_due()
    assert order.index("link") < 4
    assert Counter(order) == {"mail": 80, "link": 1}


@given(
    due=st.lists(st.sampled_from("abcde"), unique=True),
    running=st.dictionaries(st.sampled_from("abcde"), st.integers(0, 9)),
    free=st.integers(0, 16),
)
def test_places_are_shared_fairly(due: list[str], running: dict[str, int], free: int) -> None:
    rules = WorkerRules(limits={"a": 1})
    given_out = shares(due, running, free, rules)
    assert set(given_out) <= set(due)
    assert sum(given_out.values()) <= free
    for kind in due:
        taken = running.get(kind, 0) + given_out.get(kind, 0)
        assert taken <= max(rules.limits.get(kind, rules.of_a_kind), running.get(kind, 0))
        if taken < rules.limits.get(kind, rules.of_a_kind):  # it could have more: then no place is left
            assert sum(given_out.values()) == free
            assert all(given_out.get(kind, 0) >= count - 1 for count in given_out.values())


@given(attempts=st.integers(1, 60), chance=st.floats(0, 1))
def test_pauses_grow_and_are_bounded(attempts: int, chance: float) -> None:
    pause = pause_after(attempts, chance).total_seconds()
    assert 2.5 <= pause <= 3600
    assert pause <= pause_after(attempts + 2, chance).total_seconds()


async def test_the_days_work_is_wished_for_once_whoever_looks(two_nodes: tuple[Node, Node]) -> None:
    first, second = two_nodes
    dailies = [Daily("reconcile", time(0, 0))]
    for one in (first, second, first):
        await Timetable(one.writer, first.clock, dailies).look()
    async with first.database.reading() as connection:
        keys = list((await connection.execute(select(JobRow.key))).scalars())
    assert keys == [f"reconcile:{first.clock.now():%Y-%m-%d}"]
