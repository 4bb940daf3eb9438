"""The two doors that need no token of ours: deliveries that are signed, and players that have a ticket."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import aiohttp
import pytest
import pytest_asyncio

from contract.meetings import Recording
from meetings.provider import Delivery, Receipt
from meetings.webhooks.inbox import Inbox
from meetings.webhooks.routes import WebhookDoor
from tests.meetings.after.desk import NINE, SECRET, Desk
from tests.realtime.school import ANA, TEACHER
from tests.server.serving import serving
from tests.services import file_host

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 100
BOX = "/api/v1/webhooks/scripted"


@pytest_asyncio.fixture
async def client(light_desk: Desk) -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(*light_desk.parts.after.mounts) as client:
        yield client


def signature(raw: bytes) -> dict[str, str]:
    return {"X-Signature": hmac.new(SECRET, raw, hashlib.sha256).hexdigest()}


async def test_a_delivery_is_answered_when_it_is_kept(
    light_desk: Desk, client: aiohttp.ClientSession
) -> None:
    await light_desk.meeting()
    raw = json.dumps([light_desk.happens("started", 0)]).encode()
    for _ in range(2):
        async with client.post(BOX, data=raw, headers=signature(raw)) as answer:
            assert (answer.status, await answer.read()) == (204, b"")
            assert answer.headers["Cache-Control"] == "no-store"
    assert await light_desk.webhooks() == [("waiting", None)]
    async with client.post(BOX, data=b'"ping"', headers=signature(b'"ping"')) as answer:
        assert await answer.json() == {"pong": True}


async def test_all_that_is_wrong_with_a_delivery_looks_alike(
    light_desk: Desk, client: aiohttp.ClientSession
) -> None:
    raw = b"[]"
    told = set()
    for headers in ({}, {"X-Signature": ""}, {"X-Signature": "0" * 64}, {"Authorization": "Bearer x"}):
        async with client.post(BOX, data=raw, headers=headers) as answer:
            problem = await answer.json()
            told.add((answer.status, problem["code"], problem["detail"]))
    assert len(told) == 1
    assert next(iter(told))[:2] == (401, "unauthorized")
    altered = signature(raw)
    async with client.post(BOX, data=b"[1]", headers=altered) as answer:
        assert answer.status == 401
    assert await light_desk.webhooks() == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/webhooks/builtin", 404),
        ("/api/v1/webhooks/unheard-of", 404),
        ("/api/v1/webhooks/%2e%2e", 404),
        ("/api/v1/webhooks/scripted/any/thing%20else", 204),
    ],
)
async def test_only_providers_that_tell_something_have_a_box(
    client: aiohttp.ClientSession, path: str, status: int
) -> None:
    async with client.post(path, data=b"[]", headers=signature(b"[]")) as answer:
        assert answer.status == status


async def test_a_body_has_bounds(client: aiohttp.ClientSession) -> None:
    raw = b"[" + b" " * 300_000 + b"]"
    async with client.post(BOX, data=raw, headers=signature(raw)) as answer:
        assert answer.status == 413
    async with client.put(BOX, data=b"[]", headers=signature(b"[]")) as answer:
        assert answer.status == 405


class Recalling:
    """Says what it was given; may take its time."""

    def __init__(self) -> None:
        self.given: Delivery | None = None
        self.gate: asyncio.Event | None = None

    async def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        self.given = delivery
        if self.gate is not None:
            await self.gate.wait()
        return Receipt(body=b"<ok/>", content_type="text/xml", key="k")

    def read(self, raw: bytes) -> list[object]:
        return []


async def test_a_provider_is_given_the_request_as_it_came(light_desk: Desk) -> None:
    light_desk.parts.providers.get("scripted").webhooks = box = Recalling()  # type: ignore[assignment]  # reads nothing
    async with serving(WebhookDoor(light_desk.inbox)) as client:
        raw = b"a=%C3%BC&b=\xff\x00"
        async with client.delete(
            f"{BOX}/conference/17?x=1&x=2&token=a%20b", data=raw, headers={"X-A": "ü"}
        ) as answer:
            assert (answer.status, answer.content_type) == (200, "text/xml")
    given = box.given
    assert given is not None
    assert (given.method, given.path, given.raw) == ("DELETE", "conference/17", raw)
    assert given.query == {"x": "1", "token": "a b"}
    assert given.headers["x-a"] == "ü"


async def test_what_cannot_be_kept_in_time_is_to_be_sent_again(light_desk: Desk) -> None:
    light_desk.parts.providers.get("scripted").webhooks = box = Recalling()  # type: ignore[assignment]  # reads nothing
    box.gate = asyncio.Event()
    inbox = Inbox(light_desk.parts.providers, light_desk.node.writer, light_desk.clock, seconds=0.05)
    async with serving(WebhookDoor(inbox)) as client, client.post(BOX, data=b"[]") as answer:
        assert answer.status == 503
    box.gate = None
    await light_desk.node.writer.close()  # as when the database is gone
    async with serving(WebhookDoor(light_desk.inbox)) as client, client.post(BOX, data=b"[]") as answer:
        assert answer.status == 503


# -------------------------------------------------------------------------------------------------------- the recordings


async def played(desk: Desk, *, kind: str = "video", content_type: str = "video/mp4") -> str:
    """The address of a recording that is here, for Ana."""
    async with file_host.serving() as host:
        url = host.put("/a", FILM)
        if content_type != "video/mp4":
            host.answers["/a"] = file_host.says(200, FILM, "application/octet-stream")
        meeting_id = await desk.meeting(recording=Recording.CLOUD)
        await desk.at(NINE + timedelta(hours=1))
        file = {"external_id": "f", "kind": kind, "url": url, "content_type": content_type}
        await desk.tell(desk.happens("recording_ready", 55, files=[file]))
    (one,) = (await desk.service.recordings(ANA, meeting_id)).items
    assert one.url is not None
    return one.url


async def test_a_recording_is_played_in_parts(
    light_desk: Desk, client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = await played(light_desk)
    async with client.get(url) as answer:
        assert (answer.status, answer.content_type) == (200, "video/mp4")
        assert await answer.read() == FILM
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("inline; filename=")
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "script" not in headers["Content-Security-Policy"]
    async with client.get(url, headers={"Range": "bytes=100-199"}) as answer:
        assert (answer.status, await answer.read()) == (206, FILM[100:200])
        assert answer.headers["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    async with client.get(url, headers={"Range": "bytes=-10"}) as answer:
        assert (answer.status, await answer.read()) == (206, FILM[-10:])
    async with client.get(url, headers={"Range": f"bytes={len(FILM)}-"}) as answer:
        assert answer.status == 416
    async with client.head(url) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(FILM)))
    ticket = url.partition("ticket=")[2]
    assert ticket not in caplog.text
    assert ticket.partition(".")[0] not in caplog.text


async def test_a_page_from_outside_is_only_saved(light_desk: Desk, client: aiohttp.ClientSession) -> None:
    url = await played(light_desk, kind="chat", content_type="text/html")
    async with client.get(url) as answer:
        assert (answer.status, answer.content_type) == (200, "application/octet-stream")
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


async def test_without_a_good_ticket_nothing_is_played(
    light_desk: Desk, client: aiohttp.ClientSession
) -> None:
    url = await played(light_desk)
    path, _, ticket = url.partition("?ticket=")
    body, _, signed_with = ticket.partition(".")
    bad = ["", "?ticket=", f"?ticket={body}", f"?ticket={body}.{signed_with[::-1]}", f"?ticket=x{ticket}"]
    for query in bad:
        async with client.get(path + query) as answer:
            assert answer.status == 401
    async with client.get(f"/api/v1/recordings/rec_other/file?ticket={ticket}") as answer:
        assert answer.status == 401
    light_desk.clock.move(3601)
    async with client.get(url) as answer:
        assert answer.status == 401


async def test_who_is_put_out_of_the_room_plays_nothing_more(
    light_desk: Desk, client: aiohttp.ClientSession
) -> None:
    url = await played(light_desk)
    await light_desk.node.rooms.remove_member(TEACHER, light_desk.room_id, "ana")
    async with client.get(url) as answer:
        assert answer.status == 404
