"""The engine: sessions below, an application above, bounds on both sides."""

import asyncio
import secrets
from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

from contract.clock import Clock
from realtime.engine import frame
from realtime.engine.connection import Connection
from realtime.engine.frame import Frame
from realtime.engine.logs import silence_libraries
from realtime.engine.ports import Application, CloseReason, EngineObserver, EngineSettings, SilentObserver
from realtime.engine.server import PacketServer
from realtime.engine.session import Session

_LAST_WORDS = 5.0
"""Seconds that `close` leaves to commands in flight and to `on_disconnect` before it cancels them."""


class Engine:
    """Serves Socket.IO (protocol revision 5, namespace "/") under one path of an aiohttp application."""

    def __init__(
        self, settings: EngineSettings, clock: Clock, observer: EngineObserver | None = None
    ) -> None:
        """Raise ValueError when an allowed origin is none."""
        silence_libraries()
        self._settings = settings
        self._clock = clock
        self._observer = observer or SilentObserver()
        self._application: Application | None = None
        self._connections: dict[str, Connection] = {}
        self._lives: dict[asyncio.Task[None], Connection] = {}
        self._packets = PacketServer(settings, self._observer, self._admit)
        self._sessions = self._packets.eio

    @property
    def settings(self) -> EngineSettings:
        """The bounds it was built with."""
        return self._settings

    @property
    def connections(self) -> Mapping[str, Connection]:
        """Those that have their CONNECT reply, by `sid`; a live view."""
        return MappingProxyType(self._connections)

    @property
    def clients(self) -> int:
        return len(self._connections)

    @property
    def waiting_bytes(self) -> int:
        """What waits for all clients together. Walks over them: for a metrics page, not for the hot path."""
        return sum(session.waiting_bytes for session in self._sessions.sockets.values())

    def bind(self, application: Application) -> None:
        """Must be called before the first client comes."""
        self._application = application

    def attach(self, app: web.Application) -> None:
        """Add the route, and `close` to the end of the application."""
        self._packets.attach(app, self._settings.path)

        async def close(_: web.Application) -> None:
            await self.close()

        app.on_shutdown.append(close)

    def encode(self, event: str, payload: object) -> Frame:
        """One frame for any number of connections. Raises TypeError or ValueError when `payload` is not JSON."""
        return frame.event(event, payload)

    async def drain(self, seconds: float) -> None:
        """Refuse newcomers (503), finish the commands that are queued, then close the transports.

        Stock clients reconnect, to another node if there is one. Takes at most about `seconds`
        and the flush timeout.
        """
        self._sessions.draining = True
        deadline = self._clock.monotonic() + seconds
        for connection in self._lives.values():
            connection.drain()
        if self._lives:
            await asyncio.wait(list(self._lives), timeout=max(0.0, deadline - self._clock.monotonic()))
        await self._finish_sessions()

    async def close(self) -> None:
        """Close every transport and end every task. Safe to call again."""
        self._sessions.draining = True
        await self._finish_sessions()
        for patience in (_LAST_WORDS, _LAST_WORDS):
            if not self._lives:
                break
            _, late = await asyncio.wait(list(self._lives), timeout=patience)
            for life in late:
                life.cancel()
        for session in list(self._sessions.sockets.values()):
            session.abort(CloseReason.SERVER_SHUTDOWN)

    async def _finish_sessions(self) -> None:
        """Give every session its flush timeout to hand over what waits."""
        for session in list(self._sessions.sockets.values()):
            session.finish(CloseReason.SERVER_SHUTDOWN, 1001)
        await self._sessions.until_empty(self._settings.flush_timeout)

    # ------------------------------------------------------------------------------------------- told by connections

    def entered(self, connection: Connection) -> None:
        self._connections[connection.sid] = connection
        self._observer.connection_opened()

    def left(self, connection: Connection, reason: str) -> None:
        del self._connections[connection.sid]
        self._observer.connection_closed(reason)

    def _admit(self, session: Session, auth: Mapping[str, object]) -> Connection:
        if self._application is None:
            raise RuntimeError("Engine.bind comes before the first client")
        connection = Connection(secrets.token_urlsafe(15), session, self._application, self)
        life = asyncio.get_running_loop().create_task(connection.run(auth))
        self._lives[life] = connection
        life.add_done_callback(self._lives.pop)
        return connection
