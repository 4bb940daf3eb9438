"""A token that runs out on a live connection: warned of, told, and cut off after the grace."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from auth.identity import Identity
from auth.revocation import RevocationKind, Revocations, Revoked
from realtime.engine import Connection, Frame
from realtime.engine.frame import event as encode
from realtime.sessions import Session, Sessions
from tests.realtime.clocks import ManualClock
from tests.realtime.school import ANA, BEN, later

GRACE = 30.0


@dataclass
class Timer:
    at: float
    call: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Timers:
    """The loop's `call_later`, driven by the test's clock."""

    clock: ManualClock
    waiting: list[Timer] = field(default_factory=list)

    def call_later(self, delay: float, callback: Callable[..., None], *arguments: Any, **_: Any) -> Timer:
        timer = Timer(self.clock.monotonic() + delay, lambda: callback(*arguments))
        self.waiting.append(timer)
        return timer

    def move(self, seconds: float) -> None:
        """Moves the clock, stopping at each timer on the way."""
        until = self.clock.monotonic() + seconds
        while due := [one for one in self.waiting if not one.cancelled and one.at <= until]:
            first = min(due, key=lambda one: one.at)
            self.waiting.remove(first)
            self.clock.move(max(0.0, first.at - self.clock.monotonic()))
            first.call()
        self.clock.move(max(0.0, until - self.clock.monotonic()))


class Line:
    """A connection that keeps the types of what it is sent, and how it was closed."""

    def __init__(self, sid: str) -> None:
        self.sid = sid
        self.address = "192.0.2.1"
        self.told: list[str] = []
        self.closed: list[tuple[str, bool]] = []

    def send(self, event: Frame) -> None:
        self.told.append(event.encoded.split(b'"')[1].decode())

    async def close(self, reason: str, *, final: bool) -> None:
        self.closed.append((reason, final))


@pytest.fixture
async def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers(ManualClock())
    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", timers.call_later)
    return timers


@pytest.fixture
def revocations() -> Revocations:
    return Revocations()


@pytest.fixture
def sessions(timers: Timers, revocations: Revocations) -> Sessions:
    return Sessions(timers.clock, revocations, encode, GRACE)


def connected(
    sessions: Sessions, timers: Timers, seconds: float, who: Identity = ANA
) -> tuple[Session, Line]:
    """A session whose token runs out in so many seconds."""
    line = Line(f"sid-{len(sessions)}")
    now = timers.clock.now()
    identity = later(who, issued_at=now, expires_at=now + timedelta(seconds=seconds))
    session = Session(cast("Connection", line), identity)
    sessions.add(session)
    return session, line


async def test_somebody_is_warned_a_minute_before_told_at_the_end_and_cut_after_the_grace(
    sessions: Sessions, timers: Timers
) -> None:
    _, line = connected(sessions, timers, 600)
    timers.move(539.9)
    assert line.told == []
    timers.move(0.2)
    assert line.told == ["auth.expiring"]
    timers.move(59)
    assert line.told == ["auth.expiring"]
    timers.move(1)
    assert line.told == ["auth.expiring", "auth.expired"]
    timers.move(29)
    await asyncio.sleep(0)
    assert line.closed == []
    timers.move(1)
    await asyncio.sleep(0)
    assert line.told == ["auth.expiring", "auth.expired", "connection.error"]
    assert line.closed == [("token_expired", True)]


async def test_a_fresh_token_begins_anew(sessions: Sessions, timers: Timers) -> None:
    session, line = connected(sessions, timers, 600)
    timers.move(610)
    assert line.told == ["auth.expiring", "auth.expired"]
    expires = timers.clock.now() + timedelta(seconds=600)
    sessions.renew(session, later(ANA, expires_at=expires))
    timers.move(500)
    await asyncio.sleep(0)
    assert line.told == ["auth.expiring", "auth.expired"]
    assert line.closed == []
    timers.move(45)
    assert line.told[2:] == ["auth.expiring"]


async def test_a_token_that_is_short_lived_is_warned_of_at_once(sessions: Sessions, timers: Timers) -> None:
    _, line = connected(sessions, timers, 20)
    timers.move(0)
    assert line.told == ["auth.expiring"]
    timers.move(20)
    assert line.told == ["auth.expiring", "auth.expired"]


async def test_a_token_that_came_in_through_the_leeway_is_told_at_once(
    sessions: Sessions, timers: Timers
) -> None:
    _, line = connected(sessions, timers, -5)
    timers.move(0)
    assert line.told == ["auth.expired"]
    timers.move(25)
    await asyncio.sleep(0)
    assert line.closed == [("token_expired", True)]


async def test_a_wall_clock_that_is_set_is_noticed_within_a_minute(
    sessions: Sessions, timers: Timers
) -> None:
    _, line = connected(sessions, timers, 100_000)
    assert timers.waiting[0].at <= timers.clock.monotonic() + 60
    timers.move(3600)
    assert line.told == []


async def test_somebody_who_has_left_is_not_told_anything(sessions: Sessions, timers: Timers) -> None:
    session, line = connected(sessions, timers, 600)
    sessions.remove(session)
    timers.move(10_000)
    await asyncio.sleep(0)
    assert (line.told, line.closed) == ([], [])
    assert len(sessions) == 0
    assert sessions.of("ana") == []
    sessions.remove(session)


async def test_all_connections_of_a_person_are_theirs_and_nobody_else_s(
    sessions: Sessions, timers: Timers
) -> None:
    one, _ = connected(sessions, timers, 600)
    two, _ = connected(sessions, timers, 600)
    other, _ = connected(sessions, timers, 600, BEN)
    assert sessions.of("ana") == [one, two]
    assert list(sessions) == [one, two, other]
    assert sessions.by_sid(two.sid) is two
    sessions.remove(one)
    assert sessions.of("ana") == [two]


async def test_revoking_cuts_those_concerned_for_good(
    sessions: Sessions, timers: Timers, revocations: Revocations
) -> None:
    _, ana = connected(sessions, timers, 600)
    _, ben = connected(sessions, timers, 600, BEN)
    timers.move(1)
    revocations.apply(Revoked(RevocationKind.USER, "ana", timers.clock.now(), "admin"))
    sessions.cut_revoked()
    await asyncio.sleep(0)
    assert ana.closed == [("revoked", True)]
    assert ana.told == ["connection.error"]
    assert ben.closed == []
