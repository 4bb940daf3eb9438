"""An application of commands on top of Engine.IO sessions: Socket.IO on the namespace "/", one command at a time."""

import asyncio
import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

from realtime.engine import frame
from realtime.engine.connection import Command, Connection
from realtime.engine.engine_server import EngineServer
from realtime.engine.frame import Frame
from realtime.engine.limits import Limits
from realtime.engine.logs import silence_libraries
from realtime.engine.observer import EngineObserver, SilentObserver
from realtime.engine.origin import StrictOrigins
from realtime.engine.packets import ACK, CONNECT, DISCONNECT, EVENT, read
from realtime.engine.ports import Application, EngineSettings, Monotonic
from realtime.engine.reasons import CloseReason, ProtocolViolation
from realtime.engine.session import Session

_LAST_WORDS = 5.0
"""Seconds that `close` leaves to commands in flight and to `on_disconnect` before it cancels them."""


class Engine:
    """Serves Socket.IO (protocol revision 5, namespace "/") under one path of an aiohttp application."""

    def __init__(
        self, settings: EngineSettings, clock: Monotonic, observer: EngineObserver | None = None
    ) -> None:
        """Raise ValueError when an allowed origin is none."""
        silence_libraries()
        self._settings = settings
        self._clock = clock
        self._observer = observer or SilentObserver()
        self._application: Application | None = None
        self._connections: dict[str, Connection] = {}
        self._lives: set[Connection] = set()
        self._over: asyncio.Future[None] | None = None
        self._sessions = _server(settings, self._observer)
        self._sessions.upper = self

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
        app.router.add_route("*", self._settings.path, self._sessions.handle_request)

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
        self._sessions.admission.draining = True
        deadline = self._clock.monotonic() + seconds
        for connection in list(self._lives):
            connection.drain()
        await self._until_over(max(0.0, deadline - self._clock.monotonic()))
        await self._sessions.finish_all()

    async def close(self) -> None:
        """Close every transport and end every task. Safe to call again."""
        self._sessions.admission.draining = True
        await self._sessions.finish_all()
        for _ in range(2):
            await self._until_over(_LAST_WORDS)
            for connection in list(self._lives):
                connection.cancel()
        await self._sessions.shutdown()

    async def _until_over(self, seconds: float) -> None:
        """Until every connection has been seen off, or for so many seconds."""
        if self._lives:
            self._over = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._over], timeout=seconds)

    # ------------------------------------------------------------------------------------------- told by connections

    def entered(self, connection: Connection) -> None:
        self._connections[connection.sid] = connection
        self._observer.connection_opened()

    def left(self, connection: Connection, reason: str) -> None:
        del self._connections[connection.sid]
        self._observer.connection_closed(reason)

    def over(self, connection: Connection) -> None:
        self._lives.discard(connection)
        if not self._lives and self._over is not None and not self._over.done():
            self._over.set_result(None)

    # ---------------------------------------------------------------------------------------------- told by sessions

    async def opening(self, session: Session, request: web.Request) -> object | None:
        """Whoever is not turned away by the bounds may try to sign in."""

    def opened(self, session: Session) -> None:
        session.expect(self._settings.auth_deadline)

    def text(self, session: Session, packet: str) -> None:
        kind, namespace, number, data, attachments = read(packet)
        connection: Connection | None = session.application
        if kind == CONNECT:
            self._connect(session, namespace, data)
        elif connection is None or not connection.is_open or namespace != "/":
            raise ProtocolViolation("packet before CONNECT")
        elif kind == EVENT:
            connection.accept(Command(data[0], data[1:], number, len(packet)))
        elif kind == DISCONNECT:
            connection.lost(CloseReason.CLIENT_DISCONNECT)
            session.expect(self._settings.auth_deadline)  # for one who leaves the transport open
        elif kind != ACK or attachments:  # we ask for no acknowledgement, so one changes nothing
            raise ProtocolViolation("packet type not accepted")

    def binary(self, session: Session, data: bytes) -> None:
        raise ProtocolViolation("binary message")

    def ended(self, session: Session) -> None:
        if session.application is not None:
            session.application.lost(session.reason)
            session.application = None

    def _connect(self, session: Session, namespace: str, auth: Mapping[str, object] | None) -> None:
        if namespace != "/":
            session.send(frame.connect_error("Invalid namespace", namespace=namespace))
        elif session.application is not None:
            raise ProtocolViolation("second CONNECT")
        elif self._application is None:
            raise RuntimeError("Engine.bind comes before the first client")
        else:
            connection = Connection(secrets.token_urlsafe(15), session, self._application, self)
            session.application = connection
            self._lives.add(connection)
            connection.begin(auth or {})


def _server(settings: EngineSettings, observer: EngineObserver) -> EngineServer:
    limits = Limits(
        connect_timeout=settings.auth_deadline,
        flush_timeout=settings.flush_timeout,
        body_timeout=settings.body_timeout,
        max_message_bytes=settings.max_message_bytes,
        max_payload_packets=settings.max_payload_packets,
        max_waiting_bytes=settings.max_waiting_bytes,
        max_waiting_events=settings.max_waiting_commands,
        max_waiting_event_bytes=settings.max_waiting_command_bytes,
        max_packets_per_second=settings.max_packets_per_second,
        max_sessions=settings.max_sessions,
        max_sessions_per_address=settings.max_sessions_per_address,
        max_handshakes_per_second=settings.max_handshakes_per_second,
        retry_after=settings.retry_after,
        trusted_proxies=settings.trusted_proxies,
    )
    origins = StrictOrigins(
        settings.allowed_origins,
        same_origin=settings.same_origin,
        trusted_proxies=settings.trusted_proxies,
    )
    options: dict[str, Any] = {"limits": limits, "origins": origins, "observer": observer}
    return EngineServer(
        ping_interval=settings.ping_interval,
        ping_timeout=settings.ping_timeout,
        max_http_buffer_size=settings.max_payload_bytes,
        http_compression=False,
        **options,
    )
