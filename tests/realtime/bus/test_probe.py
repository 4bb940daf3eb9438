"""The self-probe's arithmetic, and the waits between attempts."""

from contract.clock import SystemClock
from realtime.bus.probe import SILENCE_LIMIT, Probe
from realtime.bus.redis_wire import DIAL_SECONDS, Backoff
from tests.realtime.presence.nodes import ManualClock


def test_a_probe_that_comes_back_is_timed_once() -> None:
    clock = ManualClock()
    probe = Probe(clock)
    assert not probe.heard_lately()
    payload = probe.stamp()
    clock.move(0.25)
    assert probe.hear(payload)
    assert probe.seconds == 0.25
    assert probe.heard_lately()
    assert not probe.hear(payload)


def test_three_seconds_of_silence_are_deafness() -> None:
    clock = ManualClock()
    probe = Probe(clock)
    since = clock.monotonic()
    assert probe.patience(since) == SILENCE_LIMIT
    probe.hear(probe.stamp())
    clock.move(2)
    assert probe.heard_lately()
    assert probe.patience(since) == 1
    clock.move(1)
    assert not probe.heard_lately()
    assert probe.patience(since) == 0
    assert probe.patience(clock.monotonic()) == SILENCE_LIMIT, "a fresh subscription has the whole time"


def test_probes_of_others_and_old_ones_do_not_count() -> None:
    probe = Probe(SystemClock())
    first = probe.stamp()
    for _ in range(20):
        probe.stamp()
    for payload in (first, b"", b"0", b"-1", b"1e3", "²".encode(), b"9" * 5000, None, 7, b"x"):
        assert not probe.hear(payload)
    assert not probe.heard_lately()


def test_the_back_off_grows_and_leaves_time_to_reconnect_within_two_seconds() -> None:
    backoff = Backoff(chance=lambda: 1.0)
    waits = [backoff.next() for _ in range(40)]
    assert waits == sorted(waits)
    assert waits[0] < 0.1
    assert waits[-1] + DIAL_SECONDS < 2
    backoff.reset()
    assert backoff.next() == waits[0]
    assert Backoff(chance=lambda: 0.0).next() > 0
