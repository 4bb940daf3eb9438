"""Draining and closing: what is queued is finished, what is new is sent away, nothing is left running."""

import asyncio

import aiohttp
import pytest

from tests.realtime.engine.conftest import Start


async def test_a_drain_finishes_what_is_queued_and_then_closes(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send('421["hold"]')
        await raw.send('422["quick"]')
        await raw.send("3")
        await site.app.started.get()
        while not (await site.app.connected.get())._commands:
            await asyncio.sleep(0)
        draining = asyncio.create_task(site.engine.drain(10))
        await asyncio.sleep(0)
        site.app.release.set()
        answers = await raw.rest()
        assert [answer[:3] for answer in answers] == ["431", "432"]
        assert raw.ws.close_code == 1001
        await draining
    assert (await site.app.disconnected.get())[1] == "server_shutdown"


async def test_newcomers_are_sent_away_while_draining(start: Start) -> None:
    site = await start(retry_after=7)
    await site.engine.drain(1)
    response = await site.poll()
    assert response.status == 503
    assert response.headers["Retry-After"] == "7"
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with site.raw():
            pass
    assert caught.value.status == 503
    assert site.observer.refused == ["draining", "draining"]


async def test_a_full_node_sends_newcomers_away(start: Start) -> None:
    site = await start(max_sessions=1)
    async with site.raw():
        assert (await site.poll()).status == 503
    await site.app.disconnected.get()
    while site.engine._sessions.sockets:
        await asyncio.sleep(0)
    assert (await site.poll()).status == 200


async def test_what_waits_is_handed_over_when_close_follows_a_drain(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        connection = await site.app.connected.get()
        for n in range(200):
            connection.send(site.engine.encode("n", n))
        leaving = asyncio.create_task(site.engine.drain(5))
        packets = await raw.rest()
        await leaving
        await site.engine.close()
    assert len(packets) == 200


async def test_a_drain_ends_at_its_deadline(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send('421["hold"]')
        await site.app.started.get()
        await site.engine.drain(0.05)
        assert await raw.rest() == []
        assert site.app.disconnected.empty()
        site.app.release.set()
        assert (await site.app.disconnected.get())[1] == "server_shutdown"


async def test_close_ends_every_session_on_every_transport(start: Start) -> None:
    site = await start()
    sid = await site.open_polling()
    poll = asyncio.create_task(site.poll(sid))
    async with site.raw() as raw, site.raw(connect=None) as stranger:
        closing = asyncio.create_task(site.engine.close())
        assert await raw.rest() == []
        assert await stranger.rest() == []
        assert raw.ws.close_code == 1001
        await closing
    assert (await poll).status in {400, 503}
    assert {(await site.app.disconnected.get())[1] for _ in range(2)} == {"server_shutdown"}
    assert not site.engine._lives
    assert site.engine.clients == 0
    await site.engine.close()


async def test_a_command_that_never_ends_is_cancelled_and_still_seen_off(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.engine.engine._LAST_WORDS", 0.05)
    site = await start()
    async with site.raw() as raw:
        await raw.send('421["hold"]')
        await site.app.started.get()
        await site.engine.close()
    assert (await site.app.disconnected.get())[1] == "server_shutdown"
    assert site.app.disconnected.empty()
