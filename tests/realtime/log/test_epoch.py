"""The epoch: stable over restarts, another one after every restore."""

import asyncio
import json
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contract.ids import IdFactory
from db import migrate
from db.engine import open_database
from realtime.log.epoch import EpochKeeper
from tests.conformance.store_places import PostgresPlace, StorePlace, database_name, sqlite_url
from tests.realtime.school import ANA, TEACHER, Node, running
from tests.services.postgres import _programs, _unprivileged_user


@asynccontextmanager
async def started(url: str, folder: Path) -> AsyncIterator[Node]:
    node = Node(url, folder)
    async with running(node):
        yield node


async def epoch_at_start(url: str, folder: Path) -> str:
    async with started(url, folder) as node:
        return node.epochs.epoch


async def said_something(
    url: str, folder: Path, lines: int = 1, room_id: str | None = None
) -> tuple[str, str]:
    """The epoch, and the room where it was said."""
    async with started(url, folder) as node:
        room_id = room_id or await node.room(TEACHER, ANA)
        for number in range(lines):
            await node.chat.send(ANA, room_id, f"line {number}", None)
        return node.epochs.epoch, room_id


async def test_the_epoch_is_stable_over_restarts(database_url: str, tmp_path: Path) -> None:
    first, room_id = await said_something(database_url, tmp_path)
    assert first.startswith("ep_")
    assert await epoch_at_start(database_url, tmp_path) == first
    assert (await said_something(database_url, tmp_path, 3, room_id))[0] == first
    assert await epoch_at_start(database_url, tmp_path) == first


async def test_two_databases_have_two_epochs_and_two_keys(store_place: StorePlace, tmp_path: Path) -> None:
    async with (
        started(await store_place.migrated(), tmp_path / "a") as one,
        started(await store_place.migrated(), tmp_path / "b") as other,
    ):
        assert one.epochs.epoch != other.epochs.epoch
        assert one.epochs.bus_key != other.epochs.bus_key
        assert len(one.epochs.bus_key) == 32


async def test_nodes_that_start_at_once_on_a_new_database_agree(database_url: str, tmp_path: Path) -> None:
    nodes = [Node(database_url, tmp_path / str(number), name=f"n{number}") for number in range(4)]
    try:
        assert len(set(await asyncio.gather(*(node.epochs.open() for node in nodes)))) == 1
        assert len({node.epochs.bus_key for node in nodes}) == 1
    finally:
        for node in nodes:
            await node.database.close()


async def test_a_new_epoch_by_hand_is_taken_over_by_the_other_nodes(two_nodes: tuple[Node, Node]) -> None:
    first, second = two_nodes
    old = first.epochs.epoch
    new = await first.epochs.renew()
    assert new != old
    assert second.epochs.epoch == old
    assert await second.epochs.changed()
    assert second.epochs.epoch == new
    assert not await second.epochs.changed()


async def test_two_nodes_that_notice_at_once_change_it_once(two_nodes: tuple[Node, Node]) -> None:
    first, second = two_nodes
    assert len(set(await asyncio.gather(first.epochs.renew(), second.epochs.renew()))) == 1
    assert first.epochs.epoch == second.epochs.epoch
    assert not await first.epochs.changed()


def copy_of(path: Path, to: Path) -> None:
    """As `sqlite3 .backup` makes it: also of a database that is in use."""
    with sqlite3.connect(path) as source, sqlite3.connect(to) as target:
        source.backup(target)
    source.close()
    target.close()


