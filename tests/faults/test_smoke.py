"""A class goes on talking while nodes, Redis, PostgreSQL and connections break: nothing lost, twice, or out of order."""

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.checker import Fault, check
from tests.faults.cluster import several, single
from tests.faults.member import Tamper, cid_of
from tests.faults.run import running


@pytest.fixture
def dice() -> random.Random:
    """The same faults as in an earlier run with HOMEROOM_FAULT_SEED set to what that one printed."""
    seed = int(os.environ.get("HOMEROOM_FAULT_SEED") or random.SystemRandom().randrange(10**6))
    print(f"HOMEROOM_FAULT_SEED={seed}")
    return random.Random(seed)


async def test_a_node_alone_loses_nothing_when_it_is_killed(tmp_path: Path, dice: random.Random) -> None:
    async with (
        single(tmp_path) as cluster,
        running(cluster, tmp_path, dice, people=4, rooms=2) as (run, nemesis),
    ):
        await run.progress()
        for act in (nemesis.kill_a_node, nemesis.drop_clients, nemesis.kill_a_node, nemesis.roll):
            await run.inflict(act)
        verdict = await run.finish()
    assert verdict.good, str(verdict)
    assert verdict.acknowledged > 0


@pytest.mark.timeout(300)
async def test_two_nodes_lose_nothing_whatever_breaks(tmp_path: Path, dice: random.Random) -> None:
    async with several(tmp_path, 2) as cluster, running(cluster, tmp_path, dice) as (run, nemesis):
        await run.progress()
        acts = nemesis.acts()
        dice.shuffle(acts)
        for act in acts:
            await run.inflict(act)
        verdict = await run.finish()
    assert verdict.good, str(verdict)
    assert verdict.acknowledged > 0


async def test_a_spoiled_run_is_found_out(tmp_path: Path, dice: random.Random) -> None:
    """The whole path from the socket to the verdict notices what a broken server would do to one member."""
    seen: list[str] = []

    def spoil(event: Any) -> list[Any]:
        cid = cid_of(event)
        if cid is None:
            return [event]
        seen.append(cid)
        changed = {**event, "data": {"message": {**event["data"]["message"], "text": f"{cid} but altered"}}}
        return {3: [], 6: [event, event], 9: [changed]}.get(len(seen), [event])

    async with (
        single(tmp_path) as cluster,
        running(cluster, tmp_path, dice, people=3, rooms=1, tamper=Tamper(spoil)) as (run, _),
    ):
        await run.progress(messages=5)
        verdict = await run.finish()
    assert {finding.fault for finding in verdict.findings} == {
        Fault.SKIPPED,
        Fault.LOST,
        Fault.DUPLICATE,
        Fault.DIVERGED,
    }
    assert {finding.process for finding in verdict.findings} <= {"ann", "ben", "cem", *_finals()}


async def test_a_row_deleted_behind_the_servers_back_is_found_lost(
    tmp_path: Path, dice: random.Random
) -> None:
    async with single(tmp_path) as cluster, running(cluster, tmp_path, dice, people=2, rooms=1) as (run, _):
        await run.progress(messages=3)
        await run.quiet()
        (database,) = (cluster.nodes[0].folder / "data").glob("*.db")
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("DELETE FROM messages WHERE seq = (SELECT max(seq) FROM messages)")
            connection.commit()
        await run.read()
        findings = check(run.history.entries).findings
    assert {(finding.fault, finding.process) for finding in findings} == {
        (Fault.LOST, process) for process in _finals()
    }


def _finals() -> set[str]:
    return {"final/node-1/rest", "final/node-1/socket"}
