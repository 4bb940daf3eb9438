"""/livez and /readyz, with parts that fail, hang and come back."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from contract.clock import SystemClock
from realtime.bus.memory import MemoryBus
from server.health import Check, Health, bus_check, lag_check, migrations_check
from server.loop_lag import LoopLag
from tests.server.serving import serving


async def _well() -> str | None:
    return None


async def _unwell() -> str | None:
    return "not today"


async def _broken() -> str | None:
    raise ConnectionError("postgresql://user:canary@db")


async def _hanging() -> str | None:
    await asyncio.Event().wait()
    return None


async def test_all_well_is_ready() -> None:
    async with serving(Health({"database": _well, "bus": _well}, SystemClock())) as client:
        answer = await client.get("/readyz")
        body = await answer.json()
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert body["ready"] is True
    assert set(body["checks"]) == {"database", "bus", "draining"}
    assert all(check["ok"] for check in body["checks"].values())


@pytest.mark.parametrize(
    ("check", "problem"),
    [(_unwell, "not today"), (_broken, "ConnectionError"), (_hanging, "no answer within 0.05 s")],
)
async def test_one_part_that_is_not_well_makes_the_node_not_ready(check: Check, problem: str) -> None:
    async with serving(Health({"database": check, "bus": _well}, SystemClock(), patience=0.05)) as client:
        answer = await client.get("/readyz")
        body = await answer.json()
        alive = await client.get("/livez")
    assert answer.status == 503
    assert body["checks"]["database"]["problem"] == problem
    assert body["checks"]["bus"]["ok"] is True
    assert "canary" not in str(body)
    assert alive.status == 200


async def test_draining_is_told_at_once() -> None:
    health = Health({"database": _well}, SystemClock(), kept=3600)
    async with serving(health) as client:
        assert (await client.get("/readyz")).status == 200
        health.start_draining()
        answer = await client.get("/readyz")
        body = await answer.json()
    assert answer.status == 503
    assert body["checks"]["draining"] == {
        "ok": False,
        "seconds": 0.0,
        "problem": "the server is shutting down",
    }


async def test_many_questions_at_once_are_one_check() -> None:
    asked = 0

    async def counted() -> str | None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return None

    health = Health({"database": counted}, SystemClock(), kept=3600)
    await asyncio.gather(*(health.findings() for _ in range(50)))
    assert asked == 1


async def test_a_part_that_came_back_is_found_well_again() -> None:
    answers = iter(["away", None])

    async def recovering() -> str | None:
        return next(answers)

    health = Health({"bus": recovering}, SystemClock(), kept=0)
    assert (await health.findings())["bus"].problem == "away"
    assert (await health.findings())["bus"].problem is None


async def test_migrations_are_asked_for_until_they_are_current() -> None:
    answers = [True, False]

    async def pending() -> bool:
        return answers.pop(0)

    check = migrations_check(pending)
    assert "homeroom migrate" in (await check() or "")
    assert [await check(), await check()] == [None, None]
    assert answers == []


async def test_the_bus_counts_as_well_while_it_is_up() -> None:
    bus = MemoryBus("node_1")
    check = bus_check(bus)
    await bus.start()
    assert await check() is None
    await bus.close()


class _Jumping:
    """A clock on which every sleep takes two seconds."""

    def __init__(self) -> None:
        self._system = SystemClock()
        self._seconds = 0.0
        self.now = self._system.now

    def monotonic(self) -> float:
        self._seconds += 2.0
        return self._seconds


async def test_a_late_event_loop_is_not_ready() -> None:
    late: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    observe: Callable[[float], None] = lambda lag: None if late.done() else late.set_result(lag)  # noqa: E731  # typed
    lag = LoopLag(_Jumping(), observe)
    check: Callable[[], Awaitable[str | None]] = lag_check(lag)
    assert await check() is None
    await lag.start()
    assert await late == pytest.approx(1.75)
    assert await check() == "the event loop is late"
    await lag.close()
