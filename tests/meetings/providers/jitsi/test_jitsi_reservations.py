"""Prosody asks before a room opens, and closes it when we said so."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator

from contract.errors import Unauthorized
from meetings.provider import Delivery, Receipt
from meetings.providers.jitsi.provider import JitsiProvider
from tests.meetings.providers.jitsi.rig import NOW, SAMPLES, STARTS, Rig, slot, spec
from tests.services.fake_prosody import FakeProsody, NotAllowed

SECRET = "a-secret-for-tests-of-at-least-32-bytes"
API: Mapping[str, Any] = json.loads((SAMPLES / "jitsi-reservations.openapi.json").read_text())
CONFERENCE = Draft202012Validator(API["components"]["schemas"]["Conference"])


class Place:
    """A provider with a Prosody before it."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.provider = JitsiProvider(
            "https://meet.school.example", "homeroom", SECRET, self.rig.surroundings
        )
        self.prosody = FakeProsody("meet.school.example", "homeroom", SECRET, call=self.call)

    async def call(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        lower = {name.lower(): value for name, value in headers.items()}
        receipt = await self.receive(Delivery(lower, {}, body, path, method))
        return receipt.status, receipt.body

    async def receive(self, delivery: Delivery) -> Receipt:
        assert self.provider.webhooks is not None
        return await self.provider.webhooks.receive(delivery, self.rig.clock.at)

    async def book(self, **options: Any) -> str:
        wanted = spec(**options)
        reference = await self.provider.create(wanted)
        self.rig.schedule.book("jitsi", reference, wanted)
        return reference.external_id

    def at(self, minutes: float) -> None:
        """Moves the clock to so many minutes after the first class's start."""
        self.rig.clock.at = STARTS + timedelta(minutes=minutes)


@pytest.fixture
def place() -> Place:
    return Place()


async def test_a_room_opens_in_its_slot_and_may_stay_until_a_little_after_its_end(place: Place) -> None:
    room = await place.book(lobby=True)
    place.at(-10)
    told = await place.prosody.opens(room, place.rig.clock.at)
    CONFERENCE.validate(told)
    assert told["name"] == room
    assert told["mail_owner"] == "u1@guest"
    assert told["start_time"] == "2026-11-24T08:00:00.000Z"
    assert told["duration"] == 75 * 60
    assert told["lobby"] is True


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(-12, "Not yet: starts in 12 minutes."), (-11, "Not yet: starts in 11 minutes."), (76, "7 days")],
)
async def test_outside_its_slot_it_does_not_and_people_read_why(
    place: Place, minutes: float, words: str
) -> None:
    room = await place.book()
    place.at(minutes)
    with pytest.raises(NotAllowed, match=words):
        await place.prosody.opens(room, place.rig.clock.at)


async def test_when_all_is_over_people_read_that(place: Place) -> None:
    room = await place.book()
    place.at(8 * 24 * 60)
    with pytest.raises(NotAllowed, match="This class is over"):
        await place.prosody.opens(room, place.rig.clock.at)


async def test_unknown_and_cancelled_rooms_stay_closed(place: Place) -> None:
    with pytest.raises(NotAllowed, match="no such class"):
        await place.prosody.opens("catchup", NOW)
    wanted = spec()
    reference = await place.provider.create(wanted)
    place.rig.schedule.book("jitsi", reference, wanted, cancelled=True)
    place.at(0)
    with pytest.raises(NotAllowed, match="cancelled"):
        await place.prosody.opens(reference.external_id, NOW)


async def test_a_room_that_is_open_is_a_conflict_which_prosody_resolves_by_itself(place: Place) -> None:
    room = await place.book()
    place.at(0)
    first = await place.prosody.opens(room, place.rig.clock.at)
    headers = {"Authorization": f"Bearer {SECRET}"}
    form = urlencode({"name": room, "start_time": "2026-11-24T08:00:01.000Z"}).encode()
    status, body = await place.call("POST", "conference", form, headers)
    assert (status, json.loads(body)) == (409, {"conflict_id": first["id"]})
    assert await place.prosody.opens(room, place.rig.clock.at) == first  # 409, then GET
    assert await place.prosody.closes(room) == 200
    status, _ = await place.call("POST", "conference", form, headers)
    assert status == 201


async def test_closing_twice_is_no_error_and_closing_what_never_was_is(place: Place) -> None:
    room = await place.book()
    place.at(0)
    told = await place.prosody.opens(room, place.rig.clock.at)
    headers = {"Authorization": f"Bearer {SECRET}"}
    for _ in range(2):
        assert (await place.call("DELETE", f"conference/{told['id']}", b"", headers))[0] == 200
    for unknown in ("conference/nothing", f"conference/{room}-20261124T0901"):
        assert (await place.call("DELETE", unknown, b"", headers))[0] == 404
        assert (await place.call("GET", unknown, b"", headers))[0] == 404


async def test_a_class_that_overruns_gives_way_to_the_next(place: Place) -> None:
    room = await place.book()
    wanted = spec(slot(), slot(STARTS + timedelta(minutes=60)))
    place.rig.schedule.book("jitsi", await place.provider.create(wanted), wanted)
    place.at(62)
    assert (await place.prosody.opens(room, place.rig.clock.at))["start_time"].startswith("2026-11-24T09:00")


async def test_rooms_of_tenants_are_known_by_their_own_name_and_told_back_whole(place: Place) -> None:
    room = await place.book()
    place.at(0)
    told = await place.prosody.opens(f"[faculty]{room.upper()}", place.rig.clock.at)
    assert told["name"] == f"[faculty]{room.upper()}"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer ", "Bearer wrong", SECRET, f"Basic {SECRET}", f"Bearer {SECRET}x", "Bearer \udcff"],
)
@pytest.mark.parametrize("path", ["conference", "conference/x", "events/room/created"])
async def test_only_the_server_with_the_secret_is_answered(place: Place, header: str, path: str) -> None:
    room = await place.book()
    place.at(0)
    body = urlencode({"name": room, "start_time": "x"}).encode()
    with pytest.raises(Unauthorized):
        await place.receive(Delivery({"authorization": header} if header else {}, {}, body, path))


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "conference", b"", 400),
        ("POST", "conference", b"start_time=x", 400),
        ("POST", "conference", b"name=%20", 400),
        ("POST", "conference", b"name=" + b"x" * 400, 400),
        ("POST", "conference", b"\xff\xfe", 400),
        ("POST", "conference", b"&".join(b"name=x" for _ in range(1000)), 400),
        ("GET", "conference", b"", 405),
        ("DELETE", "conference", b"", 405),
        ("POST", "conference/17", b"name=x", 405),
        ("GET", "conference/%00", b"", 404),
        ("POST", "conference", b"name=%00", 404),
    ],
)
async def test_what_cannot_be_read_is_refused_with_a_sentence(
    place: Place, method: str, path: str, body: bytes, status: int
) -> None:
    answered, said = await place.call(method, path, body, {"Authorization": f"Bearer {SECRET}"})
    assert answered == status
    assert json.loads(said)["message"]
