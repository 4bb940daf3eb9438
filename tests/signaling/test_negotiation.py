"""Two sides that negotiate always come to the same understanding, whatever the order of events."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.negotiation import (
    ROWS,
    TABLE,
    Action,
    Heading,
    ImpossibleInputError,
    Input,
    Machine,
    Role,
    State,
    Verdict,
    expand,
    judge,
    step,
)
from signaling.negotiation_ts import reachable
from tests.signaling.negotiating import Letter, Side, Words, settle, two, wait_out

PEERS = (Role.IMPOLITE, Role.POLITE)
BESIDE_A_BOT = (Role.OFFERER, Role.ANSWERER)

roles = st.sampled_from([PEERS, BESIDE_A_BOT])
moves = st.lists(st.integers(0, 9), max_size=120)


def perform(a: Side, b: Side, number: int) -> None:
    """One of the things that can happen next, to either side."""
    side, other = (a, b) if number % 2 else (b, a)
    match number // 2:
        case 0:
            side.need()
        case 1 if side.work:
            side.work_once()
        case 2 if side.post:
            other.receive(side.post.popleft())
        case 3:
            side.post_candidate()
        case 4:
            old = Heading("a session of long ago", 7, 99)
            side.receive(Letter(old, words=Words("offer", other.name, 1)))
            side.receive(Letter(old, candidate_of=Words("offer", other.name, 1)))
        case _:
            pass


def assert_agreed(a: Side, b: Side) -> None:
    assert not a.refusals
    assert not b.refusals
    assert (a.machine.state, b.machine.state) == (State.STABLE, State.STABLE)
    assert a.number == b.number
    assert (a.connection.local, a.connection.remote) == (b.connection.remote, b.connection.local)
    for side in (a, b):
        assert side.served == side.needs, f"a need of {side.name} was left unserved"
        assert not side.queued


@settings(max_examples=400, deadline=None)
@given(roles, moves)
def test_any_interleaving_converges(pair: tuple[Role, Role], happenings: list[int]) -> None:
    a, b = two(pair)
    for number in happenings:
        perform(a, b, number)
    settle(a, b)
    assert_agreed(a, b)
    assert a.renewals == b.renewals == 0


@settings(max_examples=200, deadline=None)
@given(roles, moves, st.data())
def test_after_lost_signals_a_new_connection_converges(
    pair: tuple[Role, Role], happenings: list[int], data: st.DataObject
) -> None:
    a, b = two(pair)
    for number in happenings:
        perform(a, b, number)
        for side in (a, b):
            if side.post and data.draw(st.integers(0, 5)) == 0:
                side.post.popleft()
    wait_out(a, b)
    a.need()
    b.need()
    wait_out(a, b)
    # A lost wish or candidate is not missed by anybody: what media stall finds, a restart mends.
    a.tell(Input.RESTART)
    b.tell(Input.RESTART)
    wait_out(a, b)
    a.need()
    b.need()
    wait_out(a, b)
    assert_agreed(a, b)


@settings(max_examples=200, deadline=None)
@given(roles, moves, st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=4))
def test_both_rebuilding_at_any_time_meet_in_one_connection(
    pair: tuple[Role, Role], happenings: list[int], rebuilds: list[tuple[int, bool]]
) -> None:
    a, b = two(pair)
    for position, number in enumerate(happenings):
        perform(a, b, number)
        for when, first in rebuilds:
            if when == position:
                side = a if first else b
                side.tell(Input.FAILED)
                side.renew(side.number + 1)
    wait_out(a, b)
    assert_agreed(a, b)


@settings(max_examples=200, deadline=None)
@given(roles, moves, moves)
def test_a_reloaded_page_starts_over_while_its_old_signals_still_arrive(
    pair: tuple[Role, Role], before: list[int], after: list[int]
) -> None:
    a, b = two(pair)
    for number in before:
        perform(a, b, number)
    b.new_session("session-b-2", a)
    for number in after:
        perform(a, b, number)
    settle(a, b)
    assert_agreed(a, b)


def test_the_polite_side_gives_way_in_glare_and_offers_again() -> None:
    impolite, polite = two(PEERS)
    for side in (impolite, polite):
        side.need()
        side.work_once()
    assert [side.machine.state for side in (impolite, polite)] == [State.OFFERED, State.OFFERED]
    impolite.receive(polite.post.popleft())
    assert impolite.machine.state is State.OFFERED
    assert impolite.machine.flags.ignoring
    polite.receive(impolite.post.popleft())
    assert polite.machine.state is State.ANSWERING
    settle(impolite, polite)
    assert_agreed(impolite, polite)
    assert polite.made == 3, "its offer, its answer, its offer again"


def test_an_offer_may_follow_its_makers_answer_at_once() -> None:
    machine = Machine(Role.IMPOLITE, State.OFFERED)
    machine, _ = step(machine, Input.REMOTE_ANSWER)
    machine, actions = step(machine, Input.REMOTE_OFFER)
    assert machine.state is State.ANSWERING
    assert actions == (Action.SET_REMOTE, Action.FLUSH, Action.CREATE_ANSWER)


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (lambda: Machine(Role.POLITE), Action.QUEUE_CANDIDATE),
        (lambda: step(Machine(Role.POLITE), Input.REMOTE_OFFER)[0], Action.ADD_CANDIDATE),
        (lambda: step(Machine(Role.IMPOLITE, State.OFFERED), Input.REMOTE_OFFER)[0], Action.DROP_CANDIDATE),
        (lambda: Machine(Role.POLITE, State.BROKEN), Action.DROP_CANDIDATE),
    ],
)
def test_candidates_find_their_place(machine: Callable[[], Machine], expected: Action) -> None:
    before = machine()
    assert step(before, Input.REMOTE_CANDIDATE) == (before, (expected,))


def test_a_candidate_of_an_ignored_offer_may_fail_when_there_is_a_connection_already() -> None:
    machine, _ = step(Machine(Role.POLITE), Input.REMOTE_OFFER)
    machine = Machine(Role.IMPOLITE, State.OFFERED, machine.flags)
    machine, _ = step(machine, Input.REMOTE_OFFER)
    assert step(machine, Input.REMOTE_CANDIDATE)[1] == (Action.TRY_CANDIDATE,)


@pytest.mark.parametrize("role", Role)
def test_no_signal_is_impossible_whatever_the_other_side_does(role: Role) -> None:
    signals = (Input.REMOTE_OFFER, Input.REMOTE_ANSWER, Input.REMOTE_CANDIDATE, Input.WISH)
    for machine in reachable(role):
        for signal in signals:
            step(machine, signal)


@pytest.mark.parametrize("role", Role)
def test_whatever_fails_there_is_a_way_back(role: Role) -> None:
    for machine in reachable(role):
        failed, _ = step(machine, Input.FAILED)
        assert failed.state is State.BROKEN
        assert step(failed, Input.RENEWED) == (Machine(role), ())


def test_the_end_of_what_was_never_begun_is_refused() -> None:
    with pytest.raises(ImpossibleInputError):
        step(Machine(Role.POLITE), Input.ANSWER_MADE)


def test_two_rows_about_the_same_are_refused() -> None:
    with pytest.raises(ValueError, match="two rows"):
        expand((*ROWS, ROWS[0]))
    assert expand(ROWS) == TABLE


@pytest.mark.parametrize(
    ("signal", "verdict"),
    [
        (Heading("s", 1, 6), Verdict.FRESH),
        (Heading("s", 2, 6), Verdict.NEWER),
        (Heading("s", 1, 5), Verdict.STALE),
        (Heading("s", 0, 6), Verdict.STALE),
        (Heading("before", 1, 6), Verdict.UNKNOWN),
    ],
)
def test_what_is_late_doubled_or_foreign_does_not_count(signal: Heading, verdict: Verdict) -> None:
    assert judge(Heading("s", 1, 5), signal) is verdict
