"""Zoom: an account on loopback."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
from pydantic import SecretStr

from contract.clock import Clock, SystemClock
from meetings.linking.memory import PassingMemory
from meetings.provider import Booked, MeetingProvider, Trouble
from meetings.providers import zoom
from meetings.providers.surroundings import Surroundings
from meetings.providers.zoom.settings import ZoomSettings
from tests.services.fake_zoom import ACCOUNT, CLIENT, HOST, SECRET, FakeZoom, Fault

if TYPE_CHECKING:
    from tests.conformance.provider_places import ProviderPlace, Thing

_MAKES_OR_CHANGES = ("POST /users", "PATCH /meetings")


class ZoomPlace:
    host_account: str | None = HOST

    def __init__(self, fake: FakeZoom, provider: MeetingProvider | None, clock: Clock) -> None:
        assert provider is not None
        self.provider = provider
        self.clock = clock
        self._fake = fake

    def things(self) -> "Sequence[Thing]":
        from tests.conformance.provider_places import Thing

        return [
            Thing(str(number), str(one.body["topic"]), tuple(self._fake.starts(number)))
            for number, one in self._fake.meetings.items()
        ]

    def lose_answer(self) -> None:
        self._fake.faults.append(Fault(_MAKES_OR_CHANGES, lose=True))

    def be_away(self) -> None:
        self._fake.faults.append(Fault(_MAKES_OR_CHANGES, status=503))

    def refuse_all(self, trouble: Trouble) -> None:
        if trouble is Trouble.CREDENTIALS:
            self._fake.secret = "another"
        elif trouble is Trouble.SCOPE:
            self._fake.granted = frozenset({"user:read:user:admin"})
        else:
            self._fake.fill_day(HOST)
        self._fake.revoke_tokens()

    def delete(self, external_id: str) -> None:
        del self._fake.meetings[int(external_id)]

    def rename(self, external_id: str, title: str) -> None:
        self._fake.meetings[int(external_id)].body["topic"] = title


async def _nothing_booked(provider: str, external_id: str) -> Booked | None:
    return None


@asynccontextmanager
async def zoom_account() -> "AsyncIterator[ProviderPlace]":
    fake, clock = FakeZoom(now=datetime.now(UTC)), SystemClock()
    await fake.start()
    async with aiohttp.ClientSession() as session:
        settings = ZoomSettings(
            zoom_account_id=ACCOUNT,
            zoom_client_id=CLIENT,
            zoom_client_secret=SecretStr(SECRET),
            zoom_api_url=fake.url,
            zoom_oauth_url=fake.url,
        )
        memory = PassingMemory(clock)
        around = Surroundings(
            clock, lambda _: memory, _nothing_booked, "https://homeroom.example", lambda: session
        )
        yield ZoomPlace(fake, zoom.build(settings, around), clock)
    await fake.stop()
    assert fake.mistakes == []
