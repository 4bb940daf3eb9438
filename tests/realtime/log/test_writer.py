"""The log: dense, once, durable, whoever writes."""

import asyncio
import random
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from contract.errors import Conflict, DomainError, ErrorCode, Forbidden, NotFound, Unavailable
from contract.events import LogEvent
from contract.messages import MessageAnswer
from contract.rooms import CreateRoom, NewMember, RoomKind
from realtime.chat.tables import MessageRow
from realtime.chat.writes import Send
from realtime.log import writer as log_writer
from realtime.log.tables import RoomEvent, RoomHead
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention
from realtime.rooms.tables import RoomRow, UserRow
from tests.realtime.school import ADMIN, ANA, BEN, EVE, TEACHER, Node, person


def texts(events: Sequence[LogEvent]) -> list[str]:
    return [event.data["message"]["text"] for event in events if event.type == "message.new"]


async def check_logs(node: Node) -> None:
    """Every room's log is dense from 1 to its head, and each message stands at the seq it was announced with."""
    async with node.database.reading() as connection:
        heads = {row.room_id: row.last_seq for row in await connection.execute(select(*RoomHead.__table__.c))}
        rows = list(await connection.execute(select(RoomEvent.room_id, RoomEvent.seq, RoomEvent.subject)))
        messages = {
            row.id: row.seq for row in await connection.execute(select(MessageRow.id, MessageRow.seq))
        }
    for room_id, head in heads.items():
        assert sorted(row.seq for row in rows if row.room_id == room_id) == list(range(1, head + 1))
    assert messages == {row.subject: row.seq for row in rows if row.subject is not None}


async def test_seqs_are_dense_under_fifty_concurrent_senders(node: Node) -> None:
    rooms = [await node.room(TEACHER, ANA, BEN) for _ in range(5)]
    people = (ANA, BEN, TEACHER)
    answers = await asyncio.gather(
        *(
            node.chat.send(people[number % 3], rooms[number % 5], f"line {number}", f"c{number}")
            for number in range(200)
        )
    )
    await check_logs(node)
    for room_id in rooms:
        events = await node.events(room_id)
        assert events[0].type == "room.created"
        told = {answer.message.text: answer.seq for answer in answers if answer.message.room_id == room_id}
        assert told == {e.data["message"]["text"]: e.seq for e in events if e.type == "message.new"}


async def test_two_nodes_on_one_database_write_dense_logs_without_deadlock(
    two_nodes: tuple[Node, Node],
) -> None:
    rooms = [await two_nodes[0].room(TEACHER, ANA, BEN) for _ in range(12)]
    chance = random.Random(7)
    wishes = [(chance.choice(two_nodes), chance.choice(rooms), number) for number in range(400)]
    answers = await asyncio.gather(
        *(node.chat.send(ANA, room_id, f"line {number}", f"c{number}") for node, room_id, number in wishes)
    )
    assert len({(answer.message.room_id, answer.seq) for answer in answers}) == 400
    await check_logs(two_nodes[0])


async def test_nodes_that_meet_new_people_and_rooms_in_opposite_orders_both_get_through(
    two_nodes: tuple[Node, Node],
) -> None:
    """Each creation inserts the same unknown people and rooms, in one batch, in another order on each node."""
    strangers = [f"new{number}" for number in range(12)]
    pairs = [(ANA, name) for name in strangers]
    chance = random.Random(3)
    wishes = []
    for node in two_nodes:
        shuffled = chance.sample(pairs, len(pairs))
        wishes += [
            node.rooms.create(who, CreateRoom(kind=RoomKind.DIRECT, members=[NewMember(user_id=name)]))
            for who, name in shuffled
        ]
    answers = await asyncio.gather(*wishes)
    assert len({answer.summary.room.id for answer in answers}) == len(strangers)
    await check_logs(two_nodes[0])


async def test_nodes_that_follow_tokens_to_the_same_rooms_both_get_through(
    two_nodes: tuple[Node, Node],
) -> None:
    keys = {f"course-{number}": "member" for number in range(5)}
    crowd = [person(f"pupil{number}", rooms=keys) for number in range(10)]  # type: ignore[arg-type]  # a StrEnum's value
    await asyncio.gather(*(two_nodes[index % 2].admit(who) for index, who in enumerate(crowd * 2)))
    node = two_nodes[0]
    await check_logs(node)
    async with node.database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(RoomRow))).scalar_one() == 5


