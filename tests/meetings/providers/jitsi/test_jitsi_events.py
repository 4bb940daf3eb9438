"""What event_sync tells becomes happenings of ours."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.errors import InvalidInput
from meetings.provider import Delivery, Happening, Receipt, What
from meetings.providers.jitsi.provider import JitsiProvider
from tests.meetings.providers.jitsi.rig import NOW, Rig, sample

SECRET = "a-secret-for-tests-of-at-least-32-bytes"
JOINED_AT = datetime.fromtimestamp(1625823996, UTC)
LEFT_AT = datetime.fromtimestamp(1625824035, UTC)
PROVIDER = JitsiProvider("https://meet.school.example", "homeroom", SECRET, Rig().surroundings)


async def deliver(event: object, path: str = "events/occupant/joined") -> Receipt:
    raw = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = {"authorization": f"Bearer {SECRET}", "content-type": "application/json"}
    assert PROVIDER.webhooks is not None
    return await PROVIDER.webhooks.receive(Delivery(headers, {}, raw, path), NOW)


def read(event: object) -> list[Happening]:
    assert PROVIDER.webhooks is not None
    return list(PROVIDER.webhooks.read(json.dumps(event).encode()))


async def test_a_room_begins_a_class_and_its_end_ends_it() -> None:
    created = sample("event-sync/muc-room-created.json")
    assert read(created) == [Happening(What.STARTED, "catchup", JOINED_AT)]
    assert (await deliver(created, "events/room/created")).key
    told = read(sample("event-sync/muc-room-destroyed.json"))
    assert [one.what for one in told] == [What.JOINED, What.LEFT, What.ENDED]
    assert told[-1] == Happening(What.ENDED, "catchup", LEFT_AT)


async def test_people_come_and_go_as_whom_their_tokens_named() -> None:
    (joined,) = read(sample("event-sync/muc-occupant-joined.json"))
    assert (joined.what, joined.external_id, joined.at) == (What.JOINED, "catchup", JOINED_AT)
    assert joined.person is not None
    assert joined.person.user_id == "00380324-a840-400d-880f-7ee0933b7556"
    assert (joined.person.name, joined.person.email) == ("James Barrow", "j.barrow@domain.com")
    (left,) = read(sample("event-sync/muc-occupant-left.json"))
    assert left.person is not None
    assert (left.what, left.at) == (What.LEFT, LEFT_AT)
    assert (left.person.joined_at, left.person.left_at) == (JOINED_AT, LEFT_AT)
    assert left.person.external_id == joined.person.external_id


async def test_a_breakout_room_is_part_of_the_class() -> None:
    away = {"is_breakout": True, "breakout_room_id": "b-1"}
    assert read(sample("event-sync/muc-room-created.json") | away) == []
    assert (await deliver(sample("event-sync/muc-room-created.json") | away)).key is None
    destroyed = read(sample("event-sync/muc-room-destroyed.json") | away)
    assert [one.what for one in destroyed] == [What.JOINED, What.LEFT]
    (joined,) = read(sample("event-sync/muc-occupant-joined.json") | away)
    assert (joined.what, joined.external_id) == (What.JOINED, "catchup")


async def test_an_event_is_the_same_however_it_is_written_and_however_often_it_comes() -> None:
    joined = sample("event-sync/muc-occupant-joined.json")
    first = await deliver(joined)
    turned = dict(reversed(joined.items())) | {"active_occupants_count": 9}
    again = await deliver(json.dumps(turned, indent=3).encode())
    assert first.key == again.key
    later = joined | {"occupant": joined["occupant"] | {"joined_at": 1625824100}}
    others = [later, sample("event-sync/muc-occupant-left.json"), joined | {"breakout_room_id": "b-1"}]
    keys = {first.key, *[(await deliver(one)).key for one in others]}
    assert len(keys) == 4
    assert all(key is not None and len(key) <= 128 for key in keys)


async def test_whoever_is_still_there_goes_with_the_room() -> None:
    destroyed = sample("event-sync/muc-room-destroyed.json")
    staying = {key: value for key, value in destroyed["all_occupants"][0].items() if key != "left_at"}
    told = read(destroyed | {"all_occupants": [staying]})
    assert [(one.what, one.at) for one in told] == [
        (What.JOINED, JOINED_AT),
        (What.LEFT, LEFT_AT),
        (What.ENDED, LEFT_AT),
    ]


@pytest.mark.parametrize("nobody", [{}, [], None, "x", [None, 3, []]])
async def test_an_empty_room_ends_all_the_same(nobody: object) -> None:
    told = read(sample("event-sync/muc-room-destroyed.json") | {"all_occupants": nobody})
    assert [one.what for one in told] == [What.ENDED]


async def test_people_without_a_token_are_told_apart_by_their_connection() -> None:
    joined = sample("event-sync/muc-occupant-joined.json")
    bare = {"occupant_jid": "a@meet/1", "joined_at": 1625823996.0}
    (one,) = read(joined | {"occupant": bare})
    assert one.person is not None
    assert (one.person.name, one.person.user_id, one.person.external_id) == ("Somebody", None, "a@meet/1")


async def test_a_guest_is_nobody_of_ours() -> None:
    joined = sample("event-sync/muc-occupant-joined.json")
    (one,) = read(joined | {"occupant": joined["occupant"] | {"id": "guest:inv_1", "name": "Curator"}})
    assert one.person is not None
    assert (one.person.user_id, one.person.external_id, one.person.name) == (None, "guest:inv_1", "Curator")


@pytest.mark.parametrize(
    ("told", "name", "user"),
    [({"id": 17, "name": 3}, "3", "17"), ({"id": None, "name": []}, "Somebody", None)],
)
async def test_readers_are_tolerant(told: dict[str, Any], name: str, user: str | None) -> None:
    joined = sample("event-sync/muc-occupant-joined.json")
    occupant = joined["occupant"] | told | {"joined_at": "1625823996", "avatar": {"x": 1}}
    (one,) = read(joined | {"occupant": occupant, "new_field": {"a": [1]}})
    assert one.person is not None
    assert (one.person.name, one.person.user_id, one.at) == (name, user, JOINED_AT)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"event_name": "muc-speaker-stats", "room_name": "catchup"},
        {"event_name": "muc-room-created", "room_name": "catchup"},
        {"event_name": "muc-room-created", "created_at": 1625823996},
        {"event_name": "muc-room-created", "room_name": "catchup", "created_at": 1e300},
        {"event_name": "muc-room-created", "room_name": "catchup", "created_at": "soon"},
        {"event_name": "muc-occupant-joined", "room_name": "catchup", "occupant": None},
        {"event_name": ["muc-room-created"], "room_name": {"a": 1}, "created_at": True},
    ],
)
async def test_what_tells_nothing_is_answered_and_not_kept(event: dict[str, Any]) -> None:
    receipt = await deliver(event)
    assert (receipt.status, receipt.key) == (200, None)
    assert read(event) == []


@pytest.mark.parametrize("raw", [b"", b"[]", b"nonsense", b"\xff", b"[" * 100_000, b'"x"'])
async def test_what_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        await deliver(raw)
    assert PROVIDER.webhooks is not None
    assert PROVIDER.webhooks.read(raw) == ()


async def test_what_no_store_can_hold_is_made_fit() -> None:
    joined = sample("event-sync/muc-occupant-joined.json")
    occupant = joined["occupant"] | {"name": "A\ud800\x00da", "id": "\udcff\x00", "email": "\x00"}
    event = joined | {"occupant": occupant, "room_name": "\x00catchup\ud800"}
    (one,) = read(event)
    assert one.person is not None
    told = [one.external_id, one.person.name, one.person.external_id, one.person.user_id, one.person.email]
    assert told == ["catchup?", "A?da", "?", "?", None]
    assert (await deliver(event)).key
