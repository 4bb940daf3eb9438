"""What providers of standing rooms are built with in tests: a schedule that answers, a memory, a clock that stands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
from jsonschema import Draft202012Validator

from contract.meetings import MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import Booked, LinkSpec, Person, Reference
from meetings.providers.surroundings import Surroundings

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 11, 24, 7, 48, tzinfo=UTC)
STARTS = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

TEACHER = Person("u-1", "Ada Lovelace", "ada@school.example", "https://school.example/ada.png", staff=True)
PUPIL = Person("u-2", "Ben", "ben@school.example")
NAMELESS = Person("u-3", "Cleo")

SCHEMAS: Mapping[str, Any] = json.loads((SAMPLES / "jitsi-jaas.schemas.json").read_text())["$defs"]


@dataclass
class StandingClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


@dataclass
class Memory:
    """Forgets what has expired, as the real one does."""

    clock: StandingClock
    kept: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        value, expires_at = self.kept.get(key, ("", NOW))
        return value if expires_at > self.clock.now() else None

    async def put(self, key: str, value: str, expires_at: datetime) -> None:
        self.kept[key] = (value, expires_at)

    async def add(self, key: str, amount: int, expires_at: datetime) -> int:
        raise AssertionError(f"{key}: nothing is counted here")


@dataclass
class Schedule:
    """Answers what a provider asks about rooms."""

    booked: dict[tuple[str, str], Booked] = field(default_factory=dict)

    async def __call__(self, provider: str, external_id: str) -> Booked | None:
        return self.booked.get((provider, external_id))

    def book(self, provider: str, reference: Reference, spec: LinkSpec, *, cancelled: bool = False) -> None:
        self.booked[provider, reference.external_id] = Booked(spec, reference, cancelled)


@dataclass
class Rig:
    """Everything that a provider is given."""

    clock: StandingClock = field(default_factory=StandingClock)
    schedule: Schedule = field(default_factory=Schedule)

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(
            clock=self.clock,
            memory=lambda name: self.memory,
            lookup=self.schedule,
            public_url="https://class.example",
            session=lambda: cast("aiohttp.ClientSession", None),
        )

    def __post_init__(self) -> None:
        self.memory = Memory(self.clock)


def slot(starts_at: datetime = STARTS, minutes: int = 60) -> Slot:
    wall = starts_at.replace(tzinfo=None) + timedelta(hours=1)
    return Slot(
        f"{wall:%Y-%m-%dT%H:%M}", wall, "Europe/Paris", starts_at, starts_at + timedelta(minutes=minutes)
    )


def spec(*slots: Slot, marker: str = "lnk_01", **policy: Any) -> LinkSpec:
    held = slots or (slot(), slot(STARTS + timedelta(days=7)))
    return LinkSpec(
        marker=marker,
        meeting_id="meet_1",
        title="World history",
        description="",
        series=Series(held[0].starts, "Europe/Paris", 60, "FREQ=WEEKLY;COUNT=2"),
        slots=held,
        host=TEACHER,
        policy=MeetingPolicy(**policy),
        link="https://class.example/m/meet_1",
    )


def conforms(value: object, schema: str) -> None:
    """Raises jsonschema's ValidationError when it does not."""
    Draft202012Validator(SCHEMAS[schema]).validate(value)


def sample(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads((SAMPLES / name).read_text()))
