"""A class that somebody else's service carried, on a running server: from its signed webhooks to the film in the room."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest_asyncio

from tests.integration.people import Json, Rest, School, eventually
from tests.services import file_host
from tests.services.fake_zoom import ACCOUNT, CLIENT, HOST, SECRET, FakeZoom
from tests.services.file_host import FileHost
from tests.services.homeroom import HomeroomServer

WEBHOOK_SECRET = "the-secret-of-the-event-subscription"
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 2000
UUID = "/ajXp112QmuoKj4854875=="


@pytest_asyncio.fixture
async def zoom() -> AsyncIterator[FakeZoom]:
    fake = FakeZoom(now=datetime.now(UTC))
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture
async def files() -> AsyncIterator[FileHost]:
    async with file_host.serving() as host:
        yield host


@pytest_asyncio.fixture
async def node(zoom: FakeZoom, start_homeroom: Callable[..., Awaitable[HomeroomServer]]) -> HomeroomServer:
    return await start_homeroom(
        environment={
            "HOMEROOM_LIMITS": "off",
            "HOMEROOM_ZOOM_ACCOUNT_ID": ACCOUNT,
            "HOMEROOM_ZOOM_CLIENT_ID": CLIENT,
            "HOMEROOM_ZOOM_CLIENT_SECRET": SECRET,
            "HOMEROOM_ZOOM_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "HOMEROOM_ZOOM_API_URL": f"{zoom.url}/v2",
            "HOMEROOM_ZOOM_OAUTH_URL": f"{zoom.url}/oauth/token",
        }
    )


class Vendor:
    """Sends webhooks as the service does."""

    def __init__(self, node: HomeroomServer, number: int, began: datetime) -> None:
        self._url = f"{node.url}/api/v1/webhooks/zoom"
        self._number = number
        self._began = began

    def event(self, name: str, minutes: int, *, ready: Json | None = None, **participant: Any) -> Json:
        at = self._began + timedelta(minutes=minutes)
        told: Json = {
            "id": str(self._number),
            "uuid": UUID,
            "host_id": "z8yCxtTTTSiw02QgCAp8uQ",
            "topic": "Algebra",
        }
        told |= {"type": 2, "start_time": _z(self._began), "timezone": "UTC", "duration": 60, **(ready or {})}
        if participant:
            told["participant"] = participant
        payload: Json = {"account_id": ACCOUNT, "object": told}
        body: Json = {"event": name, "event_ts": int(at.timestamp() * 1000), "payload": payload}
        return body | ({"download_token": "dl-t0ken"} if ready else {})

    async def send(
        self, body: Json, *, secret: str = WEBHOOK_SECRET, age: float = 0, spoil: bool = False
    ) -> int:
        raw = json.dumps(body, ensure_ascii=False).encode()
        stamp = str(int(time.time() - age))
        signature = hmac.new(
            secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256
        ).hexdigest()
        headers = {"x-zm-request-timestamp": stamp, "x-zm-signature": f"v0={signature}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._url, data=raw + b" " * spoil, headers=headers) as answer,
        ):
            return answer.status


def _z(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_what_a_vendor_tells_becomes_the_rooms_history(
    node: HomeroomServer, zoom: FakeZoom, files: FileHost
) -> None:
    starts = (datetime.now(UTC) + timedelta(hours=1)).replace(second=0, microsecond=0)
    async with School(node) as school:
        noor = await school.person("noor", "instructor", email=HOST)
        ada = await school.person("ada", email="ada@school.example")
        room_id = await school.room(noor, ada)
        rest = Rest(node, noor.token)
        wish = {
            "title": "Algebra",
            "room_id": room_id,
            "starts": starts.strftime("%Y-%m-%dT%H:%M"),
            "zone": "UTC",
            "minutes": 60,
            "provider": "zoom",
            "policy": {"recording": "cloud"},
        }
        status, made, _ = await rest.call("POST", "/api/v1/meetings", json=wish)
        assert status == 201, made
        await ada.hears("meeting.link_changed")
        meeting_id = made["meeting"]["id"]
        (number,) = zoom.meetings
        vendor = Vendor(node, number, starts)
        person: Json = {
            "user_name": "Ada Löwe 🦁",
            "email": "ADA@school.example",
            "participant_uuid": "p-1",
            "user_id": "16778240",
        }

        joined = vendor.event(
            "meeting.participant_joined", 1, **person, join_time=_z(starts + timedelta(minutes=1))
        )
        assert await vendor.send(joined, secret="another") == 401
        assert await vendor.send(joined, age=301) == 401
        assert await vendor.send(joined, spoil=True) == 401
        assert await vendor.send(joined) in {200, 204}
        assert await vendor.send(joined) in {200, 204}
        assert await vendor.send(vendor.event("meeting.started", 0)) in {200, 204}
        told = await noor.hears("meeting.joined")
        assert told["data"]["user"]["id"] == "ada"
        left = vendor.event(
            "meeting.participant_left", 31, **person, leave_time=_z(starts + timedelta(minutes=31))
        )
        assert await vendor.send(left) in {200, 204}
        await noor.hears("meeting.left")
        ended = vendor.event("meeting.ended", 50, ready={"end_time": _z(starts + timedelta(minutes=50))})
        assert await vendor.send(ended) in {200, 204}
        over = await noor.hears("meeting.ended")
        assert over["data"]["occurrence"]["status"] == "ended"
        await _film(vendor, files, starts)
        await ada.hears("meeting.recording_ready")
        assert [kind for kind in noor.types(room_id) if kind in {"meeting.started", "meeting.joined"}] == [
            "meeting.started",
            "meeting.joined",
        ]

        _, attendance, _ = await rest.call("GET", f"/api/v1/meetings/{meeting_id}/attendance")
        (one,) = attendance["items"][0]["people"]
        assert (one["user"]["id"], one["seconds"]) == ("ada", 1800)
        await _plays(node, Rest(node, ada.token), meeting_id)
        _, history, _ = await rest.call("GET", f"/api/v1/meetings/{meeting_id}/history")
        assert {"started", "ended", "recording_ready"} <= {line["what"] for line in history["items"]}
        assert await vendor.send({**joined, "payload": {**joined["payload"], "object": {"id": 1}}}) in {
            200,
            204,
        }
        assert "dl-t0ken" not in node.output()
        assert '"level":"error"' not in node.output()


async def _film(vendor: Vendor, files: FileHost, starts: datetime) -> None:
    """It is ready at the vendor's own host."""
    file = {
        "id": "35497738-9fef-4f8a-97db-0ec34caef065",
        "recording_start": _z(starts),
        "recording_end": _z(starts + timedelta(minutes=50)),
        "file_type": "MP4",
        "file_size": len(FILM),
        "status": "completed",
        "download_url": files.put("/rec/webhook_download/x", FILM),
    }
    body = vendor.event("recording.completed", 70, ready={"recording_files": [file]})
    assert await vendor.send(body) in {200, 204}


async def _plays(node: HomeroomServer, rest: Rest, meeting_id: str) -> None:
    async def ready() -> Any:
        _, listed, _ = await rest.call("GET", f"/api/v1/meetings/{meeting_id}/recordings")
        return [one for one in listed["items"] if one["state"] == "ready"]

    (one,) = await eventually(ready)
    async with aiohttp.ClientSession() as session:
        async with session.get(node.url + one["url"], headers={"Range": "bytes=0-99"}) as answer:
            assert (answer.status, await answer.read()) == (206, FILM[:100])
        async with session.get(node.url + one["url"]) as answer:
            assert await answer.read() == FILM
        async with session.get(node.url + one["url"].partition("?")[0]) as answer:
            assert answer.status == 401
    assert one["url"].partition("ticket=")[2] not in node.output()
