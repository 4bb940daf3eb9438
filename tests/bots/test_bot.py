"""A bot through everything that can happen to its connection, against a server that does exactly that."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bots import Bot, CommandFailed, ConnectionEnded, ConnectionLost, Resynced, Room, TimedOut, message_of
from contract.connection import Position
from contract.errors import ErrorCode
from contract.events import LogEvent
from tests.bots.log_events import ROOM, TIME, at
from tests.bots.scripted_server import ScriptedServer


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
async def bot(server: ScriptedServer) -> AsyncIterator[Bot]:
    async with Bot(server.url, "token", patience=20) as bot:
        yield bot


async def take(room: Room, count: int) -> list[int | str]:
    """The next seqs; "resynced" for a marker."""
    items = [await asyncio.wait_for(anext(room), 20) for _ in range(count)]
    return [item.seq if isinstance(item, LogEvent) else "resynced" for item in items]


def refusal(code: ErrorCode, retry_after_ms: int | None = None) -> dict[str, object]:
    error = {"code": code, "message": "No.", "retryable": code.meaning.retryable, "request_id": "req_1"}
    return error if retry_after_ms is None else {**error, "retry_after_ms": retry_after_ms}


async def test_a_bot_knows_who_it_is_whatever_a_newer_server_adds(bot: Bot) -> None:
    assert bot.user.id == "helper"


async def test_a_room_is_read_from_the_moment_of_joining(server: ScriptedServer, bot: Bot) -> None:
    await server.say()
    room = await bot.join("algebra")
    await server.say()
    await server.say(again=True)
    await server.say()
    assert await take(room, 3) == [2, 3, 4]
    assert server.asked("room:join") == [{"key": "algebra"}]


async def test_a_room_can_be_read_on_from_where_another_process_stopped(server: ScriptedServer) -> None:
    for _ in range(4):
        await server.say()
    async with Bot(server.url, "token") as bot:
        room = await bot.join(room_id=ROOM, since=Position(epoch="e1", seq=2))
        assert await take(room, 2) == [3, 4]
        assert room.position == at(4)


async def test_a_lost_event_is_fetched_without_reconnecting(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    await server.say()
    await server.say(heard=False)
    await server.say()
    assert await take(room, 3) == [1, 2, 3]
    assert len(server.tokens) == 1


async def test_what_was_said_during_a_disconnect_is_read_after_it(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    await server.say()
    assert await take(room, 1) == [1]
    server.drop()
    for _ in range(3):
        await server.say(heard=False)
    assert await take(room, 3) == [2, 3, 4]
    await server.say()
    assert await take(room, 1) == [5]
    assert server.asked("room:join")[-1] == {"room_id": ROOM, "since": {"epoch": "e1", "seq": 1}}


async def test_too_long_away_is_told_and_the_messages_are_made_up(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    server.replay = 10
    server.drop()
    for _ in range(250):
        await server.say(heard=False)
    assert await take(room, 251) == ["resynced", *range(1, 251)]
    await server.say()
    assert await take(room, 1) == [251]


async def test_a_restored_database_is_told(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    await server.say()
    assert await take(room, 1) == [1]
    server.epoch = "e2"
    await server.say(heard=False)
    server.drop()
    marker = await asyncio.wait_for(anext(room), 20)
    assert isinstance(marker, Resynced)
    assert marker.epoch_changed
    assert await take(room, 1) == [2]


async def test_a_reader_slower_than_the_room_still_reads_everything(server: ScriptedServer) -> None:
    async with Bot(server.url, "token", capacity=5) as bot:
        room = await bot.join("algebra")
        for _ in range(40):
            await server.say()
        assert await take(room, 40) == list(range(1, 41))


async def test_a_send_is_repeated_with_its_client_id_until_it_is_answered(
    server: ScriptedServer, bot: Bot
) -> None:
    room = await bot.join("algebra")
    server.silent = 1
    said = await asyncio.wait_for(room.send("hello"), 20)
    assert said.text == "hello"
    sends = server.asked("message:send")
    assert len(sends) == 2
    assert sends[0] == sends[1]
    assert len(server.log) == 1


async def test_a_send_waits_as_long_as_the_server_asks(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    server.errors = [
        refusal(ErrorCode.RATE_LIMITED, 10),
        refusal(ErrorCode.UNAVAILABLE),
        refusal(ErrorCode.NOT_JOINED),
    ]
    assert (await room.send("hello")).seq == 1


async def test_a_refused_send_says_why(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    server.errors = [refusal(ErrorCode.FORBIDDEN)]
    with pytest.raises(CommandFailed) as caught:
        await room.send("hello")
    assert caught.value.code is ErrorCode.FORBIDDEN
    assert not caught.value.retryable


async def test_a_send_gives_up_in_time(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    server.errors = [refusal(ErrorCode.UNAVAILABLE)] * 1000
    with pytest.raises(TimedOut):
        await room.send("hello", seconds=0.3)


async def test_a_plain_command_is_never_repeated(server: ScriptedServer, bot: Bot) -> None:
    await bot.join("algebra")
    server.silent = 1
    with pytest.raises(ConnectionLost):
        await bot.command("member:add", {"room_id": ROOM, "user_id": "ben"})
    assert len(server.asked("member:add")) == 1


async def test_a_refused_token_is_told_at_the_door(server: ScriptedServer) -> None:
    server.refuse = "unauthorized"
    with pytest.raises(ConnectionEnded) as caught:
        async with Bot(server.url, "forged"):
            pass
    assert caught.value.code == "unauthorized"
    assert server.tokens == ["forged"]


async def test_a_busy_server_is_tried_again(server: ScriptedServer) -> None:
    server.refuse = "unavailable"
    with pytest.raises(TimedOut):
        async with Bot(server.url, "token", patience=1.5):
            pass
    assert len(server.tokens) > 1


async def test_an_end_for_good_ends_the_iteration_and_what_waits(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    await server.say()
    goodbye = {"code": "revoked", "message": "The token was revoked.", "reconnect": False}
    await server.tell("connection.error", goodbye)
    await bot.command("room:list", {})
    server.drop()
    assert await take(room, 1) == [1]
    with pytest.raises(ConnectionEnded) as caught:
        await asyncio.wait_for(anext(room), 20)
    assert caught.value.code == "revoked"
    with pytest.raises(ConnectionEnded):
        await room.send("hello")
    assert len(server.tokens) == 1


async def test_a_removed_bot_stops_reading(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    await server.tell("room.removed", {"room_id": ROOM})
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(room), 20)


async def test_an_expiring_token_is_replaced(server: ScriptedServer) -> None:
    tokens = iter(["first", "second", "third"])

    async def fresh() -> str:
        return next(tokens)

    async with Bot(server.url, fresh) as bot:
        room = await bot.join("algebra")
        await server.tell("auth.expiring", {"expires_at": TIME, "cut_at": TIME})
        await server.say()
        assert await take(room, 1) == [1]
        while not server.asked("auth:refresh"):
            await bot.command("room:list", {})
        assert server.asked("auth:refresh") == [{"token": "second"}]
        await server.tell("connection.error", {"code": "token_expired", "message": "", "reconnect": False})
        await bot.command("room:list", {})
        server.drop()
        await room.send("still here")
        assert server.tokens == ["first", "third"]


async def test_an_event_tells_its_message_and_whose_it_is(server: ScriptedServer, bot: Bot) -> None:
    room = await bot.join("algebra")
    await server.say(text="what time is it?")
    event = await asyncio.wait_for(anext(room), 20)
    said = message_of(event)
    assert said is not None
    assert said.text == "what time is it?"
    assert not room.from_me(event)


async def test_a_closed_bot_wakes_whoever_waits(server: ScriptedServer) -> None:
    async with Bot(server.url, "token") as bot:
        room = await bot.join("algebra")
        waiting = asyncio.ensure_future(anext(room))
        await bot.command("room:list", {})
    with pytest.raises(ConnectionEnded):
        await asyncio.wait_for(waiting, 20)
