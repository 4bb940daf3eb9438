"""Catching up: all that was missed, or a snapshot; never a part."""

import json

import pytest

from contract.connection import CaughtUp, Position, SyncSince
from contract.errors import NotFound
from contract.rooms import MemberChanges, RoomChanges
from realtime.log.resume import MAX_BYTES
from tests.realtime.school import ANA, BEN, EVE, TEACHER, Node


async def talk(node: Node, room_id: str, lines: int, text: str = "line") -> None:
    for number in range(lines):
        await node.chat.send(ANA, room_id, f"{text} {number}", None)


def since(node: Node, seq: int, epoch: str | None = None) -> Position:
    return Position(epoch=epoch or node.epochs.epoch, seq=seq)


async def test_every_event_since_a_position_is_told_exactly(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, BEN)
    await talk(node, room_id, 3)
    first = (await node.events(room_id))[4].data["message"]["id"]
    await node.chat.edit(ANA, first, "changed")
    await node.chat.delete(ANA, first)
    await node.rooms.update_member(TEACHER, room_id, "ben", MemberChanges(role="moderator"))  # type: ignore[arg-type]  # parsed
    await node.rooms.update(TEACHER, room_id, RoomChanges(title="Geometry"))
    events = await node.events(room_id)
    for seq in range(len(events) + 1):
        caught = await node.sync.catch_up(ANA, room_id, since(node, seq))
        assert caught.recovered
        assert caught.seq == len(events)
        assert caught.events == events[seq:]
        assert caught.snapshot is None


