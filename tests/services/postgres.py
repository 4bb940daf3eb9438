"""A PostgreSQL cluster of the tests' own: free port, fsync on, no password, thrown away at the end."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Literal

import asyncpg

from tests.services.process import DidNotStart, MissingProgram, ServerProcess, free_port, kill_if_alive

_ROLE = "homeroom"
_STOP_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "smart": signal.SIGTERM}
"""Shutdown modes as in pg_ctl(1)."""


class PostgresServer:
    """`async with PostgresServer() as postgres: url = await postgres.create_database()`.

    It keeps its port and its data over stop, kill and start, and needs a folder outside pytest's own: PostgreSQL refuses to
    run as root, and pytest's folders are closed to any other user.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self._user = _unprivileged_user()
        self._folder = Path(tempfile.mkdtemp(prefix="homeroom-postgres-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user, self._user)
        self._process = ServerProcess("postgres", self._folder / "postgres.log")

    async def __aenter__(self) -> "PostgresServer":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def running(self) -> bool:
        return self._process.running

    def output(self) -> str:
        return self._process.output()

    async def start(self) -> None:
        """The first start makes the cluster."""
        data = self._folder / "data"
        if not data.exists():
            await asyncio.to_thread(self._make_cluster, data)
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "on",
            "synchronous_commit": "on",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [_programs() / "postgres", "-D", data, "-p", str(self.port), *options]
        await self._process.start(command, self._answers, directory=self._folder, user=self._user)

    async def stop(self, mode: Literal["fast", "immediate", "smart"] = "fast") -> None:
        """`fast` disconnects everybody, `immediate` also leaves the write-ahead log to recover from."""
        if self.running:
            await self._process.signal_and_wait(_STOP_SIGNALS[mode])

    async def kill(self) -> None:
        """SIGKILL to the postmaster and its children, which would otherwise hold the shared memory for a while."""
        if not self.running:
            return
        children = self._process.children()
        await self._process.signal_and_wait(signal.SIGKILL)
        for child in children:
            kill_if_alive(child)

    async def restart(self, mode: Literal["fast", "immediate", "smart"] = "fast") -> None:
        await self.stop(mode)
        await self.start()

    async def create_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"homeroom_{uuid.uuid4().hex[:12]}"
        await self.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+asyncpg://{_ROLE}@127.0.0.1:{self.port}/{name}"

    async def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the superuser, outside the application's pools."""
        connection = await asyncpg.connect(host="127.0.0.1", port=self.port, user=_ROLE, database=database)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _make_cluster(self, data: Path) -> None:
        options = ["-U", _ROLE, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        done = subprocess.run(
            [str(_programs() / "initdb"), "-D", str(data), *options],
            capture_output=True,
            text=True,
            cwd=self._folder,
            check=False,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )
        if done.returncode:
            raise DidNotStart(f"initdb ended with {done.returncode}:\n{done.stdout}{done.stderr}")

    async def _answers(self) -> bool:
        try:
            await self.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True


def _programs() -> Path:
    """Debian keeps initdb and postgres off PATH, one folder for each version; the newest is taken."""
    folders = [found.parent for found in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    if on_path is None:
        raise MissingProgram("PostgreSQL (initdb)", "postgresql")
    return Path(on_path).resolve().parent


def _unprivileged_user() -> str | None:
    """Whom to run as: nobody else, unless we are root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise MissingProgram("PostgreSQL (its user `postgres`)", "postgresql") from None
