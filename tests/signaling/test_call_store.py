"""What is written of a call is what is read of it, on both databases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import Phase, given, settings
from sqlalchemy import insert

from contract.attendance import ListCalls
from contract.calls import LeaveReason, Policy, Rights, Source, Track, WhoMay
from contract.clock import SystemClock
from contract.ids import IdFactory
from contract.people import Actor, SignInRole
from db import migrate
from db.engine import Database, open_database
from realtime.log.transaction import Transaction
from realtime.rooms.tables import RoomRow, UserRow
from signaling import rules, store
from signaling.model import CallRecord
from signaling.writes import Beat
from tests.signaling.call_steps import NAMES, Life, lived, lives
from tests.signaling.calls_by_hand import (
    CALL_ID,
    HOUSE,
    SEATS,
    at,
    call_of,
    led,
    newcomer,
    seat_id,
    with_track,
)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/homeroom.db"


@pytest_asyncio.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    """With a room and the people who are in these tests' calls."""
    await migrate.upgrade(empty_url)
    opened = open_database(empty_url)
    async with opened.writing() as connection:
        for name in NAMES:
            await connection.execute(insert(UserRow).values(id=name, name=name, role="student"))
        await connection.execute(
            insert(RoomRow).values(
                id="room_1",
                kind="course",
                title="Algebra",
                visibility="members",
                created_at=at(0),
                created_by="noor",
            )
        )
    yield opened
    await opened.close()


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Transaction]:
    """A transaction that leaves nothing behind."""
    async with database.writer.connect() as connection:
        begun = await connection.begin()
        yield Transaction(connection, "epoch", at(0), IdFactory(SystemClock()))
        await begun.rollback()


async def kept(transaction: Transaction, records: list[CallRecord]) -> None:
    """Writes one version after another."""
    before: CallRecord | None = None
    for after in records:
        await store.save(transaction, before, after)
        before = after
    await transaction.flush()


def taken(record: CallRecord) -> CallRecord:
    """As it is read: without the seats that are empty."""
    return replace(record, seats={seat.id: seat for seat in record.taken()})


