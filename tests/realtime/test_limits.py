"""Token buckets, by arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import RateLimited
from contract.registry import COMMANDS, Limit
from realtime import limits
from realtime.limits import DEFAULTS, Limiter, Rate, Scope
from realtime.rest import Allowance
from tests.realtime.clocks import ManualClock

RATES = {
    Limit.SEND: {Scope.USER: Rate(2, 3), Scope.ROOM: Rate(1, 4), Scope.ADDRESS: Rate(10, 5)},
    Limit.READ: {Scope.USER: Rate(0.3, 1)},
}


class Counted:
    def __init__(self) -> None:
        self.limited: list[str] = []

    def rate_limited(self, limit: str) -> None:
        self.limited.append(limit)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def observer() -> Counted:
    return Counted()


@pytest.fixture
def limiter(clock: ManualClock, observer: Counted) -> Limiter:
    return Limiter(clock, observer, RATES)


def send(limiter: Limiter, user: str = "ana", room: str | None = "r", address: str = "a") -> Allowance | None:
    return limiter.check(Limit.SEND, user_id=user, room_id=room, address=address)


def refused(limiter: Limiter, user: str = "ana", room: str | None = "r", address: str = "a") -> int:
    with pytest.raises(RateLimited) as refusal:
        send(limiter, user, room, address)
    assert refusal.value.retryable
    assert refusal.value.retry_after_ms is not None
    return refusal.value.retry_after_ms


def test_a_burst_is_let_through_and_the_next_one_waits(limiter: Limiter, observer: Counted) -> None:
    for _ in range(3):
        send(limiter)
    assert refused(limiter) == 500
    assert observer.limited == [Limit.SEND]


def test_after_exactly_the_told_time_it_goes_through(limiter: Limiter, clock: ManualClock) -> None:
    for _ in range(3):
        send(limiter)
    wait = refused(limiter)
    clock.move((wait - 1) / 1000)
    assert refused(limiter) == 1
    clock.move(0.001)
    send(limiter)


@given(
    per_second=st.floats(0.01, 1000),
    burst=st.integers(1, 50),
    moves=st.lists(st.floats(0, 10), max_size=30),
)
def test_the_told_time_is_always_enough(per_second: float, burst: int, moves: list[float]) -> None:
    clock = ManualClock()
    limiter = Limiter(clock, Counted(), {Limit.SEND: {Scope.USER: Rate(per_second, burst)}})
    for move in moves:
        clock.move(move)
        try:
            send(limiter)
        except RateLimited as refusal:
            clock.move((refusal.retry_after_ms or 0) / 1000)
            assert send(limiter) is not None


@given(moves=st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_more_goes_through_than_the_burst_and_what_came_back(moves: list[float]) -> None:
    clock = ManualClock()
    limiter = Limiter(clock, Counted(), {Limit.SEND: {Scope.USER: Rate(2, 3)}})
    through = 0
    for move in moves:
        clock.move(move)
        for _ in range(10):
            try:
                send(limiter)
            except RateLimited:
                break
            through += 1
    assert through <= 3 + 2 * clock.monotonic() + 0.001


def test_a_refusal_takes_nothing_from_the_other_buckets(limiter: Limiter) -> None:
    for _ in range(3):
        send(limiter, "ana", None)
    for _ in range(5):
        refused(limiter, "ana", "r")
    for _ in range(2):  # two of the address's five are left, and all four of the room's
        send(limiter, "ben", "r")
    assert refused(limiter, "eve", "r") == 100


def test_each_person_room_and_address_has_buckets_of_its_own(limiter: Limiter) -> None:
    for number in range(4):
        send(limiter, f"u{number}", "r", f"a{number}")
    assert refused(limiter, "u9", "r", "a9") == 1000
    send(limiter, "u9", "other", "a9")
    for number in range(5):
        send(limiter, f"v{number}", f"r{number}", "one address")
    assert refused(limiter, "v9", "r9", "one address") == 100


def test_a_room_s_name_is_not_a_person_s(limiter: Limiter) -> None:
    for _ in range(3):
        send(limiter, "same", "x", "b")
    send(limiter, "other", "same", "same")


def test_what_is_left_of_the_scarcest_bucket_is_told(limiter: Limiter) -> None:
    assert send(limiter) == Allowance(3, 2, 0.5)
    assert send(limiter) == Allowance(3, 1, 1.0)


def test_a_limit_counts_only_the_scopes_that_it_names(limiter: Limiter, clock: ManualClock) -> None:
    limiter.check(Limit.READ, user_id="ana", room_id="r", address="a")
    limiter.check(Limit.READ, user_id="ben", room_id="r", address="a")
    with pytest.raises(RateLimited) as refusal:
        limiter.check(Limit.READ, user_id="ana", room_id="r", address="a")
    assert refusal.value.retry_after_ms == 3334
    assert limiter.check(Limit.READ, user_id=None, room_id=None, address="a") is None


def test_a_bucket_never_holds_more_than_its_burst(limiter: Limiter, clock: ManualClock) -> None:
    send(limiter)
    clock.move(1_000_000)
    for _ in range(3):
        send(limiter)
    refused(limiter)


def test_switched_off_everything_goes_through(clock: ManualClock, observer: Counted) -> None:
    limiter = Limiter(clock, observer, RATES, enabled=False)
    assert [send(limiter) for _ in range(1000)] == [None] * 1000
    assert observer.limited == []


def test_a_hostile_crowd_costs_a_bounded_number_of_buckets(
    limiter: Limiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_MOST_BUCKETS", 50)
    for number in range(500):
        send(limiter, f"u{number}", f"r{number}", f"a{number}")
    assert len(limiter._buckets) <= 50


def test_every_limit_has_figures_and_every_command_a_limit_by_person() -> None:
    assert DEFAULTS.keys() == set(Limit)
    for spec in COMMANDS.values():
        assert Scope.USER in DEFAULTS[spec.limit]


def test_a_classroom_behind_one_address_comes_in_and_talks(clock: ManualClock) -> None:
    """Three hundred people connect, join ten rooms each and say something, all in the same second."""
    limiter = Limiter(clock, Counted())
    for number in range(300):
        user = f"u{number}"
        limiter.check(Limit.CONNECT, user_id=None, room_id=None, address="school")
        limiter.check(Limit.CONNECT, user_id=user, room_id=None, address="school")
        for room in range(10):
            limiter.check(Limit.JOIN, user_id=user, room_id=f"r{room}", address="school")
        limiter.check(Limit.SEND, user_id=user, room_id="r0", address="school")
