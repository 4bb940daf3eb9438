"""A database that is away or full: refused in words, nothing acknowledged is lost, and it heals by itself."""

import asyncio
import resource
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contract.errors import Unavailable
from contract.messages import HistoryPage, MessageAnswer, SearchMessages
from db import migrate
from tests.conformance.store_places import sqlite_url
from tests.realtime.school import ANA, TEACHER, Node, running
from tests.services.postgres import PostgresServer

_ROOT = Path(__file__).parents[3]


async def acknowledged(node: Node, room_id: str, lines: int, prefix: str) -> list[str]:
    """The ids of those of so many sends that were acknowledged; whatever was not must have been `unavailable`."""
    outcomes = await asyncio.gather(
        *(node.chat.send(ANA, room_id, f"{prefix} {number}", f"{prefix}{number}") for number in range(lines)),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert all(isinstance(one, Unavailable) and one.retryable for one in refused), refused
    return [one.message.id for one in outcomes if isinstance(one, MessageAnswer)]


async def stored(node: Node, room_id: str) -> list[str]:
    return [
        event.data["message"]["id"] for event in await node.events(room_id) if event.type == "message.new"
    ]


async def healed(work: Callable[[], Awaitable[object]]) -> None:
    """Asks until the database is there again."""
    async with asyncio.timeout(60):
        while True:
            try:
                await work()
            except Unavailable:
                await asyncio.sleep(0.05)
            else:
                return


@pytest.mark.parametrize("mode", ["fast", "immediate", "kill"])
async def test_postgresql_that_goes_away_and_comes_back_loses_nothing(
    private_postgres: PostgresServer, tmp_path: Path, mode: str
) -> None:
    url = await private_postgres.create_database()
    await migrate.upgrade(url)
    node = Node(url, tmp_path)
    async with running(node):
        room_id = await node.room(TEACHER, ANA)
        acks = await acknowledged(node, room_id, 50, "before")
        storm = asyncio.create_task(_storm(node, room_id))
        await asyncio.sleep(0)
        if mode == "kill":
            await private_postgres.kill()
        else:
            await private_postgres.stop("fast" if mode == "fast" else "immediate")
        with pytest.raises(Unavailable) as refused:
            await node.chat.send(ANA, room_id, "now?", "away")
        assert refused.value.retryable
        with pytest.raises(Unavailable):
            await node.chat.history(ANA, room_id, HistoryPage())
        with pytest.raises(Unavailable):
            await node.rooms.get(ANA, room_id)
        await private_postgres.start()
        await healed(lambda: node.chat.send(ANA, room_id, "again", "away"))
        acks += await storm
        assert not await node.epochs.changed()  # a restart is no restore
        there = await stored(node, room_id)
        assert set(acks) <= set(there)
        assert len(there) == len(set(there))
        events = await node.events(room_id)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def _storm(node: Node, room_id: str) -> list[str]:
    """Keeps sending while the database goes and comes; what was refused is sent again under the same client_id."""
    acks = []
    for number in range(40):

        async def send(number: int = number) -> None:
            acks.append((await node.chat.send(ANA, room_id, f"storm {number}", f"s{number}")).message.id)

        await healed(send)
    return acks


async def test_a_listener_is_not_forgotten_while_postgresql_is_away(
    private_postgres: PostgresServer, tmp_path: Path
) -> None:
    url = await private_postgres.create_database()
    await migrate.upgrade(url)
    node = Node(url, tmp_path)
    async with running(node):
        room_id = await node.room(TEACHER, ANA)
        client = await node.connect(ANA)
        await client.asks("room:join", {"room_id": room_id})
        await private_postgres.stop()
        refused = await client.command("room:join", {"room_id": room_id})
        assert refused["error"]["code"] == "unavailable"
        node.delivery.hint(room_id, 4)  # a notice of another node, while the gap cannot be read
        await private_postgres.start()
        await healed(lambda: node.chat.send(ANA, room_id, "back", "c1"))
        await client.hears("message.new")
        assert client.seqs(room_id) == [4]


async def sent_until_full(node: Node, room_id: str) -> list[str]:
    """The ids of the lines that were acknowledged before the first was refused."""
    acks: list[str] = []
    for number in range(2000):
        try:
            answer = await node.chat.send(ANA, room_id, "x" * 7000, f"c{number}")
        except Unavailable:
            return acks
        acks.append(answer.message.id)
    raise AssertionError("it is never full")


@asynccontextmanager
async def on_sqlite(folder: Path, data: Path) -> AsyncIterator[Node]:
    url = sqlite_url(folder / "homeroom.db")
    await migrate.upgrade(url)
    node = Node(url, data)
    async with running(node):
        yield node


async def lesson_on_a_full_disk(folder: Path) -> None:
    """To be run in a process of its own: no file of it may grow beyond a bound, which is how a full disk feels."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then a write fails with EFBIG
    async with on_sqlite(folder, folder / "data") as node:
        room_id = await node.room(TEACHER, ANA)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, hard))
        acks = await sent_until_full(node, room_id)
        assert acks
        assert await stored(node, room_id) == acks
        assert len((await node.chat.history(ANA, room_id, HistoryPage())).items) > 0
        with pytest.raises(Unavailable):
            await node.chat.send(ANA, room_id, "y" * 7000, "still full")
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        acks.append((await node.chat.send(ANA, room_id, "z", "room again")).message.id)
        assert await stored(node, room_id) == acks


async def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    program = f"""
import asyncio
from pathlib import Path
from tests.realtime.log.test_outages import lesson_on_a_full_disk
asyncio.run(lesson_on_a_full_disk(Path({str(tmp_path)!r})))
"""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stderr=asyncio.subprocess.PIPE, cwd=_ROOT
    )
    _, said = await child.communicate()
    assert child.returncode == 0, said.decode()


async def test_a_database_at_its_largest_size_refuses_and_recovers(tmp_path: Path) -> None:
    async with on_sqlite(tmp_path, tmp_path / "data") as node:
        room_id = await node.room(TEACHER, ANA)
        await _limit_pages(node, 10)
        acks = await sent_until_full(node, room_id)
        assert await stored(node, room_id) == acks
        assert (await node.chat.search(ANA, SearchMessages(q="x"))).has_more is (len(acks) > 20)
        await _limit_pages(node, 1_000_000)
        acks.append((await node.chat.send(ANA, room_id, "more", "c-last")).message.id)
        assert await stored(node, room_id) == acks


async def _limit_pages(node: Node, more: int) -> None:
    async with node.database.writer.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={int(pages) + more}")


async def test_a_process_that_is_killed_leaves_every_acknowledged_line(tmp_path: Path) -> None:
    """The child prints an id only after its send returned; then it is killed in the middle of sending."""
    url = sqlite_url(tmp_path / "homeroom.db")
    await migrate.upgrade(url)
    program = f"""
import asyncio
from pathlib import Path
from tests.realtime.school import ANA, TEACHER, Node
async def main():
    node = Node({url!r}, Path({str(tmp_path)!r}) / "data")
    await node.start()
    room_id = await node.room(TEACHER, ANA)
    print(room_id, flush=True)
    async def talk(who):
        for number in range(100000):
            answer = await node.chat.send(ANA, room_id, f"{{who}} {{number}}", f"{{who}}-{{number}}")
            print(answer.message.id, flush=True)
    await asyncio.gather(*(talk(who) for who in range(8)))
asyncio.run(main())
"""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, cwd=_ROOT
    )
    assert child.stdout is not None
    room_id = (await child.stdout.readline()).decode().strip()
    told = [(await child.stdout.readline()).decode().strip() for _ in range(300)]
    child.kill()
    told += [
        line.strip()
        for line in (await child.stdout.read()).decode().splitlines(keepends=True)
        if line.endswith("\n")
    ]
    await child.wait()
    node = Node(url, tmp_path / "data")
    async with running(node):
        assert set(told) <= set(await stored(node, room_id))
        events = await node.events(room_id)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
