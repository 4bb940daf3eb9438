"""A tenant on loopback, and the provider that is signed in there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from dateutil.rrule import rrulestr

from contract.meetings import MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import Booked, LinkSpec, Person
from meetings.providers.surroundings import Surroundings
from meetings.providers.teams import build
from meetings.providers.teams.adapter import TeamsProvider
from meetings.providers.teams.settings import TeamsSettings
from tests.services.fake_graph import CLIENT, ORGANIZER, SECRET, TENANT, FakeGraph

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class FixedClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


@dataclass
class Memory:
    kept: dict[str, str] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str, expires_at: datetime) -> None:
        self.kept[key] = value

    async def add(self, key: str, amount: int, expires_at: datetime) -> int:
        self.kept[key] = str(int(self.kept.get(key, "0")) + amount)
        return int(self.kept[key])


async def nothing_booked(provider: str, external_id: str) -> Booked | None:
    return None


@pytest.fixture
async def graph() -> AsyncIterator[FakeGraph]:
    fake = FakeGraph()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
async def provide(graph: FakeGraph, memory: Memory) -> AsyncIterator[Callable[..., Awaitable[TeamsProvider]]]:
    sessions: list[aiohttp.ClientSession] = []

    def session() -> aiohttp.ClientSession:
        if not sessions:
            sessions.append(aiohttp.ClientSession())
        return sessions[0]

    async def made(mode: str = "event", **changes: object) -> TeamsProvider:
        given = {
            "teams_tenant_id": TENANT,
            "teams_client_id": CLIENT,
            "teams_client_secret": SECRET,
            "teams_organizer": ORGANIZER,
            "teams_mode": mode,
            "teams_graph_url": f"{graph.url}/v1.0",
            "teams_authority_url": graph.url,
            **changes,
        }
        around = Surroundings(
            FixedClock(), lambda _name: memory, nothing_booked, "https://school.example", session
        )
        provider = build(TeamsSettings.model_validate(given), around)
        assert isinstance(provider, TeamsProvider)
        return provider

    yield made
    for one in sessions:
        await one.close()


def spec_of(
    rule: str | None = None,
    starts: str = "2026-12-01T09:00",
    zone: str = "Europe/Paris",
    *,
    title: str = "Algebra",
    policy: MeetingPolicy | None = None,
    without: tuple[str, ...] = (),
    moved: dict[str, str] | None = None,
    marker: str = "link_1",
) -> LinkSpec:
    """What a part of a series looks like to a provider; `moved` gives occurrences another wall time."""
    first = datetime.fromisoformat(starts)
    series = Series(first, zone, 50, rule)
    slots = []
    for wall in rrulestr(rule, dtstart=first) if rule else [first]:
        key = wall.strftime("%Y-%m-%dT%H:%M")
        if key in without:
            continue
        shown = datetime.fromisoformat((moved or {}).get(key, key))
        at = shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        slots.append(Slot(key, shown, zone, at, at + timedelta(minutes=50)))
    return LinkSpec(
        marker=marker,
        meeting_id="meet_1",
        title=title,
        description="",
        series=series,
        slots=slots,
        host=Person("t-7", "Noor Haddad", "noor@school.example", staff=True),
        policy=policy or MeetingPolicy(),
        link="https://school.example/m/meet_1",
    )
