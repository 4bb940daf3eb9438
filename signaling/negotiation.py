"""Perfect negotiation (W3C WebRTC section 10.7) as a state machine: pure, and one table.

Theory. Two peers share one connection. Either may need to change it at any time, so both may offer at once (glare), and
a connection can hold only one pending offer. The specification's cure: of the two one is polite. When offers cross, the
impolite peer ignores the other's, and the polite peer takes back its own (setting a remote offer rolls a pending local
one back) and answers. Its need is noted and offered again once the connection is stable. Four roles are enough:

    polite, impolite    two browsers; `signaling.topology.pair_roles` says which is which
    offerer, answerer   beside a peer that cannot roll back (aiortc): one makes all offers, the other asks for them

The machine neither waits nor does anything. It is told inputs and returns actions; whoever drives it carries the
actions out, tells it how they ended, and owes it this:

    * What the connection is asked to do is done one after the other, in the order asked (as the operations chain of
      W3C WebRTC section 4.4.1.2 does). That is why an offer may be taken while an earlier answer is still being set: the
      specification's `isSettingRemoteAnswerPending` is the state SETTLING here.
    * Signals of one session pair arrive in order and once: `judge` drops what is late, doubled, or of a former session.
    * When the other's page is loaded again (a new session of its), the numbers of connections and signals go on growing:
      what was still on its way to the old page can then do no harm to the new one.
    * A signal may get lost for good. Then whoever waits for an answer is told OVERDUE, and both begin a new connection.

A connection is never mended by guessing. What cannot be right (an operation failed, two offers without an answer between
them, no answer) leads to BROKEN with REBUILD: the driver makes a new connection with the next number and says RENEWED.
Every signal carries that number, the greater one wins, so both ends agree which connection a description belongs to even
when both rebuild at once. That is also why an answer needs no reference to its offer: within one connection and an
ordered channel there is one offer it can belong to.

As in h11's state machine there are two kinds of moves: those that an input triggers, and those that a state triggers by
itself, here a stable connection of which something is still wanted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    POLITE = "polite"
    IMPOLITE = "impolite"
    OFFERER = "offerer"
    ANSWERER = "answerer"


class State(StrEnum):
    """Where the connection is, as far as it was asked; OFFERED is `have-local-offer` of the specification."""

    STABLE = "stable"
    OFFERING = "offering"
    OFFERED = "offered"
    ANSWERING = "answering"
    SETTLING = "settling"
    BROKEN = "broken"


class Input(StrEnum):
    """NEED and RESTART are wishes of one's own side; REMOTE_* and WISH are signals; the others tell how actions ended."""

    NEED = "need"
    RESTART = "restart"
    OFFER_MADE = "offer_made"
    ANSWER_MADE = "answer_made"
    ANSWER_SET = "answer_set"
    REMOTE_OFFER = "remote_offer"
    REMOTE_ANSWER = "remote_answer"
    REMOTE_CANDIDATE = "remote_candidate"
    WISH = "wish"
    OVERDUE = "overdue"
    FAILED = "failed"
    RENEWED = "renewed"


class Action(StrEnum):
    """What the driver is to do.

    CREATE_OFFER and CREATE_ANSWER include setting the local description (`setLocalDescription()` without arguments);
    SET_REMOTE is about the description that just arrived and includes the rollback of a local offer; SEND sends the
    local description; ASK sends the wish for an offer. TRY_CANDIDATE adds one whose failure means nothing: it may belong
    to an ignored offer. FLUSH adds the queued ones. NOTE_NEED and IGNORE only change flags.
    """

    NOTE_NEED = "note_need"
    CREATE_OFFER = "create_offer"
    SET_REMOTE = "set_remote"
    CREATE_ANSWER = "create_answer"
    SEND = "send"
    IGNORE = "ignore"
    DROP = "drop"
    ASK = "ask"
    RESTART_ICE = "restart_ice"
    FLUSH = "flush"
    ADD_CANDIDATE = "add_candidate"
    TRY_CANDIDATE = "try_candidate"
    QUEUE_CANDIDATE = "queue_candidate"
    DROP_CANDIDATE = "drop_candidate"
    REBUILD = "rebuild"


@dataclass(frozen=True)
class Flags:
    """`wanted`: something is yet to be offered. `ignoring`: the last remote offer was ignored, so candidates may be of
    it. `remote`: there is, or will be by the time it matters, a remote description that candidates can be added to.
    """

    wanted: bool = False
    ignoring: bool = False
    remote: bool = False


