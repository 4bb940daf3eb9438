"""Two machines, the connections they drive, and the channels between them, all in slow motion.

The connection obeys W3C WebRTC 4.4: it refuses what a real one would refuse in its signaling state, and rolls a pending
local offer back when a remote one is set. Whatever it refuses, the test sees as `refusals`.
"""

from collections import deque
from dataclasses import dataclass, field, replace

from signaling.negotiation import Action, Heading, Input, Machine, Role, State, Verdict, judge, step


@dataclass(frozen=True)
class Words:
    """An offer or answer: `covers` says up to which need of its maker it goes, `to` the offer that an answer is for."""

    kind: str
    maker: str
    number: int
    covers: int = 0
    to: "Words | None" = None


@dataclass(frozen=True)
class Letter:
    """One signal; exactly one of words, candidate (of which words) and wish."""

    heading: Heading
    words: Words | None = None
    candidate_of: Words | None = None
    wish: bool = False


@dataclass
class Connection:
    """As an RTCPeerConnection: at most one description pending."""

    local: Words | None = None
    remote: Words | None = None
    pending_local: Words | None = None
    pending_remote: Words | None = None

    def set_local(self, words: Words) -> bool:
        if words.kind == "offer":
            if self.pending_remote is not None:
                return False
            self.pending_local = words
            return True
        if self.pending_remote is None or words.to != self.pending_remote:
            return False
        self.local, self.remote, self.pending_local, self.pending_remote = (
            words,
            self.pending_remote,
            None,
            None,
        )
        return True

    def set_remote(self, words: Words) -> bool:
        if words.kind == "offer":
            if self.pending_remote is not None:
                return False
            self.pending_local, self.pending_remote = None, words
            return True
        if self.pending_local is None or words.to != self.pending_local:
            return False
        self.local, self.remote, self.pending_local = self.pending_local, words, None
        return True

    def knows(self, words: Words) -> bool:
        return words in {self.remote, self.pending_remote}


