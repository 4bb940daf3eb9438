"""Presence over several nodes: who is seen where, and what is told of it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from realtime.presence.people import Person, PresenceChange
from tests.realtime.presence.nodes import ANA, BEN, EVE, Cluster

ROOM = "room_1"


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[Cluster]:
    cluster = Cluster()
    yield cluster
    await cluster.close()


async def test_people_of_all_nodes_are_seen_on_each_sorted_by_name(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    b.presence.join(ROOM, "c1", EVE)
    a.presence.join(ROOM, "c2", BEN)
    a.presence.join(ROOM, "c3", ANA)
    await cluster.settle()
    assert a.here() == b.here() == ["Ana", "Ben", "eve"]
    assert a.presence.people(ROOM)[1].picture == BEN.picture
    assert a.presence.people(ROOM)[2].role == "instructor"
    assert a.presence.count(ROOM) == 3


async def test_changes_are_told_only_where_somebody_is_in_the_room(cluster: Cluster) -> None:
    a, b, c = [await cluster.add(name) for name in "abc"]
    a.presence.join(ROOM, "c1", ANA)
    await cluster.settle()
    b.presence.join(ROOM, "c2", BEN)
    await cluster.settle()
    assert a.heard() == [("joined", "Ana"), ("joined", "Ben")]
    assert b.heard() == [("joined", "Ben")]
    assert c.heard() == []
    assert c.here() == ["Ana", "Ben"]


async def test_a_leave_is_told_after_the_grace(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    await cluster.settle()
    b.presence.drop("c2")
    await cluster.wait(4)
    assert a.here() == ["Ana", "Ben"]
    assert a.heard() == [("joined", "Ana"), ("joined", "Ben")]
    await cluster.wait(2)
    assert a.here() == ["Ana"]
    assert a.heard() == [("left", "Ben")]


async def test_a_return_within_the_grace_is_told_to_nobody(cluster: Cluster) -> None:
    a, b, c = [await cluster.add(name) for name in "abc"]
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    await cluster.settle()
    a.heard()
    b.presence.drop("c2")
    await cluster.wait(3)
    c.presence.join(ROOM, "c3", BEN)
    await cluster.wait(10)
    assert a.heard() == []
    assert a.here() == ["Ana", "Ben"]


async def test_each_leave_has_the_whole_grace(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "c1", ANA)
    await cluster.settle()
    a.heard()
    for _ in range(3):
        b.presence.join(ROOM, "c2", BEN)
        await cluster.wait(3)
        b.presence.drop("c2")
        await cluster.wait(3)
    assert a.heard() == [("joined", "Ben")]
    await cluster.wait(3)
    assert a.heard() == [("left", "Ben")]


async def test_nothing_is_kept_of_those_who_are_gone(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    for node in (a, b):
        for number in range(50):
            person = Person(f"u{number}", "Somebody", "student")
            node.presence.join(f"room_{number % 5}", f"{node.bus.node_id}{number}", person)
            node.presence.set_status(f"{node.bus.node_id}{number}", "away")
    await cluster.settle()
    for number in range(50):
        a.presence.drop(f"a{number}")
    await b.presence.close()
    del cluster.nodes["b"]
    await cluster.wait(10)
    for part in (a.presence._view, a.presence._roster):
        kept = {name: value for name, value in vars(part).items() if isinstance(value, dict | set) and value}
        assert kept == {}


async def test_one_user_on_two_devices_leaves_when_the_last_one_does(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "watching", ANA)
    a.presence.join(ROOM, "phone", BEN)
    b.presence.join(ROOM, "laptop", BEN)
    b.presence.join(ROOM, "tablet", BEN)
    await cluster.settle()
    a.heard()
    for node, connection_id in ((a, "phone"), (b, "laptop")):
        node.presence.drop(connection_id)
        await cluster.wait(8)
        assert a.here() == ["Ana", "Ben"]
        assert a.heard() == []
    b.presence.leave(ROOM, "tablet")
    await cluster.wait(8)
    assert a.heard() == [("left", "Ben")]


async def test_the_people_of_a_crashed_node_vanish_within_fifteen_seconds(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    await cluster.wait(5)
    await cluster.crash("b")
    await cluster.wait(6)
    assert a.here() == ["Ana", "Ben"]
    await cluster.wait(6)
    assert a.here() == ["Ana"]
    assert a.heard()[-1] == ("left", "Ben")


async def test_the_people_of_a_node_that_says_goodbye_have_the_grace_to_come_back(cluster: Cluster) -> None:
    a, b, c = [await cluster.add(name) for name in "abc"]
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    b.presence.join(ROOM, "c3", EVE)
    await cluster.settle()
    a.heard()
    await b.presence.close()
    await b.presence.close()
    del cluster.nodes["b"]
    await cluster.wait(2)
    c.presence.join(ROOM, "c4", EVE)
    await cluster.wait(4)
    assert a.here() == ["Ana", "eve"]
    assert a.heard() == [("left", "Ben")]


async def test_a_node_that_comes_late_learns_of_everybody(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    for number in range(700):  # More than one notice can carry.
        a.presence.join(
            ROOM,
            f"c{number}",
            Person(f"u{number}", f"Person {number:03}", "student", "https://x/" + "p" * 90),
        )
    b.presence.join(ROOM, "c", EVE)
    await cluster.settle()
    late = await cluster.add("late")
    await cluster.wait(2)
    assert len(late.here()) == 701
    assert late.here() == a.here() == b.here()
    assert a.bus.counts.refused == 0


async def test_what_was_missed_is_noticed_and_mended(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    await cluster.settle()
    a.bus.go_down()  # Silently deaf: no callback tells it when it hears again.
    b.presence.join(ROOM, "c3", EVE)
    b.presence.drop("c2")
    await cluster.settle()
    a.bus.reconnect()
    await cluster.wait(4)
    assert "eve" in a.here()
    await cluster.wait(5)
    assert a.here() == ["Ana", "eve"]


async def test_an_outage_of_the_bus_makes_nobody_leave(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    await cluster.settle()
    a.heard()
    cluster.exchange.cut()
    await cluster.wait(30)
    assert a.here() == ["Ana", "Ben"]
    b.presence.join(ROOM, "c3", EVE)
    cluster.exchange.mend()
    await cluster.settle()
    assert a.heard() == [("joined", "eve")]
    assert a.here() == b.here() == ["Ana", "Ben", "eve"]


async def test_a_node_that_crashed_during_an_outage_is_forgotten_after_it(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    await cluster.settle()
    cluster.exchange.cut()
    await cluster.crash("b")
    await cluster.wait(10)
    cluster.exchange.mend()
    await cluster.wait(11)
    assert a.here() == ["Ana"]


async def test_somebody_is_away_when_all_their_connections_are(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "phone", BEN)
    b.presence.join(ROOM, "laptop", BEN)
    await cluster.settle()
    a.heard()
    a.presence.set_status("phone", "away")
    await cluster.settle()
    assert b.presence.people(ROOM)[0].status == "online"
    b.presence.set_status("laptop", "away")
    await cluster.settle()
    assert [node.presence.people(ROOM)[0].status for node in (a, b)] == ["away", "away"]
    assert [change.status for change in a.changes] == ["away"]
    b.presence.join("room_2", "laptop", BEN)
    assert b.presence.people("room_2")[0].status == "away"
    b.presence.set_status("laptop", "online")
    await cluster.settle()
    assert [change.status for change in a.changes] == ["away", "online"]


async def test_a_new_name_or_picture_is_told_as_a_change(cluster: Cluster) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    a.presence.join(ROOM, "c1", ANA)
    b.presence.join(ROOM, "c2", BEN)
    await cluster.settle()
    a.heard()
    b.presence.join(ROOM, "c2", Person(BEN.id, "Benjamin", "student"))
    await cluster.settle()
    assert a.heard() == [("changed", "Benjamin")]


async def test_a_connection_that_changes_hands_takes_its_first_owner_out(cluster: Cluster) -> None:
    a = await cluster.add("a")
    a.presence.join(ROOM, "c1", ANA)
    a.presence.join(ROOM, "c1", BEN)
    await cluster.wait(6)
    assert a.here() == ["Ben"]


async def test_a_listener_that_raises_does_not_stop_the_next(cluster: Cluster) -> None:
    a = await cluster.add("a")
    seen: list[PresenceChange] = []

    def broken(change: PresenceChange) -> None:
        raise ValueError(change)

    a.presence._listeners.clear()
    a.presence.on_change(broken)
    a.presence.on_change(seen.append)
    a.presence.join(ROOM, "c1", ANA)
    assert [change.what for change in seen] == ["joined"]


async def test_unknown_connections_and_rooms_are_no_trouble(cluster: Cluster) -> None:
    a = await cluster.add("a")
    a.presence.leave(ROOM, "nobody")
    a.presence.drop("nobody")
    a.presence.set_status("nobody", "away")
    a.presence.drop("nobody")
    assert a.here("nowhere") == []
    assert a.presence.count("nowhere") == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"t": "delta"},
        {"t": "delta", "v": 1, "put": [["room_1", "u", "n", "r", None, "lurking"]], "gone": []},
        {"t": "delta", "v": 1, "put": [["room_1", "u"]], "gone": []},
        {"t": "delta", "v": -1, "put": [], "gone": [["room_1"]]},
        {"t": "delta", "v": True, "put": [], "gone": []},
        {"t": "digest", "v": 1, "part": [3, 2], "entries": []},
        {"t": "digest", "v": 1, "part": [0, 10**9], "entries": []},
        {"t": "digest", "v": 1, "part": [0], "entries": {}},
        {"t": "beat", "v": "1"},
        {"t": "ask", "node": 7},
        {"t": "dance"},
    ],
)
async def test_a_strange_body_is_ignored(cluster: Cluster, body: dict[str, object]) -> None:
    a, b = await cluster.add("a"), await cluster.add("b")
    b.presence.join(ROOM, "c1", ANA)
    await b.bus.publish("presence", "b", body)
    await cluster.settle()
    assert a.here() == ["Ana"]
    assert a.bus.counts.failed == 0
