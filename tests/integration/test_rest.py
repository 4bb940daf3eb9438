"""The HTTP door to the same rooms: the same texts, once for each key, with limits and problems that say what they are."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.integration.people import Person, Rest, School, fresh


@pytest_asyncio.fixture
async def teacher(school: School) -> Person:
    return await school.person(role="instructor")


async def test_what_is_posted_is_heard_and_what_is_said_is_read(school: School, teacher: Person) -> None:
    room_id = await school.room(teacher)
    rest = Rest(teacher.server, teacher.token)
    path = f"/api/v1/rooms/{room_id}/messages"
    text = "Ünïcode, **bold**, \U0001f9d1\u200d\U0001f3eb, and a \\ backslash"
    status, posted, headers = await rest.call("POST", path, json={"text": text, "client_id": "from-rest"})
    assert status == 201
    assert headers["Content-Type"].startswith("application/json")
    heard = await teacher.hears_text(text)
    assert heard["data"]["message"] == posted["message"]
    assert (heard["seq"], heard["client_id"]) == (posted["seq"], "from-rest")
    said = await teacher.says(room_id, text)
    status, page, _ = await rest.call("GET", path)
    assert (status, page["items"]) == (200, [posted["message"], said["message"]])
    assert (await teacher.says(room_id, text, "from-rest"))["seq"] == posted["seq"]


async def test_a_message_is_posted_once_for_each_idempotency_key(school: School, teacher: Person) -> None:
    room_id = await school.room(teacher)
    rest = Rest(teacher.server, teacher.token)
    path, key = f"/api/v1/rooms/{room_id}/messages", {"Idempotency-Key": fresh("key")}
    answers = await asyncio.gather(
        *(rest.call("POST", path, json={"text": "once"}, headers=key) for _ in range(6))
    )
    assert {status for status, _, _ in answers} == {201}
    assert len({body["message"]["id"] for _, body, _ in answers}) == 1
    other = {"Idempotency-Key": fresh("key")}
    assert (await rest.call("POST", path, json={"text": "once"}, headers=other))[1]["seq"] == answers[0][1][
        "seq"
    ] + 1


async def test_a_room_is_made_once_for_each_idempotency_key_and_person(
    school: School, teacher: Person
) -> None:
    colleague = await school.person(role="instructor")
    key = {"Idempotency-Key": fresh("key")}
    wish = {"kind": "course", "title": "Algebra"}
    ids = [
        (await Rest(who.server, who.token).call("POST", "/api/v1/rooms", json=wish, headers=key))[1]["summary"]["room"]["id"]
        for who in (teacher, teacher, colleague)
    ]  # fmt: skip
    assert ids[0] == ids[1] != ids[2]


async def test_a_whole_life_of_a_message_and_a_member_over_rest(school: School, teacher: Person) -> None:
    student = await school.person()
    room_id = await school.room(teacher, student)
    rest = Rest(teacher.server, teacher.token)
    room, members = f"/api/v1/rooms/{room_id}", f"/api/v1/rooms/{room_id}/members"
    message = (await rest.call("POST", f"{room}/messages", json={"text": "x = 3"}))[1]["message"]
    path = f"/api/v1/messages/{message['id']}"
    newcomer = fresh("u")
    for method, address, body, status, event in (
        ("PATCH", path, {"text": "x = 2"}, 200, "message.updated"),
        ("GET", f"{path}/revisions", None, 200, "message.updated"),
        ("PUT", f"{path}/reactions/%F0%9F%91%8D/@me", None, 200, "reaction.new"),
        ("DELETE", f"{path}/reactions/%F0%9F%91%8D/@me", None, 200, "reaction.deleted"),
        ("DELETE", path, None, 200, "message.deleted"),
        ("POST", members, {"user_id": newcomer}, 201, "member.added"),
        ("PATCH", f"{members}/{newcomer}", {"role": "moderator"}, 200, "member.updated"),
        ("DELETE", f"{members}/{newcomer}", None, 200, "member.removed"),
        ("PATCH", room, {"title": "Algebra 2"}, 200, "room.updated"),
    ):
        options = {} if body is None else {"json": body}
        answered, problem, _ = await rest.call(method, address, **options)
        assert answered == status, (method, address, problem)
        await student.hears(event, lambda heard: heard["room_id"] == room_id)
    _, caught_up, _ = await rest.call(
        "GET",
        "/api/v1/sync",
        params={"room_id": room_id, "epoch": student.log(room_id)[0]["epoch"], "seq": "0"},
    )
    assert caught_up["recovered"]
    seqs = [event["seq"] for event in caught_up["events"]]
    assert seqs == list(range(1, caught_up["seq"] + 1))


async def test_answers_tell_what_is_left_of_a_limit(school: School, teacher: Person) -> None:
    room_id = await school.room(teacher)
    rest = Rest(teacher.server, teacher.token)
    left = []
    for _ in range(3):
        _, _, headers = await rest.call("POST", f"/api/v1/rooms/{room_id}/messages", json={"text": "x"})
        assert int(headers["X-RateLimit-Limit"]) > 0
        assert float(headers["X-RateLimit-Reset"]) >= 0
        assert headers["X-Request-Id"].startswith("req_")
        left.append(int(headers["X-RateLimit-Remaining"]))
    assert left[0] >= left[1] >= left[2]
    assert left[0] > left[2]


@pytest.mark.parametrize(
    "case",
    [
        ("GET", "/api/v1/rooms?limit=0", {}, 400, "bad_request"),
        ("GET", "/api/v1/rooms?nonsense=1", {}, 400, "bad_request"),
        ("GET", "/api/v1/rooms?limit=1&limit=2", {}, 400, "bad_request"),
        ("POST", "/api/v1/rooms", {"data": "{"}, 415, "unsupported_media_type"),
        (
            "POST",
            "/api/v1/rooms",
            {"json": {"kind": "course", "title": "x", "owner": "me"}},
            400,
            "bad_request",
        ),
        ("POST", "/api/v1/rooms", {"json": []}, 400, "bad_request"),
        ("DELETE", "/api/v1/rooms", {}, 405, "method_not_allowed"),
        ("GET", "/api/v1/nowhere", {}, 404, "not_found"),
        ("POST", "/api/v1/development/sign-in", {"json": {"name": "Eve", "role": "admin"}}, 404, "not_found"),
    ],
)
async def test_refusals_are_problems(
    teacher: Person, case: tuple[str, str, dict[str, Any], int, str]
) -> None:
    method, path, options, status, code = case
    rest = Rest(teacher.server, teacher.token)
    answered, problem, headers = await rest.call(method, path, **options)
    assert (answered, problem["code"], problem["status"]) == (status, code, status)
    assert headers["Content-Type"].startswith("application/problem+json")
    assert problem["request_id"] == headers["X-Request-Id"]
    assert problem["type"] == f"urn:homeroom:error:{code}"


async def test_the_served_description_is_the_committed_one(teacher: Person) -> None:
    status, served, _ = await Rest(teacher.server, None).call("GET", "/api/v1/openapi.json")
    assert status == 200
    assert served["openapi"].startswith("3.")
    assert "/api/v1/rooms/{room_id}/messages" in json.dumps(served)


async def test_a_body_beyond_the_bound_is_refused(teacher: Person) -> None:
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {teacher.token}", "Content-Type": "application/json"}
        body = b'{"kind":"course","title":"' + b"x" * 2_000_000 + b'"}'
        async with session.post(f"{teacher.server.url}/api/v1/rooms", data=body, headers=headers) as answer:
            assert answer.status == 413
            assert (await answer.json(content_type=None))["code"] == "payload_too_large"