@dataclass
class Side:
    """One peer: a machine and its driver."""

    name: str
    role: Role
    session: str
    known: Heading
    machine: Machine = field(init=False)
    connection: Connection = field(default_factory=Connection)
    number: int = 0
    """Of the present connection."""
    needs: int = 0
    served: int = 0
    sent: int = 0
    made: int = 0
    renewals: int = 0
    refusals: list[str] = field(default_factory=list)
    work: deque[tuple[Action, Words | None]] = field(default_factory=deque)
    queued: list[Words] = field(default_factory=list)
    post: deque[Letter] = field(default_factory=deque)
    """What is on its way to the other side."""

    def __post_init__(self) -> None:
        self.machine = Machine(self.role)

    def need(self) -> None:
        self.needs += 1
        self.tell(Input.NEED)

    def tell(self, what: Input, words: Words | None = None) -> None:
        self.machine, actions = step(self.machine, what)
        for action in actions:
            self._carry_out(action, words)

    def work_once(self) -> None:
        """The connection finishes the oldest thing it was asked for."""
        action, words = self.work.popleft()
        number = self.renewals
        done, what = self._operate(action, words)
        if not done:
            self.refusals.append(f"{self.name}: {action} {words} on {self.connection}")
        if number == self.renewals:
            self.tell(what if done else Input.FAILED)

    def receive(self, letter: Letter) -> None:
        verdict = judge(self.known, letter.heading)
        if verdict in {Verdict.UNKNOWN, Verdict.STALE}:
            return
        self.known = replace(self.known, seq=letter.heading.seq)
        if verdict is Verdict.NEWER:
            self.renew(letter.heading.connection)
        if letter.words is not None:
            remote = Input.REMOTE_OFFER if letter.words.kind == "offer" else Input.REMOTE_ANSWER
            self.tell(remote, letter.words)
        elif letter.candidate_of is not None:
            self.tell(Input.REMOTE_CANDIDATE, letter.candidate_of)
        else:
            self.tell(Input.WISH)

    def renew(self, number: int) -> None:
        """A new connection; it needs everything that the old one had."""
        self.number, self.known = number, replace(self.known, connection=number)
        self.connection, self.renewals, self.served = Connection(), self.renewals + 1, 0
        self.work.clear()
        self.queued.clear()
        self.tell(Input.RENEWED)
        self.tell(Input.NEED)

    def new_session(self, session: str, other: "Side") -> None:
        """The page was loaded again: this side starts from nothing, and the other hears of it."""
        self.session, self.sent = session, 0
        self.known = Heading(other.session, 0, 0)
        self.renew(0)
        other.known = Heading(session, other.number, 0)
        other.renew(other.number + 1)

    def post_candidate(self) -> None:
        words = self.connection.pending_local or self.connection.local
        if words is not None:
            self._post(Letter(self._heading(), candidate_of=words))

    def _carry_out(self, action: Action, words: Words | None) -> None:
        match action:
            case Action.CREATE_OFFER | Action.CREATE_ANSWER | Action.SET_REMOTE:
                self.work.append((action, words))
            case Action.SEND:
                words = self.connection.pending_local or self.connection.local
                self._post(Letter(self._heading(), words=words))
            case Action.ASK:
                self._post(Letter(self._heading(), wish=True))
            case Action.ADD_CANDIDATE | Action.TRY_CANDIDATE | Action.QUEUE_CANDIDATE:
                assert words is not None
                self._candidate(action, words)
            case Action.FLUSH:
                self.queued.clear()
            case _:
                pass

    def _operate(self, action: Action, words: Words | None) -> tuple[bool, Input]:
        if action is Action.SET_REMOTE:
            assert words is not None
            done = self.connection.set_remote(words)
            if done and words.kind == "answer":
                assert self.connection.local is not None
                self.served = max(self.served, self.connection.local.covers)
            # An answer follows, or has no further input of its own.
            return (True, Input.ANSWER_SET) if done and words.kind == "answer" else self._then_answer(done)
        kind = "offer" if action is Action.CREATE_OFFER else "answer"
        self.made += 1
        made = Words(
            kind,
            self.name,
            self.made,
            self.needs,
            self.connection.pending_remote if kind == "answer" else None,
        )
        done = self.connection.set_local(made)
        if done and kind == "answer" and self.role is Role.ANSWERER:
            self.served = max(self.served, self.needs)
        return done, Input.OFFER_MADE if kind == "offer" else Input.ANSWER_MADE

    def _then_answer(self, done: bool) -> tuple[bool, Input]:
        """Setting a remote offer and answering it count as one operation towards the machine."""
        if not done:
            return False, Input.FAILED
        action, words = self.work.popleft()
        assert action is Action.CREATE_ANSWER
        return self._operate(action, words)

    def _candidate(self, action: Action, words: Words) -> None:
        if action is Action.QUEUE_CANDIDATE:
            self.queued.append(words)
        under_way = (Action.SET_REMOTE, words) in self.work
        if action is Action.ADD_CANDIDATE and not self.connection.knows(words) and not under_way:
            self.refusals.append(f"{self.name}: a candidate of {words} on {self.connection}")

    def _heading(self) -> Heading:
        self.sent += 1
        return Heading(self.session, self.number, self.sent)

    def _post(self, letter: Letter) -> None:
        self.post.append(letter)


def two(roles: tuple[Role, Role]) -> tuple[Side, Side]:
    return (
        Side("a", roles[0], "session-a", Heading("session-b", 0, 0)),
        Side("b", roles[1], "session-b", Heading("session-a", 0, 0)),
    )


def settle(a: Side, b: Side, limit: int = 2000) -> None:
    """Lets everything happen that is under way, and what follows from it."""
    for _ in range(limit):
        if not advance(a, b):
            return
    raise AssertionError("they never came to rest")


def advance(a: Side, b: Side) -> bool:
    for side, other in ((a, b), (b, a)):
        if side.work:
            side.work_once()
            return True
        if side.post:
            other.receive(side.post.popleft())
            return True
    return False


def wait_out(a: Side, b: Side) -> None:
    """What time does: whoever waits for an answer in vain gives up, and the broken begin a new connection."""
    for _ in range(20):
        settle(a, b)
        waiting = [side for side in (a, b) if side.machine.state in {State.OFFERED, State.BROKEN}]
        if not waiting:
            return
        for side in waiting:
            if side.machine.state is State.OFFERED:
                side.tell(Input.OVERDUE)
            if side.machine.state is State.BROKEN:
                side.renew(side.number + 1)
    raise AssertionError("they never agreed")
