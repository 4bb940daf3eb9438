"""What a hostile client sends: the session ends at the first error, is logged once, and nobody else notices."""

import asyncio
import contextlib
import json
import logging
import random
import zlib
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.realtime.engine.conftest import Site, Start

CANARY = "CANARY7f3a"

AFTER_CONNECT = {
    "empty message": "",
    "empty packet": "4",
    "engine packet of an unknown type": "7",
    "engine packet that is no digit": "x" + CANARY,
    "OPEN": "0",
    "PING from a client": "2probe",
    "UPGRADE": "5",
    "base64": "bAAAA",
    "packet of an unknown type": "49",
    "broken JSON": f'42["a",{CANARY}',
    "object payload": f'42{{"a":"{CANARY}"}}',
    "empty array": "42[]",
    "no payload": "42",
    "number as a name": "42[1]",
    "reserved connect": '42["connect"]',
    "reserved disconnect": '42["disconnect"]',
    "long id": "42" + "1" * 101 + '["a"]',
    "deep": "42" + "[" * 60_000,
    "NaN": '42["a",NaN]',
    "1e999": '42["a",1e999]',
    "binary event without attachments": '450-["a"]',
    "binary event": '451-["a",{"_placeholder":true,"num":0}]',
    "many attachments": "45999999999-[]",
    "binary ack": "461-1[]",
    "CONNECT_ERROR": '44{"message":"x"}',
    "second CONNECT": "40",
    "event on another namespace": '42/other,["a"]',
    "disconnect of another namespace": "41/other,",
    "ack without an id": "43[]",
}

BEFORE_CONNECT = {
    "event": '42["a"]',
    "ack": "431[]",
    "disconnect": "41",
    "binary event": '451-["a",{"_placeholder":true,"num":0}]',
    "array as auth": "40[]",
    "text as auth": f'40"{CANARY}"',
}


def check_aftermath(site: Site, log: pytest.LogCaptureFixture) -> None:
    assert site.observer.errors == 1
    assert site.app.started.empty()
    lines = [record for record in log.records if not record.name.startswith(("aiohttp.access", "asyncio"))]
    assert len(lines) == 1
    assert lines[0].__dict__["reason"] == "protocol_error"
    assert CANARY not in log.text


@pytest.mark.parametrize("packet", AFTER_CONNECT.values(), ids=AFTER_CONNECT.keys())
async def test_a_connection_ends_at_the_first_wrong_packet(
    start: Start, caplog: pytest.LogCaptureFixture, packet: str
) -> None:
    site = await start()
    async with site.raw() as raw:
        for text in (packet, packet, '42["after"]'):
            await raw.send(text)
        assert await raw.rest() == []
        assert raw.ws.close_code == 1002
    assert (await site.app.disconnected.get())[1] == "protocol_error"
    check_aftermath(site, caplog)


@pytest.mark.parametrize("packet", BEFORE_CONNECT.values(), ids=BEFORE_CONNECT.keys())
async def test_a_session_without_connect_ends_at_the_first_wrong_packet(
    start: Start, caplog: pytest.LogCaptureFixture, packet: str
) -> None:
    site = await start()
    async with site.raw(connect=None) as raw:
        await raw.send(packet)
        assert await raw.rest() == []
    assert site.app.connecting.empty()
    check_aftermath(site, caplog)


@pytest.mark.parametrize("packet", AFTER_CONNECT.values(), ids=AFTER_CONNECT.keys())
async def test_a_polling_session_ends_at_the_first_wrong_packet(
    start: Start, caplog: pytest.LogCaptureFixture, packet: str
) -> None:
    site = await start()
    sid = await site.open_polling()
    response = await site.post(sid, f'{packet}\x1e42["after"]'.encode())
    assert response.status == 400
    assert (await site.poll(sid)).status == 400
    assert (await site.app.disconnected.get())[1] == "protocol_error"
    check_aftermath(site, caplog)


async def test_a_poll_that_waits_is_answered_when_the_session_ends(start: Start) -> None:
    site = await start()
    sid = await site.open_polling()
    poll = asyncio.create_task(site.poll(sid))
    await site.until_polled()
    assert (await site.post(sid, "49")).status == 400
    assert await (await poll).text() == "1"


@pytest.mark.parametrize("data", [b"\x04binary", b""])
async def test_a_binary_message_ends_the_session(start: Start, data: bytes) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.ws.send_bytes(data)
        assert await raw.rest() == []
        assert raw.ws.close_code == 1003


async def test_a_message_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(start: Start) -> None:
    site = await start(max_message_bytes=64 * 1024)
    frame = '42["e","{}"]'
    fits = frame.replace("{}", "x" * (64 * 1024 - len(frame) + 2))
    async with site.raw() as raw:
        await raw.send(fits)
        assert await site.app.started.get() == "e"
        await raw.send(fits[:-2] + 'x"]')
        assert await raw.rest() == []
        assert raw.ws.close_code == 1009
    assert (await site.app.disconnected.get())[1] == "message_too_big"
    sid = await site.open_polling()
    assert (await site.post(sid, fits)).status == 200
    assert (await site.post(sid, fits[:-2] + 'x"]')).status == 400
    assert (await site.poll(sid)).status == 400


