"""Whatever the bus loses and in whatever order nodes act, live nodes end up seeing the same people: those who are there."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.presence.gossip import (
    CHUNK_BYTES,
    Ask,
    Beat,
    Delta,
    Digest,
    Goodbye,
    Message,
    chunks,
    deltas,
    digests,
    from_body,
    to_body,
)
from realtime.presence.people import Person, PresenceChange, PresentPerson, Status
from realtime.presence.roster import Roster
from realtime.presence.rules import Place, Timing, View

TIMING = Timing()
NAMES = ("n1", "n2", "n3")
ROOMS = ("r1", "r2")
USERS = ("ana", "ben")


@dataclass
class Node:
    name: str
    view: View
    roster: Roster = field(default_factory=Roster)
    inbox: dict[str, deque[str]] = field(default_factory=lambda: {name: deque() for name in NAMES})
    told: dict[Place, PresentPerson] = field(default_factory=dict)
    """What a listener would know that was told every change."""

    def note(self, changes: list[PresenceChange]) -> None:
        for change in changes:
            place = (change.room_id, change.person.id)
            if change.what == "left":
                assert self.roster.entry(place) is None, "somebody left who is still here"
                del self.told[place]
            else:
                assert (place in self.told) == (change.what == "changed")
                assert self.told.get(place) != change.person
                self.told[place] = change.person


class Network:
    """Notices of one node to another keep their order; any of them may be lost or late."""

    def __init__(self) -> None:
        self.now = 0.0
        self.nodes = {name: Node(name, View(name, TIMING)) for name in NAMES}

    def touch(self, node: Node, places: list[Place], told: bool) -> None:
        for place in places:
            node.note(node.view.own(place, node.roster.entry(place), self.now))
        if told:
            self.flush(node)

    def say(self, node: Node, message: Message) -> None:
        for other in self.nodes.values():
            if other is not node:
                other.inbox[node.name].append(json.dumps(to_body(message)))

    def flush(self, node: Node) -> None:
        for delta in node.roster.tell():
            self.say(node, delta)

    def digest(self, node: Node) -> None:
        self.flush(node)
        for digest in node.roster.tell_all():
            self.say(node, digest)

    def deliver(self, node: Node, sender: str) -> None:
        if not node.inbox[sender]:
            return
        match from_body(json.loads(node.inbox[sender].popleft())):
            case Delta(version, put, gone):
                node.note(node.view.delta(sender, version, put, gone, self.now))
            case Beat(version):
                node.view.beat(sender, version, self.now)
            case Digest(version, index, total, entries):
                node.note(node.view.digest(sender, version, (index, total), entries, self.now))
            case Goodbye():
                node.note(node.view.goodbye(sender, self.now))

    def deliver_all(self) -> None:
        for node in self.nodes.values():
            for sender in NAMES:
                while node.inbox[sender]:
                    self.deliver(node, sender)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for node in self.nodes.values():
            node.note(node.view.sweep(self.now))

    def come_to_rest(self) -> None:
        """From now on nothing is lost and nobody moves, for longer than lease and grace together."""
        for _ in range(9):
            for node in self.nodes.values():
                self.flush(node)
                self.say(node, Beat(node.roster.version))
            self.deliver_all()
            for name in {name for node in self.nodes.values() for name in node.view.behind()}:
                if name in self.nodes:
                    self.digest(self.nodes[name])
            self.deliver_all()
            self.pass_time(2)

    def truth(self) -> dict[Place, PresentPerson]:
        found: dict[Place, tuple[bool, str, PresentPerson]] = {}
        for node in self.nodes.values():
            for room in ROOMS:
                for user in USERS:
                    entry = node.roster.entry((room, user))
                    if entry is not None:
                        candidate = (entry.status == "online", node.name, entry)
                        known = found.get((room, user))
                        found[room, user] = (
                            candidate if known is None else max(known, candidate, key=lambda one: one[:2])
                        )
        return {place: entry for place, (_, _, entry) in found.items()}


names, rooms, users = st.sampled_from(NAMES), st.sampled_from(ROOMS), st.sampled_from(USERS)
connections = st.sampled_from(["c1", "c2", "c3"])
labels = st.sampled_from(["Ana", "Annie"])
statuses: st.SearchStrategy[Status] = st.sampled_from(["online", "away"])


@dataclass(frozen=True)
class Step:
    """One thing that happens on the node `name`; kept as data, so that a counterexample can be read."""

    act: Callable[..., None]
    name: str
    arguments: tuple[object, ...]

    def happen(self, network: Network) -> None:
        node = network.nodes.get(self.name)
        if node is not None:
            self.act(network, node, *self.arguments)


def join(network: Network, node: Node, told: bool, seat: tuple[str, str], person: Person) -> None:
    network.touch(node, node.roster.join(*seat, person), told)


def leave(network: Network, node: Node, told: bool, seat: tuple[str, str]) -> None:
    network.touch(node, node.roster.leave(*seat), told)


def drop(network: Network, node: Node, told: bool, connection: str) -> None:
    network.touch(node, node.roster.drop(connection), told)


def set_status(network: Network, node: Node, told: bool, connection: str, status: Status) -> None:
    network.touch(node, node.roster.set_status(connection, status), told)


def flush(network: Network, node: Node) -> None:
    network.flush(node)


def digest(network: Network, node: Node) -> None:
    network.digest(node)


def beat(network: Network, node: Node) -> None:
    network.say(node, Beat(node.roster.version))


def hear(network: Network, node: Node, sender: str) -> None:
    network.deliver(node, sender)


def hear_all(network: Network, node: Node) -> None:
    for sender in NAMES:
        while node.inbox[sender]:
            network.deliver(node, sender)


def lose(network: Network, node: Node, sender: str) -> None:
    if node.inbox[sender]:
        node.inbox[sender].popleft()


def time_passes(network: Network, node: Node, seconds: float) -> None:
    network.pass_time(seconds)


def crash(network: Network, node: Node) -> None:
    del network.nodes[node.name]


def close(network: Network, node: Node) -> None:
    network.say(node, Goodbye())
    del network.nodes[node.name]


def step(act: Callable[..., None], *arguments: st.SearchStrategy[object]) -> st.SearchStrategy[Step]:
    return st.builds(Step, st.just(act), names, st.tuples(*arguments))


persons = st.builds(Person, users, labels, st.just("student"))
seats = st.tuples(rooms, connections)
told = st.sampled_from([True, True, False])
steps: st.SearchStrategy[Step] = st.one_of(
    step(join, told, seats, persons),
    step(leave, told, seats),
    step(drop, told, connections),
    step(set_status, told, connections, statuses),
    st.one_of(step(flush), step(digest), step(beat)),
    step(hear, names),
    step(hear_all),
    step(lose, names),
    step(lose, names),
    step(time_passes, st.sampled_from([0.5, 2.0, 6.0])),
)
endings = st.lists(st.builds(Step, st.sampled_from([crash, close]), st.just("n3"), st.just(())), max_size=1)


@settings(max_examples=400, deadline=None)
@given(st.lists(steps, min_size=10, max_size=60), endings, st.lists(steps, max_size=30))
def test_live_nodes_converge_to_those_who_are_there(
    before: list[Step], ending: list[Step], after: list[Step]
) -> None:
    network = Network()
    for one in [*before, *ending, *after]:
        one.happen(network)
    network.come_to_rest()
    truth = network.truth()
    for node in network.nodes.values():
        seen = {(room, person.id): person for room in ROOMS for person in node.view.people(room)}
        assert seen == truth
        assert node.told == truth
        assert node.view.behind() == set()


entries = st.dictionaries(
    st.tuples(st.sampled_from(ROOMS), st.text(max_size=20)),
    st.tuples(st.text(max_size=120), statuses),
    max_size=40,
)


def people(raw: dict[Place, tuple[str, Status]]) -> dict[Place, PresentPerson]:
    return {
        place: PresentPerson(place[1], name, "student", "https://x/" + "ü" * 900, status)
        for place, (name, status) in raw.items()
    }


@given(entries)
def test_chunks_are_small_complete_and_survive_the_wire(raw: dict[Place, tuple[str, Status]]) -> None:
    whole = people(raw)
    pieces = chunks(whole)
    assert {place: entry for piece in pieces for place, entry in piece.items()} == whole
    messages: list[Message] = [
        *digests(7, whole),
        *deltas(8, whole, list(whole) * 20),
        Beat(3),
        Ask(None),
        Ask("n1"),
        Goodbye(),
    ]
    for message in messages:
        body = to_body(message)
        assert len(json.dumps(body, ensure_ascii=False).encode()) < CHUNK_BYTES + 2000
        assert from_body(json.loads(json.dumps(body))) == message


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
        max_leaves=30,
    ),
    st.sampled_from(["delta", "beat", "digest", "ask", "bye", "else"]),
)
def test_any_json_reads_as_a_message_or_as_none(junk: object, kind: str) -> None:
    body = {"t": kind, "v": junk, "put": junk, "gone": junk, "part": junk, "entries": junk, "node": junk}
    message = from_body(body)
    assert message is None or from_body(json.loads(json.dumps(to_body(message)))) == message