@dataclass(frozen=True)
class Machine:
    """One side of one connection."""

    role: Role
    state: State = State.STABLE
    flags: Flags = Flags()


@dataclass(frozen=True)
class Move:
    """`to` is None where the state stays."""

    to: State | None
    actions: tuple[Action, ...] = ()


class ImpossibleInputError(Exception):
    """The driver reported what cannot be: the end of an operation that it was not asked for."""


_ALL = tuple(Role)
_PEERS = (Role.POLITE, Role.IMPOLITE)
_MAKERS = (Role.POLITE, Role.IMPOLITE, Role.OFFERER)
_FIRM = (Role.IMPOLITE, Role.OFFERER)
_OPEN = (State.STABLE, State.OFFERING, State.OFFERED, State.ANSWERING, State.SETTLING)
_BUSY = (State.OFFERING, State.ANSWERING, State.SETTLING)
_TAKE = (Action.SET_REMOTE, Action.FLUSH, Action.CREATE_ANSWER)
_REBUILD = Move(State.BROKEN, (Action.REBUILD,))

Row = tuple[Iterable[Role], Iterable[State], Input, Move]

ROWS: tuple[Row, ...] = (
    # Wishes. Noted first; the connection offers as soon as it is stable, which may be at once (SELF_TRIGGERED).
    (_ALL, _OPEN, Input.NEED, Move(None, (Action.NOTE_NEED,))),
    (_MAKERS, _OPEN, Input.WISH, Move(None, (Action.NOTE_NEED,))),
    ((Role.ANSWERER,), _OPEN, Input.WISH, Move(None, (Action.DROP,))),
    (_PEERS, _OPEN, Input.RESTART, Move(None, (Action.RESTART_ICE, Action.NOTE_NEED))),
    # Who cannot roll back cannot restart ICE either (aiortc): such a pair begins a new connection.
    ((Role.OFFERER, Role.ANSWERER), _OPEN, Input.RESTART, _REBUILD),
    # An offer of one's own.
    (_MAKERS, (State.OFFERING,), Input.OFFER_MADE, Move(State.OFFERED, (Action.SEND,))),
    (_ALL, (State.OFFERED,), Input.REMOTE_ANSWER, Move(State.SETTLING, (Action.SET_REMOTE, Action.FLUSH))),
    (_ALL, (State.SETTLING,), Input.ANSWER_SET, Move(State.STABLE)),
    (_ALL, (State.OFFERED,), Input.OVERDUE, _REBUILD),
    # An offer of the other's, when none of one's own is pending.
    ((*_PEERS, Role.ANSWERER), (State.STABLE, State.SETTLING), Input.REMOTE_OFFER, Move(State.ANSWERING, _TAKE)),
    (_ALL, (State.ANSWERING,), Input.ANSWER_MADE, Move(State.STABLE, (Action.SEND,))),
    # Glare. The polite one takes its offer back and owes it; what it was still making is not sent.
    ((Role.POLITE,), (State.OFFERING, State.OFFERED), Input.REMOTE_OFFER,
     Move(State.ANSWERING, (Action.NOTE_NEED, *_TAKE))),
    (_FIRM, (State.OFFERING, State.OFFERED), Input.REMOTE_OFFER, Move(None, (Action.IGNORE,))),
    ((Role.POLITE,), (State.ANSWERING,), Input.OFFER_MADE, Move(None)),
    # The answer whose setting was under way when the next offer came.
    (_ALL, (State.ANSWERING,), Input.ANSWER_SET, Move(None)),
    # What does not belong here. Only the makers of offers are ever answered, and never an answerer.
    ((Role.OFFERER,), (State.STABLE, State.ANSWERING, State.SETTLING), Input.REMOTE_OFFER, Move(None, (Action.IGNORE,))),
    ((*_PEERS, Role.ANSWERER), (State.ANSWERING,), Input.REMOTE_OFFER, _REBUILD),
    (_ALL, (State.STABLE, *_BUSY), Input.REMOTE_ANSWER, Move(None, (Action.DROP,))),
    (_ALL, (State.STABLE, *_BUSY), Input.OVERDUE, Move(None)),
    (_ALL, _OPEN, Input.FAILED, _REBUILD),
    # Beyond use: nothing counts until there is a new connection.
    *((_ALL, (State.BROKEN,), what, Move(None)) for what in Input
      if what not in (Input.RENEWED, Input.REMOTE_CANDIDATE)),
    (_ALL, tuple(State), Input.RENEWED, Move(State.STABLE)),
)  # fmt: skip

