"""Both kinds of Jitsi: rooms are there when somebody comes, so there is nothing behind them to look into."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from contract.clock import Clock, SystemClock
from meetings.linking.memory import PassingMemory
from meetings.provider import Booked, MeetingProvider, Trouble
from meetings.providers import jaas, jitsi
from meetings.providers.jaas.settings import JaasSettings
from meetings.providers.jitsi.settings import JitsiSettings
from meetings.providers.surroundings import Surroundings
from tests.services.fake_jaas import APP, FakeJaas

if TYPE_CHECKING:
    from tests.conformance.provider_places import ProviderPlace, Thing


class StandingPlace:
    """Holds nothing, whatever was asked for."""

    host_account: str | None = None

    def __init__(self, provider: MeetingProvider | None, clock: Clock) -> None:
        assert provider is not None
        self.provider = provider
        self.clock = clock

    def things(self) -> "Sequence[Thing]":
        return []

    def lose_answer(self) -> None:
        raise NotImplementedError("nothing is asked")

    def be_away(self) -> None:
        raise NotImplementedError("nothing is asked")

    def refuse_all(self, trouble: Trouble) -> None:
        raise NotImplementedError(f"nobody is there to say {trouble}")

    def delete(self, external_id: str) -> None:
        raise NotImplementedError(f"{external_id} is held by nobody")

    def rename(self, external_id: str, title: str) -> None:
        raise NotImplementedError(f"{external_id} has no title but {title}")


async def _nothing_booked(provider: str, external_id: str) -> Booked | None:
    return None


def _surroundings(session: aiohttp.ClientSession, clock: Clock) -> Surroundings:
    return Surroundings(
        clock, lambda _: PassingMemory(clock), _nothing_booked, "https://homeroom.example", lambda: session
    )


@asynccontextmanager
async def jitsi_of_ones_own() -> "AsyncIterator[ProviderPlace]":
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="Jitsi Meet")

    app = web.Application()
    app.router.add_get("/", page)
    clock = SystemClock()
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        settings = JitsiSettings(
            jitsi_url=f"http://127.0.0.1:{server.port}",
            jitsi_app_id="homeroom",
            jitsi_app_secret=SecretStr("a-secret-for-tests-of-at-least-32-bytes"),
        )
        yield StandingPlace(jitsi.build(settings, _surroundings(session, clock)), clock)


@asynccontextmanager
async def jitsi_as_a_service() -> "AsyncIterator[ProviderPlace]":
    fake, clock = FakeJaas.new(), SystemClock()
    with TemporaryDirectory() as folder:
        async with aiohttp.ClientSession() as session:
            settings = JaasSettings(
                jaas_app_id=APP,
                jaas_key_id=fake.key_id,
                jaas_private_key_file=fake.write_key(Path(folder) / "key.pem"),
                jaas_webhook_secret=SecretStr(fake.secret),
            )
            yield StandingPlace(jaas.build(settings, _surroundings(session, clock)), clock)
