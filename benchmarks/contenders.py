"""The servers that are compared, each in a process of its own, pinned to one core."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.services.homeroom import JWT_SECRET, HomeroomServer
from tests.services.process import ServerProcess, free_port

_HERE = Path(__file__).parent
_BIN = Path(sys.executable).parent
SERVER_CORE = "0"
LOAD_CORE = "1"
_PAD = "x" * 79
TEXT = "T:{T}" + _PAD
"""100 bytes when the time is filled in."""


@dataclass(frozen=True)
class Contender:
    """A running server, and how the load talks to it."""

    name: str
    port: int
    pids: Sequence[int]
    say: str = f'["say","{TEXT}"]'
    echo: str = '["echo","hello"]'
    mark: str = '42["said"'
    join: str = '["join","room"]'
    tokens: Sequence[str] = field(default_factory=tuple)
    joins: Sequence[str] = field(default_factory=tuple)
    """One for each client, where they differ."""
    other_port: int = 0
    """Of a second node, where every second client goes."""

    def cpu_seconds(self) -> float:
        """User and system time so far: proc(5), fields 14 and 15 of stat."""
        ticks = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids)
        return pages * os.sysconf("SC_PAGE_SIZE")


def compiled(source: str, folder: Path) -> Path:
    """The C program of that name, built into `folder`."""
    program = folder / source
    if not program.exists():
        subprocess.run(["cc", "-O2", "-o", program, _HERE / "load" / f"{source}.c"], check=True)
    return program


def pinned(pid: int, nice: int) -> None:
    """To the servers' core, with all its threads."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {int(SERVER_CORE)})
    if nice:
        os.setpriority(os.PRIO_PROCESS, pid, nice)


@asynccontextmanager
async def _process(
    name: str, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], port: int
) -> AsyncIterator[ServerProcess]:
    process = ServerProcess(name, folder / f"{name}-{port}.log")

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    await process.start(
        ["taskset", "-c", SERVER_CORE, *command],
        listens,
        environment={**os.environ, **environment},
        directory=folder,
    )
    try:
        yield process
    finally:
        await process.signal_and_wait(signal.SIGKILL)


@asynccontextmanager
async def limit(folder: Path, _clients: int, nice: int = 0) -> AsyncIterator[Contender]:
    """A C loop that does nothing but send()."""
    port = free_port()
    async with _process("limit", [compiled("limit", folder), str(port)], folder, {}, port) as process:
        pinned(process.pid, nice)
        yield Contender("C loop", port, [process.pid])


@asynccontextmanager
async def _python(kind: str, folder: Path, nice: int, redis: str | None = None) -> AsyncIterator[Contender]:
    port = free_port()
    environment = {"PYTHONPATH": str(_HERE.parent), **({"REDIS_URL": redis} if redis else {})}
    program = _HERE / "peers" / "python" / "bare.py"
    async with _process(
        kind, [_BIN / "python", program, kind, str(port)], folder, environment, port
    ) as process:
        pinned(process.pid, nice)
        yield Contender("ours, bare" if kind == "ours" else "python-socketio", port, [process.pid])


@asynccontextmanager
async def ours(
    folder: Path, _clients: int, nice: int = 0, redis: str | None = None
) -> AsyncIterator[Contender]:
    """The engine alone."""
    async with _python("ours", folder, nice, redis) as contender:
        yield contender


@asynccontextmanager
async def stock(
    folder: Path, _clients: int, nice: int = 0, redis: str | None = None
) -> AsyncIterator[Contender]:
    """python-socketio as it comes."""
    async with _python("stock", folder, nice, redis) as contender:
        yield contender


@asynccontextmanager
async def node(
    folder: Path, clients: int, nice: int = 0, *, signed_in: bool = False, redis: str | None = None
) -> AsyncIterator[Contender]:
    """Node's Socket.IO, which stores nothing."""
    work = _node_program(folder)
    port = free_port()
    environment = {"PORT": str(port)}
    tokens: list[str] = []
    if signed_in:
        environment["JWT_SECRET"] = JWT_SECRET
        signer = HomeroomServer(folder / "signer")
        tokens = [signer.token(f"user-{number}") for number in range(clients)]
    if redis:
        environment["REDIS_URL"] = redis
    program = shutil.which("node", path="/usr/local/bin:/usr/bin") or str(_BIN / "node")
    async with _process("node", [program, work / "server.js"], folder, environment, port) as process:
        for pid in (process.pid, *process.children()):
            pinned(pid, nice)
        yield Contender(
            "socket.io (Node)",
            port,
            [process.pid, *process.children()],
            tokens=[_auth(token) for token in tokens],
        )


def _node_program(folder: Path) -> Path:
    work = folder / "socketio_js"
    if not work.exists():
        shutil.copytree(_HERE / "peers" / "socketio_js", work, ignore=shutil.ignore_patterns("node_modules"))
        environment = {**os.environ, "PATH": f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
        subprocess.run(
            [_BIN / "npm", "ci", "--no-audit", "--no-fund", "--silent"],
            cwd=work,
            env=environment,
            check=True,
            stderr=subprocess.DEVNULL,
        )
    return work


@asynccontextmanager
async def homeroom(
    folder: Path, clients: int, nice: int = 0, *, rooms: int = 1, data: Path | None = None
) -> AsyncIterator[Contender]:
    """One node on SQLite: tokens, permissions, every message on disk before its ack, metrics. Clients share `rooms`."""
    keys = [f"room-{number % rooms}" for number in range(clients)]
    place = data or folder / f"homeroom-{free_port()}"
    environment = {"HOMEROOM_LIMITS": "off", "HOMEROOM_LOG_LEVEL": "warning"}
    async with HomeroomServer(place, environment=environment) as server:
        pinned(server.pid, nice)
        yield Contender(
            "ours, complete",
            server.port,
            [server.pid],
            say=json.dumps(["message:send", {"room_id": "{R}", "client_id": "b-{N}", "text": TEXT}]),
            mark='42["message.new"',
            tokens=[
                _auth(server.token(f"user-{number}", rooms={key: "member"}))
                for number, key in enumerate(keys)
            ],
            joins=[json.dumps(["room:join", {"key": key}]) for key in keys],
        )


def _auth(token: str) -> str:
    return json.dumps({"token": token})
