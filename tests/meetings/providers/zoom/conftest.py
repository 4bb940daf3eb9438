"""An account on loopback, and the provider that is signed in there."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from dateutil.rrule import rrulestr

from contract.meetings import MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import Booked, LinkSpec, Person
from meetings.providers.surroundings import Surroundings
from meetings.providers.zoom import build
from meetings.providers.zoom.adapter import ZoomProvider
from meetings.providers.zoom.settings import ZoomSettings
from tests.services.fake_zoom import ACCOUNT, CLIENT, HOST, SECRET, FakeZoom

WEBHOOKS = Path(__file__).parents[3] / "data" / "zoom" / "webhooks"


@dataclass
class Clock:
    """The same as that of the account."""

    zoom: FakeZoom
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.zoom.now

    def monotonic(self) -> float:
        return self.seconds

    def move(self, by: timedelta) -> None:
        self.zoom.now += by
        self.seconds += by.total_seconds()


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
async def zoom() -> AsyncIterator[FakeZoom]:
    fake = FakeZoom()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def clock(zoom: FakeZoom) -> Clock:
    return Clock(zoom)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
async def provide(zoom: FakeZoom, clock: Clock, memory: Memory) -> AsyncIterator[Callable[..., ZoomProvider]]:
    sessions: list[aiohttp.ClientSession] = []

    def session() -> aiohttp.ClientSession:
        if not sessions:
            sessions.append(aiohttp.ClientSession())
        return sessions[0]

    def made(**changes: object) -> ZoomProvider:
        given = {
            "zoom_account_id": ACCOUNT,
            "zoom_client_id": CLIENT,
            "zoom_client_secret": SECRET,
            "zoom_api_url": f"{zoom.url}/v2",
            "zoom_oauth_url": f"{zoom.url}/oauth/token",
            **changes,
        }
        around = Surroundings(clock, lambda _name: memory, nothing_booked, "https://school.example", session)
        provider = build(ZoomSettings.model_validate(given), around)
        assert isinstance(provider, ZoomProvider)
        return provider

    yield made
    for one in sessions:
        await one.close()


@pytest.fixture
def provider(provide: Callable[..., ZoomProvider]) -> ZoomProvider:
    return provide()


def spec_of(
    rule: str | None = None,
    starts: str = "2026-12-01T09:00",
    zone: str = "Europe/Paris",
    *,
    title: str = "Algebra",
    description: str = "",
    policy: MeetingPolicy | None = None,
    without: tuple[str, ...] = (),
    moved: dict[str, str] | None = None,
    marker: str = "link_1",
    minutes: int = 50,
    host_account: str | None = None,
    alternative_hosts: tuple[str, ...] = (),
) -> LinkSpec:
    """What a part of a series looks like to a provider; `moved` gives occurrences another wall time."""
    first = datetime.fromisoformat(starts)
    slots = slots_of(rule, first, zone, minutes, without=without, moved=moved)
    return LinkSpec(
        marker=marker,
        meeting_id="meet_1",
        title=title,
        description=description,
        series=Series(first, zone, minutes, rule),
        slots=slots,
        host=Person("t-7", "Noor Haddad", HOST, staff=True),
        policy=policy or MeetingPolicy(),
        link="https://school.example/m/meet_1",
        alternative_hosts=alternative_hosts,
        host_account=host_account,
    )


def slots_of(
    rule: str | None,
    first: datetime,
    zone: str,
    minutes: int = 50,
    *,
    without: tuple[str, ...] = (),
    moved: dict[str, str] | None = None,
) -> list[Slot]:
    slots = []
    for wall in rrulestr(rule, dtstart=first) if rule else [first]:
        key = wall.strftime("%Y-%m-%dT%H:%M")
        if key in without:
            continue
        shown = datetime.fromisoformat((moved or {}).get(key, key))
        at = shown.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        slots.append(Slot(key, shown, zone, at, at + timedelta(minutes=minutes)))
    return slots
