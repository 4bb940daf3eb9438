"""A Homeroom node as its users run it: the command in a process of its own, configured through the environment."""

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import jwt

from tests.services.process import DidNotStart, ServerProcess, free_port

JWT_SECRET = "a-secret-for-tests-of-at-least-32-bytes"
JWT_ISSUER = "https://lms.test"
JWT_AUDIENCE = "homeroom"

_READY_SECONDS = 60
_DB = Path(__file__).parents[2] / "db"


def _schema() -> str:
    """Names what `homeroom migrate` makes of an empty file: other code, another name."""
    digest = hashlib.sha256()
    for file in sorted(_DB.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:32]


class HomeroomServer:
    """`async with HomeroomServer(folder) as homeroom: homeroom.url`.

    Without URLs it is a node alone on SQLite in `folder/data`; several with the same URLs and different folders are one
    deployment. Port and data stay over kill, terminate and start.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str | None = None,
        redis_url: str | None = None,
        environment: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "HOMEROOM_HOST": "127.0.0.1",
            "HOMEROOM_PORT": str(self.port),
            "HOMEROOM_DATA_DIR": str(folder / "data"),
            "HOMEROOM_JWT_SECRET": JWT_SECRET,
            "HOMEROOM_JWT_ISSUER": JWT_ISSUER,
            "HOMEROOM_JWT_AUDIENCE": JWT_AUDIENCE,
            "HOMEROOM_ALLOWED_ORIGINS": self.url,
            "HOMEROOM_DATABASE_URL": database_url,
            "HOMEROOM_REDIS_URL": redis_url,
            **(environment or {}),
        }
        ours = {name: value for name, value in settings.items() if value is not None}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOMEROOM_")}
        self.environment: Mapping[str, str] = {**inherited, **ours}
        self._process = ServerProcess("homeroom serve", folder / "homeroom.log")
        self._migrated = False

    async def __aenter__(self) -> "HomeroomServer":
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        if self.running:
            self.resume()
        await self.kill()

    @property
    def running(self) -> bool:
        return self._process.running

    @property
    def pid(self) -> int:
        return self._process.pid

    def output(self) -> str:
        """All that it has logged, over all its starts."""
        return self._process.output()

    async def start(self) -> None:
        """Bring the database up to date (once), serve, and return when /readyz says 200."""
        if not self._migrated:
            await self._migrate()
            self._migrated = True
        await self._process.start(
            [program(), "serve"],
            self._ready,
            environment=self.environment,
            directory=self.folder,
            seconds=_READY_SECONDS,
        )

    async def _migrate(self) -> None:
        """`homeroom migrate`; of SQLite files once for all nodes of a run, each of which gets a copy of the empty database."""
        folder = Path(self.environment["HOMEROOM_DATA_DIR"])
        if "HOMEROOM_DATABASE_URL" in self.environment or folder.exists():
            await self.command("migrate")
            return
        empty = Path(tempfile.gettempdir()) / f"homeroom-tests-{os.getuid()}" / f"{_schema()}.db"
        if not empty.exists():
            await self.command("migrate")
            empty.parent.mkdir(mode=0o700, exist_ok=True)
            fresh = empty.with_suffix(f".{os.getpid()}")
            shutil.copyfile(folder / "homeroom.db", fresh)
            fresh.replace(empty)
            return
        folder.mkdir(parents=True)
        shutil.copyfile(empty, folder / "homeroom.db")

    async def kill(self) -> None:
        """SIGKILL: what a crash looks like to everybody else."""
        if self.running:
            await self._process.signal_and_wait(signal.SIGKILL)

    async def terminate(self, seconds: float = 35) -> int:
        """SIGTERM and the exit status; TimeoutError when it drains for longer than `seconds`."""
        return await self._process.signal_and_wait(signal.SIGTERM, seconds) if self.running else 0

    async def restart(self) -> None:
        await self.terminate()
        await self.start()

    def pause(self) -> None:
        """SIGSTOP: alive to TCP, dead to everybody waiting for an answer."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def command(self, *arguments: str) -> str:
        """What `homeroom ARGUMENTS` prints in this node's environment; DidNotStart when it fails."""
        done = await asyncio.to_thread(
            subprocess.run,
            [str(program()), *arguments],
            env=dict(self.environment),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise DidNotStart(
                f"homeroom {arguments[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def token(
        self,
        user: str,
        *,
        name: str | None = None,
        role: str = "student",
        rooms: Mapping[str, str] | None = None,
        seconds: float = 3600,
        **claims: object,
    ) -> str:
        """A token as the LMS would sign it. `claims` are added last, so a test can spoil any of them."""
        now = time.time()
        content: dict[str, object] = {
            "sub": user,
            "name": name or user.capitalize(),
            "role": role,
            "iss": JWT_ISSUER,
            "aud": JWT_AUDIENCE,
            "iat": int(now),
            "exp": int(now + seconds),
        }
        if rooms is not None:
            content["rooms"] = dict(rooms)
        return jwt.encode({**content, **claims}, JWT_SECRET, algorithm="HS256")

    async def _ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


def program() -> Path:
    """The command beside the interpreter that runs the tests."""
    program = Path(sys.executable).absolute().with_name("homeroom")
    if not program.exists():
        raise DidNotStart(f"{program} is not there; `make setup` installs it")
    return program
