"""What stands around every provider: one that is away is left alone, and whatever goes wrong inside is a trouble outside."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from contract.errors import InvalidInput
from meetings.linking.health import HealthBoard
from meetings.linking.memory import Memory, PassingMemory
from meetings.provider import ProviderError, Trouble
from meetings.providers.breaker import Breaker
from meetings.providers.guard import Guarded, ProviderAway
from meetings.providers.registry import Providers
from tests.meetings.linking.specs import once
from tests.realtime.clocks import ManualClock
from tests.realtime.school import Node
from tests.services.scripted_provider import ScriptedProvider, ScriptedVendor


class Counter:
    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []

    def provider_called(self, provider: str, call: str, result: str, seconds: float) -> None:
        self.calls.append((provider, call, result))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def guarded(clock: ManualClock, vendor: ScriptedVendor, counter: Counter | None = None) -> Guarded:
    breaker = Breaker(clock, lambda: 0.5)
    return Guarded(ScriptedProvider(vendor.request), breaker, clock, counter or Counter())


async def failing(call: Callable[[], Awaitable[Any]]) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        await call()
    return raised.value


async def test_after_five_failures_it_is_left_alone_for_a_while(clock: ManualClock) -> None:
    vendor, counter = ScriptedVendor(clock), Counter()
    provider = guarded(clock, vendor, counter)
    vendor.standing = Trouble.RETRY
    for _ in range(5):
        assert provider.healthy
        await failing(lambda: provider.create(once()))
    assert not provider.healthy
    away = await failing(lambda: provider.create(once()))
    assert isinstance(away, ProviderAway)
    assert away.retry_at == clock.now() + timedelta(seconds=15)
    assert len(vendor.requests) == 5
    assert counter.calls[-2:] == [("scripted", "create", "retry"), ("scripted", "create", "resting")]


async def test_after_the_rest_one_call_finds_out_and_then_all_may(clock: ManualClock) -> None:
    vendor = ScriptedVendor(clock)
    provider = guarded(clock, vendor)
    vendor.standing = Trouble.RETRY
    for _ in range(5):
        await failing(lambda: provider.find(once()))
    clock.move(15)
    others: list[ProviderError] = []

    async def somebody_else_asks_meanwhile(_verb: str) -> None:
        vendor.before = None
        others.append(await failing(lambda: provider.find(once())))

    vendor.before = somebody_else_asks_meanwhile
    vendor.standing = None
    assert await provider.find(once()) is None
    assert isinstance(others[0], ProviderAway)
    assert provider.healthy
    assert await provider.find(once()) is None


async def test_rests_grow_but_stay_short_enough_to_notice(clock: ManualClock) -> None:
    breaker = Breaker(clock, lambda: 0.5)
    rests = []
    for _ in range(4):
        breaker.failed()
    for _ in range(5):
        assert breaker.failed()
        until = breaker.resting_until()
        assert until is not None
        rests.append((until - clock.now()).total_seconds())
        clock.move(rests[-1])
        assert breaker.resting_until() is None
    assert rests == [15, 30, 60, 60, 60]


@pytest.mark.parametrize("trouble", [Trouble.SCOPE, Trouble.CREDENTIALS, Trouble.REFUSED, Trouble.QUOTA])
async def test_one_that_refuses_is_not_away(clock: ManualClock, trouble: Trouble) -> None:
    vendor = ScriptedVendor(clock)
    provider = guarded(clock, vendor)
    vendor.standing = trouble
    for _ in range(10):
        assert (await failing(lambda: provider.create(once()))).trouble is trouble
    assert provider.healthy


@pytest.mark.parametrize("error", [ValueError("a mistake"), TimeoutError(), ConnectionResetError()])
async def test_an_unforeseen_error_is_a_trouble(clock: ManualClock, error: Exception) -> None:
    vendor = ScriptedVendor(clock)
    provider = guarded(clock, vendor)

    async def fails(_verb: str) -> None:
        raise error

    vendor.before = fails
    assert (await failing(lambda: provider.create(once()))).trouble is Trouble.UNKNOWN
    assert (await failing(lambda: provider.find(once()))).trouble is Trouble.RETRY


async def test_a_name_that_is_not_configured_is_for_people_to_mend(clock: ManualClock) -> None:
    providers = Providers([ScriptedProvider(ScriptedVendor(clock).request)], clock)
    assert providers.get("scripted").title == "Scripted"
    with pytest.raises(InvalidInput) as raised:
        providers.get("elsewhere")
    assert raised.value.fields == {"provider": "must be one of scripted"}


async def test_what_one_process_finds_out_others_show(clock: ManualClock) -> None:
    memory = PassingMemory(clock)
    vendor = ScriptedVendor(clock)
    here = Providers([ScriptedProvider(vendor.request)], clock)
    there = Providers([ScriptedProvider(vendor.request)], clock)
    boards = [HealthBoard(one, memory, clock) for one in (here, there)]

    async def look() -> None:
        for board in boards:
            await board.look()

    vendor.standing = Trouble.RETRY
    for _ in range(5):
        await failing(lambda: here.get("scripted").create(once()))
    await look()
    assert (here.healthy("scripted"), there.healthy("scripted")) == (False, False)
    vendor.standing = None
    clock.move(20)
    await here.get("scripted").create(once())
    await look()
    assert (here.healthy("scripted"), there.healthy("scripted")) == (True, True)


async def test_memory_is_kept_until_it_expires_and_adds_up(node: Node) -> None:
    clock = node.clock
    assert isinstance(clock, ManualClock)
    memory = Memory("scripted", node.database, node.writer, clock)
    other = Memory("spare", node.database, node.writer, clock)
    soon = clock.now() + timedelta(hours=1)
    await memory.put("token", "first", soon)
    await memory.put("token", "second", soon)
    assert (await memory.get("token"), await other.get("token")) == ("second", None)
    assert [await memory.add("day", 2, soon) for _ in range(3)] == [2, 4, 6]
    clock.move(3600)
    assert await memory.get("token") is None
    assert await memory.add("day", 1, clock.now() + timedelta(hours=1)) == 1
