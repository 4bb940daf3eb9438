"""The receiving half: one subscribed connection, replaced within two seconds whenever it is lost or deaf."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contract.clock import Clock
from realtime.bus.probe import Probe
from realtime.bus.redis_wire import DIAL_SECONDS, LOST, Backoff, Dial, Wire, hang_up
from realtime.bus.seldom import Seldom

_LOG = logging.getLogger(__name__)

_GRACE = 0.5
"""Seconds in which what piled up while this process stood still is read before the silence is blamed on Redis."""

_BREATH = 128
"""Notices after which the event loop gets a turn, for a full buffer is read without waiting."""


class Deaf(OSError):
    """The connection is alive, but the own probe did not come back through it."""


@dataclass(frozen=True)
class Subscription:
    """What to listen to. `receive(channel, payload)` is called for everything that arrives."""

    channels: Sequence[str]
    sharded: bool
    receive: Callable[[bytes, object], None]
    began: Callable[[], None]
    """Called each time the subscription stands."""
    lost: Callable[[], None]


class Listener:
    """Runs until cancelled."""

    def __init__(self, dial: Dial, subscription: Subscription, probe: Probe, clock: Clock) -> None:
        self._dial = dial
        self._subscription = subscription
        self._probe = probe
        self._clock = clock
        self._backoff = Backoff()
        self._seldom = Seldom(_LOG, clock)

    async def run(self) -> None:
        while True:
            try:
                await self._session()
            except LOST as problem:
                # The class alone: a message of the driver may quote the address or the user.
                self._seldom.warning("bus: no subscription, %s", type(problem).__name__)
            except Exception as problem:
                self._seldom.warning("bus: the listener failed with %s", type(problem).__name__)
            await asyncio.sleep(self._backoff.next())

    async def _session(self) -> None:
        wire = await self._dial()
        try:
            async with asyncio.timeout(DIAL_SECONDS):
                await self._subscribe(wire)
            self._subscription.began()
            try:
                await self._listen(wire)
            finally:
                self._subscription.lost()
        finally:
            await hang_up(wire)

    async def _subscribe(self, wire: Wire) -> None:
        verb = "SSUBSCRIBE" if self._subscription.sharded else "SUBSCRIBE"
        channels = self._subscription.channels
        await wire.send_packed_command(wire.pack_commands([verb, channel] for channel in channels))
        confirmed = 0
        while confirmed < len(channels):
            reply = await wire.read_response()
            if isinstance(reply, list) and reply[0] in {b"subscribe", b"ssubscribe"}:
                confirmed += 1
            else:
                self._take(reply)

    async def _listen(self, wire: Wire) -> None:
        since = self._clock.monotonic()
        overdue_since: float | None = None
        read = 0
        while True:
            patience = self._probe.patience(since)
            if patience > 0:
                overdue_since = None
            else:
                now = self._clock.monotonic()
                overdue_since = now if overdue_since is None else overdue_since
                patience = overdue_since + _GRACE - now
                if patience <= 0:
                    raise Deaf
            reply = await wire.read_response(timeout=patience)
            if reply is not None:
                self._take(reply)
                if self._probe.heard_since(since):
                    self._backoff.reset()  # Only now: a server that accepts and hangs up is not worth a hurry.
                read += 1
                if read % _BREATH == 0:
                    await asyncio.sleep(0)

    def _take(self, reply: object) -> None:
        if isinstance(reply, list) and len(reply) == 3 and reply[0] in {b"message", b"smessage"}:
            self._subscription.receive(reply[1], reply[2])
