"""The media bot of the examples, run as its text says."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bots import Bot, Room
from contract.calls import Source
from tests.bots.media_files import pitch, write_webm
from tests.bots.test_media import first, hear, until
from tests.services.homeroom import HomeroomServer

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "media_bot.py"


@asynccontextmanager
async def running_example(server: HomeroomServer) -> AsyncIterator[asyncio.subprocess.Process]:
    printed = await server.command(
        "token", "--user", "dj", "--name", "DJ", "--role", "bot", "--room", "demo=member"
    )
    environment = {**os.environ, "BOT_SERVER": server.url, "BOT_TOKEN": printed.strip()}
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


async def test_the_bot_of_the_page_on_media_runs_as_printed(
    homeroom_server: HomeroomServer, tmp_path: Path
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "media-bots.md").read_text(), re.DOTALL)
    (tmp_path / "dj_bot.py").write_text(code)
    intro = write_webm(tmp_path / "intro.webm", seconds=3)
    token = await homeroom_server.command(
        "token", "--user", "dj", "--name", "DJ", "--role", "bot", "--room", "demo=member"
    )
    environment = {
        **os.environ,
        "BOT_SERVER": homeroom_server.url,
        "BOT_TOKEN": token.strip(),
        "PYTHONPATH": str(ROOT),
    }
    teacher = homeroom_server.token("noor", role="instructor", rooms={"demo": "owner"})
    async with Bot(homeroom_server.url, teacher, patience=60) as noor:
        call = await (await noor.join("demo")).join_call()
        await call.play(intro, loop=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "dj_bot.py", cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
        )
        try:
            await line_with(process, "Noor sends microphone")
            await line_with(process, "Noor sends camera")
            assert abs(pitch(await hear(await first(call, "audio"))) - 440) < 10
            await call.end()
            assert await asyncio.wait_for(process.wait(), 30) == 0
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
