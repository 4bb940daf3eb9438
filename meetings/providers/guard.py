"""What stands around every provider: calls are counted, an unforeseen error becomes a trouble, one that is away is left alone."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeVar

from contract.clock import Clock
from contract.errors import DomainError
from contract.meetings import MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import (
    Finding,
    Holding,
    Interval,
    Inventory,
    Layout,
    LinkSpec,
    MeetingProvider,
    Person,
    ProviderError,
    RecordedFile,
    Reference,
    Seen,
    Trouble,
)
from meetings.providers.breaker import Breaker

log = logging.getLogger(__name__)

T = TypeVar("T")

_SILENCE: Final = frozenset({Trouble.RETRY, Trouble.UNKNOWN})


class ProviderObserver(Protocol):
    """Counts, for the metrics."""

    def provider_called(self, provider: str, call: str, result: str, seconds: float) -> None:
        """`result`: ok, resting, or the trouble it ended with."""


class ProviderAway(ProviderError):
    """It was not asked, because it has not answered for a while. `retry_at` says when it is asked again."""


class Guarded:
    """A MeetingProvider that behaves, whatever the one inside does."""

    def __init__(
        self, inner: MeetingProvider, breaker: Breaker, clock: Clock, observer: ProviderObserver
    ) -> None:
        self._inner = inner
        self._breaker = breaker
        self._clock = clock
        self._observer = observer
        self.name = inner.name
        self.title = inner.title
        self.capabilities = inner.capabilities
        self.webhooks = inner.webhooks
        self.hosts = inner.hosts
        self.concurrent = inner.concurrent

    @property
    def inner(self) -> MeetingProvider:
        return self._inner

    @property
    def healthy(self) -> bool:
        return self._breaker.healthy

    def resting_until(self) -> datetime | None:
        """Until when it is left alone; None: it may be asked."""
        return self._breaker.peek()

    def layout(self, series: Series, slots: Sequence[Slot]) -> Layout:
        return self._inner.layout(series, slots)

    def notes(self, series: Series, slots: Sequence[Slot], policy: MeetingPolicy) -> Sequence[str]:
        return self._inner.notes(series, slots, policy)

    async def create(self, spec: LinkSpec) -> Reference:
        return await self._call("create", lambda: self._inner.create(spec), changes=True)

    async def find(self, spec: LinkSpec) -> Reference | None:
        return await self._call("find", lambda: self._inner.find(spec))

    async def update(self, reference: Reference, spec: LinkSpec) -> Reference:
        return await self._call("update", lambda: self._inner.update(reference, spec), changes=True)

    async def cancel(self, reference: Reference, spec: LinkSpec) -> None:
        await self._call("cancel", lambda: self._inner.cancel(reference, spec), changes=True)

    async def fetch(self, reference: Reference, spec: LinkSpec) -> Seen | None:
        return await self._call("fetch", lambda: self._inner.fetch(reference, spec))

    async def host_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return await self._call("host_url", lambda: self._inner.host_url(reference, spec, person, now))

    async def join_url(self, reference: Reference, spec: LinkSpec, person: Person, now: datetime) -> str:
        return await self._call("join_url", lambda: self._inner.join_url(reference, spec, person, now))

    async def end(self, reference: Reference, spec: LinkSpec) -> None:
        await self._call("end", lambda: self._inner.end(reference, spec), changes=True)

    async def attendance(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[Interval]:
        return await self._call("attendance", lambda: self._inner.attendance(reference, spec, session))

    async def recordings(self, reference: Reference, spec: LinkSpec, session: str) -> Sequence[RecordedFile]:
        return await self._call("recordings", lambda: self._inner.recordings(reference, spec, session))

    async def held(self) -> Sequence[Holding]:
        """Nothing where the provider cannot list what carries a marker."""
        inner = self._inner
        return await self._call("held", inner.held) if isinstance(inner, Inventory) else ()

    async def check(self) -> Sequence[Finding]:
        return await self._inner.check()

    async def close(self) -> None:
        await self._inner.close()

    async def _call(self, name: str, call: Callable[[], Awaitable[T]], *, changes: bool = False) -> T:
        resting = self._breaker.resting_until()
        if resting is not None:
            self._observer.provider_called(self.name, name, "resting", 0.0)
            raise ProviderAway(Trouble.RETRY, f"{self.title} has not answered for a while.", retry_at=resting)
        began = self._clock.monotonic()
        try:
            answer = await call()
        except Exception as error:
            trouble = self._told(name, error, changes)
            self._settle(name, began, trouble.trouble)
            raise trouble from (None if trouble is error else error)
        except BaseException:
            self._breaker.failed()  # cut short: nobody knows
            raise
        self._settle(name, began, None)
        return answer

    def _settle(self, name: str, began: float, trouble: Trouble | None) -> None:
        seconds = max(0.0, self._clock.monotonic() - began)
        result = "ok" if trouble is None else trouble.value
        self._observer.provider_called(self.name, name, result, seconds)
        if trouble in _SILENCE:
            if self._breaker.failed():
                log.warning("%s does not answer: it is left alone for a while", self.name)
        elif self._breaker.succeeded():
            log.info("%s answers again", self.name)

    def _told(self, name: str, error: Exception, changes: bool) -> ProviderError:
        if isinstance(error, ProviderError):
            return error
        if isinstance(error, DomainError):  # our own database is away, not the provider
            return ProviderError(Trouble.UNKNOWN if changes else Trouble.RETRY, error.message)
        if not isinstance(error, OSError | TimeoutError):
            log.error("%s: %s failed", self.name, name, exc_info=error)
        trouble = Trouble.UNKNOWN if changes else Trouble.RETRY
        return ProviderError(trouble, f"{self.title} could not be asked ({type(error).__name__}).")