def clear_beside(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def overwrite(backup: Path, path: Path) -> None:
    clear_beside(path)
    path.write_bytes(backup.read_bytes())


def replace(backup: Path, path: Path) -> None:
    clear_beside(path)
    shutil.copy(backup, path.with_suffix(".restored"))
    path.with_suffix(".restored").replace(path)


@pytest.fixture
async def sqlite_path(tmp_path: Path) -> Path:
    path = tmp_path / "homeroom.db"
    await migrate.upgrade(sqlite_url(path))
    return path


@pytest.mark.parametrize("restore", [overwrite, replace])
async def test_an_older_copy_of_sqlite_is_another_epoch(
    sqlite_path: Path, tmp_path: Path, restore: Callable[[Path, Path], None]
) -> None:
    url, backup = sqlite_url(sqlite_path), tmp_path / "backup.db"
    old, room_id = await said_something(url, tmp_path)
    copy_of(sqlite_path, backup)
    await said_something(url, tmp_path, 1, room_id)
    restore(backup, sqlite_path)
    new = await epoch_at_start(url, tmp_path)
    assert new != old
    assert await epoch_at_start(url, tmp_path) == new


async def test_a_copy_taken_while_it_ran_and_put_back_after_a_kill_is_another_epoch(
    sqlite_path: Path, tmp_path: Path
) -> None:
    url, backup = sqlite_url(sqlite_path), tmp_path / "backup.db"
    node = Node(url, tmp_path)
    await node.start()
    room_id = await node.room(TEACHER, ANA)
    old = node.epochs.epoch
    await asyncio.to_thread(copy_of, sqlite_path, backup)
    await node.chat.send(ANA, room_id, "after the copy", "c1")
    mark = (tmp_path / "log-position.json").read_bytes()  # what a killed process leaves
    await node.close()
    (tmp_path / "log-position.json").write_bytes(mark)
    overwrite(backup, sqlite_path)
    assert await epoch_at_start(url, tmp_path) != old


async def test_a_copy_with_all_that_was_ever_said_is_the_same_epoch(
    sqlite_path: Path, tmp_path: Path
) -> None:
    url, backup = sqlite_url(sqlite_path), tmp_path / "backup.db"
    old, _ = await said_something(url, tmp_path)
    copy_of(sqlite_path, backup)
    overwrite(backup, sqlite_path)
    assert await epoch_at_start(url, tmp_path) == old


async def test_a_copy_from_before_an_epoch_is_not_in_its_own_epoch_again(
    sqlite_path: Path, tmp_path: Path
) -> None:
    url, backup = sqlite_url(sqlite_path), tmp_path / "backup.db"
    first, _ = await said_something(url, tmp_path)
    copy_of(sqlite_path, backup)
    async with started(url, tmp_path) as node:
        second = await node.epochs.renew()
    overwrite(backup, sqlite_path)
    assert await epoch_at_start(url, tmp_path) not in {first, second}


@pytest.mark.parametrize("rubbish", [b"", b"not json", b"[]", b'{"epoch": 1}', b"\xff\x00"])
async def test_an_unreadable_mark_counts_as_none(database_url: str, tmp_path: Path, rubbish: bytes) -> None:
    old, _ = await said_something(database_url, tmp_path)
    (tmp_path / "log-position.json").write_bytes(rubbish)
    assert await epoch_at_start(database_url, tmp_path) == old


async def test_the_mark_names_the_last_event(database_url: str, tmp_path: Path) -> None:
    epoch, room_id = await said_something(database_url, tmp_path, 5)
    assert json.loads((tmp_path / "log-position.json").read_bytes()) == {
        "epoch": epoch,
        "room_id": room_id,
        "seq": 8,
    }


async def test_a_data_folder_that_cannot_be_written_to_is_no_obstacle(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    database = open_database(database_url)
    node = Node(database_url, tmp_path / "data")
    keeper = EpochKeeper(database, tmp_path / "file" / "data", IdFactory(node.clock))
    try:
        assert (await keeper.open()).startswith("ep_")
    finally:
        await keeper.close()
        await database.close()
        await node.database.close()


async def test_a_file_that_is_replaced_under_a_running_node_is_noticed(
    sqlite_path: Path, tmp_path: Path
) -> None:
    url, backup = sqlite_url(sqlite_path), tmp_path / "backup.db"
    async with started(url, tmp_path) as node:
        room_id = await node.room(TEACHER, ANA)
        await asyncio.to_thread(copy_of, sqlite_path, backup)
        await node.chat.send(ANA, room_id, "lost", "c1")
        old = node.epochs.epoch
        await asyncio.to_thread(replace, backup, sqlite_path)
        assert await node.epochs.changed()
        assert node.epochs.epoch != old
        answer = await node.chat.send(ANA, room_id, "found", "c1")
        assert (answer.message.text, answer.epoch) == ("found", node.epochs.epoch)
    with sqlite3.connect(sqlite_path) as connection:
        assert connection.execute("SELECT text FROM messages").fetchall() == [("found",)]
    connection.close()


def _pg(server: PostgresPlace, program: str, *arguments: str) -> Awaitable[asyncio.subprocess.Process]:
    user = _unprivileged_user()
    return asyncio.create_subprocess_exec(
        str(_programs() / program),
        *("-h", "127.0.0.1", "-p", str(server.server.port), "-U", "homeroom", *arguments),
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd="/",
    )


async def dumped(place: PostgresPlace, name: str, to: Path) -> None:
    assert await (await _pg(place, "pg_dump", "-Fc", "-f", str(to), name)).wait() == 0


async def restored(place: PostgresPlace, name: str, backup: Path) -> None:
    await place.server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await place.server.execute(f'CREATE DATABASE "{name}"')
    assert await (await _pg(place, "pg_restore", "-d", name, str(backup))).wait() == 0


@pytest.fixture
def dump_file() -> Iterator[Path]:
    """Outside pytest's own folders, which are closed to the user that PostgreSQL's programs run as."""
    with tempfile.TemporaryDirectory(prefix="homeroom-dump-") as folder:
        Path(folder).chmod(0o777)
        yield Path(folder) / "homeroom.dump"


async def test_a_restored_postgresql_is_another_epoch(
    postgres_place: PostgresPlace, tmp_path: Path, dump_file: Path
) -> None:
    url = await postgres_place.migrated()
    old, _ = await said_something(url, tmp_path)
    await dumped(postgres_place, database_name(url), dump_file)
    await restored(postgres_place, database_name(url), dump_file)
    new = await epoch_at_start(url, tmp_path)
    assert new != old
    assert await epoch_at_start(url, tmp_path) == new


async def test_a_postgresql_restored_under_running_nodes_is_noticed_by_both(
    postgres_place: PostgresPlace, tmp_path: Path, dump_file: Path
) -> None:
    url = await postgres_place.migrated()
    async with started(url, tmp_path / "a") as one, started(url, tmp_path / "b") as other:
        room_id = await one.room(TEACHER, ANA)
        old = one.epochs.epoch
        await dumped(postgres_place, database_name(url), dump_file)
        await one.chat.send(ANA, room_id, "lost", "c1")
        await restored(postgres_place, database_name(url), dump_file)
        assert all(await asyncio.gather(one.epochs.changed(), other.epochs.changed()))
        assert one.epochs.epoch == other.epochs.epoch != old
        assert (await other.chat.send(ANA, room_id, "found", "c1")).epoch == one.epochs.epoch
    assert await epoch_at_start(url, tmp_path / "a") == one.epochs.epoch


async def test_a_postgresql_put_back_file_by_file_is_another_epoch(
    postgres_place: PostgresPlace, tmp_path: Path
) -> None:
    """Rows that are gone stand for it: system, timeline and tables are the same as before."""
    url = await postgres_place.migrated()
    old, room_id = await said_something(url, tmp_path)
    for statement in (
        "DELETE FROM messages",
        "DELETE FROM room_events WHERE seq > 3",
        "UPDATE room_heads SET last_seq = 3",
    ):
        await postgres_place.server.execute(statement, database_name(url))
    assert await epoch_at_start(url, tmp_path) != old
    assert room_id
