"""Nobody learns of a room that they may not see: "not there" and "not yours" are answered by the same body.

The rows come from the contract's tables, so that a command or operation without a row here fails.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from contract.registry import COMMANDS, CommandSpec, RestSpec
from contract.rest import OPERATIONS
from tests.integration.people import Json, Person, Rest, School

_NAMING = {"room_id", "message_id", "user_id", "rooms", "meeting_id"}
"""Fields that name something of a room."""


@dataclass(frozen=True)
class Target:
    """What an intruder names: something that is there but not theirs, or something that is not there."""

    room_id: str
    message_id: str
    user_id: str
    key: str
    call_id: str
    meeting_id: str
    invitation_id: str

    def secrets(self) -> list[str]:
        named = [self.room_id, self.message_id, self.user_id, self.key, self.call_id]
        return [*named, self.meeting_id, self.invitation_id]


NOWHERE = Target(
    "room_00000000000000000000000000",
    "msg_00000000000000000000000000",
    "u-nobody",
    "no-such-key",
    "call_00000000000000000000000000",
    "meet_00000000000000000000000000",
    "inv_00000000000000000000000000",
)

Payload = Callable[[Target], Json]

COMMAND_ROWS: Mapping[str, Payload] = {
    "room:join": lambda it: {"room_id": it.room_id},
    "room:leave": lambda it: {"room_id": it.room_id},
    "room:update": lambda it: {"room_id": it.room_id, "title": "Mine"},
    "room:get": lambda it: {"room_id": it.room_id},
    "member:list": lambda it: {"room_id": it.room_id},
    "member:add": lambda it: {"room_id": it.room_id, "user_id": "u-me-too"},
    "member:update": lambda it: {"room_id": it.room_id, "user_id": it.user_id, "role": "member"},
    "member:remove": lambda it: {"room_id": it.room_id, "user_id": it.user_id},
    "message:send": lambda it: {"room_id": it.room_id, "client_id": "c", "text": "let me in"},
    "message:edit": lambda it: {"message_id": it.message_id, "text": "mine"},
    "message:delete": lambda it: {"message_id": it.message_id},
    "message:get": lambda it: {"message_id": it.message_id},
    "message:history": lambda it: {"room_id": it.room_id},
    "message:revisions": lambda it: {"message_id": it.message_id},
    "message:search": lambda it: {"q": "secret", "room_id": it.room_id},
    "reaction:add": lambda it: {"message_id": it.message_id, "emoji": "👍"},
    "reaction:remove": lambda it: {"message_id": it.message_id, "emoji": "👍"},
    "read:mark": lambda it: {"room_id": it.room_id, "seq": 1},
    "call:get": lambda it: {"room_id": it.room_id},
    "call:join": lambda it: {"room_id": it.room_id},
}
"""Answered by not_found."""

OTHER_ROWS: Mapping[str, tuple[Payload, str | None]] = {
    "typing:start": (lambda it: {"room_id": it.room_id}, "not_joined"),
    "typing:stop": (lambda it: {"room_id": it.room_id}, "not_joined"),
    "room:unsubscribe": (lambda it: {"room_id": it.room_id}, None),
    "sync:since": (lambda it: {"rooms": {it.room_id: {"epoch": "ep_x", "seq": 0}}}, None),
}
"""Answered otherwise, but alike for both; None: an answer that is ok and says nothing."""

_CLASS = {"starts": "2030-01-07T09:00", "zone": "Europe/Paris", "minutes": 60}

REST_ROWS: Mapping[str, Mapping[str, object]] = {
    "getRoom": {},
    "updateRoom": {"json": {"title": "Mine"}},
    "joinRoom": {},
    "leaveRoom": {},
    "listMembers": {},
    "addMember": {"json": {"user_id": "u-me-too"}},
    "updateMember": {"json": {"role": "owner"}},
    "removeMember": {},
    "listMessages": {},
    "postMessage": {"json": {"text": "let me in"}},
    "markRead": {"json": {"seq": 1}},
    "getMessage": {},
    "editMessage": {"json": {"text": "mine"}},
    "deleteMessage": {},
    "listRevisions": {},
    "addReaction": {},
    "removeReaction": {},
    "search": {"params": {"q": "secret", "room_id": "{room_id}"}},
    "listCalls": {},
    "getAttendance": {},
    "getAttendanceFile": {},
    "sync": {"params": {"room_id": "{room_id}", "epoch": "ep_x", "seq": "0"}},
    "listMeetings": {"params": {"room_id": "{room_id}"}},
    "previewMeeting": {"json": {**_CLASS, "room_id": "{room_id}"}},
    "createMeeting": {"json": {**_CLASS, "title": "Mine", "room_id": "{room_id}"}},
    "getMeeting": {},
    "updateMeeting": {"json": {"title": "Mine"}},
    "cancelMeeting": {},
    "retryMeeting": {},
    "endMeeting": {},
    "listMeetingHistory": {},
    "enterMeeting": {"json": {}},
    "getMeetingAttendance": {},
    "getMeetingAttendanceFile": {},
    "getMeetingFile": {},
    "listRecordings": {},
    "deleteRecording": {},
    "listInvitations": {},
    "inviteGuest": {"json": {"email": "me@elsewhere.example"}},
    "revokeInvitation": {},
    "listJobs": {"params": {"meeting_id": "{meeting_id}"}},
    "retryJob": {},
}

_PERSONAL = {"revoke"}
"""Names a person as such, not a member of a room."""


def _names_something(spec: CommandSpec) -> bool:
    return bool(_NAMING & set(spec.payload.model_fields))


def _operation_names_something(spec: RestSpec) -> bool:
    models = [model for model in (spec.query, spec.body) if model is not None]
    fields = {name for model in models for name in model.model_fields}
    return spec.operation not in _PERSONAL and ("{" in spec.path or bool(_NAMING & fields))


def test_every_command_that_names_something_has_a_row() -> None:
    naming = {name for name, spec in COMMANDS.items() if _names_something(spec)}
    assert naming == {*COMMAND_ROWS, *OTHER_ROWS}


def test_every_operation_that_names_something_has_a_row() -> None:
    naming = {name for name, spec in OPERATIONS.items() if _operation_names_something(spec)}
    assert naming == {*REST_ROWS}


@dataclass(frozen=True)
class Scene:
    """A members' room with a secret in it, and those who have no business there."""

    hidden: Target
    owner: Person
    intruders: Mapping[str, Person]


