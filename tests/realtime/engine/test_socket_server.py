"""What python-socketio gets wrong or leaves open, and what our server does instead."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest
import socketio

from realtime.engine import EngineServer, SocketServer
from tests.realtime.engine.bare import Bare, drop, serving


async def rest(ws: aiohttp.ClientWebSocketResponse) -> list[str]:
    """Every packet until the server closes."""
    return [message.data async for message in ws if message.data != "2"]


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


MALFORMED = {
    "unknown type": "4abc",
    "engine type": "abc",
    "not JSON": '42["a',
    "object payload": "42{}",
    "empty array": "42[]",
    "bad ack id": '42abc["a"]',
    "no payload": "42",
    "ack without payload": "431",
    "reserved name": '42["disconnect"]',
    "another namespace": '42/other,["a"]',
    "CONNECT_ERROR": "44{}",
    "too deep": "42" + "[" * 10_000,
    "attachments that are none": '450-["a"]',
    "too many attachments": '45101-["a"]',
    "a placeholder too high": '451-["a",{"_placeholder":true,"num":1}]',
    "a placeholder that is no number": '451-["a",{"_placeholder":true,"num":"0"}]',
}


@pytest.mark.parametrize("packet", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_packet_closes_at_once(packet: str) -> None:
    async with serving(SocketServer()) as site:
        async with site.socket() as ws:
            await ws.send_str(packet)
            assert await rest(ws) == []
            assert ws.close_code == 1002
        sid = await site.open_polling()
        assert (await site.post(sid, packet))[0] == 400
        assert (await site.poll(sid))[0] == 400


async def test_an_event_before_connect_closes() -> None:
    async with serving(SocketServer()) as site, site.socket(connect=None) as ws:
        await ws.send_str('42["a"]')
        assert await rest(ws) == []


async def test_an_unknown_namespace_is_named_as_node_names_it() -> None:
    async with serving(SocketServer()) as site, site.socket(connect=None) as ws:
        await ws.send_str("40/random")
        assert await ws.receive_str() == '44/random,{"message":"Invalid namespace"}'


async def test_who_never_connects_is_closed_after_the_timeout() -> None:
    async with serving(SocketServer(connect_timeout=0.1)) as site, site.socket(connect=None) as ws:
        assert await rest(ws) == []


async def test_the_connect_reply_comes_before_what_the_connect_handler_emits() -> None:
    sio = SocketServer()

    @sio.event
    async def connect(sid: str, environ: object, auth: object) -> None:
        await sio.emit("auth", auth or {}, to=sid)

    async with serving(sio) as site, site.socket() as ws:
        assert await ws.receive_str() == '42["auth",{}]'


async def test_a_client_that_leaves_while_its_connect_handler_waits_becomes_no_ghost() -> None:
    sio, go_on, reasons = SocketServer(), asyncio.Event(), []

    @sio.event
    async def connect(sid: str, environ: object, auth: object) -> None:
        await go_on.wait()
        await sio.enter_room(sid, "room")

    @sio.event
    async def disconnect(sid: str, reason: str) -> None:
        reasons.append(reason)

    async with serving(sio) as site:
        sid = await site.open_polling(connect=None)
        await site.post(sid, "40")
        await site.post(sid, "1")
        await until(lambda: not sio.eio.sockets)
        go_on.set()
        await until(lambda: reasons)
        assert reasons == ["client disconnect"]
        assert not sio.manager.rooms
        assert not sio.environ


async def test_a_kicked_client_loses_its_transport() -> None:
    sio = SocketServer()

    @sio.on("kick me")
    async def kick(sid: str) -> None:
        await sio.disconnect(sid)

    async with serving(sio) as site, site.socket() as ws:
        await ws.send_str('42["kick me"]')
        await ws.send_str("40")
        assert await rest(ws) == ["41"]


async def test_a_failing_handler_is_answered_and_logged_without_what_it_was_given(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sio = SocketServer()

    @sio.on("fail")
    async def fail(sid: str, text: str) -> None:
        raise RuntimeError(text)

    async with serving(sio) as site, site.socket() as ws:
        await ws.send_str('421["fail","CANARY"]')
        assert await ws.receive_str() == '431[{"error":"Internal server error"}]'
        await ws.send_str('42["fail","CANARY"]')
    assert "RuntimeError" in caplog.text
    assert "CANARY" not in caplog.text


async def test_acknowledgements_that_nobody_asked_for_change_nothing() -> None:
    sio = SocketServer()

    @sio.on("ask")
    async def ask(sid: str) -> Any:
        return await sio.call("question", to=sid, timeout=5)

    async with serving(sio) as site, site.socket() as ws:
        await ws.send_str("430[]")
        await ws.send_str("4377[1]")
        await ws.send_str('421["ask"]')
        assert await ws.receive_str() == '421["question"]'
        await ws.send_str('431["answer"]')
        assert await ws.receive_str() == '431["answer"]'


async def test_a_call_that_is_not_answered_leaves_nothing_behind() -> None:
    sio = SocketServer()
    async with serving(sio) as site, site.socket() as ws:
        [(sid, _)] = sio.manager.get_participants("/", None)
        with pytest.raises(socketio.exceptions.TimeoutError):
            await sio.call("question", to=sid, timeout=0.01)
        with pytest.raises(socketio.exceptions.TimeoutError):
            await sio.call("question", to="on another node", timeout=0.01)
        client = sio.manager.client(sid, "/")
        assert client is not None
        assert not client._callbacks
        assert not sio.manager._far
        await ws.close()


async def test_the_heartbeat_is_told_in_whole_milliseconds() -> None:
    async with serving(EngineServer(ping_interval=0.35, ping_timeout=0.25)) as site:
        _, opening = await site.poll()
        told = json.loads(opening[1:])
        assert (told["pingInterval"], told["pingTimeout"]) == (350, 250)


async def test_a_payload_of_many_packets_is_taken_whole() -> None:
    eio = EngineServer()
    seen: list[str] = []
    eio.on("message", lambda _, text: seen.append(text))
    async with serving(eio) as site:
        sid = await site.open_polling(connect=None)
        assert await site.post(sid, "\x1e".join(f"4{n}" for n in range(100))) == (200, "ok")
    assert seen == [str(n) for n in range(100)]


async def test_the_environment_knows_the_client_s_address_and_its_request() -> None:
    sio, seen = SocketServer(), []

    @sio.event
    async def connect(sid: str, environ: dict[str, Any], auth: object) -> None:
        seen.append((environ["REMOTE_ADDR"], environ["aiohttp.request"].path))

    async with serving(sio) as site, site.socket():
        assert seen == [("127.0.0.1", "/socket.io/")]
        [(sid, _)] = sio.manager.get_participants("/", None)
        environ = sio.get_environ(sid)
        assert environ is not None
        assert environ["PATH_INFO"] == "/socket.io/"


async def test_a_handshake_that_fails_leaves_nothing_behind() -> None:
    sio = SocketServer()
    async with serving(sio) as site:
        for headers in ({"Sec-WebSocket-Key": "short", "Sec-WebSocket-Version": "13"}, {}):
            upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", **headers}
            query = {"EIO": "4", "transport": "websocket"}
            async with site.http.get(site.endpoint, params=query, headers=upgrade) as response:
                assert response.status == 400
        assert not sio.environ
        assert not sio.eio.sockets
        assert sio.eio.admission.sessions == 0


async def test_leaving_takes_time_for_the_rooms_of_the_one_who_leaves_only() -> None:
    sio = SocketServer()
    async with serving(sio) as site, site.socket() as one, site.socket() as other:
        [first, second] = [sid for sid, _ in sio.manager.get_participants("/", None)]
        for number in range(100):
            await sio.enter_room(first, f"room {number}")
        await sio.enter_room(second, "room 0")
        await drop(one)
        await until(lambda: len(sio.eio.sockets) == 1)
        await until(lambda: set(sio.manager.rooms["/"]) == {None, "room 0"})
        await other.close()
    assert not sio.manager.rooms


async def test_a_client_that_does_not_read_is_cut_off_and_others_are_served() -> None:
    sio, reasons = SocketServer(max_waiting_bytes=200_000), []

    @sio.event
    async def disconnect(sid: str, reason: str) -> None:
        reasons.append(reason)

    async with serving(sio) as site:
        slow = await site.open_polling()
        async with site.socket() as ws:
            text = "x" * 10_000
            for _ in range(30):
                await sio.emit("news", text)
                assert len(await ws.receive_str()) > 10_000
            await until(lambda: reasons)
        assert reasons[0] == "slow"
        assert (await site.poll(slow))[0] == 400


async def test_attachments_have_a_deadline_a_size_and_nothing_in_between() -> None:
    async with serving(SocketServer(attachment_timeout=0.1, max_attachment_bytes=100)) as site:
        async with site.socket() as ws:
            await ws.send_str('451-["a",{"_placeholder":true,"num":0}]')
            assert await rest(ws) == []
        async with site.socket() as ws:
            await ws.send_str('452-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
            await ws.send_bytes(b"x" * 101)
            assert await rest(ws) == []
        async with site.socket() as ws:
            await ws.send_str('451-["a",{"_placeholder":true,"num":0}]')
            await ws.send_str('42["b"]')
            assert await rest(ws) == []
        async with site.socket() as ws:
            await ws.send_bytes(b"out of nowhere")
            assert await rest(ws) == []


async def test_events_that_wait_are_bounded_and_none_is_lost() -> None:
    sio, go_on = SocketServer(max_waiting_events=4), asyncio.Event()

    @sio.on("wait")
    async def wait(sid: str, n: int) -> int:
        await go_on.wait()
        return n

    async with serving(sio) as site, site.socket() as ws:
        for n in range(200):
            await ws.send_str(f'42{n}["wait",{n}]')
        await until(lambda: sio.eio.starter.waiting)
        await asyncio.sleep(0.05)
        assert len(sio.eio.starter.waiting) == 4
        go_on.set()
        answers = {await ws.receive_str() for _ in range(200)}
        assert answers == {f"43{n}[{n}]" for n in range(200)}


async def test_who_sends_too_much_in_a_second_is_not_read_until_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sio = SocketServer(max_packets_per_second=50)
    sio.on("n", lambda sid, n: n)
    pauses: list[float] = []
    later = sio.eio.after

    def after(seconds: float, act: Any) -> None:
        pauses.append(seconds)
        later(0.0, act)

    monkeypatch.setattr(sio.eio, "after", after)
    async with serving(sio) as site, site.socket() as ws:
        for n in range(120):
            await ws.send_str(f'42{n}["n",{n}]')
        assert [await ws.receive_str() for n in range(120)] == [f"43{n}[{n}]" for n in range(120)]
    assert pauses
    assert all(0 < seconds <= 1 for seconds in pauses)


@pytest.mark.parametrize(
    ("limits", "welcome"),
    [({"max_sessions": 2}, 2), ({"max_sessions_per_address": 1}, 1), ({"max_handshakes_per_second": 3}, 3)],
    ids=str,
)
async def test_a_node_takes_on_no_more_than_it_is_told(limits: dict[str, Any], welcome: int) -> None:
    async with serving(SocketServer(**limits)) as site:
        answers = [await site.http.get(f"{site.endpoint}?EIO=4&transport=polling") for _ in range(8)]
        statuses = [answer.status for answer in answers]
        assert statuses.count(503) >= 8 - 2 * welcome
        turned_away = next(answer for answer in answers if answer.status == 503)
        assert int(turned_away.headers["Retry-After"]) > 0


async def test_shutting_down_tells_every_client_and_leaves_no_task() -> None:
    sio, reasons = SocketServer(), []

    @sio.event
    async def disconnect(sid: str, reason: str) -> None:
        reasons.append(reason)

    async with serving(sio) as site, site.socket() as ws:
        closing = asyncio.create_task(sio.shutdown())
        assert await rest(ws) == []
        assert ws.close_code == 1001
        await closing
        assert reasons == ["server disconnect"]
        assert (await site.poll())[0] == 503
    await SocketServer().eio.disconnect()  # nobody there


async def recovered(site: Bare, pid: str, offset: str) -> list[str]:
    """What a client gets that comes back with these, up to and without the event "end"."""
    async with site.socket(connect=None) as ws:
        await ws.send_str("40" + json.dumps({"pid": pid, "offset": offset}))
        packets: list[str] = []
        while not packets or "end" not in packets[-1]:
            packets.append(await ws.receive_str())
        return packets


async def test_a_lost_connection_gets_its_id_its_rooms_and_what_it_missed() -> None:
    sio = SocketServer(connection_state_recovery=True)

    @sio.event
    async def connect(sid: str, environ: object, auth: Any) -> None:
        if auth:
            asyncio.get_running_loop().call_later(
                0.05, lambda: sio.start_background_task(sio.emit, "end", room="room")
            )

    async with serving(sio) as site:
        async with site.socket(connect=None) as ws:
            await ws.send_str("40")
            reply = json.loads((await ws.receive_str())[2:])
            await sio.enter_room(reply["sid"], "room")
            await sio.emit("n", 1, room="room")
            offset = json.loads((await ws.receive_str())[2:])[-1]
            await drop(ws)
        await until(lambda: not sio.eio.sockets)
        await sio.emit("n", 2, room="room")
        await sio.emit("n", "not for it", room="other")
        await sio.emit("n", 3, to=reply["sid"])
        packets = await recovered(site, reply["pid"], offset)
        assert json.loads(packets[0][2:]) == reply
        assert [json.loads(packet[2:])[:2] for packet in packets[1:-1]] == [["n", 2], ["n", 3]]


@pytest.mark.parametrize("offset", ["nonsense", "x.1", "", "999999999999999999"])
async def test_an_offset_that_is_not_ours_recovers_nothing(offset: str) -> None:
    sio = SocketServer(connection_state_recovery=True)
    async with serving(sio) as site:
        async with site.socket(connect=None) as ws:
            await ws.send_str("40")
            reply = json.loads((await ws.receive_str())[2:])
            await sio.emit("n", 1)
            await drop(ws)
        await until(lambda: not sio.eio.sockets)
        async with site.socket(connect=None) as ws:
            await ws.send_str("40" + json.dumps({"pid": reply["pid"], "offset": offset}))
            fresh = json.loads((await ws.receive_str())[2:])
            assert fresh["sid"] != reply["sid"]
            assert fresh["pid"] != reply["pid"]