async def test_without_a_position_there_is_a_snapshot(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await talk(node, room_id, 60)
    caught = await node.sync.catch_up(ANA, room_id, None)
    assert not caught.recovered
    assert caught.events == []
    assert caught.snapshot is not None
    assert [message.text for message in caught.snapshot.messages] == [f"line {n}" for n in range(10, 60)]
    assert caught.snapshot.has_more
    assert caught.seq == 63


@pytest.mark.parametrize(
    ("seq", "epoch"),
    [(3, "ep_of_another_database"), (5, None), (2**53 - 1, None)],
    ids=["epoch", "beyond", "far"],
)
async def test_a_position_that_is_not_of_this_log_gets_a_snapshot(
    node: Node, seq: int, epoch: str | None
) -> None:
    room_id = await node.room(TEACHER, ANA)
    await talk(node, room_id, 1)
    caught = await node.sync.catch_up(ANA, room_id, since(node, seq, epoch))
    assert not caught.recovered
    assert (caught.epoch, caught.seq) == (node.epochs.epoch, 4)
    assert caught.snapshot is not None


async def test_more_events_than_are_kept_ready_get_a_snapshot(node: Node) -> None:
    most = node.base.settings.resume_events
    room_id = await node.room(TEACHER, ANA)
    async with node.database.writing() as connection:
        await connection.exec_driver_sql(f"UPDATE room_heads SET last_seq = {most + 4} WHERE last_seq = 3")
    assert not (await node.sync.catch_up(ANA, room_id, since(node, 3))).recovered
    # nor is a part told when the log lacks what its head promises
    assert not (await node.sync.catch_up(ANA, room_id, since(node, most))).recovered
    assert (await node.sync.catch_up(ANA, room_id, since(node, most + 4))).recovered


async def test_events_that_weigh_too_much_get_a_snapshot_that_does_not(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await talk(node, room_id, 80, "\x01" * 7000)
    caught = await node.sync.catch_up(ANA, room_id, since(node, 3))
    assert not caught.recovered
    assert len(caught.model_dump_json(exclude_none=True)) < MAX_BYTES
    assert caught.snapshot is not None
    assert caught.snapshot.has_more
    assert caught.snapshot.messages[-1].seq == caught.seq
    tail = await node.sync.catch_up(ANA, room_id, since(node, 80))
    assert tail.recovered
    assert len(tail.events) == 3


async def test_many_rooms_at_once_are_caught_up_within_a_budget(node: Node) -> None:
    rooms = [await node.room(TEACHER, ANA) for _ in range(12)]
    for room_id in rooms:
        await talk(node, room_id, 12, "x" * 7900)
    hidden = await node.room(TEACHER, BEN)
    wanted = {room_id: since(node, 3) for room_id in [*rooms, hidden, "room_none"]}
    synced = await node.sync.sync(ANA, SyncSince(rooms=wanted))
    assert sorted(synced.refused) == sorted([hidden, "room_none"])
    assert set(synced.rooms) == set(rooms)
    assert synced.rooms[rooms[0]].recovered
    assert not synced.rooms[rooms[-1]].recovered
    for caught in synced.rooms.values():
        check_whole(caught)
    assert len(synced.model_dump_json(exclude_none=True)) < 2 * MAX_BYTES
    synced = await node.sync.sync(ANA, SyncSince(rooms={rooms[0]: since(node, 999)}))
    snapshot = synced.rooms[rooms[0]].snapshot
    assert snapshot is not None
    assert len(snapshot.messages) == 12


def check_whole(caught: CaughtUp) -> None:
    if caught.recovered:
        assert [event.seq for event in caught.events] == list(range(4, caught.seq + 1))
    else:
        assert caught.events == []
        assert caught.snapshot is not None
        assert caught.snapshot.messages[-1].seq == caught.seq


async def test_a_room_that_one_may_not_see_is_not_there(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    with pytest.raises(NotFound) as hidden:
        await node.sync.catch_up(EVE, room_id, None)
    with pytest.raises(NotFound) as absent:
        await node.sync.catch_up(EVE, "room_none", None)
    assert hidden.value.message == absent.value.message


async def test_the_last_thing_somebody_who_is_removed_hears_is_that(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ana = await node.connect(ANA)
    await ana.asks("room:join", {"room_id": room_id})
    await node.rooms.remove_member(TEACHER, room_id, "ana")
    await node.chat.send(TEACHER, room_id, "she is gone", "c1")
    told = [one["type"] for one in ana.received if one.get("room_id") == room_id and "seq" in one]
    assert told == ["member.removed"]
    assert ana.of_type("room.removed")
    assert "she is gone" not in json.dumps(ana.received)
    assert (await ana.command("room:join", {"room_id": room_id}))["error"]["code"] == "not_found"


async def test_somebody_who_is_removed_while_joining_is_not_shown_as_present(node: Node) -> None:
    """The answer was read before the removal and leaves after it."""
    room_id = await node.room(TEACHER, ANA)
    ana = await node.connect(ANA)
    reply = await node.gateway.on_command(ana.as_connection, "room:join", [{"room_id": room_id}])
    await node.rooms.remove_member(TEACHER, room_id, "ana")
    assert reply.after is not None
    reply.after()
    assert [one["type"] for one in ana.received if "seq" in one] == ["member.removed"]
    teacher = await node.connect(TEACHER)
    joined = await teacher.asks("room:join", {"room_id": room_id})
    assert [present["user"]["id"] for present in joined["present"]] == ["teacher"]
    assert ana.context.rooms == {}


async def test_joining_an_open_room_makes_a_member(node: Node) -> None:
    room_id = await node.room(TEACHER, visibility="open")  # type: ignore[arg-type]  # parsed
    eve = await node.connect(EVE)
    joined = await eve.asks("room:join", {"room_id": room_id})
    assert joined["me"]["role"] == "member"
    assert joined["seq"] == 3
    assert [event.type for event in await node.events(room_id)] == [
        "room.created",
        "member.added",
        "member.added",
    ]


async def test_a_room_is_joined_by_its_key(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, key="math-1")
    ana = await node.connect(ANA)
    joined = await ana.asks("room:join", {"key": "math-1"})
    assert joined["room"]["id"] == room_id
    assert joined["room"]["key"] == "math-1"
    eve = await node.connect(EVE)
    assert (await eve.command("room:join", {"key": "math-1"}))["error"]["code"] == "not_found"
    assert (await eve.command("room:join", {"key": "none"}))["error"]["code"] == "not_found"