@pytest_asyncio.fixture
async def scene(school: School) -> AsyncIterator[Scene]:
    owner = await school.person(role="instructor")
    intruders = {
        "stranger": await school.person(),
        "removed": await school.person(),
        "guest": await school.person(role="guest"),
        "instructor": await school.person(role="instructor"),
        "bot": await school.person(role="bot"),
    }
    key = f"key-of-{owner.user}"
    room_id = await school.room(owner, intruders["removed"], key=key)
    message = (await owner.says(room_id, "a secret"))["message"]["id"]
    await owner.do("member:remove", {"room_id": room_id, "user_id": intruders["removed"].user})
    await intruders["removed"].hears("room.removed")
    call_id = (await owner.do("call:join", {"room_id": room_id}))["call_id"]
    meeting_id, invitation_id = await _meeting(owner, room_id)
    hidden = Target(room_id, message, owner.user, key, call_id, meeting_id, invitation_id)
    yield Scene(hidden, owner, intruders)


async def _meeting(owner: Person, room_id: str) -> tuple[str, str]:
    """A meeting in the room, and a guest's invitation to it."""
    rest = Rest(owner.server, owner.token)
    wish = {**_CLASS, "title": "A secret class", "room_id": room_id}
    status, made, _ = await rest.call("POST", "/api/v1/meetings", json=wish)
    assert status == 201, made
    meeting_id: str = made["meeting"]["id"]
    guest = {"email": "guest@museum.example"}
    status, invited, _ = await rest.call("POST", f"/api/v1/meetings/{meeting_id}/invitations", json=guest)
    assert status == 201, invited
    return meeting_id, invited["id"]


def _without_id(error: Json) -> Json:
    assert error["request_id"]
    return {name: value for name, value in error.items() if name not in {"request_id", "instance"}}


async def test_no_command_tells_a_hidden_room_from_none(scene: Scene) -> None:
    for name, person in scene.intruders.items():
        for command, payload in COMMAND_ROWS.items():
            theirs = _without_id(await person.refused(command, payload(scene.hidden)))
            nothing = _without_id(await person.refused(command, payload(NOWHERE)))
            assert theirs == nothing, (name, command)
            assert theirs["code"] == "not_found", (name, command)
            assert not any(secret in str(theirs) for secret in scene.hidden.secrets())
    await _nothing_happened(scene)