async def test_a_retry_returns_the_first_seq(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    first = await node.chat.send(ANA, room_id, "hello", "c1")
    again = await node.chat.send(ANA, room_id, "hello", "c1")
    other = await node.chat.send(ANA, room_id, "something else", "c1")
    assert (again.seq, again.message.id) == (first.seq, first.message.id)
    assert (other.seq, other.message.text) == (first.seq, "hello")
    assert texts(await node.events(room_id)) == ["hello"]


async def test_the_same_client_id_of_two_people_or_in_two_rooms_is_not_the_same(node: Node) -> None:
    one, other = await node.room(TEACHER, ANA, BEN), await node.room(TEACHER, ANA, BEN)
    await asyncio.gather(
        node.chat.send(ANA, one, "a", "c1"),
        node.chat.send(BEN, one, "b", "c1"),
        node.chat.send(ANA, other, "c", "c1"),
    )
    assert sorted(texts(await node.events(one))) == ["a", "b"]
    assert texts(await node.events(other)) == ["c"]


async def test_sends_without_a_client_id_are_all_different(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await asyncio.gather(*(node.chat.send(ANA, room_id, "again", None) for _ in range(5)))
    assert texts(await node.events(room_id)) == ["again"] * 5


async def test_fifty_sends_of_one_client_id_on_two_nodes_are_one_message(
    two_nodes: tuple[Node, Node],
) -> None:
    room_id = await two_nodes[0].room(TEACHER, ANA)
    answers = await asyncio.gather(
        *(two_nodes[number % 2].chat.send(ANA, room_id, "once", "c1") for number in range(50))
    )
    assert len({(answer.seq, answer.message.id) for answer in answers}) == 1
    assert texts(await two_nodes[0].events(room_id)) == ["once"]


async def test_a_refusal_harms_nobody_else_in_its_batch(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    outcomes = await asyncio.gather(
        node.chat.send(ANA, room_id, "one", "c1"),
        node.chat.send(BEN, room_id, "not mine", "c2"),
        node.chat.send(ANA, "room_none", "nowhere", "c3"),
        node.chat.send(ANA, room_id, "two", "c4"),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], NotFound)
    assert isinstance(outcomes[2], NotFound)
    assert texts(await node.events(room_id)) == ["one", "two"]
    await check_logs(node)


class Spoilt(Intention[None]):
    """Changes something and is then refused, or fails."""

    def __init__(self, room_id: str, error: Exception) -> None:
        self.room_id = room_id
        self.tries = 0
        self._error = error

    async def apply(self, transaction: Transaction) -> None:
        self.tries += 1
        transaction.add(
            UserRow, {"id": "spoilt", "name": "x", "role": "student", "picture": None, "seen_at": None}
        )
        await transaction.flush()
        raise self._error


@pytest.mark.parametrize("error", [Conflict("too late"), KeyError("a mistake of ours")])
async def test_a_failure_after_a_write_rolls_back_only_its_own(node: Node, error: Exception) -> None:
    room_id = await node.room(TEACHER, ANA)
    spoilt = Spoilt(room_id, error)
    outcomes = await asyncio.gather(
        node.chat.send(ANA, room_id, "one", "c1"),
        node.writer.submit(spoilt),
        node.chat.send(ANA, room_id, "two", "c2"),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], DomainError)
    assert outcomes[1].wire_code is (
        ErrorCode.CONFLICT if isinstance(error, Conflict) else ErrorCode.INTERNAL
    )
    assert texts(await node.events(room_id)) == ["one", "two"]
    async with node.database.reading() as connection:
        assert (await connection.execute(select(UserRow.id).where(UserRow.id == "spoilt"))).first() is None
    await check_logs(node)


async def test_two_nodes_that_make_the_same_direct_room_at_once_get_one(two_nodes: tuple[Node, Node]) -> None:
    wishes = [
        node.rooms.create(who, CreateRoom(kind=RoomKind.DIRECT, members=[NewMember(user_id=other.user_id)]))
        for node in two_nodes
        for who, other in ((ANA, BEN), (BEN, ANA)) * 5
    ]
    answers = await asyncio.gather(*wishes)
    assert len({answer.summary.room.id for answer in answers}) == 1
    await check_logs(two_nodes[0])


async def test_of_two_people_who_make_a_room_with_the_same_key_one_wins(two_nodes: tuple[Node, Node]) -> None:
    wish = CreateRoom(kind=RoomKind.COURSE, title="Algebra", key="math")
    outcomes = await asyncio.gather(
        *(node.rooms.create(who, wish) for node in two_nodes for who in (TEACHER, ADMIN) * 2),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    made = {one.summary.room.id for one in outcomes if not isinstance(one, BaseException)}
    assert len(made) == 1  # and whose room it is gets it again
    assert len(refused) == 4
    assert all(isinstance(one, Conflict) for one in refused)
    await check_logs(two_nodes[0])


async def test_a_creation_repeated_on_both_nodes_at_once_makes_one_room(two_nodes: tuple[Node, Node]) -> None:
    wish = CreateRoom(kind=RoomKind.COURSE, title="Algebra")
    answers = await asyncio.gather(*(node.rooms.create(TEACHER, wish, "key-1") for node in two_nodes * 5))
    assert len({answer.summary.room.id for answer in answers}) == 1


async def test_too_much_waiting_is_refused_and_the_rest_is_written(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = await node.room(TEACHER, ANA)
    monkeypatch.setattr(log_writer, "MAX_WAITING", 10)
    small = log_writer.Writer(node.database, node.clock, node.ids, lambda: node.epochs.epoch, node.metrics)
    waiting = [asyncio.create_task(small.submit(Send(ANA, room_id, f"m{n}", f"c{n}"))) for n in range(12)]
    await asyncio.sleep(0)
    for task in waiting[10:]:
        with pytest.raises(Unavailable) as refused:
            await task
        assert refused.value.retryable
        assert refused.value.retry_after_ms == 1000
    await small.start()
    assert len(await asyncio.gather(*waiting[:10])) == 10
    await small.close()


async def test_closing_writes_what_waits_and_refuses_what_comes_later(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    own = log_writer.Writer(node.database, node.clock, node.ids, lambda: node.epochs.epoch, node.metrics)
    await own.start()
    waiting = [asyncio.create_task(own.submit(Send(ANA, room_id, f"m{n}", f"c{n}"))) for n in range(30)]
    await asyncio.sleep(0)
    await own.close()
    assert all(isinstance(answer, MessageAnswer) for answer in await asyncio.gather(*waiting))
    with pytest.raises(Unavailable, match="shutting down"):
        await own.submit(Send(ANA, room_id, "late", "late"))
    assert len(texts(await node.events(room_id))) == 30


async def test_a_sender_who_does_not_wait_does_not_stop_the_others(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    impatient = asyncio.create_task(node.chat.send(ANA, room_id, "gone", "c1"))
    patient = asyncio.create_task(node.chat.send(ANA, room_id, "here", "c2"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).message.text == "here"
    assert "here" in texts(await node.events(room_id))


class Deaf:
    """A publisher that fails."""

    def __init__(self) -> None:
        self.calls = 0

    def committed(self, events: Sequence[LogEvent]) -> None:
        self.calls += 1
        raise RuntimeError("nobody hears")


async def test_what_is_committed_is_not_written_again_when_telling_it_fails(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    deaf = Deaf()
    node.writer.publish_to(deaf)
    answer = await node.chat.send(ANA, room_id, "hello", None)
    assert deaf.calls == 1
    assert texts(await node.events(room_id)) == ["hello"]
    assert answer.seq == (await node.events(room_id))[-1].seq


class Witness:
    """Asks, at the moment of telling, what another connection can read."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.told: list[asyncio.Task[bool]] = []

    def committed(self, events: Sequence[LogEvent]) -> None:
        self.told += [asyncio.ensure_future(self._is_there(event)) for event in events]

    async def _is_there(self, event: LogEvent) -> bool:
        return event.id in {one.id for one in await self._node.events(event.room_id)}


async def test_nothing_is_told_and_nothing_acknowledged_before_its_commit(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    witness = Witness(node)
    node.writer.publish_to(witness)

    async def send(number: int) -> bool:
        answer = await node.chat.send(ANA, room_id, f"line {number}", f"c{number}")
        return answer.message.id in {
            event.data["message"]["id"] for event in (await node.events(room_id))[3:]
        }

    assert all(await asyncio.gather(*(send(number) for number in range(20))))
    assert len(witness.told) == 20
    assert all(await asyncio.gather(*witness.told))


async def test_a_mistake_in_one_intention_does_not_stop_its_lane(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, EVE)
    with pytest.raises(DomainError):
        await node.writer.submit(Spoilt(room_id, ZeroDivisionError()))
    with pytest.raises(Forbidden):
        await node.rooms.remove_member(EVE, room_id, "ana")
    assert (await node.chat.send(ANA, room_id, "still here", "c1")).message.text == "still here"
