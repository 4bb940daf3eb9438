"""Teams: a tenant on loopback, with entries in a calendar or with stand-alone meetings."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import aiohttp
from pydantic import SecretStr

from contract.clock import Clock, SystemClock
from meetings.linking.memory import PassingMemory
from meetings.provider import Booked, MeetingProvider, Trouble
from meetings.providers import teams
from meetings.providers.surroundings import Surroundings
from meetings.providers.teams.settings import TeamsSettings
from tests.services.fake_graph import CLIENT, ORGANIZER, SECRET, TENANT, FakeGraph

if TYPE_CHECKING:
    from tests.conformance.provider_places import ProviderPlace, Thing


class TeamsPlace:
    host_account: str | None = None

    def __init__(self, fake: FakeGraph, provider: MeetingProvider | None, clock: Clock, mode: str) -> None:
        assert provider is not None
        self.provider = provider
        self.clock = clock
        self._fake = fake
        self._events = mode == "event"

    def things(self) -> "Sequence[Thing]":
        from tests.conformance.provider_places import Thing

        if self._events:
            return [
                Thing(name, str(event["subject"]), tuple(self._fake.held(name)))
                for name, event in self._fake.events.items()
            ]
        return [
            Thing(name, str(meeting["subject"]), (datetime.fromisoformat(meeting["startDateTime"]),))
            for name, meeting in self._fake.meetings.items()
        ]

    def lose_answer(self) -> None:
        self._fake.lose = 1

    def be_away(self) -> None:
        self._fake.busy.append((503, {}))

    def refuse_all(self, trouble: Trouble) -> None:
        if trouble is Trouble.CREDENTIALS:
            self._fake.secret = "another"
        elif trouble is Trouble.SCOPE:
            self._fake.granted = frozenset()
        else:
            self._fake.busy += [(429, {"Retry-After": "60"})]

    def delete(self, external_id: str) -> None:
        del (self._fake.events if self._events else self._fake.meetings)[external_id]

    def rename(self, external_id: str, title: str) -> None:
        (self._fake.events if self._events else self._fake.meetings)[external_id]["subject"] = title


async def _nothing_booked(provider: str, external_id: str) -> Booked | None:
    return None


@asynccontextmanager
async def teams_tenant(mode: str) -> "AsyncIterator[ProviderPlace]":
    fake, clock = FakeGraph(), SystemClock()
    await fake.start()
    async with aiohttp.ClientSession() as session:
        settings = TeamsSettings(
            teams_tenant_id=TENANT,
            teams_client_id=CLIENT,
            teams_client_secret=SecretStr(SECRET),
            teams_organizer=ORGANIZER,
            teams_mode="event" if mode == "event" else "meeting",
            teams_graph_url=fake.url,
            teams_authority_url=fake.url,
        )
        memory = PassingMemory(clock)
        around = Surroundings(
            clock, lambda _: memory, _nothing_booked, "https://homeroom.example", lambda: session
        )
        yield TeamsPlace(fake, teams.build(settings, around), clock, mode)
    await fake.stop()
