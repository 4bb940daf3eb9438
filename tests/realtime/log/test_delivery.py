"""Delivery: every listener gets the log in its order, once, whatever reaches the node and whatever does not."""

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.events import LogEvent
from realtime.bus.port import Notice
from realtime.engine import Frame
from tests.realtime.school import ANA, BEN, TEACHER, Client, Node

on_a_database = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Ear:
    """A listener that keeps the seqs it was sent."""

    def __init__(self, sid: str) -> None:
        self.sid = sid
        self.seqs: list[int] = []
        self._news = asyncio.Event()

    def send(self, event: Frame, /) -> None:
        payload: dict[str, Any] = json.loads(event.encoded[2:])[1]
        self.seqs.append(payload["seq"])
        self._news.set()

    async def has(self, seqs: Sequence[int]) -> None:
        async with asyncio.timeout(20):
            while len(self.seqs) < len(seqs):
                self._news.clear()
                await self._news.wait()
        assert self.seqs == list(seqs)


class Silence:
    """A publisher that tells nobody: the writer's events reach the feeds only through the test."""

    def committed(self, events: Sequence[LogEvent]) -> None: ...


async def said(node: Node, room_id: str, lines: int) -> list[LogEvent]:
    """New events of the room that nothing on the node has heard of."""
    node.writer.publish_to(Silence())
    before = len(await node.events(room_id))
    for number in range(lines):
        await node.chat.send(ANA, room_id, f"line {number}", None)
    return (await node.events(room_id))[before:]


async def listening(node: Node, room_id: str, sid: str = "sid") -> Ear:
    ear = Ear(sid)
    subscription = await node.delivery.subscribe(ear, room_id)
    head = len(await node.events(room_id))
    assert node.delivery.release(subscription, head)
    return ear


