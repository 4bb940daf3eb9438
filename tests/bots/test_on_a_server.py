"""Bots on a real server: joined, killed under, expired, and the example as its text says to run it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bots import Bot, CommandFailed, ConnectionEnded, Resynced, Room, message_of
from contract.errors import ErrorCode
from contract.events import LogEvent
from contract.rooms import CreateRoom, RoomKind
from tests.conftest import StartHomeroom
from tests.services.homeroom import HomeroomServer

EXAMPLE = Path(__file__).parents[2] / "examples" / "question_bot.py"


def bot_of(server: HomeroomServer, user: str, role: str = "bot", room_role: str = "member") -> Bot:
    return Bot(server.url, server.token(user, role=role, rooms={"algebra": room_role}), patience=60)


async def texts(room: Room, count: int) -> list[str]:
    """The texts of the next new messages."""
    heard: list[str] = []
    async with asyncio.timeout(60):
        while len(heard) < count:
            event = await anext(room)
            message = message_of(event)
            if isinstance(event, LogEvent) and event.type == "message.new" and message is not None:
                heard.append(message.text)
    return heard


async def test_bots_hear_each_other_and_know_themselves(homeroom_server: HomeroomServer) -> None:
    async with bot_of(homeroom_server, "ann") as ann, bot_of(homeroom_server, "ben") as ben:
        hers, his = await ann.join("algebra"), await ben.join("algebra")
        said = await hers.send("Who is there?")
        event = await asyncio.wait_for(_next_message(his), 30)
        assert message_of(event) == said
        assert not his.from_me(event)
        assert hers.from_me(await asyncio.wait_for(_next_message(hers), 30))


async def _next_message(room: Room) -> LogEvent:
    async for event in room:
        if isinstance(event, LogEvent) and event.type == "message.new":
            return event
    raise AssertionError("the room ended")


async def test_everything_a_bot_may_do_to_a_message(homeroom_server: HomeroomServer) -> None:
    async with bot_of(homeroom_server, "ann") as bot:
        room = await bot.join("algebra")
        said = await room.send("Helo", client_id="once")
        assert await room.send("Helo", client_id="once") == said
        await room.typing()
        await room.typing(on=False)
        assert (await room.edit(said.id, "Hello")).text == "Hello"
        assert [reaction.emoji for reaction in (await room.react(said.id, "👋")).reactions] == ["👋"]
        assert (await room.react(said.id, "👋", remove=True)).reactions == []
        assert (await room.delete(said.id)).deleted_at is not None
        assert [message.id for message in (await room.history()).items] == [said.id]
        seen = [(await asyncio.wait_for(anext(room), 30)) for _ in range(5)]
        assert [event.type for event in seen if isinstance(event, LogEvent)] == [
            "message.new",
            "message.updated",
            "reaction.new",
            "reaction.deleted",
            "message.deleted",
        ]


async def test_nothing_is_lost_or_repeated_when_the_server_is_killed(homeroom_server: HomeroomServer) -> None:
    async with bot_of(homeroom_server, "ann") as ann, bot_of(homeroom_server, "ben") as ben:
        hers, his = await ann.join("algebra"), await ben.join("algebra")
        sending = asyncio.create_task(_count(hers, 60))
        assert await texts(his, 10) == [str(number) for number in range(10)]
        await homeroom_server.kill()
        await homeroom_server.start()
        assert await texts(his, 50) == [str(number) for number in range(10, 60)]
        assert await texts(hers, 60) == [str(number) for number in range(60)]
        await sending


async def _count(room: Room, until: int) -> None:
    for number in range(until):
        await room.send(str(number))


async def test_a_bot_with_a_small_buffer_reads_on_from_the_log(homeroom_server: HomeroomServer) -> None:
    token = homeroom_server.token("ben", role="bot", rooms={"algebra": "member"})
    async with bot_of(homeroom_server, "ann") as ann, Bot(homeroom_server.url, token, capacity=3) as ben:
        hers, his = await ann.join("algebra"), await ben.join("algebra")
        await _count(hers, 20)
        assert await texts(his, 20) == [str(number) for number in range(20)]


async def test_too_far_back_is_made_up_from_history(start_homeroom: StartHomeroom) -> None:
    server = await start_homeroom(environment={"HOMEROOM_RESUME_EVENTS": "20"})
    async with bot_of(server, "ann") as ann:
        room = await ann.join("algebra")
        start = room.position
        await _count(room, 30)
    async with bot_of(server, "ann") as again:
        room = await again.join("algebra", since=start)
        assert isinstance(await asyncio.wait_for(anext(room), 30), Resynced)
        assert await texts(room, 30) == [str(number) for number in range(30)]


async def test_a_room_can_be_made_and_joined_by_its_id(homeroom_server: HomeroomServer) -> None:
    async with bot_of(homeroom_server, "ines", "instructor", "owner") as bot:
        made = await bot.create_room(CreateRoom(kind=RoomKind.GROUP, title="Panel"))
        room = await bot.join(room_id=made.summary.room.id)
        assert room.room.title == "Panel"
        assert (await bot.command("room:list", {}))["items"]


async def test_a_room_that_is_not_there_is_not_found(homeroom_server: HomeroomServer) -> None:
    async with bot_of(homeroom_server, "ann") as bot:
        with pytest.raises(CommandFailed) as caught:
            await bot.join(room_id="room_nowhere")
        assert caught.value.code is ErrorCode.NOT_FOUND


async def test_a_forged_token_is_refused_for_good(homeroom_server: HomeroomServer) -> None:
    with pytest.raises(ConnectionEnded) as caught:
        async with Bot(homeroom_server.url, homeroom_server.token("ann", aud="another")):
            pass
    assert caught.value.code == "unauthorized"


async def test_a_bot_whose_token_expires_gets_another_and_goes_on(homeroom_server: HomeroomServer) -> None:
    issued = 0

    async def fresh() -> str:
        nonlocal issued
        issued += 1
        seconds = 3 if issued == 1 else 600
        return homeroom_server.token("ann", role="bot", rooms={"algebra": "member"}, seconds=seconds)

    async with Bot(homeroom_server.url, fresh) as bot:
        room = await bot.join("algebra")
        sent = 0
        while issued == 1:
            await room.send(str(sent))
            sent += 1
            await asyncio.sleep(0.2)
        await room.send("still here")
        assert await texts(room, sent + 1) == [*map(str, range(sent)), "still here"]


@asynccontextmanager
async def example(server: HomeroomServer) -> AsyncIterator[None]:
    """The example bot, started as its text says, and listening."""
    flags = ["--user", "helper", "--name", "Helper", "--role", "bot", "--room", "demo=member"]
    token = (await server.command("token", *flags)).strip()
    environment = {**os.environ, "BOT_SERVER": server.url, "BOT_TOKEN": token}
    process = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert b"Listening in" in line
        yield
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


async def test_the_example_bot_keeps_questions_over_a_restart(homeroom_server: HomeroomServer) -> None:
    token = homeroom_server.token("ines", name="Ines", role="instructor", rooms={"demo": "owner"})
    async with Bot(homeroom_server.url, token) as ines:
        room = await ines.join("demo")
        async with example(homeroom_server):
            await room.send("!ask Why is zero even?")
            await room.send("!ask Who was Noether?")
            await _reply(room, "reaction.new", "reaction.new")
        async with example(homeroom_server):
            await room.send("!questions")
            assert await _said_by(room, "helper") == "1. Ines: Why is zero even?\n2. Ines: Who was Noether?"
            await room.send("!done 1")
            assert await _said_by(room, "helper") == "1. Ines: Who was Noether?"


async def _reply(room: Room, *types: str) -> None:
    waiting = list(types)
    async with asyncio.timeout(30):
        while waiting:
            event = await anext(room)
            if isinstance(event, LogEvent) and event.type in waiting:
                waiting.remove(event.type)


async def _said_by(room: Room, user: str) -> str:
    async with asyncio.timeout(30):
        async for event in room:
            message = message_of(event)
            if isinstance(event, LogEvent) and event.actor.id == user and message is not None:
                return message.text
    raise AssertionError("the room ended")
