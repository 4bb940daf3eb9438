"""The REST dispatcher on a real server: who is let in, what is understood, what is answered."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from contract.base import WireModel
from contract.errors import Conflict, ErrorCode, RateLimited, Unavailable
from contract.messages import HistoryPage, PostMessage, SearchMessages
from contract.registry import Limit
from contract.rest import OPERATIONS
from contract.rooms import CreateRoom
from realtime.json_body import MAX_BODY
from realtime.rest import RestCall
from tests.server.rest_door import ADA, Answer, Door, open_door

ROOM = "/api/v1/rooms/room_1"


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


def assert_problem(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.body.get("code")) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert answer.body["status"] == status
    assert answer.body["type"] == f"urn:homeroom:error:{code}"
    assert answer.body["request_id"] == answer.headers["X-Request-Id"] == "req_test"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_request_reaches_its_handler_parsed(door: Door) -> None:
    answer = await door.get(f"{ROOM}/messages?before=7&limit=20")
    assert answer.status == 200
    (call,) = door.calls
    assert call.who == ADA
    assert call.path == {"room_id": "room_1"}
    assert call.query(HistoryPage) == HistoryPage(before=7, limit=20)
    assert call.address == "127.0.0.1"


async def test_a_body_reaches_its_handler_parsed(door: Door) -> None:
    answer = await door.post(
        f"{ROOM}/messages", json={"text": "Grüße 👋"}, headers={"Idempotency-Key": "key-1"}
    )
    assert answer.status == 201
    (call,) = door.calls
    assert call.body(PostMessage).text == "Grüße 👋"
    assert call.idempotency_key == "key-1"


async def test_an_answer_is_utf8_json_that_nobody_caches(door: Door) -> None:
    answer = await door.get(ROOM)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "picture" not in json.dumps(answer.body), "absent fields are left out, not null"


async def test_the_limiter_is_asked_and_its_figures_are_told(door: Door) -> None:
    answer = await door.get(f"{ROOM}/messages")
    assert door.limiter.asked == [(Limit.READ, "u-42", "room_1", "127.0.0.1")]
    assert answer.headers["X-RateLimit-Limit"] == "60"
    assert answer.headers["X-RateLimit-Remaining"] == "59"
    assert answer.headers["X-RateLimit-Reset"] == "1"


async def test_a_limited_request_is_told_when_to_come_back(door: Door) -> None:
    door.limiter.refusal = RateLimited(retry_after_ms=1200)
    answer = await door.get(ROOM)
    assert_problem(answer, 429, "rate_limited")
    assert answer.headers["Retry-After"] == "2"
    assert answer.body["retry_after_ms"] == 1200
    assert not door.calls


async def test_without_a_token_one_is_asked_for(door: Door) -> None:
    answer = await door.get("/api/v1/rooms", token=None)
    assert_problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="homeroom"'


async def test_a_wrong_and_an_expired_token_are_told_apart(door: Door) -> None:
    wrong, old = await door.get("/api/v1/me", token="bad"), await door.get("/api/v1/me", token="old")
    assert_problem(wrong, 401, "unauthorized")
    assert_problem(old, 401, "token_expired")
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    assert 'error="invalid_token"' in old.headers["WWW-Authenticate"]


async def test_who_calls_is_asked_before_anything_else(door: Door) -> None:
    answer = await door.post("/api/v1/rooms", token=None, data=b"{", headers={"Content-Type": "text/plain"})
    assert_problem(answer, 401, "unauthorized")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/rooms?colour=blue", "colour"),
        ("/api/v1/rooms?limit=5&limit=6", "limit"),
        ("/api/v1/rooms?limit=0", "limit"),
        ("/api/v1/rooms?limit=many", "limit"),
        ("/api/v1/rooms?limit=", "limit"),
        ("/api/v1/rooms?scope=theirs", "scope"),
        ("/api/v1/rooms?after=%00", "after"),
        ("/api/v1/me?verbose=1", "verbose"),
        ("/api/v1/search", "q"),
        ("/api/v1/search?q=%20", "q"),
        ("/api/v1/sync?room_id=room_1&epoch=e&seq=-1", "seq"),
        (f"{ROOM}/messages?before=9007199254740992", "before"),
        (f"{ROOM}/messages?before=1&after=2", "$"),
    ],
)
async def test_a_wrong_query_is_refused_by_name(door: Door, path: str, field: str) -> None:
    answer = await door.get(path)
    assert_problem(answer, 400, "bad_request")
    assert list(answer.body["errors"]) == [field]
    assert not door.calls


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n\t"}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({"text": "x" * 8001}, "text"),
        ({"text": "x", "colour": 1}, "colour"),
        ({"text": "x", "client_id": ""}, "client_id"),
        ({"text": "x", "client_id": "a\nb"}, "client_id"),
        ([], "$"),
        ("text", "$"),
        (5, "$"),
    ],
)
async def test_a_wrong_body_is_refused_by_field(door: Door, body: object, field: str) -> None:
    answer = await door.post(f"{ROOM}/messages", json=body)
    assert_problem(answer, 400, "bad_request")
    assert list(answer.body["errors"]) == [field]
    assert not door.calls


async def test_a_refusal_never_repeats_what_was_sent(door: Door) -> None:
    secret = "do-not-repeat"
    body = {"kind": secret, "title": [secret], "members": [{"user_id": {"a": secret}}], "archived": secret}
    answer = await door.post("/api/v1/rooms", json=body)
    assert_problem(answer, 400, "bad_request")
    assert secret not in json.dumps(answer.body)
    assert set(answer.body["errors"]) == {"kind", "title", "members.0.user_id", "archived"}


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "bad_request"),
        (b"{", 400, "bad_request"),
        (b"null", 400, "bad_request"),
        (b'{"text": NaN}', 400, "bad_request"),
        (b'{"text": Infinity}', 400, "bad_request"),
        (b'{"text": "a", "text": "b"}', 400, "bad_request"),
        (b'{"text": "\\ud83d"}', 400, "bad_request"),
        (b'{"\\ud83d": "a"}', 400, "bad_request"),
        (b'{"text": "\xff"}', 400, "bad_request"),
        (b'\xef\xbb\xbf{"text": "a"}', 400, "bad_request"),
        ('{"text": "a"}'.encode("utf-16"), 400, "bad_request"),
        (b'{"text": ' + b"9" * 5000 + b"}", 400, "bad_request"),
        (b"[" * 5000 + b"]" * 5000, 400, "bad_request"),
        (b"[" * 33 + b"]" * 33, 400, "bad_request"),
        (b'{"a":' * 50_000, 400, "bad_request"),
        (b'"' + b"x" * MAX_BODY + b'"', 413, "payload_too_large"),
        (b" " * (MAX_BODY * 8), 413, "payload_too_large"),
    ],
    ids=lambda value: repr(value)[:24] if isinstance(value, bytes) else None,
)
async def test_hostile_bytes_are_refused_in_order(door: Door, raw: bytes, status: int, code: str) -> None:
    answer = await door.post(f"{ROOM}/messages", data=raw, headers={"Content-Type": "application/json"})
    assert_problem(answer, status, code)
    assert not door.calls


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "br"},
    ],
)
async def test_only_plain_json_is_read(door: Door, headers: dict[str, str]) -> None:
    answer = await door.post(f"{ROOM}/messages", data=b'{"text": "a"}', headers=headers)
    assert answer.status in {400, 415}, "a coding that the server cannot undo fails before we are asked"
    assert not door.calls


async def test_a_missing_content_type_is_unsupported(door: Door) -> None:
    answer = await door.post(f"{ROOM}/messages", data=b'{"text": "a"}', skip_auto_headers=["Content-Type"])
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "schlüssel"])
async def test_an_odd_idempotency_key_is_refused(door: Door, key: str) -> None:
    answer = await door.post(f"{ROOM}/messages", json={"text": "a"}, headers={"Idempotency-Key": key})
    assert_problem(answer, 400, "bad_request")
    assert not door.calls


@pytest.mark.parametrize("room_id", ["x" * 65, "%20", "%00", "a%0Ab"])
async def test_what_could_be_no_id_is_not_found(door: Door, room_id: str) -> None:
    assert_problem(await door.get(f"/api/v1/rooms/{room_id}"), 404, "not_found")
    assert not door.calls


async def test_ids_and_emoji_are_decoded(door: Door) -> None:
    await door.ask("PUT", "/api/v1/messages/msg_1/reactions/%F0%9F%91%8D/@me")
    assert door.calls[0].path == {"message_id": "msg_1", "emoji": "👍"}


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/rooms", "/api/", "/api/v1/rooms/"])
async def test_an_unknown_address_is_a_problem_too(door: Door, path: str) -> None:
    assert_problem(await door.get(path), 404, "not_found")


async def test_a_wrong_method_is_told_the_right_ones(door: Door) -> None:
    answer = await door.ask("DELETE", "/api/v1/rooms")
    assert_problem(answer, 405, "method_not_allowed")
    assert {method.strip() for method in answer.headers["Allow"].split(",")} == {"GET", "POST"}


async def test_a_refusal_of_the_service_arrives_with_its_code() -> None:
    async def refuse(_call: RestCall) -> WireModel:
        raise Conflict(code=ErrorCode.ROOM_ARCHIVED)

    async with open_door({"postMessage": refuse}) as door:
        answer = await door.post(f"{ROOM}/messages", json={"text": "a"})
    assert_problem(answer, 409, "room_archived")


async def test_what_is_away_may_be_asked_again() -> None:
    async def refuse(_call: RestCall) -> WireModel:
        raise Unavailable(retry_after_ms=500)

    async with open_door({"getMe": refuse}) as door:
        answer = await door.get("/api/v1/me")
    assert_problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


async def test_a_mistake_of_ours_says_nothing_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_call: RestCall) -> WireModel:
        raise RuntimeError("INSERT INTO messages VALUES ('something private')")

    async with open_door({"postMessage": fail}) as door:
        with caplog.at_level(logging.ERROR):
            answer = await door.post(f"{ROOM}/messages", json={"text": "something private"})
    assert_problem(answer, 500, "internal")
    (record,) = (record for record in caplog.records if record.name == "server.problems")
    assert record.__dict__["request_id"] == "req_test"
    assert "private" not in json.dumps(answer.body)
    assert "private" not in repr(record.__dict__)


async def test_the_document_is_served_to_anybody(door: Door) -> None:
    answer = await door.get("/api/v1/openapi.json", token=None)
    assert answer.status == 200
    assert answer.body["openapi"] == "3.1.0"
    assert "/api/v1/development/sign-in" not in answer.body["paths"]


async def test_development_offers_more() -> None:
    async with open_door(development=True) as door:
        document = await door.get("/api/v1/openapi.json", token=None)
        answer = await door.post("/api/v1/development/sign-in", token=None, json={"name": "Noor"})
    assert "/api/v1/development/sign-in" in document.body["paths"]
    assert answer.status == 200


async def test_in_production_there_is_no_development_sign_in(door: Door) -> None:
    assert_problem(await door.post("/api/v1/development/sign-in", json={"name": "Noor"}), 404, "not_found")


async def test_every_operation_of_the_contract_answers(door: Door) -> None:
    from contract.export.examples import PATH_VALUES, asked, examples

    known = examples()
    served = [spec for spec in OPERATIONS.values() if not spec.only_in_development]
    for spec in served:
        options: dict[str, Any] = {}
        if spec.query is not None:
            options["params"] = {name: str(value) for name, value in asked(known[spec.query]).items()}
        if spec.body is not None:
            options["json"] = asked(known[spec.body])
        answer = await door.ask(spec.method, spec.path.format(**PATH_VALUES), **options)
        assert answer.status == spec.status, (spec.operation, answer.body)
    assert [call.operation for call in door.calls] == [spec.operation for spec in served]


async def test_a_handler_gets_only_what_the_contract_gives(door: Door) -> None:
    await door.get("/api/v1/search?q=word")
    assert door.calls[0].query(SearchMessages).q == "word"
    with pytest.raises(TypeError):
        door.calls[0].body(CreateRoom)


async def test_a_door_with_a_handler_missing_cannot_be_attached() -> None:
    from realtime.rest import RestDoor
    from tests.server.rest_door import Limiter, OneToken

    door = RestDoor(handlers={}, sign_in=OneToken(), limiter=Limiter(), address_of=lambda _request: "here")
    with pytest.raises(ValueError, match="createRoom"):
        door.attach(web.Application())
