"""Whole classes in Jitsi, from the schedule to who was there: a real node, and before it a Prosody and a JaaS."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import pytest
import pytest_asyncio

from tests.integration.people import Rest
from tests.services.fake_jaas import APP, FakeJaas
from tests.services.fake_prosody import FakeProsody, NotAllowed, room_event
from tests.services.homeroom import HomeroomServer

DOMAIN = "meet.school.example"
APP_SECRET = "an-app-secret-for-tests-of-32-bytes"
Json = dict[str, Any]
T = TypeVar("T")


class School:
    """A teacher, two pupils, and services that hold their classes."""

    def __init__(self, server: HomeroomServer, session: aiohttp.ClientSession, jaas: FakeJaas) -> None:
        self.server = server
        self.session = session
        self.jaas = jaas
        self.prosody = FakeProsody(DOMAIN, "homeroom", APP_SECRET, call=self._call)

    async def ask(self, method: str, path: str, who: str = "teacher", **options: Any) -> Json:
        role = "instructor" if who == "teacher" else "student"
        status, body, _ = await Rest(self.server, self.server.token(who, role=role)).call(
            method, path, **options
        )
        assert status < 300, body
        return body

    async def schedules(self, provider: str, minutes: int = 3, **more: Any) -> str:
        """A class that starts in so many minutes; its id."""
        starts = datetime.now(UTC) + timedelta(minutes=minutes)
        wish = {
            "title": "Algebra",
            "starts": f"{starts:%Y-%m-%dT%H:%M}",
            "zone": "UTC",
            "minutes": 60,
            "provider": provider,
            "people": [{"user_id": "ana"}, {"user_id": "ben"}],
            "accept_clashes": True,
        }
        made = await self.ask("POST", "/api/v1/meetings", json=wish | more)
        return str(made["meeting"]["id"])

    async def opens(self, meeting_id: str, who: str) -> str:
        """Where the link leads somebody, once it is made."""
        role = "instructor" if who == "teacher" else "student"
        headers = {"Authorization": f"Bearer {self.server.token(who, role=role)}"}

        async def leads() -> str | None:
            address = f"{self.server.url}/m/{meeting_id}"
            async with self.session.get(address, headers=headers, allow_redirects=False) as answer:
                return answer.headers.get("Location")

        return await until(leads)

    async def people(self, meeting_id: str, count: int) -> list[Json]:
        """Who was there, once so many stays have ended."""

        async def told() -> list[Json] | None:
            held = (await self.ask("GET", f"/api/v1/meetings/{meeting_id}/attendance"))["items"]
            people: list[Json] = held[0]["people"] if held else []
            ended = sum("left_at" in stay for one in people for stay in one["stays"])
            return people if held and "ended_at" in held[0] and ended == count else None

        return await until(told)

    async def jaas_tells(self, event: Json, signature: str | None = None) -> tuple[int, str]:
        raw = json.dumps(event).encode()
        headers = {"X-Jaas-Signature": signature or self.jaas.sign(raw, datetime.now(UTC))}
        address = f"{self.server.url}/api/v1/webhooks/jaas"
        async with self.session.post(address, data=raw, headers=headers) as answer:
            return answer.status, await answer.text()

    async def _call(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        address = f"{self.server.url}/api/v1/webhooks/jitsi/{path}"
        async with self.session.request(method, address, data=body, headers=headers) as answer:
            return answer.status, await answer.read()


async def until(ask: Callable[[], Awaitable[T | None]], seconds: float = 40) -> T:
    """Jobs are done soon, and nothing tells when."""
    end = time.monotonic() + seconds
    while (found := await ask()) is None:
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.05)
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[HomeroomServer, FakeJaas]]:
    """One for all tests: each has classes of its own."""
    jaas, folder = FakeJaas.new(), tmp_path_factory.mktemp("jitsi")
    environment = {
        "HOMEROOM_JITSI_URL": f"https://{DOMAIN}",
        "HOMEROOM_JITSI_APP_ID": "homeroom",
        "HOMEROOM_JITSI_APP_SECRET": APP_SECRET,
        "HOMEROOM_JAAS_APP_ID": APP,
        "HOMEROOM_JAAS_KEY_ID": jaas.key_id,
        "HOMEROOM_JAAS_PRIVATE_KEY_FILE": str(jaas.write_key(folder / "key.pem")),
        "HOMEROOM_JAAS_WEBHOOK_SECRET": jaas.secret,
        "HOMEROOM_LIMITS": "off",
        "HOMEROOM_LOG_LEVEL": "debug",
    }
    async with HomeroomServer(folder / "node", environment=environment) as server:
        yield server, jaas


@pytest_asyncio.fixture
async def school(node: tuple[HomeroomServer, FakeJaas]) -> AsyncIterator[School]:
    server, jaas = node
    async with aiohttp.ClientSession() as session:
        yield School(server, session, jaas)


async def test_a_class_is_held_in_jitsi_and_everything_told_twice_counts_once(school: School) -> None:
    meeting = await school.schedules("jitsi", policy={"lobby": True})
    links = [await school.opens(meeting, who) for who in ("teacher", "ana")]
    host, ana = (school.prosody.admit(link, datetime.now(UTC)) for link in links)
    assert (host.moderator, ana.moderator) == (True, False)
    assert host.room == ana.room
    reserved = await school.prosody.opens(host.room, datetime.now(UTC))
    assert reserved["lobby"] is True
    began = int(time.time())
    here = {"name": "Ana", "id": "ana", "occupant_jid": "a@meet/1", "joined_at": began + 1}
    gone = here | {"left_at": began + 61}
    events: list[tuple[str, str, Json]] = [
        ("room/created", "muc-room-created", {"created_at": began}),
        ("occupant/joined", "muc-occupant-joined", {"occupant": here, "active_occupants_count": 1}),
        ("occupant/left", "muc-occupant-left", {"occupant": gone, "active_occupants_count": 0}),
        (
            "room/destroyed",
            "muc-room-destroyed",
            {"created_at": began, "destroyed_at": began + 62, "all_occupants": [gone]},
        ),
    ]
    for path, name, more in [*events, *events]:
        assert await school.prosody.tells(path, room_event(DOMAIN, name, host.room, **more)) == 200
    assert await school.prosody.closes(host.room) == 200
    (person,) = await school.people(meeting, 1)
    assert (person["user"]["id"], person["seconds"]) == ("ana", 60)
    secrets = [APP_SECRET, *[link.partition("jwt=")[2] for link in links]]
    assert not [one for one in secrets if one in school.server.output()]
    assert f"/m/{meeting}" in school.server.output()


async def test_a_class_in_jaas_is_told_by_signed_deliveries_alone(school: School) -> None:
    meeting = await school.schedules("jaas", policy={"lobby": True})
    _, claims = school.jaas.admit(await school.opens(meeting, "ana"), datetime.now(UTC))
    fqn = f"{APP}/{claims['room']}"
    status, told = await school.jaas_tells({"fqn": fqn})
    assert (status, json.loads(told)["lobbyEnabled"]) == (200, True)
    now = int(time.time() * 1000)

    def event(kind: str, milliseconds: int, **data: Any) -> Json:
        common = {"customerId": "c", "appId": APP, "sessionId": "s-1", "fqn": fqn, "data": data}
        return common | {
            "idempotencyKey": f"{kind}-{milliseconds}",
            "eventType": kind,
            "timestamp": now + milliseconds,
        }

    forged = event("PARTICIPANT_JOINED", 0, id="ben", name="Ben")
    for signature in ("t=1,v1=x", school.jaas.sign(b"another body", datetime.now(UTC))):
        assert (await school.jaas_tells(forged, signature))[0] == 401
    events = [
        event("ROOM_DESTROYED", 62_000),  # in no order, each three times
        event("PARTICIPANT_LEFT", 61_000, id="ana", name="Ana", disconnectReason="left"),
        event("PARTICIPANT_JOINED", 1_000, id="ana", name="Ana", moderator=False),
        event("ROOM_CREATED", 0, conference=f"{claims['room']}@conference.{APP}.8x8.vc"),
    ]
    for one in [*events, *events, *events]:
        assert (await school.jaas_tells(one))[0] == 200
    (person,) = await school.people(meeting, 1)
    assert (person["user"]["id"], person["seconds"]) == ("ana", 60)


async def test_a_class_that_was_moved_or_cancelled_opens_no_room(school: School) -> None:
    meeting = await school.schedules("jitsi")
    room = school.prosody.admit(await school.opens(meeting, "ana"), datetime.now(UTC)).room
    later = datetime.now(UTC) + timedelta(hours=2, minutes=1)
    moved = {"starts": f"{later:%Y-%m-%dT%H:%M}", "accept_clashes": True}
    await school.ask("PATCH", f"/api/v1/meetings/{meeting}", json=moved)
    with pytest.raises(NotAllowed, match="Not yet: starts in "):
        await school.prosody.opens(room, datetime.now(UTC))
    await school.ask("DELETE", f"/api/v1/meetings/{meeting}")
    with pytest.raises(NotAllowed, match="cancelled"):
        await school.prosody.opens(room, datetime.now(UTC))
    with pytest.raises(NotAllowed, match="no such class"):
        await school.prosody.opens("catchup", datetime.now(UTC))
