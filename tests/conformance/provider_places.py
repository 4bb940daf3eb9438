"""The places where the suite of providers runs: a provider, and the service behind it, which can be spoilt and looked into.

An adapter joins with a function of its own (in a file `places_of_….py` beside this one) that opens its fake and yields a place,
and a line in `OPENERS`; one that asks nobody when a meeting is made (it only computes addresses) stands in `OFFLINE` too.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contract.clock import Clock, SystemClock
from meetings.provider import Layout, MeetingProvider, Trouble
from meetings.providers.builtin.provider import BuiltinProvider
from tests.conformance.places_of_jitsi import StandingPlace, jitsi_as_a_service, jitsi_of_ones_own
from tests.conformance.places_of_teams import teams_tenant
from tests.conformance.places_of_zoom import zoom_account
from tests.services.scripted_provider import AWAY, LOST, ScriptedProvider, ScriptedVendor


@dataclass(frozen=True)
class Thing:
    """What the service holds. `starts` are the instants in UTC, in order, of what is to come; empty for a standing room."""

    external_id: str
    title: str
    starts: tuple[datetime, ...]


class ProviderPlace(Protocol):
    @property
    def provider(self) -> MeetingProvider: ...

    @property
    def clock(self) -> Clock:
        """The one that the provider and its service go by."""

    @property
    def host_account(self) -> str | None:
        """An account there that may hold meetings; None: the host's own address does."""

    def things(self) -> Sequence[Thing]:
        """All that the service holds now, whatever made it."""

    def lose_answer(self) -> None:
        """The next request that makes or changes a meeting is done, but its answer never arrives."""

    def be_away(self) -> None:
        """The next request that makes or changes a meeting is not done, and the service says so: 503, or 429."""

    def refuse_all(self, trouble: Trouble) -> None:
        """From now on: CREDENTIALS, SCOPE or QUOTA, as the service says it."""

    def delete(self, external_id: str) -> None:
        """Somebody deletes it there."""

    def rename(self, external_id: str, title: str) -> None:
        """Somebody changes it there."""


Opener = Callable[[], AbstractAsyncContextManager[ProviderPlace]]


class ScriptedPlace:
    """The service in memory."""

    host_account: str | None = None

    def __init__(self, kind: Layout) -> None:
        self.clock: Clock = SystemClock()
        self.vendor = ScriptedVendor(self.clock)
        self.provider: MeetingProvider = ScriptedProvider(self.vendor.request, kind)

    def things(self) -> Sequence[Thing]:
        return [Thing(one.id, one.title, one.starts) for one in self.vendor.things.values()]

    def lose_answer(self) -> None:
        self.vendor.faults.append(LOST)

    def be_away(self) -> None:
        self.vendor.faults.append(AWAY)

    def refuse_all(self, trouble: Trouble) -> None:
        self.vendor.standing = trouble

    def delete(self, external_id: str) -> None:
        self.vendor.delete(external_id)

    def rename(self, external_id: str, title: str) -> None:
        self.vendor.rename(external_id, title)


@asynccontextmanager
async def scripted_each() -> AsyncIterator[ProviderPlace]:
    yield ScriptedPlace(Layout.EACH)


@asynccontextmanager
async def scripted_series() -> AsyncIterator[ProviderPlace]:
    yield ScriptedPlace(Layout.SERIES)


@asynccontextmanager
async def calls_of_our_own() -> AsyncIterator[ProviderPlace]:
    yield StandingPlace(BuiltinProvider(), SystemClock())


OPENERS: dict[str, Opener] = {
    "builtin": calls_of_our_own,
    "scripted-each": scripted_each,
    "scripted-series": scripted_series,
    "jitsi": jitsi_of_ones_own,
    "jaas": jitsi_as_a_service,
    "teams-event": lambda: teams_tenant("event"),
    "teams-meeting": lambda: teams_tenant("meeting"),
    "zoom": zoom_account,
}
OFFLINE: frozenset[str] = frozenset({"builtin", "jitsi", "jaas"})
"""Those that ask nobody when a meeting is made: nothing can get lost, be refused or vanish."""
