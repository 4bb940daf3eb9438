"""One queue per connection: commands in order, acks in order, and what follows an ack."""

import asyncio

import pytest

from realtime.engine import Connection
from tests.realtime.engine.conftest import Start


async def test_a_command_waits_until_the_one_before_was_answered(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send('421["hold","a"]')
        await raw.send('422["quick","b"]')
        await raw.send('423["quick","c"]')
        assert await site.app.started.get() == "hold"
        async with site.raw() as other:
            await other.send('427["quick","other"]')
            answer = await other.receive()
            assert answer is not None
            assert answer.startswith("437[")
        assert site.app.trace[:3] == ["begin a", "begin other", "end other"]
        site.app.release.set()
        answers = [await raw.receive() for _ in range(3)]
        assert [answer and answer[:4] for answer in answers] == ["431[", "432[", "433["]
    trace = [line for line in site.app.trace if line[-1] in "abc"]
    assert trace == ["begin a", "end a", "begin b", "end b", "begin c", "end c"]


async def test_after_runs_between_the_ack_and_everything_else(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send('421["after"]')
        await raw.send('422["after"]')
        got = [await raw.receive() for _ in range(4)]
    assert [packet and packet[:3] for packet in got] == ["431", "42[", "432", "42["]


async def test_an_event_without_an_id_is_handled_and_followed(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send('42["after"]')
        assert await raw.receive() == '42["followed",{}]'


async def test_a_failing_command_is_answered_and_logged_without_its_payload(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send('425["break","CANARY-payload"]')
        assert await raw.receive() == (
            '435[{"ok":false,"error":{"code":"internal","message":"The server made a mistake.","retryable":true}}]'
        )
        await raw.send('42["break"]')
        await raw.send('426["fine"]')
        assert ((await raw.receive()) or "").startswith('436[{"ok":true')
        sid = (await site.app.connected.get()).sid
    records = [record for record in caplog.records if record.name == "realtime.engine"]
    assert len(records) == 2
    assert records[0].__dict__["sid"] == sid
    assert "RuntimeError" in records[0].getMessage()
    assert "on_command" in records[0].getMessage()
    assert "CANARY" not in caplog.text


async def test_a_client_with_too_many_waiting_commands_is_slowed_down_and_answered(start: Start) -> None:
    site = await start(max_waiting_commands=4)
    async with site.raw() as raw:
        await raw.send('420["hold"]')
        await site.app.started.get()
        connection = await site.app.connected.get()
        for n in range(1, 300):
            await raw.send(f'42{n}["more","{n}"]')
        while len(connection._commands) < 4:
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(connection._commands) == 4
        site.app.release.set()
        answers = [await raw.receive() for _ in range(300)]
        assert [int(answer[2:].partition("[")[0]) for answer in answers if answer] == list(range(300))


async def test_waiting_commands_are_bounded_in_bytes(start: Start) -> None:
    site = await start(max_waiting_command_bytes=10_000)
    async with site.raw() as raw:
        await raw.send('420["hold"]')
        await site.app.started.get()
        connection = await site.app.connected.get()
        for _ in range(10):
            await raw.send('421["more","' + "x" * 4000 + '"]')
        while not connection.is_full:
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(connection._commands) == 3
        site.app.release.set()
        for _ in range(11):
            assert await raw.receive() is not None


async def test_a_polling_client_with_too_many_commands_is_slowed_down_and_answered(start: Start) -> None:
    site = await start(max_waiting_commands=4)
    sid = await site.open_polling()
    post = asyncio.create_task(
        site.post(sid, "\x1e".join(['420["hold"]', *(f'42{n}["more"]' for n in range(1, 40))]))
    )
    await site.app.started.get()
    connection = await site.app.connected.get()
    while not connection.is_full:
        await asyncio.sleep(0)
    assert not post.done()
    site.app.release.set()
    assert (await post).status == 200
    got = 0
    while got < 40:
        got += len((await (await site.poll(sid)).text()).split("\x1e"))
    assert got == 40


async def test_commands_that_wait_for_too_long_end_the_connection(start: Start) -> None:
    site = await start(max_waiting_commands=4, ping_interval=0.1, ping_timeout=0.1)
    async with site.raw() as raw:
        await raw.send('421["hold","first"]')
        await site.app.started.get()
        for n in range(5):
            await raw.send(f'42["more","{n}"]')
        assert await raw.rest() == []
        assert site.app.disconnected.empty()
        site.app.release.set()
    assert (await site.app.disconnected.get())[1] == "too_many_commands"
    assert site.app.trace == ["begin first", "end first", "gone too_many_commands"]


async def test_what_a_client_said_before_it_left_is_handled_first(start: Start) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send('42["hold","a"]')
        await raw.send('42["quick","b"]')
        await raw.send("41")
        await site.app.started.get()
    site.app.release.set()
    assert (await site.app.disconnected.get())[1] == "client_disconnect"
    assert site.app.trace == ["begin a", "end a", "begin b", "end b", "gone client_disconnect"]


async def test_a_closed_connection_drops_what_waits_and_is_told_after_the_command_in_flight(
    start: Start,
) -> None:
    site = await start()
    async with site.raw() as raw:
        await raw.send('42["hold","a"]')
        await raw.send('42["quick","b"]')
        await site.app.started.get()
        connection: Connection = await site.app.connected.get()
        await connection.close("revoked", final=False)
        assert await raw.rest() == []
        assert site.app.disconnected.empty()
        connection.send(site.engine.encode("too late", {}))
        site.app.release.set()
        assert (await site.app.disconnected.get())[1] == "revoked"
    assert site.app.trace == ["begin a", "end a", "gone revoked"]


async def test_many_connections_run_at_the_same_time(start: Start) -> None:
    site = await start()

    async def hold(n: int) -> str | None:
        async with site.raw() as raw:
            await raw.send(f'42{n}["hold"]')
            return await raw.receive()

    holders = [asyncio.create_task(hold(n)) for n in range(20)]
    for _ in range(20):
        await site.app.started.get()
    site.app.release.set()
    assert all(await asyncio.gather(*holders))