SELF_TRIGGERED: Mapping[Role, Move] = MappingProxyType(
    {
        Role.POLITE: Move(State.OFFERING, (Action.CREATE_OFFER,)),
        Role.IMPOLITE: Move(State.OFFERING, (Action.CREATE_OFFER,)),
        Role.OFFERER: Move(State.OFFERING, (Action.CREATE_OFFER,)),
        Role.ANSWERER: Move(State.STABLE, (Action.ASK,)),
    }
)
"""What a role does when it is STABLE and `wanted` is set."""

CANDIDATES: Mapping[tuple[bool, bool], Action] = MappingProxyType(
    {
        (False, True): Action.ADD_CANDIDATE,
        (False, False): Action.QUEUE_CANDIDATE,
        (True, True): Action.TRY_CANDIDATE,
        (True, False): Action.DROP_CANDIDATE,
    }
)
"""By (`ignoring`, `remote`): what to do with a candidate that arrived. BROKEN drops all."""

EFFECTS: Mapping[Action, Mapping[str, bool]] = MappingProxyType(
    {
        Action.NOTE_NEED: {"wanted": True},
        Action.CREATE_OFFER: {"wanted": False},
        Action.ASK: {"wanted": False},
        Action.IGNORE: {"ignoring": True},
        Action.SET_REMOTE: {"ignoring": False, "remote": True},
    }
)
"""How actions change the flags. RENEWED clears them all."""

Table = Mapping[tuple[Role, State, Input], Move]


def expand(rows: Iterable[Row]) -> Table:
    """One entry for each role, state and input.

    Raises:
        ValueError: two rows are about the same.
    """
    table: dict[tuple[Role, State, Input], Move] = {}
    for roles, states, what, move in rows:
        for key in ((role, state, what) for role in roles for state in states):
            if key in table:
                raise ValueError(f"two rows are about {key}")
            table[key] = move
    return MappingProxyType(table)


TABLE: Table = expand(ROWS)


def step(machine: Machine, what: Input) -> tuple[Machine, tuple[Action, ...]]:
    """The machine after the input, and what to do, in this order.

    Raises:
        ImpossibleInputError: the driver did not keep its side of the bargain.
    """
    if what is Input.REMOTE_CANDIDATE:
        return machine, (_candidate(machine),)
    try:
        move = TABLE[machine.role, machine.state, what]
    except KeyError:
        raise ImpossibleInputError(f"{what} in state {machine.state} of the {machine.role} side") from None
    if what is Input.RENEWED:
        machine = Machine(machine.role)
    machine = _moved(machine, move)
    actions = move.actions
    if machine.state is State.STABLE and machine.flags.wanted:
        move = SELF_TRIGGERED[machine.role]
        return _moved(machine, move), (*actions, *move.actions)
    return machine, actions


def _moved(machine: Machine, move: Move) -> Machine:
    flags = machine.flags
    for action in move.actions:
        flags = replace(flags, **EFFECTS.get(action, {}))
    return Machine(machine.role, move.to or machine.state, flags)


def _candidate(machine: Machine) -> Action:
    if machine.state is State.BROKEN:
        return Action.DROP_CANDIDATE
    return CANDIDATES[machine.flags.ignoring, machine.flags.remote]


@dataclass(frozen=True)
class Heading:
    """What every signal says of itself; or the last that is known of the other side: its session, the number of the
    present connection, the `seq` of the last signal taken.
    """

    session: str
    connection: int
    seq: int


class Verdict(StrEnum):
    """UNKNOWN: of another session than the known one; a client may keep it until the call's state names that session.
    NEWER: the other side has begun a new connection; make one with that number, then take the signal.
    """

    FRESH = "fresh"
    NEWER = "newer"
    STALE = "stale"
    UNKNOWN = "unknown"


def judge(known: Heading, signal: Heading) -> Verdict:
    """Whether a signal counts."""
    if signal.session != known.session:
        return Verdict.UNKNOWN
    if signal.seq <= known.seq or signal.connection < known.connection:
        return Verdict.STALE
    return Verdict.NEWER if signal.connection > known.connection else Verdict.FRESH
