"""A real redis-server on a free port, that a test may stop, kill and start again on the same port."""

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path


class RedisServer:
    """Keeps nothing on disk but its log."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is not installed"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        place = ["--dir", str(self._directory), "--logfile", str(self._directory / "redis.log")]
        self._process = subprocess.Popen([program, *options, *place])
        self._wait_until_it_answers()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(how)
            self._process.wait(timeout=10)
            self._process = None

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    async def command(self, *words: str | bytes) -> bytes:
        """One command over a connection of its own; the raw reply, as far as it fits one read."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        parts = [word if isinstance(word, bytes) else word.encode() for word in words]
        writer.write(
            b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        )
        await writer.drain()
        reply = await reader.read(1 << 20)
        writer.close()
        await writer.wait_closed()
        return reply

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as client:
                    client.sendall(b"PING\r\n")
                    if client.recv(16).startswith(b"+PONG"):
                        return
            except OSError:
                time.sleep(0.02)
        raise TimeoutError("redis-server does not answer")
