"""What the documents say is so: links and paths lead somewhere, and the code of the README runs as printed."""

import asyncio
import os
import re
import sys
from pathlib import Path

import aiohttp
import pytest

from bots import Bot, message_of
from server.settings import Settings
from tests.architecture.sources import ROOT, project_files, text_of
from tests.conftest import StartHomeroom
from tests.services.homeroom import HomeroomServer

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_NAMED = re.compile(r"`([A-Za-z0-9_.][A-Za-z0-9_./-]*\.(?:py|ts|tsx|md|json|toml|lock|sh))`")
_PRINTED = re.compile(r"```python\n(.*?)```", re.DOTALL)
_MADE_BY_READERS = {
    "coin_bot.py",
    "dj_bot.py",
    "log-position.json",
    "db/migrations/versions/mNNNN_subject.py",
}


def _pages() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".md" and path.parts[0] != "static_client"]


@pytest.mark.parametrize("page", _pages(), ids=str)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    targets = [target for target in _LINK.findall(text_of(page)) if "://" not in target]
    missing = [target for target in targets if not (ROOT / page.parent / target).exists()]
    assert not missing, f"{page} links to what is not there: {missing}"


@pytest.mark.parametrize("page", _pages(), ids=str)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    """A page may leave out the beginning of a path: `log/writer.py` is one of ours if some path ends so."""
    paths = [f"/{path}" for path in project_files()]
    named = {name for name in _NAMED.findall(text_of(page)) if name not in _MADE_BY_READERS}
    missing = sorted(name for name in named if not any(path.endswith(f"/{name}") for path in paths))
    assert not missing, f"{page} names what is not there: {missing}"


@pytest.mark.parametrize("page", _pages(), ids=str)
def test_every_command_and_setting_that_a_page_names_is_there(page: Path) -> None:
    text = text_of(page)
    targets = set(re.findall(r"^([a-z-]+):", text_of(Path("Makefile")), re.MULTILINE))
    made = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) - targets
    commands = set(re.findall(r'add\(\s*"([a-z-]+)"', text_of(Path("server/cli.py"))))
    run = set(re.findall(r"(?:^|`|bin/)homeroom ([a-z][a-z-]*)", text, re.MULTILINE)) - commands
    settings = {name.upper() for name in Settings.model_fields}
    told = set(re.findall(r"\bHOMEROOM_([A-Z_]+[A-Z])\b", text)) - settings
    assert not (made | run | told), f"{page} names what is not there"


def _printed(containing: str) -> str:
    """The one piece of Python in the README in which this stands."""
    (code,) = [code for code in _PRINTED.findall(text_of(Path("README.md"))) if containing in code]
    return str(code)


async def _run(code: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
    )


async def test_the_readme_s_link_for_an_lms_signs_a_student_in(start_homeroom: StartHomeroom) -> None:
    code = _printed("def homeroom_link")
    secret = re.findall(r'SECRET = "(.+)"', code)[0]
    server = await start_homeroom(
        environment={"HOMEROOM_JWT_SECRET": secret, "HOMEROOM_JWT_ISSUER": "homeroom"}
    )
    link, _ = await (await _run(code)).communicate()
    found = re.fullmatch(r"https://[^#]+#token=(\S+)&room=algebra-1\n", link.decode())
    assert found is not None
    signed = {"Authorization": f"Bearer {found[1]}"}
    async with (
        aiohttp.ClientSession(server.url, headers=signed) as session,
        session.get("/api/v1/rooms") as got,
    ):
        rooms = (await got.json())["items"]
    assert {room["room"]["key"]: room["me"]["role"] for room in rooms} == {
        "algebra-1": "member",
        "chess": "member",
    }


async def test_the_readme_s_bot_answers(homeroom_server: HomeroomServer) -> None:
    async with Bot(homeroom_server.url, homeroom_server.token("ann", rooms={"demo": "owner"})) as ann:
        room = await ann.join("demo")
        token = await homeroom_server.command(
            "token", "--user", "coin", "--name", "Coin", "--role", "bot", "--room", "demo=member"
        )
        running = await _run(_printed("coin"), BOT_SERVER=homeroom_server.url, BOT_TOKEN=token.strip())
        try:
            async with asyncio.timeout(60):
                async for event in room:
                    message = message_of(event)
                    if message is None or room.from_me(event):
                        continue
                    if message.text.startswith("Hello"):
                        await room.send("!coin")
                    else:
                        assert message.text in {"Heads.", "Tails."}
                        break
        finally:
            running.kill()
            await running.wait()
