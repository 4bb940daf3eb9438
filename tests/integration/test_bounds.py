"""What one client may cost: hostile packets, odd texts, slow readers, floods, other people's pages, and addresses."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.integration.people import Person, Rest, School, eventually, fresh, metric
from tests.integration.raw import RawSocket, raw_socket
from tests.services.homeroom import HomeroomServer

_TWO_EMOJI = "\N{ZERO WIDTH JOINER}".join(["\U0001f468", "\U0001f469", "\U0001f467"])


@pytest_asyncio.fixture
async def class_of_two(school: School) -> tuple[Person, Person, str]:
    teacher = await school.person(role="instructor")
    student = await school.person()
    return teacher, student, await school.room(teacher, student)


_FAITHFUL = {
    "one character": "x",
    "8,000 letters": "x" * 8000,
    "quotes and backslashes": "\"\\/\b\f\r\t'`" * 3,
    "lines": "one\n\ntwo\r\nthree",
    "right to left": "\u202eabc\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "zalgo": "Z\u0351\u036b\u0343\u036a\u0302\u0346\u0364\u0342" * 100,
    "emoji of many parts": _TWO_EMOJI * 50,
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))",
    "sql": "'; DROP TABLE messages; -- %_\\",
    "noncharacters": "a\uffff\ufffe\U0010ffffb",
    "invisible": "a\u200b\u00ad\ufeffb",
    "line separators": "a\u2028b\u2029c\x85d\x0bd\x0cd",
    "controls": "\x01\x02\x7f\x9fx",
    "decomposed": "e\u0301 is not \u00e9",
    "what looks like a packet": '42["message:send",{}]',
    "record separator": "a\x1eb",
    "spaces around": "  kept  ",
}


@pytest.mark.parametrize("name", _FAITHFUL)
async def test_an_odd_text_comes_back_as_it_was_sent(
    class_of_two: tuple[Person, Person, str], name: str
) -> None:
    teacher, student, room_id = class_of_two
    text = _FAITHFUL[name]
    sent = await student.says(room_id, text)
    assert sent["message"]["text"] == text
    assert (await teacher.hears("message.new"))["data"]["message"]["text"] == text
    assert (await teacher.do("message:history", {"room_id": room_id}))["items"][0]["text"] == text
    _, page, _ = await Rest(teacher.server, teacher.token).call("GET", f"/api/v1/rooms/{room_id}/messages")
    assert page["items"][0]["text"] == text


_UNACCEPTABLE: dict[str, object] = {
    "nothing": "",
    "blank": "   \n\t ",
    "only no-break spaces": "\u00a0\u2003",
    "8,001 letters": "x" * 8001,
    "NUL": "a\x00b",
    "half of a surrogate pair": "a\ud800b",
    "the other half": "\udc00",
    "a number": 7,
    "null": None,
    "a list": ["x"],
    "an object": {"text": "x"},
}


@pytest.mark.parametrize("name", _UNACCEPTABLE)
async def test_an_unacceptable_text_is_refused_by_field_at_both_doors(
    class_of_two: tuple[Person, Person, str], name: str
) -> None:
    teacher, student, room_id = class_of_two
    text = _UNACCEPTABLE[name]
    error = await student.refused("message:send", {"room_id": room_id, "client_id": fresh("c"), "text": text})
    assert error["code"] == "bad_request"
    assert list(error["fields"]) == ["text"]
    assert not error["retryable"]
    status, problem, _ = await Rest(student.server, student.token).call(
        "POST",
        f"/api/v1/rooms/{room_id}/messages",
        data=json.dumps({"text": text}),
        headers={"Content-Type": "application/json"},
    )
    assert (status, problem["code"], list(problem["errors"])) == (400, "bad_request", ["text"])
    assert (await teacher.do("message:history", {"room_id": room_id}))["items"] == []


async def test_eight_thousand_emoji_pass_as_raw_utf8(class_of_two: tuple[Person, Person, str]) -> None:
    teacher, student, room_id = class_of_two
    text = "\U0001f9d1" * 8000
    async with raw_socket(student.server, student.token) as raw:
        answer = await raw.ask("message:send", {"room_id": room_id, "client_id": "emoji", "text": text})
        assert answer["ok"]
        refused = await raw.ask("message:send", {"room_id": room_id, "client_id": "more", "text": text + "x"})
        assert list(refused["error"]["fields"]) == ["text"]
    assert (await teacher.hears("message.new"))["data"]["message"]["text"] == text


async def test_a_packet_larger_than_64_kib_closes_the_connection(
    class_of_two: tuple[Person, Person, str],
) -> None:
    teacher, student, room_id = class_of_two
    async with raw_socket(student.server, student.token) as raw:
        wish = {"room_id": room_id, "client_id": "huge", "text": "x" * 66_000}
        await raw.send("421" + json.dumps(["message:send", wish]))
        assert await raw.ended() == 1009
    await teacher.caught_up()
    assert "message.new" not in teacher.types()
    await student.do("room:list", {})


_HOSTILE: dict[str, list[str | bytes]] = {
    "an unknown packet type": ["9"],
    "an unknown socket packet": ["49"],
    "nothing": [""],
    "binary": [b"\x00\x01"],
    "attachments without end": ['45999999999-["message:send",{}]'],
    "an attachment": ['451-["message:send",{"_placeholder":true,"num":0}]', b"x"],
    "broken JSON": ['42["message:send"'],
    "deep nesting": ["42" + "[" * 30_000],
    "not a list": ["42{}"],
    "no name": ["42[]"],
    "a number for a name": ["42[7]"],
    "a reserved name": ['42["connect"]', '42["disconnect"]'],
    "an id of a hundred digits": ["42" + "1" * 100 + '["room:list",{}]'],
    "another namespace": ["42/admin,1[]"],
    "connecting twice": ['40{"token":"x"}'],
    "an ack nobody asked for": ["431[]"],
    "numbers that are none": ['421["room:list",{"limit":NaN}]'],
    "pongs": ["3"] * 500,
    "upgrade": ["5"],
}


@pytest.mark.parametrize("name", _HOSTILE)
async def test_a_hostile_packet_harms_nobody_else(
    class_of_two: tuple[Person, Person, str], name: str
) -> None:
    teacher, student, room_id = class_of_two
    async with raw_socket(student.server, student.token) as raw:
        for packet in _HOSTILE[name]:
            await raw.send(packet)
        await raw.send('429["room:list",{}]')
        await _answered_or_closed(raw)
    await student.says(room_id, "unharmed")
    await teacher.hears_text("unharmed")
    assert "Traceback" not in student.server.output()
    assert '"level":"error"' not in student.server.output()


async def _answered_or_closed(raw: RawSocket) -> None:
    async with asyncio.timeout(10):
        while (message := await raw.ws.receive()).type is aiohttp.WSMsgType.TEXT:
            if str(message.data).startswith("439["):
                return


_ODD_ARGUMENTS: dict[str, list[object]] = {
    "none": [],
    "two": [{}, {}],
    "null": [None],
    "a text": ["room_1"],
    "a list": [[{}]],
    "a number": [7],
}


@pytest.mark.parametrize("name", _ODD_ARGUMENTS)
async def test_a_command_without_exactly_one_object_is_answered(school: School, name: str) -> None:
    student = await school.person()
    async with raw_socket(student.server, student.token) as raw:
        await raw.ws.send_str("421" + json.dumps(["room:get", *_ODD_ARGUMENTS[name]]))
        packet = ""
        while not packet.startswith("431"):
            packet = str((await raw.ws.receive()).data)
    error = json.loads(packet[3:])[0]["error"]
    assert error["code"] == "bad_request"
    assert error["request_id"]


async def test_a_command_that_does_not_exist_is_answered(school: School) -> None:
    student = await school.person()
    for name in ("message:shout", "message.new", "connection.ok", "__class__", "x" * 10_000, ""):
        assert (await student.refused(name, {}))["code"] == "bad_request"


async def test_a_slow_reader_is_cut_off_and_nobody_else_notices(school: School) -> None:
    teacher = await school.person(role="instructor")
    student = await school.person()
    sleeper = fresh("u")
    room_id = await school.room(teacher, student, sleeper)
    server = teacher.server
    cut_off = 'rtc_disconnect_total{reason="slow_consumer"}'
    before = await metric(server, cut_off)
    slow = _SlowSocket(server, server.token(sleeper))
    await slow.joins(room_id)

    writers = [await school.person() for _ in range(6)]
    for writer in writers:
        await teacher.do("member:add", {"room_id": room_id, "user_id": writer.user})

    async def is_cut_off() -> bool:
        text = "\u4e2d" * 8000  # 24 KB on the wire
        wishes = [{"room_id": room_id, "client_id": fresh("c"), "text": text} for _ in writers]
        await asyncio.gather(*(w.ask("message:send", wish) for w, wish in zip(writers, wishes, strict=True)))
        return await metric(server, cut_off) > before

    await eventually(is_cut_off, 60)
    slow.close()
    last = await student.says(room_id, "and on we go")
    await teacher.hears_text("and on we go")
    await student.caught_up()
    seqs = [event["seq"] for event in student.log(room_id)]
    assert seqs == list(range(seqs[0], last["seq"] + 1))


class _SlowSocket:
    """A WebSocket with a tiny window that reads nothing once it has joined."""

    def __init__(self, server: HomeroomServer, token: str) -> None:
        self._server = server
        self._token = token
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(10)

    async def joins(self, room_id: str) -> None:
        await asyncio.to_thread(self._join, room_id)

    def close(self) -> None:
        self._socket.close()

    def _join(self, room_id: str) -> None:
        self._socket.connect(("127.0.0.1", self._server.port))
        self._socket.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self._until(b'"pingTimeout"')
        self._say("40" + json.dumps({"token": self._token}))
        self._until(b'"connection.ok"')
        self._say("421" + json.dumps(["room:join", {"room_id": room_id}]))
        self._until(b'431[{"ok":true')

    def _until(self, wanted: bytes) -> None:
        seen = b""
        while wanted not in seen:
            more = self._socket.recv(1024)
            assert more, seen[-500:]
            seen += more

    def _say(self, text: str) -> None:
        """A masked text frame of less than 64 KiB, its mask all zeros (RFC 6455 section 5.2)."""
        body = text.encode()
        self._socket.sendall(b"\x81\xfe" + len(body).to_bytes(2) + b"\0\0\0\0" + body)


async def test_three_hundred_students_behind_one_address_come_in_at_once(lone_node: HomeroomServer) -> None:
    key = fresh("assembly")
    async with School(lone_node) as school:
        rooms = {key: "student"}
        people = [
            Person(lone_node, user, lone_node.token(user, rooms=rooms)) for user in map(fresh, ["s"] * 300)
        ]

        async def come_in(person: Person) -> str:
            await person.connect()
            room: str = (await person.do("room:join", {"key": key}))["room"]["id"]
            return room

        ids = await asyncio.gather(*map(come_in, people))
        assert len(set(ids)) == 1
        teacher = await school.person(role="instructor", rooms={key: "instructor"})
        room_id = (await teacher.do("room:join", {"key": key}))["room"]["id"]
        seq = (await teacher.says(room_id, "Good morning, everybody!"))["seq"]
        heard = await asyncio.gather(
            *(person.hears_text("Good morning, everybody!", 30) for person in people)
        )
        assert {event["seq"] for event in heard} == {seq}
        assert (await metric(lone_node, 'rtc_ratelimited_total{limit="connect"}')) == 0
        assert (await metric(lone_node, 'rtc_ratelimited_total{limit="join"}')) == 0
        await asyncio.gather(*(person.disconnect() for person in people))


async def test_who_sends_too_much_is_told_when_to_go_on(class_of_two: tuple[Person, Person, str]) -> None:
    _, student, room_id = class_of_two
    wishes = [{"room_id": room_id, "client_id": fresh("c"), "text": "again"} for _ in range(40)]
    answers = await asyncio.gather(*(student.ask("message:send", wish) for wish in wishes))
    limited = [answer["error"] for answer in answers if not answer["ok"]]
    assert limited
    assert {error["code"] for error in limited} == {"rate_limited"}
    assert all(error["retryable"] and error["retry_after_ms"] > 0 for error in limited)
    await asyncio.sleep(max(error["retry_after_ms"] for error in limited) / 1000)
    await student.says(room_id, "after waiting")
    rest = Rest(student.server, student.token)
    posts = [
        rest.call("POST", f"/api/v1/rooms/{room_id}/messages", json={"text": "again"}) for _ in range(40)
    ]
    refused = [answer for answer in await asyncio.gather(*posts) if answer[0] != 201]
    assert refused
    for status, problem, headers in refused:
        assert (status, problem["code"], problem["retryable"]) == (429, "rate_limited", True)
        assert int(headers["Retry-After"]) >= 1


async def test_without_limits_nobody_is_told_to_wait(tmp_path: Path) -> None:
    settings = {"HOMEROOM_LIMITS": "off"}
    async with HomeroomServer(tmp_path, environment=settings) as server, School(server) as school:
        teacher = await school.person(role="instructor")
        room_id = await school.room(teacher)
        wishes = [{"room_id": room_id, "client_id": f"c{n}", "text": "again"} for n in range(300)]
        answers = await asyncio.gather(*(teacher.ask("message:send", wish) for wish in wishes))
        assert all(answer["ok"] for answer in answers)
        assert "limits" in server.output().lower()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proxied_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeroomServer]:
    """A node that believes a proxy at 127.0.0.2 and the origins of an LMS."""
    settings = {
        "HOMEROOM_TRUSTED_PROXIES": "127.0.0.2",
        "HOMEROOM_ALLOWED_ORIGINS": "https://lms.example",
    }
    async with HomeroomServer(tmp_path_factory.mktemp("proxied"), environment=settings) as server:
        yield server


_ORIGINS = {
    None: True,
    "https://lms.example": True,
    "{own}": True,
    "null": False,
    "": False,
    "https://evil.test": False,
    "https://lms.example.evil.test": False,
    "https://evil-lms.example": False,
    "http://lms.example": False,
    "https://lms.example:8443": False,
    "https://lms.example/": False,
    "https://user@lms.example": False,
    "https://lms.example, https://evil.test": False,
    "HTTPS://LMS.EXAMPLE": False,
    "https://lms\uff0eexample": False,
}


@pytest.mark.parametrize("origin", _ORIGINS, ids=str)
async def test_only_allowed_pages_connect_over_either_transport(
    proxied_node: HomeroomServer, origin: str | None
) -> None:
    allowed = _ORIGINS[origin]
    headers = {} if origin is None else {"Origin": origin.format(own=proxied_node.url)}
    async with aiohttp.ClientSession() as session:
        url = f"{proxied_node.url}/socket.io/?EIO=4&transport="
        async with session.get(f"{url}polling", headers=headers) as answer:
            assert (answer.status == 200) == allowed
            shown = answer.headers.get("Access-Control-Allow-Origin")
            assert shown != "*"
            assert shown is None or allowed
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        async with session.get(f"{url}websocket", headers=headers | upgrade) as answer:
            assert answer.status == 101 if allowed else answer.status in {400, 403}


async def test_a_spoofed_host_does_not_make_an_evil_page_ones_own(proxied_node: HomeroomServer) -> None:
    headers = {"Origin": "https://evil.test", "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https"}
    url = f"{proxied_node.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        assert answer.status != 200


async def test_the_address_a_trusted_proxy_names_is_believed_and_no_other(
    proxied_node: HomeroomServer,
) -> None:
    before = _addresses(proxied_node)
    for source, forwarded in (("127.0.0.2", "198.51.100.7"), ("127.0.0.3", "198.51.100.8")):
        connector = aiohttp.TCPConnector(local_addr=(source, 0))
        async with aiohttp.ClientSession(connector=connector) as session:
            headers = {"X-Forwarded-For": forwarded}
            async with session.get(f"{proxied_node.url}/api/v1/me", headers=headers) as answer:
                assert answer.status == 401
    seen = _addresses(proxied_node)[len(before) :]
    assert "198.51.100.8" not in seen


def _addresses(server: HomeroomServer) -> list[str]:
    """Client addresses as the log has them."""
    return re.findall(r"\b(?:198\.51\.100|127\.0\.0)\.\d+\b", server.output())
