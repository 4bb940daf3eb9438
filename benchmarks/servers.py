"""The servers that are compared, each in a process of its own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.services.homeroom import HomeroomServer
from tests.services.process import ServerProcess, free_port

_PEER = Path(__file__).parent / "peers" / "socketio_js"
_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Contender:
    """A running server; `tokens` are for as many listeners as asked."""

    name: str
    url: str
    pid: int
    tokens: list[str]

    def cpu_seconds(self) -> float:
        """User and system time so far: proc(5), fields 14 and 15 of stat."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def homeroom(folder: Path, listeners: int, room: str) -> AsyncIterator[Contender]:
    """One node on SQLite, every message on disk before its ack."""
    async with HomeroomServer(folder / "homeroom", environment={"HOMEROOM_LIMITS": "off"}) as server:
        tokens = [server.token(f"user-{number}", rooms={room: "member"}) for number in range(listeners)]
        yield Contender("homeroom", server.url, server.pid, tokens)


@asynccontextmanager
async def socketio_js(folder: Path, listeners: int, room: str) -> AsyncIterator[Contender]:
    """Node's Socket.IO, which stores nothing."""
    work = folder / "socketio_js"
    shutil.copytree(_PEER, work, ignore=shutil.ignore_patterns("node_modules"))
    environment = {**os.environ, "PATH": f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run(  # noqa: ASYNC221  # nothing else runs yet
        [_BIN / "npm", "ci", "--no-audit", "--no-fund", "--silent"],
        cwd=work,
        env=environment,
        check=True,
        stderr=subprocess.DEVNULL,
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}"

    async def answers() -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(url):
                return True
        except aiohttp.ClientError:
            return False

    process = ServerProcess("socket.io", folder / "socketio_js.log")
    await process.start(
        [_BIN / "node", "server.js"], answers, environment={**environment, "PORT": str(port)}, directory=work
    )
    try:
        yield Contender("socket.io (js)", url, _node_of(process), ["none"] * listeners)
    finally:
        for child in process.children():
            os.kill(child, signal.SIGTERM)
        await process.signal_and_wait(signal.SIGTERM)


def _node_of(process: ServerProcess) -> int:
    """`node` may be a wrapper that starts the real one."""
    children = process.children()
    return children[0] if children else process.pid
