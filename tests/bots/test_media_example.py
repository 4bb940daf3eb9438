"""The media bot of the examples, run as its text says."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bots import Bot, Room
from contract.calls import Source
from tests.bots.media_files import pitch
from tests.bots.test_media import first, hear, until
from tests.services.homeroom import HomeroomServer

EXAMPLE = Path(__file__).parents[2] / "examples" / "media_bot.py"


@asynccontextmanager
async def running_example(server: HomeroomServer) -> AsyncIterator[asyncio.subprocess.Process]:
    printed = await server.command(
        "token", "--user", "dj", "--name", "DJ", "--role", "bot", "--room", "demo=member"
    )
    environment = {**os.environ, "HOMEROOM_URL": server.url, "HOMEROOM_TOKEN": printed.strip()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line_with(process: asyncio.subprocess.Process, text: str) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode():
            if text in line:
                return line
    raise AssertionError(f"it ended without saying {text!r}")


async def test_the_media_bot_plays_and_listens_as_its_text_says(homeroom_server: HomeroomServer) -> None:
    teacher = homeroom_server.token("noor", role="instructor", rooms={"demo": "owner"})
    async with Bot(homeroom_server.url, teacher, patience=60) as noor:
        room: Room = await noor.join("demo")
        call = await room.join_call()
        async with running_example(homeroom_server) as example:
            await line_with(example, "others here: Noor")
            assert abs(pitch(await hear(await first(call, "audio"))) - 440) < 10
            await until(call, lambda state: not any(peer.tracks for peer in state.peers))
            await room.send("!again")
            track = await first(call, "audio")
            assert track.source is Source.MICROPHONE
            await hear(track, 5)
            await room.send("!leave")
            await line_with(example, "Left the call.")
            assert await asyncio.wait_for(example.wait(), 30) == 0
        await call.leave()
