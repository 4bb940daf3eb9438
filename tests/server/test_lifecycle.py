"""Stopping: in order, in time, whatever fails on the way."""

import asyncio
import os
import signal

from contract.clock import SystemClock
from server.lifecycle import Step, StopSignal, stop

CLOCK = SystemClock()


def _step(name: str, done: list[str]) -> Step:
    async def run() -> None:
        done.append(name)

    return Step(name, run)


async def _hang() -> None:
    await asyncio.Event().wait()


async def _fail() -> None:
    raise OSError("no more disk")


async def test_steps_run_in_order() -> None:
    done: list[str] = []
    assert await stop(
        [_step("readiness", done), _step("engine", done), _step("database", done)], seconds=5, clock=CLOCK
    )
    assert done == ["readiness", "engine", "database"]


async def test_a_step_that_fails_does_not_keep_the_others_from_running() -> None:
    done: list[str] = []
    assert not await stop([Step("bus", _fail), _step("database", done)], seconds=5, clock=CLOCK)
    assert done == ["database"]


async def test_a_step_that_hangs_is_given_up_after_its_patience() -> None:
    done: list[str] = []
    steps = [Step("engine", _hang, patience=0.01), _step("database", done)]
    assert not await stop(steps, seconds=60, clock=CLOCK)
    assert done == ["database"]


async def test_what_is_left_of_the_time_bounds_all_steps() -> None:
    done: list[str] = []
    assert not await stop([Step("engine", _hang), _step("database", done)], seconds=0, clock=CLOCK)
    assert done == ["database"]


async def test_a_second_signal_ends_the_patience() -> None:
    signals, began = StopSignal(), asyncio.Event()
    done: list[str] = []

    async def wait_for_ever() -> None:
        began.set()
        await _hang()

    stopping = asyncio.create_task(
        stop(
            [Step("engine", wait_for_ever), _step("database", done)],
            seconds=3600,
            clock=CLOCK,
            hurry=signals.wait_for_hurry(),
        )
    )
    signals.notify()
    await began.wait()
    assert not stopping.done()
    signals.notify()
    assert not await stopping
    assert done == ["database"]


async def test_sigterm_is_noticed() -> None:
    signals = StopSignal()
    signals.install()
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(signals.wait(), 5)
    finally:
        signals.remove()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
