"""What happens below the packets: compression, heartbeat, upgrade, polling, origins, addresses."""

import asyncio
import gc
import json
import weakref
from ipaddress import ip_network

import aiohttp
import pytest

from tests.realtime.engine.conftest import Raw, Site, Start

DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}


async def test_compression_is_not_negotiated_with_one_who_offers_it(start: Start) -> None:
    site = await start()
    url = f"{site.endpoint}?EIO=4&transport=websocket"
    async with site.http.ws_connect(url, headers=DEFLATE) as ws:
        assert "Sec-WebSocket-Extensions" not in ws._response.headers
    response = await site.poll(headers={"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in response.headers


async def test_one_who_answers_pings_stays_and_one_who_does_not_is_closed(start: Start) -> None:
    site = await start(ping_interval=0.1, ping_timeout=0.5)
    async with site.raw() as lively, site.raw() as silent:
        silent.answer_pings = False
        answer = asyncio.create_task(lively.receive())
        assert await silent.rest() == []
        _, reason = await site.app.disconnected.get()
        assert reason == "ping_timeout"
        await lively.send('421["still here"]')
        assert ((await answer) or "").startswith("431")
        assert site.engine.clients == 1


async def test_a_polling_client_that_vanished_is_closed(start: Start) -> None:
    site = await start(ping_interval=0.05, ping_timeout=0.05)
    sid = await site.open_polling()
    assert (await site.app.disconnected.get())[1] == "ping_timeout"
    assert (await site.poll(sid)).status == 400


async def test_a_jump_of_the_wall_clock_disconnects_nobody(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    site = await start(ping_interval=0.02, ping_timeout=5)
    async with site.raw() as raw:
        for offset in (3600, -3600):
            real = time.time
            monkeypatch.setattr(time, "time", lambda real=real, offset=offset: real() + offset)
            raw.answer_pings = False
            assert (await raw.ws.receive()).data == "2"
            await raw.send("3")
            raw.answer_pings = True
        await raw.send('421["e"]')
        assert ((await raw.receive()) or "").startswith("431")


async def probe(site: Site, sid: str) -> Raw:
    url = f"{site.endpoint}?EIO=4&transport=websocket&sid={sid}"
    raw = Raw(await site.http.ws_connect(url))
    await raw.send("2probe")
    assert await raw.receive() == "3probe"
    return raw


async def test_an_upgrade_ends_the_poll_and_moves_everything(start: Start) -> None:
    site = await start()
    sid = await site.open_polling()
    connection = await site.app.connected.get()
    poll = asyncio.create_task(site.poll(sid))
    await asyncio.sleep(0)
    raw = await probe(site, sid)
    assert await (await poll).text() == "6"
    connection.send(site.engine.encode("between", {}))
    await raw.send("5")
    assert await raw.receive() == '42["between",{}]'
    await raw.send('421["e"]')
    assert ((await raw.receive()) or "").startswith("431")
    assert (await site.poll(sid)).status == 400
    assert (await site.post(sid, "3")).status == 400
    async with site.http.ws_connect(f"{site.endpoint}?EIO=4&transport=websocket&sid={sid}") as second:
        await second.send_str("2probe")
        assert await Raw(second).rest() == []
    await raw.send('422["e"]')
    assert ((await raw.receive()) or "").startswith("432")
    await raw.ws.close()


async def test_one_who_is_closed_in_the_middle_of_an_upgrade_is_still_told(start: Start) -> None:
    site = await start()
    sid = await site.open_polling()
    raw = await probe(site, sid)
    await (await site.app.connected.get()).close("kicked", final=True)
    await raw.send("5")
    assert await raw.rest() == ["41"]
    assert (await site.poll(sid)).status == 400


@pytest.mark.parametrize("wrong", ["5", "2", "4hello", "2probex"])
async def test_a_wrong_probe_leaves_the_polling_session_alone(start: Start, wrong: str) -> None:
    site = await start()
    sid = await site.open_polling()
    async with site.http.ws_connect(f"{site.endpoint}?EIO=4&transport=websocket&sid={sid}") as ws:
        await ws.send_str(wrong)
        assert (await ws.receive()).type is not aiohttp.WSMsgType.TEXT
    await site.post(sid, '421["e"]')
    assert (await (await site.poll(sid)).text()).startswith("431")


async def test_an_upgrade_that_is_abandoned_leaves_the_polling_session_alone(start: Start) -> None:
    site = await start(auth_deadline=0.2)
    sid = await site.open_polling()
    raw = await probe(site, sid)
    assert await raw.rest() == []
    await site.post(sid, '421["e"]')
    assert (await (await site.poll(sid)).text()).startswith("431")


async def test_a_second_poll_at_the_same_time_ends_the_session(start: Start) -> None:
    site = await start()
    sid = await site.open_polling()
    answers = await asyncio.gather(site.poll(sid), site.poll(sid))
    assert sorted([answer.status for answer in answers]) == [200, 400]
    assert "1" in [await answer.text() for answer in answers]
    assert (await site.app.disconnected.get())[1] == "protocol_error"


async def test_many_events_for_a_polling_client_come_in_payloads_that_stock_clients_take(
    start: Start,
) -> None:
    site = await start()
    sid = await site.open_polling()
    connection = await site.app.connected.get()
    for n in range(40):
        connection.send(site.engine.encode("n", n))
    counts: list[int] = []
    got: list[int] = []
    while len(got) < 40:
        packets = (await (await site.poll(sid)).text()).split("\x1e")
        counts.append(len(packets))
        got += [json.loads(packet[2:])[1] for packet in packets]
    assert got == list(range(40))
    assert counts == [16, 16, 8]


async def test_the_close_packet_answers_the_poll_and_ends_the_session(start: Start) -> None:
    site = await start()
    sid = await site.open_polling()
    poll = asyncio.create_task(site.poll(sid))
    await site.until_polled()
    assert await (await site.post(sid, "1")).text() == "ok"
    assert await (await poll).text() == "6"
    assert (await site.poll(sid)).status == 400
    assert (await site.app.disconnected.get())[1] == "client_disconnect"


BAD_REQUESTS = [
    ("GET", {"EIO": "4"}),
    ("GET", {"EIO": "4", "transport": "carrier-pigeon"}),
    ("GET", {"EIO": "3", "transport": "polling"}),
    ("GET", {"transport": "polling"}),
    ("GET", {"EIO": "4", "transport": "websocket"}),
    ("GET", {"EIO": "4", "transport": "polling", "sid": "nobody"}),
    ("GET", {"EIO": "4", "transport": "polling", "j": "0"}),
    ("POST", {"EIO": "4", "transport": "polling"}),
    ("POST", {"EIO": "4", "transport": "polling", "sid": "nobody"}),
    ("PUT", {"EIO": "4", "transport": "polling"}),
    ("DELETE", {"EIO": "4", "transport": "polling"}),
]


@pytest.mark.parametrize(("method", "query"), BAD_REQUESTS, ids=str)
async def test_a_wrong_request_makes_no_session(start: Start, method: str, query: dict[str, str]) -> None:
    site = await start()
    async with site.http.request(method, site.endpoint, params=query) as response:
        assert response.status == 400
    assert not site.engine._sessions.sockets


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://school.example.evil.example"])
async def test_a_foreign_page_gets_403_before_there_is_a_session(start: Start, origin: str) -> None:
    site = await start(allowed_origins=frozenset({"https://school.example"}))
    response = await site.poll(headers={"Origin": origin})
    assert response.status == 403
    assert "Access-Control-Allow-Origin" not in response.headers
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with site.raw(headers={"Origin": origin}):
            pass
    assert caught.value.status == 403
    assert not site.engine._sessions.sockets
    assert site.observer.refused == ["origin", "origin"]
    async with site.raw():
        pass  # no browser, no Origin


async def test_an_allowed_page_gets_its_cors_headers(start: Start) -> None:
    origin = {"Origin": "https://school.example"}
    site = await start(allowed_origins=frozenset({"https://school.example"}))
    async with site.raw(headers=origin):
        pass
    for response in (await site.poll(headers=origin), await site.poll("nobody", headers=origin)):
        assert response.headers["Access-Control-Allow-Origin"] == "https://school.example"
        assert response.headers["Vary"] == "Origin"
    async with site.http.options(site.endpoint, headers=origin) as response:
        assert response.status == 204
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Origin" not in (await site.poll()).headers


async def test_the_same_origin_is_computed_from_the_host_alone(start: Start) -> None:
    site = await start(same_origin=True)
    assert (await site.poll(headers={"Origin": site.url})).status == 200
    forged = {
        "Origin": "https://evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
    }
    assert (await site.poll(headers=forged)).status == 403


async def test_the_same_origin_behind_a_trusted_proxy_is_what_the_proxy_says(start: Start) -> None:
    site = await start(same_origin=True, trusted_proxies=(ip_network("127.0.0.0/8"),))
    told = {"X-Forwarded-Host": "school.example", "X-Forwarded-Proto": "https"}
    assert (await site.poll(headers={"Origin": "https://school.example"} | told)).status == 200
    assert (await site.poll(headers={"Origin": "https://evil.example"} | told)).status == 403


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [((), "127.0.0.1"), ((ip_network("127.0.0.0/8"),), "203.0.113.7")],
    ids=["no", "yes"],
)
async def test_a_connection_knows_its_client_s_address(
    start: Start, trusted: tuple[object], expected: str
) -> None:
    site = await start(trusted_proxies=trusted)
    async with site.raw(headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"}):
        assert (await site.app.connected.get()).address == expected


async def test_a_connection_is_freed_when_it_is_over(start: Start) -> None:
    site = await start()
    async with site.raw():
        ghost = weakref.ref(site.app.connecting.get_nowait())
        site.app.connected.get_nowait()
    await site.app.disconnected.get()
    while site.engine._sessions.sockets or site.engine._lives:
        await asyncio.sleep(0)
    gc.collect()
    assert ghost() is None