def some_lives(count: int) -> list[list[Life]]:
    found: list[list[Life]] = []

    @settings(max_examples=count, database=None, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(lives(SEATS))
    def collect(steps: list[Life]) -> None:
        found.append(steps)

    collect()
    return found


async def test_every_version_of_a_random_call_is_read_as_it_was_written(database: Database) -> None:
    seats = 0
    for steps in some_lives(40):
        records = lived(steps, SEATS)
        async with undone(database) as transaction:
            before: CallRecord | None = None
            for after in records:
                await store.save(transaction, before, after)
                await transaction.flush()
                assert await store.call(transaction.connection, CALL_ID) == taken(after)
                seats += len(after.taken())
                before = after
    assert seats > 100


async def test_a_seat_with_everything_in_it_is_read_as_it_was_written(database: Database) -> None:
    record = call_of("ada", policy=Policy(camera=WhoMay.STAFF, lobby=True, locked=True))
    ada = replace(
        record.seats[seat_id("ada")],
        user=Actor(id="ada", name="Ada ✓", role=SignInRole.GUEST, picture="https://lms.example/a.png"),
        grants=Rights(microphone=True, camera=False, screen=True),
        offers_only=True,
        connected=False,
        dropped_at=at(12.345678),
        tracks=(
            Track(id="t1", source=Source.SCREEN, muted=False, stream_id="s-1"),
            Track(id="t2", source=Source.SCREEN_AUDIO, muted=True, stream_id="s-2"),
        ),
        blocked=frozenset({Source.CAMERA, Source.MICROPHONE}),
        floor=True,
        shut_out=True,
        hand_raised_at=at(11.5),
        joined_at=at(1.000001),
    )
    async with undone(database) as transaction:
        await kept(transaction, [record.with_seat(ada)])
        found = await store.call(transaction.connection, CALL_ID)
        assert found == record.with_seat(ada)
        assert await store.active_call(transaction.connection, "room_1") == found


async def test_a_room_has_its_call_only_while_it_lasts(database: Database) -> None:
    record = call_of("ada")
    ended = replace(rules.end(record, LeaveReason.ENDED, at(60)), version=2)
    async with undone(database) as transaction:
        await kept(transaction, [record, ended])
        assert await store.active_call(transaction.connection, "room_1") is None
        found = await store.call(transaction.connection, CALL_ID)
        assert found == taken(ended)
        assert found is not None
        assert found.seats == {}


async def test_stays_are_in_order_and_of_one_person_when_asked(database: Database) -> None:
    record = call_of("ada", "ben")
    left = replace(rules.leave(record, seat_id("ada"), LeaveReason.LEFT, at(30.5)), version=2)
    back = replace(rules.join(taken(left), newcomer("ada", device="2"), HOUSE, at(40)), version=3)
    async with undone(database) as transaction:
        await kept(transaction, [record, left, back])
        everybody = await store.stays(transaction.connection, CALL_ID, None)
        assert [(user.id, begun) for user, begun, _, _ in everybody] == [
            ("noor", at(0)),
            ("ada", at(1)),
            ("ben", at(2)),
            ("ada", at(40)),
        ]
        mine = await store.stays(transaction.connection, CALL_ID, "ada")
        assert [stay[1:] for stay in mine] == [(at(1), at(30.5), LeaveReason.LEFT), (at(40), None, None)]
        assert await store.people_in(transaction.connection, [CALL_ID]) == {CALL_ID: 3}
        assert await store.last_departure(transaction.connection, CALL_ID) == at(30.5)


async def test_who_only_waited_in_the_lobby_did_not_attend(database: Database) -> None:
    record = rules.join(call_of(policy=Policy(lobby=True)), newcomer("ada"), HOUSE, at(5))
    denied = replace(led(record, "deny", "ada"), version=2)
    async with undone(database) as transaction:
        await kept(transaction, [record, denied])
        assert [stay[0].id for stay in await store.stays(transaction.connection, CALL_ID, None)] == ["noor"]
        assert await store.people_in(transaction.connection, [CALL_ID]) == {CALL_ID: 1}


@pytest.mark.parametrize(
    ("reason", "after_that", "shut_out"),
    [
        (LeaveReason.REMOVED, None, True),
        (LeaveReason.DENIED, None, True),
        (LeaveReason.LEFT, None, False),
        (LeaveReason.CONNECTION_LOST, None, False),
        (LeaveReason.REMOVED, "waited and went away", True),
        (LeaveReason.REMOVED, "waited and was denied", True),
        (LeaveReason.REMOVED, "was admitted and left", False),
    ],
)
async def test_who_was_put_out_stays_out_until_admitted(
    database: Database, reason: LeaveReason, after_that: str | None, shut_out: bool
) -> None:
    waits = reason is LeaveReason.DENIED
    record = call_of() if waits else call_of("ada")
    if waits:
        record = rules.join(led(record, "policy", lobby=True), newcomer("ada"), HOUSE, at(5))
    records = [record, rules.leave(record, seat_id("ada"), reason, at(50))]
    if after_that is not None:
        new = replace(newcomer("ada", device="2"), shut_out=True)
        records.append(rules.join(taken(records[-1]), new, HOUSE, at(60)))
        if after_that == "was admitted and left":
            records.append(led(records[-1], "admit", "ada", device="2"))
        how = LeaveReason.DENIED if after_that == "waited and was denied" else LeaveReason.LEFT
        records.append(rules.leave(records[-1], seat_id("ada", "2"), how, at(70)))
    async with undone(database) as transaction:
        await kept(transaction, records)
        assert (await store.earlier(transaction.connection, CALL_ID, "ada")).shut_out is shut_out
        assert await store.earlier(transaction.connection, CALL_ID, "ben") == store.Earlier()


async def test_a_block_is_remembered_after_leaving_until_it_was_lifted(database: Database) -> None:
    record = led(with_track(call_of("ada"), "ada"), "mute", "ada", source=Source.MICROPHONE)
    left = rules.leave(record, seat_id("ada"), LeaveReason.LEFT, at(30))
    back = rules.join(
        taken(left),
        replace(newcomer("ada", device="2"), blocked=frozenset({Source.MICROPHONE})),
        HOUSE,
        at(40),
    )
    allowed = led(back, "allow", "ada", device="2", source=Source.MICROPHONE)
    gone = rules.leave(allowed, seat_id("ada", "2"), LeaveReason.LEFT, at(50))
    async with undone(database) as transaction:
        await kept(transaction, [record, left])
        earlier = await store.earlier(transaction.connection, CALL_ID, "ada")
        assert earlier.blocked == {Source.MICROPHONE}
        for before, after in ((left, back), (back, allowed), (allowed, gone)):
            await store.save(transaction, before, after)
        await transaction.flush()
        assert (await store.earlier(transaction.connection, CALL_ID, "ada")).blocked == frozenset()


async def test_the_next_call_is_led_as_the_last_one_but_open(database: Database) -> None:
    policy = Policy(screen=WhoMay.STAFF, lobby=True, locked=True)
    async with undone(database) as transaction:
        assert await store.last_policy(transaction.connection, "room_1") == Policy()
        await kept(transaction, [call_of(policy=policy)])
        last = await store.last_policy(transaction.connection, "room_1")
        assert last == Policy(screen=WhoMay.STAFF, lobby=True)


async def test_a_node_counts_and_says_when(database: Database) -> None:
    async with undone(database) as transaction:
        for seconds in (1, 2, 5):
            transaction.now = at(seconds)
            await Beat("n1").apply(transaction)
        await transaction.flush()
        assert await store.beats(transaction.connection) == {"n1": store.Beat(3, at(5))}


async def test_seats_are_found_by_the_node_that_holds_them(database: Database) -> None:
    record = rules.join(call_of("ada"), newcomer("ben", node="n2"), HOUSE, at(3))
    record = rules.drop(record, seat_id("ada"), "sid_ada_1", at(9))
    record = rules.leave(record, seat_id("noor"), LeaveReason.LEFT, at(9))
    async with undone(database) as transaction:
        await kept(transaction, [record])
        assert await store.nodes_with_seats(transaction.connection) == {"n1", "n2"}
        assert await store.seats_on(transaction.connection, {"n1"}) == [
            store.Placed(CALL_ID, "room_1", seat_id("ada"), "n1", sid="sid_ada_1", dropped_at=at(9))
        ]


async def test_past_calls_come_in_pages_the_newest_first(database: Database) -> None:
    async with undone(database) as transaction:
        for number in range(5):
            record = call_of()
            seats = {
                f"{seat.id}_{number}": replace(seat, id=f"{seat.id}_{number}")
                for seat in record.seats.values()
            }
            record = replace(
                record, call=record.call.model_copy(update={"id": f"call_{number}"}), seats=seats
            )
            await store.save(transaction, None, rules.end(record, LeaveReason.ENDED, at(number)))
            await transaction.flush()
        page = await store.past_calls(transaction.connection, "room_1", ListCalls(limit=2))
        assert [(one.call.id, one.people) for one in page] == [("call_4", 1), ("call_3", 1), ("call_2", 1)]
        page = await store.past_calls(transaction.connection, "room_1", ListCalls(before="call_3", limit=2))
        assert [one.call.id for one in page] == ["call_2", "call_1", "call_0"]
