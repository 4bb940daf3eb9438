"""Token buckets: how often a person, a room and an address may ask for something.

The figures fit a classroom of several hundred behind one address: an address is generous, a person is not. Each node
counts for itself, so on n nodes somebody who spreads over all of them gets up to n times as much.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from contract.clock import Clock
from contract.errors import RateLimited
from contract.registry import Limit
from realtime.rest import Allowance

_MOST_BUCKETS = 100_000
"""The least recently used one is forgotten beyond this: a hostile crowd costs a bounded amount of memory."""


class Scope(StrEnum):
    USER = "user"
    ROOM = "room"
    ADDRESS = "address"


@dataclass(frozen=True)
class Rate:
    """A full bucket holds `burst` tokens and regains `per_second`."""

    per_second: float
    burst: int


DEFAULTS: Mapping[Limit, Mapping[Scope, Rate]] = {
    Limit.CONNECT: {Scope.USER: Rate(1, 30), Scope.ADDRESS: Rate(100, 2000)},
    Limit.SIGN_IN: {Scope.USER: Rate(0.5, 10), Scope.ADDRESS: Rate(20, 400)},
    Limit.READ: {Scope.USER: Rate(20, 200), Scope.ADDRESS: Rate(1000, 8000)},
    Limit.SEND: {Scope.USER: Rate(5, 20), Scope.ROOM: Rate(50, 300), Scope.ADDRESS: Rate(200, 2000)},
    Limit.CHANGE: {Scope.USER: Rate(5, 40), Scope.ADDRESS: Rate(200, 2000)},
    Limit.REACT: {Scope.USER: Rate(5, 20), Scope.ROOM: Rate(100, 500), Scope.ADDRESS: Rate(200, 2000)},
    Limit.TYPING: {Scope.USER: Rate(2, 10), Scope.ROOM: Rate(50, 200), Scope.ADDRESS: Rate(200, 1000)},
    Limit.MARK: {Scope.USER: Rate(10, 60), Scope.ADDRESS: Rate(500, 4000)},
    Limit.JOIN: {Scope.USER: Rate(20, 400), Scope.ADDRESS: Rate(1000, 20_000)},
    Limit.CREATE: {Scope.USER: Rate(0.2, 20), Scope.ADDRESS: Rate(20, 400)},
    Limit.SEARCH: {Scope.USER: Rate(1, 15), Scope.ADDRESS: Rate(50, 500)},
    Limit.CALL: {Scope.USER: Rate(5, 60), Scope.ADDRESS: Rate(500, 5000)},
    Limit.SIGNAL: {Scope.USER: Rate(50, 400), Scope.ADDRESS: Rate(5000, 40_000)},
}


@dataclass
class Bucket:
    """Tokens as they were at `at`, in the clock's monotonic seconds."""

    tokens: float
    at: float

    def refill(self, rate: Rate, now: float) -> None:
        self.tokens = min(float(rate.burst), self.tokens + (now - self.at) * rate.per_second)
        self.at = now


class LimitObserver(Protocol):
    def rate_limited(self, limit: str) -> None: ...


class Limiter:
    """All buckets of this node."""

    def __init__(
        self,
        clock: Clock,
        observer: LimitObserver,
        rates: Mapping[Limit, Mapping[Scope, Rate]] = DEFAULTS,
        *,
        enabled: bool = True,
    ) -> None:
        self._clock = clock
        self._observer = observer
        self._rates = rates
        self._enabled = enabled
        self._buckets: OrderedDict[tuple[Limit, Scope, str], Bucket] = OrderedDict()

    def check(
        self, limit: Limit, *, user_id: str | None, room_id: str | None, address: str
    ) -> Allowance | None:
        """Takes one token from each bucket that is concerned, or none at all. Returns what is left of the scarcest.

        Raises:
            RateLimited: a bucket is empty; `retry_after_ms` is when it will not be.
        """
        if not self._enabled:
            return None
        now = self._clock.monotonic()
        named = ((Scope.USER, user_id), (Scope.ROOM, room_id), (Scope.ADDRESS, address))
        concerned = [
            (self._rates[limit][scope], self._bucket(limit, scope, name, now))
            for scope, name in named
            if name is not None and scope in self._rates[limit]
        ]
        wait = max(((1 - bucket.tokens) / rate.per_second for rate, bucket in concerned), default=0.0)
        milliseconds = math.ceil(round(wait * 1000, 3))  # sums of floats: a millionth of a second is none
        if milliseconds > 0:
            self._observer.rate_limited(limit)
            raise RateLimited(retry_after_ms=milliseconds)
        for _, bucket in concerned:
            bucket.tokens -= 1
        return _scarcest(concerned)

    def _bucket(self, limit: Limit, scope: Scope, name: str, now: float) -> Bucket:
        key = (limit, scope, name)
        rate = self._rates[limit][scope]
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(float(rate.burst), now)
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
            bucket.refill(rate, now)
        return bucket


def _scarcest(concerned: Iterable[tuple[Rate, Bucket]]) -> Allowance | None:
    left = [
        Allowance(rate.burst, int(bucket.tokens), (rate.burst - bucket.tokens) / rate.per_second)
        for rate, bucket in concerned
    ]
    return min(left, key=lambda allowance: allowance.remaining, default=None)