async def test_what_is_next_is_delivered_and_what_is_behind_is_dropped(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ear = await listening(node, room_id)
    events = await said(node, room_id, 3)
    node.delivery.offer(events[:2])
    node.delivery.offer(events[:1])
    node.delivery.offer(events)
    await ear.has([4, 5, 6])
    assert ear.seqs == [4, 5, 6]


async def test_a_gap_is_read_from_the_database(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ear = await listening(node, room_id)
    events = await said(node, room_id, 300)
    node.delivery.offer(events[-1:])
    await ear.has(range(4, 304))


async def test_a_hint_beyond_the_head_is_forgotten_and_the_feed_goes_on(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ear = await listening(node, room_id)
    node.delivery.hint(room_id, 2**60)
    node.delivery.offer(await said(node, room_id, 2))
    await ear.has([4, 5])
    more = await said(node, room_id, 1)
    node.delivery.offer(more)
    await ear.has([4, 5, 6])


async def test_an_event_committed_while_a_gap_is_read_is_not_left_to_the_head_check(node: Node) -> None:
    """Many times over: the hint starts a read, the commit and its offer come while that read is on its way."""
    room_id = await node.room(TEACHER, ANA)
    ear = await listening(node, room_id)
    for number in range(60):
        node.delivery.hint(room_id, 5 + number)
        await asyncio.sleep(0)
        await node.chat.send(ANA, room_id, "line", None)
    await ear.has(range(4, 64))


@on_a_database
@given(data=st.data())
async def test_random_offers_with_losses_and_repeats_converge(node: Node, data: st.DataObject) -> None:
    room_id = await node.room(TEACHER, ANA)
    ears = [await listening(node, room_id, "early")]
    events = await said(node, room_id, data.draw(st.integers(1, 12)))
    offers = data.draw(st.lists(st.sampled_from(events), max_size=25))
    pauses = data.draw(st.lists(st.booleans(), min_size=len(offers), max_size=len(offers)))
    for event, pause in zip(offers, pauses, strict=True):
        node.delivery.offer([event])
        if pause:
            await asyncio.sleep(0)
    ears.append(await listening(node, room_id, "late"))
    (last,) = await said(node, room_id, 1)
    await node.delivery.check_heads()  # nobody offers the last one
    await ears[0].has(range(4, last.seq + 1))
    await ears[1].has([last.seq])


async def test_a_lost_last_message_is_found_by_the_head_check(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ear = await listening(node, room_id)
    await said(node, room_id, 2)
    assert ear.seqs == []
    assert not await node.delivery.check_heads()
    await ear.has([4, 5])


async def test_a_database_that_went_back_is_noticed(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await listening(node, room_id)
    node.delivery.offer(await said(node, room_id, 2))
    async with node.database.writing() as connection:
        for statement in (
            "DELETE FROM messages WHERE seq > 4",
            "DELETE FROM room_events WHERE seq > 4",
            "UPDATE room_heads SET last_seq = 4 WHERE last_seq > 4",
        ):
            await connection.exec_driver_sql(statement)
    assert await node.delivery.check_heads()


async def test_after_a_restore_everybody_starts_over_and_nothing_new_is_dropped(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ana, ben = await node.connect(ANA), await node.connect(BEN)
    old = (await ana.asks("room:join", {"room_id": room_id}))["epoch"]
    for number in range(3):
        await ana.asks("message:send", {"room_id": room_id, "text": "x", "client_id": f"c{number}"})
    async with node.database.writing() as connection:
        for statement in (
            "DELETE FROM messages WHERE seq > 4",
            "DELETE FROM room_events WHERE seq > 4",
            "UPDATE room_heads SET last_seq = 4 WHERE last_seq > 4",
        ):
            await connection.exec_driver_sql(statement)
    await node.upkeep.check_heads()
    await ana.until(lambda: bool(ana.closed) and bool(ben.closed))
    assert ana.closed == [("unavailable", False)]
    # a connection that comes back before the old one is gone shares nothing with what was delivered to that
    again = await node.connect(ANA)
    joined = await again.asks("room:join", {"room_id": room_id, "since": {"epoch": old, "seq": 6}})
    assert (joined["recovered"], joined["seq"]) == (False, 4)
    assert joined["epoch"] != old
    await again.asks("message:send", {"room_id": room_id, "text": "new", "client_id": "n"})
    assert again.seqs(room_id) == [5]


async def test_a_feed_is_dropped_with_its_last_listener(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await listening(node, room_id, "a")
    await listening(node, room_id, "b")
    node.delivery.unsubscribe("a", room_id)
    assert node.delivery.room_ids == [room_id]
    node.delivery.hint(room_id, 10)
    node.delivery.drop("b")
    assert node.delivery.room_ids == []
    assert node.delivery.rooms_of("b") == []
    node.delivery.unsubscribe("b", room_id)
    node.delivery.offer(await said(node, room_id, 1))


async def test_a_listener_that_comes_while_another_is_served_gets_only_what_is_new(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    early = await listening(node, room_id, "early")
    node.delivery.offer(await said(node, room_id, 2))
    late = await listening(node, room_id, "late")
    node.delivery.offer(await said(node, room_id, 1))
    await early.has([4, 5, 6])
    await late.has([6])


async def test_what_is_held_comes_after_the_release_in_order(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ear = Ear("sid")
    subscription = await node.delivery.subscribe(ear, room_id)
    node.delivery.offer(await said(node, room_id, 3))
    assert ear.seqs == []
    assert node.delivery.release(subscription, 4)
    assert ear.seqs == [5, 6]


async def test_a_connection_that_stopped_listening_while_joining_is_told_no_more_than_what_was_held(
    node: Node,
) -> None:
    room_id = await node.room(TEACHER, ANA)
    ear = Ear("sid")
    subscription = await node.delivery.subscribe(ear, room_id)
    node.delivery.offer(await said(node, room_id, 1))
    node.delivery.unsubscribe("sid", room_id)
    node.delivery.offer(await said(node, room_id, 1))
    assert not node.delivery.release(subscription, 3)
    assert ear.seqs == [4]


async def test_a_join_that_fails_leaves_an_earlier_one_as_it_was(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ear = await listening(node, room_id)
    node.delivery.offer(await said(node, room_id, 1))
    again = await node.delivery.subscribe(ear, room_id)
    node.delivery.offer(await said(node, room_id, 1))
    node.delivery.withdraw(again)
    node.delivery.offer(await said(node, room_id, 1))
    await ear.has([4, 5, 6])


async def test_a_first_join_that_fails_leaves_nothing(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    node.delivery.withdraw(await node.delivery.subscribe(Ear("sid"), room_id))
    assert node.delivery.room_ids == []


async def test_a_watcher_that_fails_stops_no_delivery(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    ear = await listening(node, room_id)

    def fail(event: LogEvent) -> None:
        raise RuntimeError(event.id)

    node.delivery.watch(fail)
    node.delivery.offer(await said(node, room_id, 3))
    await ear.has([4, 5, 6])


@pytest.mark.parametrize("seed", range(6))
async def test_joining_while_others_talk_leaves_no_gap_and_no_overlap(
    two_nodes: tuple[Node, Node], seed: int
) -> None:
    """The join's answer tells a position; the events that follow it are exactly those after that position."""
    chance = random.Random(seed)
    room_id = await two_nodes[0].room(TEACHER, ANA, BEN)
    talking = asyncio.create_task(_talk(two_nodes, room_id, 120, chance))
    clients = []
    for number in range(20):
        node = chance.choice(two_nodes)
        client = await node.connect(chance.choice((ANA, BEN)))
        wish: dict[str, object] = {"room_id": room_id}
        if chance.random() < 0.5:
            wish["since"] = {"epoch": node.epochs.epoch, "seq": chance.randrange(4)}
        joined = await client.asks("room:join", wish)
        known = wish["since"]["seq"] if joined["recovered"] else joined["seq"]  # type: ignore[index]  # set above
        assert [event["seq"] for event in joined["events"]] == list(range(known + 1, joined["seq"] + 1))
        clients.append((client, joined["seq"]))
        if number % 4 == 3:  # and again on the same connection
            joined = await client.asks("room:join", {"room_id": room_id})
    await talking
    head = len(await two_nodes[0].events(room_id))
    for client, start in clients:
        await _caught_up(client, room_id, start, head)


async def _caught_up(client: Client, room_id: str, start: int, head: int) -> None:
    expected = list(range(start + 1, head + 1))
    await client.until(lambda: not expected or client.seqs(room_id)[-1:] == [head])
    seqs = client.seqs(room_id)
    if len(client.of_type("ack")) == 1:
        assert seqs == expected
    assert seqs == sorted(set(seqs))


async def _talk(nodes: Sequence[Node], room_id: str, lines: int, chance: random.Random) -> None:
    for number in range(lines):
        await chance.choice(nodes).chat.send(
            chance.choice((ANA, BEN)), room_id, f"line {number}", f"c{number}"
        )


async def test_what_one_node_writes_is_heard_on_the_other(two_nodes: tuple[Node, Node]) -> None:
    here, there = two_nodes
    room_id = await here.room(TEACHER, ANA)
    client = await there.connect(ANA)
    await client.asks("room:join", {"room_id": room_id})
    answer = await here.chat.send(ANA, room_id, 'hello ✓ \\ " \n', "c1")
    heard = await client.hears("message.new")
    assert heard["seq"] == answer.seq
    assert heard["data"]["message"]["text"] == 'hello ✓ \\ " \n'
    assert heard["client_id"] == "c1"


async def test_a_message_too_large_for_the_bus_is_read_from_the_database(
    two_nodes: tuple[Node, Node],
) -> None:
    here, there = two_nodes
    room_id = await here.room(TEACHER, ANA)
    client = await there.connect(ANA)
    await client.asks("room:join", {"room_id": room_id})
    text = '"\\🙂' * 2600
    await here.chat.send(ANA, room_id, text, "c1")
    assert (await client.hears("message.new"))["data"]["message"]["text"] == text


async def test_a_notice_that_nobody_of_ours_signed_is_no_more_than_a_hint(
    two_nodes: tuple[Node, Node],
) -> None:
    here, there = two_nodes
    room_id = await here.room(TEACHER, ANA)
    client = await there.connect(ANA)
    await client.asks("room:join", {"room_id": room_id})
    (event,) = await said(here, room_id, 1)
    forged = event.model_copy(update={"data": {"message": {"text": "forged"}}})
    payload = json.dumps([forged.model_dump(mode="json")])
    for body in (
        {"room": room_id, "seq": 4, "events": payload, "mac": "0" * 64},
        {"room": room_id, "seq": 4, "events": payload, "mac": "ü"},
        {"room": room_id, "seq": 4, "events": payload},
        {"room": room_id, "seq": True},
        {"room": 4, "seq": 4},
        {},
    ):
        there.relay._receive(Notice(kind="log", key=room_id, node="evil", body=body))
    assert (await client.hears("message.new"))["data"]["message"]["text"] == "line 0"
    assert client.seqs(room_id) == [4]


async def test_notices_lost_on_the_bus_are_made_good_by_the_head_check(two_nodes: tuple[Node, Node]) -> None:
    here, there = two_nodes
    room_id = await here.room(TEACHER, ANA)
    client = await there.connect(ANA)
    await client.asks("room:join", {"room_id": room_id})
    there.bus.go_down()
    for number in range(3):
        await here.chat.send(ANA, room_id, f"line {number}", f"c{number}")
    await there.upkeep.check_heads()
    await client.until(lambda: client.seqs(room_id) == [4, 5, 6])
