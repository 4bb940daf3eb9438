"""A coturn of the test's own, with the very configuration that `homeroom turn-config` writes, on free ports."""

import asyncio
import shutil
import signal
import socket
from dataclasses import replace
from pathlib import Path

from signaling.turn_config import TurnServer, turnserver_conf
from tests.services.process import MissingProgram, ServerProcess

SECRET = "a-turn-secret-for-tests/+="
REALM = "turn.test"

_RELAY_PORTS = 400
_BINDING_REQUEST = bytes.fromhex("0001 0000 2112a442") + bytes(12)


class CoturnServer:
    """`async with CoturnServer(folder) as coturn: coturn.url`.

    It listens and relays on 127.0.0.1 unless told otherwise; what differs from a `TurnServer` for that is given in `changes`.
    """

    def __init__(self, folder: Path, **changes: object) -> None:
        ours = TurnServer(SECRET, REALM, listening_ips=("127.0.0.1",), user=None)
        self.server: TurnServer = replace(ours, **changes)  # type: ignore[arg-type]  # passed through
        self.host = self.server.listening_ips[0]
        low = _free_range(self.host)
        self.server = replace(
            self.server, port=low, tls_port=low + 1, min_port=low + 2, max_port=low + _RELAY_PORTS
        )
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._process = ServerProcess("turnserver", folder / "coturn.log")

    async def __aenter__(self) -> "CoturnServer":
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.kill()

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def url(self) -> str:
        """For HOMEROOM_TURN_URLS; HOMEROOM_TURN_SECRET is `SECRET`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"turn:{host}:{self.port}?transport=udp"

    def output(self) -> str:
        return self._process.output()

    async def start(self) -> None:
        program = coturn_path()
        conf = self._folder / "turnserver.conf"
        conf.write_text(turnserver_conf(self.server))
        conf.chmod(0o600)
        own = [f"--pidfile={self._folder / 'coturn.pid'}", f"--userdb={self._folder / 'turndb'}"]
        await self._process.start([program, "-c", conf, *own], self._answers)

    async def kill(self) -> None:
        """SIGKILL. Also the way to be sure that it is gone."""
        if self._process.running:
            await self._process.signal_and_wait(signal.SIGKILL)

    async def _answers(self) -> bool:
        """Whether it answers a STUN Binding request (RFC 8489 section 3); its threads come up one after the other."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            probe.connect((self.host, self.port))
            loop = asyncio.get_running_loop()
            try:
                await loop.sock_sendall(probe, _BINDING_REQUEST)
                return bool(await asyncio.wait_for(loop.sock_recv(probe, 2000), 0.5))
            except (OSError, TimeoutError):
                return False


def coturn_path() -> str:
    """Raises MissingProgram."""
    program = shutil.which("turnserver")
    if program is None:
        raise MissingProgram("turnserver", "coturn")
    return program


def _free_range(host: str) -> int:
    """The first of `_RELAY_PORTS` ports that lie together below the ephemeral ones, so that nobody else is given them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    start = 12000 + port % 40 * 500
    for low in (12000 + (start - 12000 + step * 500) % 20000 for step in range(40)):
        if _is_free(family, host, low):
            return low
    raise RuntimeError("no free range of ports")


def _is_free(family: int, host: str, port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        for number in (port, port + 1, port + 2, port + _RELAY_PORTS):
            with socket.socket(family, kind) as probe:
                try:
                    probe.bind((host, number))
                except OSError:
                    return False
    return True
