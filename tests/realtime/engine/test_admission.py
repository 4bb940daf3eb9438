"""Being let in: the deadline, the refusal, and leaving in the middle of it."""

import asyncio
import json

import pytest

from tests.realtime.engine.conftest import Start


async def test_a_session_that_never_connects_is_closed(start: Start) -> None:
    site = await start(auth_deadline=0.05)
    async with site.raw(connect=None) as raw:
        assert await raw.rest() == []
        assert raw.ws.close_code == 1008
    sid = await site.open_polling(connect=None)
    assert (await site.poll(sid)).status == 400
    assert site.app.connecting.empty()


async def test_a_refused_session_is_closed_after_it_was_told(start: Start) -> None:
    site = await start()
    async with site.raw(connect=None) as raw:
        await raw.send('40{"do":"refuse"}')
        told = '44{"message":"Sign in first.","data":{"code":"unauthorized","retryable":false}}'
        assert await raw.receive() == told
        await raw.send("40{}")
        assert await raw.rest() == []
    assert site.app.connecting.qsize() == 1
    assert site.observer.opened == 0
    assert site.app.disconnected.empty()


async def test_a_refused_polling_session_is_closed_after_it_was_told(start: Start) -> None:
    site = await start()
    sid = await site.open_polling(connect=None)
    await site.post(sid, '40{"do":"refuse"}')
    assert (await (await site.poll(sid)).text()).startswith("44{")
    assert (await site.poll(sid)).status == 400


async def test_a_failing_admission_is_an_internal_error_without_its_message(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    site = await start()
    async with site.raw(connect=None) as raw:
        await raw.send('40{"do":"break"}')
        assert await raw.rest() == [
            '44{"message":"The server made a mistake.","data":{"code":"internal","retryable":true}}'
        ]
    assert "CANARY" not in caplog.text
    assert len([record for record in caplog.records if record.name == "realtime.engine"]) == 1


async def test_an_admission_that_takes_too_long_is_cut_short(start: Start) -> None:
    site = await start(auth_deadline=0.1)
    async with site.raw(connect=None) as raw:
        await raw.send('40{"do":"wait"}')
        assert await raw.rest() == []
        assert raw.ws.close_code == 1008
    assert (await site.app.disconnected.get())[1] == "auth_deadline"
    assert site.app.connected.empty()
    assert site.engine.clients == 0


async def test_a_client_that_vanishes_while_connecting_leaves_no_ghost(start: Start) -> None:
    site = await start()
    async with site.raw(connect=None) as raw:
        await raw.send('40{"do":"wait"}')
        connection = await site.app.connecting.get()
    site.app.release.set()
    gone, _ = await site.app.disconnected.get()
    assert gone is connection
    assert site.engine.clients == 0
    assert site.observer.opened == 0
    assert site.app.disconnected.empty()


async def test_a_polling_client_that_closes_while_connecting_leaves_no_ghost(start: Start) -> None:
    site = await start()
    sid = await site.open_polling(connect=None)
    await site.post(sid, '40{"do":"wait"}')
    connection = await site.app.connecting.get()
    await site.post(sid, "1")
    site.app.release.set()
    assert await site.app.disconnected.get() == (connection, "client_disconnect")
    assert site.engine.clients == 0


async def test_other_namespaces_are_refused_and_the_session_goes_on(start: Start) -> None:
    site = await start()
    async with site.raw(connect=None) as raw:
        await raw.send("40/admin,{}")
        assert await raw.receive() == '44/admin,{"message":"Invalid namespace"}'
        await raw.send("40")
        assert ((await raw.receive()) or "").startswith("40{")


async def test_events_held_while_connecting_are_bounded(start: Start) -> None:
    site = await start(max_waiting_bytes=10_000)
    async with site.raw(connect=None) as raw:
        await raw.send('40{"do":"wait"}')
        connection = await site.app.connecting.get()
        frame = site.engine.encode("e", "x" * 4000)
        for _ in range(4):
            connection.send(frame)
        assert await raw.rest() == []
        assert site.observer.slow == 1
        site.app.release.set()
    assert (await site.app.disconnected.get())[1] == "slow_consumer"


async def test_one_who_leaves_by_disconnect_may_not_connect_again_on_the_same_transport(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send("41")
        assert (await site.app.disconnected.get())[1] == "client_disconnect"
        await raw.send("40")
        assert await raw.rest() == []
    assert site.app.connecting.qsize() == 1


async def test_a_kicked_client_cannot_connect_again_on_the_same_transport(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        await (await site.app.connected.get()).close("kicked", final=True)
        await raw.send("40")
        assert await raw.rest() == ["41"]
    assert site.app.connecting.qsize() == 1


async def test_the_handshake_tells_the_times_without_truncating_them(start: Start) -> None:
    site = await start(ping_interval=0.35, ping_timeout=0.25)
    opening = json.loads((await (await site.poll()).text())[1:])
    assert opening["pingInterval"] == 350
    assert opening["pingTimeout"] == 250
    assert opening["upgrades"] == ["websocket"]
    assert opening["maxPayload"] == 1024 * 1024


async def test_connecting_many_at_once_lets_everybody_in(start: Start) -> None:
    site = await start()

    async def visit() -> None:
        async with site.raw():
            pass

    await asyncio.gather(*(visit() for _ in range(50)))
    for _ in range(50):
        await site.app.disconnected.get()
    assert site.engine.clients == 0
    assert site.observer.opened == len(site.observer.closed) == 50