async def test_what_is_not_answered_by_not_found_is_answered_alike(scene: Scene) -> None:
    for name, person in scene.intruders.items():
        for command, (payload, code) in OTHER_ROWS.items():
            theirs = await person.ask(command, payload(scene.hidden))
            nothing = await person.ask(command, payload(NOWHERE))
            assert theirs["ok"] == nothing["ok"] == (code is None), (name, command)
            if code is None:
                told = str(nothing["data"]).replace(NOWHERE.room_id, scene.hidden.room_id)
                assert str(theirs["data"]) == told
                assert "secret" not in told
            else:
                assert _without_id(theirs["error"]) == _without_id(nothing["error"])
                assert theirs["error"]["code"] == code
    await _nothing_happened(scene)


async def test_no_key_tells_a_hidden_room_from_none(scene: Scene) -> None:
    for person in scene.intruders.values():
        theirs = _without_id(await person.refused("room:join", {"key": scene.hidden.key}))
        assert theirs == _without_id(await person.refused("room:join", {"key": NOWHERE.key}))
        assert theirs["code"] == "not_found"


async def test_no_operation_tells_a_hidden_room_from_none(scene: Scene) -> None:
    for name, person in scene.intruders.items():
        rest = Rest(person.server, person.token)
        for operation in REST_ROWS:
            theirs = await _called(rest, OPERATIONS[operation], scene.hidden)
            nothing = await _called(rest, OPERATIONS[operation], NOWHERE)
            assert theirs == nothing, (name, operation)
            assert theirs[0] == 404
            assert theirs[1]["code"] == "not_found"
    await _nothing_happened(scene)


async def test_search_without_a_room_finds_only_what_is_ones_own(scene: Scene) -> None:
    for person in scene.intruders.values():
        assert (await person.do("message:search", {"q": "secret"}))["items"] == []
        for scope in ("mine", "open"):
            assert scene.hidden.room_id not in str(
                await person.do("room:list", {"scope": scope, "limit": 200})
            )


async def test_a_member_who_is_not_there_is_not_found_by_a_member_either(scene: Scene) -> None:
    room_id = scene.hidden.room_id
    for command, payload in (
        ("member:update", {"room_id": room_id, "user_id": "u-nobody", "role": "member"}),
        ("member:remove", {"room_id": room_id, "user_id": "u-nobody"}),
        ("message:get", {"message_id": NOWHERE.message_id}),
    ):
        assert (await scene.owner.refused(command, payload))["code"] == "not_found"


async def _called(rest: Rest, spec: RestSpec, target: Target) -> tuple[int, Json]:
    names = {
        "room_id": target.room_id, "message_id": target.message_id, "user_id": target.user_id, "emoji": "%F0%9F%91%8D",
        "call_id": target.call_id, "meeting_id": target.meeting_id, "invitation_id": target.invitation_id,
        "recording_id": "rec_00000000000000000000000000", "job_id": "job_00000000000000000000000000",
    }  # fmt: skip
    options: dict[str, Any] = dict(REST_ROWS[spec.operation])
    params = options.pop("params", None)
    if isinstance(params, dict):
        options["params"] = {name: value.format(**names) for name, value in params.items()}
    body = options.get("json")
    if isinstance(body, dict) and "room_id" in body:
        options["json"] = body | {"room_id": target.room_id}
    status, body, _ = await rest.call(spec.method, spec.path.format(**names), **options)
    return status, _without_id(body)


async def _nothing_happened(scene: Scene) -> None:
    history = await scene.owner.do("message:history", {"room_id": scene.hidden.room_id})
    assert [message["text"] for message in history["items"]] == ["a secret"]
    assert history["items"][0]["reactions"] == []
    members = await scene.owner.do("member:list", {"room_id": scene.hidden.room_id})
    assert [member["user"]["id"] for member in members["items"]] == [scene.owner.user]


@pytest.mark.parametrize("path", ["/api/v1/rooms", "/api/v1/me", "/api/v1/search?q=x"])
async def test_without_a_token_nothing_is_told(school: School, path: str) -> None:
    for token in (None, "", "garbage"):
        status, problem, headers = await Rest(school.servers[0], token).call("GET", path)
        assert (status, problem["code"]) == (401, "unauthorized")
        assert headers["Content-Type"].startswith("application/problem+json")
        assert "Bearer" in headers["WWW-Authenticate"]
