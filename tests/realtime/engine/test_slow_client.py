"""A client that does not read costs a bounded amount and nobody else anything."""

import asyncio
import json
import socket

from tests.realtime.engine.conftest import Site, Start

CAP = 256 * 1024


async def stuck(site: Site) -> socket.socket:
    """A WebSocket client with a small receive buffer that connects and then reads nothing more."""
    host, port = site.url.removeprefix("http://").split(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, (host, int(port)))
    request = (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        f"Host: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await loop.sock_sendall(sock, request.encode() + b"\x81\x82\x00\x00\x00\x0040")
    return sock


async def test_a_slow_consumer_is_cut_off_at_the_cap_and_others_get_everything(start: Start) -> None:
    site = await start(max_waiting_bytes=CAP)
    sock = await stuck(site)
    slow = await site.app.connected.get()
    async with site.raw() as raw:
        quick = await site.app.connected.get()
        text = "x" * 8000
        most, sent = 0, 0
        while site.observer.slow == 0:
            frame = site.engine.encode("e", {"n": sent, "text": text})
            slow.send(frame)
            quick.send(frame)
            sent += 1
            most = max(most, site.engine.waiting_bytes)
            packet = await raw.receive()
            assert packet is not None
            assert json.loads(packet[2:])[1]["n"] == sent - 1
        assert sent > CAP // 8100
        assert most <= CAP + 2 * 8100
        assert await site.app.disconnected.get() == (slow, "slow_consumer")
        assert site.engine.waiting_bytes == 0
        slow.send(site.engine.encode("e", "too late"))
        assert site.engine.waiting_bytes == 0
        await raw.send('421["fine"]')
        assert ((await raw.receive()) or "").startswith("431")
    sock.close()


async def test_a_polling_client_that_does_not_poll_is_cut_off(start: Start) -> None:
    site = await start(max_waiting_bytes=CAP)
    sid = await site.open_polling()
    connection = await site.app.connected.get()
    frame = site.engine.encode("e", "x" * 8000)
    while site.observer.slow == 0:
        connection.send(frame)
    assert await site.app.disconnected.get() == (connection, "slow_consumer")
    assert (await site.poll(sid)).status == 400
    assert site.engine.waiting_bytes == 0


async def test_one_frame_above_the_cap_reaches_a_client_for_whom_nothing_waits(start: Start) -> None:
    site = await start(max_waiting_bytes=1000)
    async with site.raw() as raw:
        connection = await site.app.connected.get()
        connection.send(site.engine.encode("e", "x" * 5000))
        assert len((await raw.receive()) or "") > 5000
        assert site.observer.slow == 0


async def test_a_frame_is_one_object_for_all_who_wait_for_it(start: Start) -> None:
    site = await start()
    await site.open_polling()
    await site.open_polling()
    first, second = await site.app.connected.get(), await site.app.connected.get()
    before = asyncio.all_tasks()
    frame = site.engine.encode("e", {"a": 1})
    first.send(frame)
    second.send(frame)
    assert asyncio.all_tasks() == before
    assert all(session.outbox[0] is frame for session in site.engine._sessions.sockets.values())
    assert site.engine.waiting_bytes == 2 * frame.size


async def test_a_poll_whose_answer_is_not_read_is_given_up(start: Start) -> None:
    site = await start(max_waiting_bytes=8 << 20, ping_interval=0.2, ping_timeout=0.2)
    sid = await site.open_polling()
    connection = await site.app.connected.get()
    connection.send(site.engine.encode("e", "x" * (7 << 20)))
    host, port = site.url.removeprefix("http://").split(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, (host, int(port)))
    target = f"/socket.io/?EIO=4&transport=polling&sid={sid}"
    await loop.sock_sendall(sock, f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    assert await site.app.disconnected.get() == (connection, "ping_timeout")
    while site.engine._sessions.sockets:
        await asyncio.sleep(0)
    assert site.engine.waiting_bytes == 0
    sock.close()