async def test_the_limit_counts_bytes_not_characters(start: Start) -> None:
    site = await start(max_message_bytes=1024)
    async with site.raw() as raw:
        await raw.send('42["e","' + "ü" * 600 + '"]')
        assert await raw.rest() == []
        assert raw.ws.close_code == 1009
    sid = await site.open_polling()
    assert (await site.post(sid, ('42["e","' + "ü" * 600 + '"]').encode())).status == 400


PAYLOADS = {
    "too large": (b"3\x1e" * 600, {}),
    "too many packets": (b"\x1e".join([b"3"] * 20), {}),
    "not UTF-8": (b"4\xff\xfe", {}),
    "compressed": (zlib.compress(b"3"), {"Content-Encoding": "deflate"}),
    "base64 attachment": (b"b4AAAA", {}),
    "empty": (b"", {}),
}


@pytest.mark.parametrize(("body", "headers"), PAYLOADS.values(), ids=PAYLOADS.keys())
async def test_a_wrong_payload_is_refused_and_ends_the_session(
    start: Start, body: bytes, headers: dict[str, str]
) -> None:
    site = await start(max_payload_bytes=1000, max_payload_packets=10)
    sid = await site.open_polling()
    assert (await site.post(sid, body, headers=headers)).status == 400
    assert (await site.poll(sid)).status == 400
    assert (await site.app.disconnected.get())[1] == "protocol_error"


async def test_a_chunked_body_is_bounded_too(start: Start) -> None:
    site = await start(max_payload_bytes=1000)
    sid = await site.open_polling()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"3\x1e" * 100

    with contextlib.suppress(aiohttp.ClientError):  # it may be closed while still writing
        assert (await site.post(sid, endless())).status == 400
    assert (await site.app.disconnected.get())[1] == "protocol_error"


async def test_a_body_that_does_not_come_is_given_up(start: Start) -> None:
    site = await start(body_timeout=0.1)
    sid = await site.open_polling()
    host, port = site.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\n"
        f"Host: {host}\r\nContent-Length: 10\r\n\r\n4".encode()
    )
    assert b"400" in await reader.readline()
    assert (await site.app.disconnected.get())[1] == "protocol_error"
    writer.close()


async def test_a_flood_of_pongs_starts_nothing(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        before = len(asyncio.all_tasks())
        for _ in range(5000):
            await raw.send("3")
        await raw.send('421["still here"]')
        assert await raw.receive() == '431[{"ok":true,"data":{"name":"still here","arguments":[]}}]'
        assert len(asyncio.all_tasks()) <= before + 1


async def test_a_flood_of_refused_namespaces_is_bounded(start: Start) -> None:
    site = await start(max_waiting_bytes=64 * 1024)
    async with site.raw(connect=None) as raw:
        await raw.send("40/" + "n" * 1000 + ",")
        answer = await raw.receive()
        assert answer == "44/" + "n" * 1000 + ',{"message":"Invalid namespace"}'
    assert site.app.connecting.empty()


async def test_errors_of_one_client_leave_others_alone(start: Start) -> None:
    site = await start()
    async with site.raw() as good:
        for packet in list(AFTER_CONNECT.values()):
            async with site.raw() as bad:
                await bad.send(packet)
                assert await bad.rest() == []
        await good.send('429["fine"]')
        answer = await good.receive()
        assert answer is not None
        assert json.loads(answer[3:])[0]["ok"] is True
    assert logging.getLogger("engineio.server").level == logging.WARNING


def mutations(seed: int, count: int) -> list[str]:
    """Valid packets with a few characters changed, dropped or doubled."""
    chance = random.Random(seed)
    seeds = [
        '42["message:send",{"text":"hello"}]',
        '421["a"]',
        '40{"token":"t"}',
        "41",
        "3",
        "2probe",
        "431[]",
    ]
    made = []
    for _ in range(count):
        text = list(chance.choice(seeds))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            replacement = chance.choice(
                ["", text[at] * 2, chance.choice('0123456789[]{}",:-/\\\x00\x1eé'), "\ud7ff"]
            )
            text[at : at + 1] = [replacement]
        made.append("".join(text))
    return made


@pytest.mark.parametrize("seed", range(4))
async def test_mutated_packets_never_break_the_server(start: Start, seed: int) -> None:
    site = await start()
    async with site.raw() as good:
        for packet in mutations(seed, 100):
            async with site.raw() as bad:
                await bad.send(packet)
                await bad.ws.close()
            sid = await site.open_polling()
            assert (await site.post(sid, packet.encode())).status in {200, 400}
            await site.post(sid, "1")
        await good.send('429["fine"]')
        assert ((await good.receive()) or "").startswith('439[{"ok":true')
