"""The stock Python client, on each transport."""

import asyncio
from collections.abc import Callable

import pytest
import socketio

from tests.realtime.engine.conftest import Start

Client = Callable[..., socketio.AsyncClient]


async def test_a_command_is_answered_with_one_object(
    start: Start, client: Client, transports: list[str]
) -> None:
    site = await start()
    me = client()
    await me.connect(site.url, auth={"name": "Zoë"}, transports=transports)
    answer = await me.call("message:send", {"text": "Grüße 👋"}, timeout=5)
    assert answer == {"ok": True, "data": {"name": "message:send", "arguments": [{"text": "Grüße 👋"}]}}
    assert me.transport() == transports[-1]
    assert (await site.app.connected.get()).context == {"name": "Zoë"}


async def test_events_reach_the_client_in_order(start: Start, client: Client, transports: list[str]) -> None:
    site = await start()
    me = client()
    got: asyncio.Queue[int] = asyncio.Queue()
    me.on("tick", lambda data: got.put_nowait(data["n"]))
    await me.connect(site.url, transports=transports)
    connection = await site.app.connected.get()
    for n in range(500):
        connection.send(site.engine.encode("tick", {"n": n}))
    assert [await got.get() for _ in range(500)] == list(range(500))


async def test_a_departure_is_told_once(start: Start, client: Client, transports: list[str]) -> None:
    site = await start()
    me = client()
    await me.connect(site.url, transports=transports)
    connection = await site.app.connected.get()
    assert site.engine.clients == 1
    assert site.engine.connections[connection.sid] is connection
    await me.disconnect()
    gone, reason = await site.app.disconnected.get()
    assert gone is connection
    assert reason in {"client_disconnect", "transport_close"}
    assert site.engine.clients == 0
    assert site.app.disconnected.empty()
    assert site.observer.opened == 1
    assert site.observer.closed == [reason]


async def test_a_refused_client_learns_the_code_and_the_sentence(
    start: Start, client: Client, transports: list[str]
) -> None:
    site = await start()
    me = client()
    errors: list[object] = []
    me.on("connect_error", errors.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await me.connect(site.url, auth={"do": "refuse"}, transports=transports)
    assert errors == [{"message": "Sign in first.", "data": {"code": "unauthorized", "retryable": False}}]
    assert site.engine.clients == 0
    assert site.app.disconnected.empty()


async def test_events_sent_while_connecting_follow_the_connect_reply(start: Start) -> None:
    site = await start()
    async with site.raw('40{"do":"greet"}') as raw:
        assert await raw.receive() == '42["hello",{"n":1}]'
        assert await raw.receive() == '42["hello",{"n":2}]'
    sid = await site.open_polling(connect=None)
    await site.post(sid, '40{"do":"greet"}')
    packets = (await (await site.poll(sid)).text()).split("\x1e")
    assert packets[0].startswith("40{")
    assert packets[1:] == ['42["hello",{"n":1}]', '42["hello",{"n":2}]']


async def test_a_transport_close_makes_the_client_come_back(
    start: Start, client: Client, transports: list[str]
) -> None:
    site = await start()
    me = client(reconnection=True, reconnection_delay=0.01, randomization_factor=0)
    back: asyncio.Queue[None] = asyncio.Queue()
    me.on("connect", lambda: back.put_nowait(None))
    await me.connect(site.url, transports=transports)
    first = await site.app.connected.get()
    await back.get()
    await first.close("moved", final=False)
    await back.get()
    second = await site.app.connected.get()
    assert second.sid != first.sid
    assert await site.app.disconnected.get() == (first, "moved")
    assert (await me.call("ping", {}, timeout=5))["ok"] is True


async def test_a_final_close_keeps_the_client_away(
    start: Start, client: Client, transports: list[str]
) -> None:
    site = await start()
    me = client(reconnection=True, reconnection_delay=0.01)
    left: asyncio.Queue[str] = asyncio.Queue()
    me.on("disconnect", left.put_nowait)
    await me.connect(site.url, transports=transports)
    connection = await site.app.connected.get()
    await connection.close("kicked", final=True)
    assert await left.get() == "server disconnect"
    assert await site.app.disconnected.get() == (connection, "kicked")
    assert not me.connected
    assert site.app.connected.empty()


async def test_more_than_sixteen_packets_in_one_payload_all_arrive(start: Start, client: Client) -> None:
    site = await start()
    me = client()
    await me.connect(site.url, transports=["polling"])
    answers: asyncio.Queue[object] = asyncio.Queue()
    for n in range(60):
        await me.emit(
            "count", {"n": n}, callback=lambda answer: answers.put_nowait(answer["data"]["arguments"][0])
        )
    assert [await answers.get() for _ in range(60)] == [{"n": n} for n in range(60)]
