"""Starting, signalling and reading a server program; nothing here is bound to an event loop, so any scope may hold one."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path


class MissingProgram(Exception):
    """A program that the tests need is not on this machine. Never a reason to skip."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(
            f"{program} is not installed; install it (Debian, Ubuntu: sudo apt-get install {package})"
        )


class DidNotStart(Exception):
    """The program ended, or stayed silent, before it was ready; the message carries its last output."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ServerProcess:
    """One program, started any number of times in a row, all its output in one file."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    def output(self) -> str:
        """All that the program has written so far, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    async def start(
        self,
        command: Sequence[str | Path],
        ready: Callable[[], Awaitable[bool]],
        *,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        user: str | None = None,
        seconds: float = 30,
    ) -> None:
        """Start `command` (as `user`, when we are root) and return once `ready` says so; DidNotStart otherwise."""
        if self.running:
            raise RuntimeError(f"{self.name} is running already")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                cwd=directory,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        await self._until(ready, time.monotonic() + seconds)

    async def _until(self, ready: Callable[[], Awaitable[bool]], deadline: float) -> None:
        while not await ready():
            if not self.running:
                raise DidNotStart(f"{self.name} ended with {self.returncode}:\n{self.output()[-4000:]}")
            if time.monotonic() > deadline:
                await self.signal_and_wait(signal.SIGKILL)
                raise DidNotStart(f"{self.name} was not ready in time:\n{self.output()[-4000:]}")
            await asyncio.sleep(0.02)

    @property
    def returncode(self) -> int | None:
        return None if self._process is None else self._process.poll()

    def send_signal(self, number: signal.Signals) -> None:
        """Signal this very program, by its id; nothing happens when it has ended."""
        if self._process is not None:
            self._process.send_signal(number)

    async def signal_and_wait(self, number: signal.Signals, seconds: float = 35) -> int:
        """The exit status after `number` (negative: ended by that signal). SIGKILL and TimeoutError past `seconds`."""
        if self._process is None:
            return 0
        self.send_signal(number)
        try:
            return await asyncio.to_thread(self._process.wait, seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise TimeoutError(
                f"{self.name} did not end on {number.name}:\n{self.output()[-4000:]}"
            ) from None

    def children(self) -> list[int]:
        """The ids of the processes that this one has started and that are still there."""
        parents = ((int(stat.parent.name), _parent_of(stat)) for stat in Path("/proc").glob("[0-9]*/stat"))
        return [child for child, parent in parents if parent == self.pid]


def _parent_of(stat: Path) -> int | None:
    """proc(5): the fourth field; the second, the name, is in parentheses and may hold anything."""
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def kill_if_alive(pid: int) -> None:
    """SIGKILL to a process that may have ended meanwhile."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
