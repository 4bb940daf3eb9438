"""The stand-in for Zoom refuses what Zoom refuses: otherwise what passes it would prove nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.services.fake_zoom import ACCOUNT, CLIENT, HOST, SECRET, FakeZoom, Fault

WEEKLY = {"type": 2, "repeat_interval": 1, "weekly_days": "3", "end_times": 4}
ONCE = {
    "topic": "Algebra",
    "type": 2,
    "start_time": "2026-12-01T09:00:00",
    "timezone": "Europe/Paris",
    "duration": 50,
}
SERIES = ONCE | {"type": 8, "recurrence": WEEKLY}


class Caller:
    """Signed in by hand."""

    def __init__(self, zoom: FakeZoom, session: aiohttp.ClientSession) -> None:
        self._zoom = zoom
        self._session = session
        self.token = ""

    async def sign_in(self) -> None:
        form = {"grant_type": "account_credentials", "account_id": ACCOUNT}
        login = {"Authorization": aiohttp.encode_basic_auth(CLIENT, SECRET)}
        async with self._session.post(f"{self._zoom.url}/oauth/token", data=form, headers=login) as answer:
            self.token = (await answer.json())["access_token"]

    async def __call__(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any, Any]:
        url, login = f"{self._zoom.url}/v2{path}", {"Authorization": f"Bearer {self.token}"}
        async with self._session.request(method, url, json=body, params=query, headers=login) as answer:
            told = await answer.json() if answer.content_type == "application/json" else {}
            return answer.status, told, answer.headers

    async def create(self, body: Any, host: str = HOST) -> tuple[int, Any, Any]:
        return await self("POST", f"/users/{host}/meetings", body)


@pytest.fixture
async def zoom() -> AsyncIterator[FakeZoom]:
    fake = FakeZoom()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def call(zoom: FakeZoom) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        caller = Caller(zoom, session)
        await caller.sign_in()
        yield caller


@pytest.mark.parametrize(
    "wrong",
    [
        {"user_id": HOST},
        {"start_time": "2026-12-01 09:00"},
        {"timezone": None},
        {"duration": "50"},
        {"duration": 1441},
        {"topic": "x" * 201},
        {"agenda": "x" * 2001},
        {"type": 4},
        {"settings": {"lobby": True}},
        {"recurrence": WEEKLY},
        {"type": 8},
        {"type": 8, "recurrence": WEEKLY | {"end_times": 61}},
        {"type": 8, "recurrence": WEEKLY | {"end_date_time": "2026-12-31T00:00:00Z"}},
        {"type": 8, "recurrence": WEEKLY | {"repeat_interval": 51}},
        {"type": 8, "recurrence": WEEKLY | {"weekly_days": "0"}},
        {"type": 8, "recurrence": {"type": 4, "end_times": 2}},
        {"type": 8, "recurrence": {"type": 3, "end_times": 2, "monthly_week": 5, "monthly_week_day": 1}},
    ],
)
async def test_bodies_that_the_reference_does_not_know_are_refused(
    zoom: FakeZoom, call: Caller, wrong: dict[str, Any]
) -> None:
    body = {name: value for name, value in (ONCE | wrong).items() if value is not None}
    status, told, _ = await call.create(body)
    assert (status, told["code"]) == (300, 300)
    assert zoom.meetings == {}
    assert zoom.mistakes


async def test_a_server_has_to_name_the_user(call: Caller) -> None:
    for host in ("me", "nobody@school.example"):
        status, told, _ = await call.create(ONCE, host)
        assert (status, told["code"]) == (404, 1001)


async def test_tokens_end_and_lack_scopes(zoom: FakeZoom, call: Caller) -> None:
    zoom.granted = frozenset({"meeting:read:meeting:admin"})
    status, told, _ = await call.create(ONCE)
    assert (status, told["code"]) == (400, 4711)
    zoom.tokens[call.token] = zoom.now
    status, told, _ = await call.create(ONCE)
    assert (status, told["code"]) == (401, 124)


async def test_a_start_that_has_passed_changes_nothing_and_is_written_down(
    zoom: FakeZoom, call: Caller
) -> None:
    _, made, _ = await call.create(SERIES)
    status, _, _ = await call(
        "PATCH", f"/meetings/{made['id']}", {"topic": "?", "start_time": "2026-01-01T09:00:00Z"}
    )
    assert status == 204
    assert zoom.meetings[made["id"]].body["topic"] == "Algebra"
    assert len(zoom.mistakes) == 1


async def test_a_single_date_takes_only_what_is_its_own(call: Caller) -> None:
    _, made, _ = await call.create(SERIES)
    known = made["occurrences"][0]["occurrence_id"]
    path = f"/meetings/{made['id']}"
    assert (await call("PATCH", path, {"topic": "?"}, occurrence_id=known))[0] == 300
    assert (await call("PATCH", path, {"duration": 20}, occurrence_id="17"))[0] == 400
    assert (await call("DELETE", path, occurrence_id="17"))[0] == 400
    assert (await call("PATCH", path, {"duration": 20}, occurrence_id=known))[0] == 204


async def test_the_hundred_and_first_of_a_day_is_told_when_to_come_back(zoom: FakeZoom, call: Caller) -> None:
    zoom.fill_day(HOST)
    status, _, headers = await call.create(ONCE)
    assert (status, headers["Retry-After"]) == (429, "2026-11-23T00:00:00Z")


async def test_deletions_of_one_host_that_overlap_are_refused(zoom: FakeZoom, call: Caller) -> None:
    first, second = [(await call.create(ONCE))[1] for _ in range(2)]
    zoom.hold = asyncio.Event()
    going = asyncio.create_task(call("DELETE", f"/meetings/{first['id']}"))
    await zoom.begun.wait()
    assert (await call("DELETE", f"/meetings/{second['id']}"))[0] == 429
    zoom.hold.set()
    assert (await going)[0] == 204
    assert (await call("DELETE", f"/meetings/{second['id']}"))[0] == 204


async def test_what_is_done_may_not_be_told(zoom: FakeZoom, call: Caller) -> None:
    zoom.faults.append(Fault("POST /users", lose=True))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call.create(ONCE)
    assert len(zoom.meetings) == 1


async def test_lists_show_the_beginning_of_agendas(call: Caller) -> None:
    await call.create(ONCE | {"agenda": "x" * 2000})
    _, told, _ = await call("GET", f"/users/{HOST}/meetings")
    assert len(told["meetings"][0]["agenda"]) == 250
