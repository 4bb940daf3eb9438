"""A Redis server of the test's own: free port, own folder, nothing persisted."""

import asyncio
import shutil
import signal
import subprocess
from pathlib import Path

from tests.services.process import MissingProgram, ServerProcess, free_port


class RedisServer:
    """`async with RedisServer(folder) as redis: redis.url`; it keeps its port over stop, kill and start."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process = ServerProcess("redis-server", folder / "redis.log")

    async def __aenter__(self) -> "RedisServer":
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.kill()

    @property
    def running(self) -> bool:
        return self._process.running

    def output(self) -> str:
        return self._process.output()

    async def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise MissingProgram("redis-server", "redis-server")
        arguments = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        await self._process.start([program, *arguments, "--dir", self._folder], self._answers)

    async def stop(self) -> None:
        """End it in good order; connected clients see the connection close."""
        if self.running:
            await self._process.signal_and_wait(signal.SIGTERM)

    async def kill(self) -> None:
        """SIGKILL. Also the way to be sure that it is gone."""
        if self.running:
            await self._process.signal_and_wait(signal.SIGKILL)

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nobody answers, as with a hung host."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def cli(self, *arguments: str) -> str:
        """What redis-cli prints for these arguments, without the closing newline."""
        program = shutil.which("redis-cli")
        if program is None:
            raise MissingProgram("redis-cli", "redis-tools")
        done = await asyncio.to_thread(
            subprocess.run,
            [program, "-p", str(self.port), *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.stdout.removesuffix("\n")

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            return await asyncio.wait_for(reader.readline(), 5) == b"+PONG\r\n"
        finally:
            writer.close()
