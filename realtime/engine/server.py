"""The libraries' two servers with their private seams replaced; tests/realtime/engine/test_seams.py holds the list."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, cast

import engineio
import socketio
from aiohttp import web

from realtime.engine import frame
from realtime.engine.address import client_address, is_trusted
from realtime.engine.connection import Command, Connection
from realtime.engine.origin import canonical_origins, is_allowed
from realtime.engine.packets import ProtocolViolation, StrictPacket
from realtime.engine.ports import CloseReason, EngineObserver, EngineSettings
from realtime.engine.session import Session
from realtime.engine.websocket import turn_away


def _create_route(app: web.Application, server: "SessionServer", path: str) -> None:
    app.router.add_route("*", path, server.handle_request)


class SessionServer(engineio.AsyncServer):  # type: ignore[misc]  # engineio ships no types
    """Engine.IO: screens each request before the library sees it and makes our sessions instead of its own."""

    _async: dict[str, Any]

    def __init__(self, settings: EngineSettings, observer: EngineObserver, **options: Any) -> None:
        self.settings = settings
        self.observer = observer
        self.draining = False
        self.sockets: dict[str, Session] = {}
        self._emptied: asyncio.Future[None] | None = None
        self._origins = canonical_origins(settings.allowed_origins)
        super().__init__(
            async_mode="aiohttp",
            cors_allowed_origins=[],  # screened and answered here
            http_compression=False,
            monitor_clients=False,  # each session keeps its own heartbeat
            max_http_buffer_size=settings.max_payload_bytes,
            **options,
        )
        self._async = {**self._async, "create_route": _create_route}

    def released(self, sid: str) -> None:
        """A session has lost its transport."""
        self.sockets.pop(sid, None)
        if self._emptied is not None and not self._emptied.done() and not self.sockets:
            self._emptied.set_result(None)

    async def until_empty(self, seconds: float) -> None:
        """Wait until there is no session any more, or for `seconds`."""
        if self.sockets:
            if self._emptied is None or self._emptied.done():
                self._emptied = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._emptied], timeout=seconds)

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Any request under the path. Nothing refused here has made a session."""
        refusal = self._screen(request)
        if refusal is not None:
            return refusal
        session = self.sockets.get(request.query.get("sid", ""))
        if session is not None and session.upgraded and "Upgrade" in request.headers:
            return await turn_away(request)
        try:
            response = cast(web.StreamResponse, await super().handle_request(request))
            if not response.prepared:
                response.headers.update(_cors(request))
                await self._deliver(request, response)
        finally:
            if session is not None:
                session.answered(request)
        return response

    def _screen(self, request: web.Request) -> web.Response | None:
        if not is_allowed(request.headers.getall("Origin", []), self._origins, self._own_origin(request)):
            self.observer.request_refused("origin")
            return web.Response(status=403, text="This origin is not allowed.")
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=_cors(request))
        query = request.query
        if request.method not in {"GET", "POST"} or "j" in query or len(query.getall("sid", [])) > 1:
            return web.Response(status=400, text="Bad request", headers=_cors(request))
        if query.get("transport") not in self.transports:
            return web.Response(status=400, text="Unknown transport", headers=_cors(request))
        if "sid" not in query:
            return self._screen_newcomer(request)
        return None

    def _screen_newcomer(self, request: web.Request) -> web.Response | None:
        full = len(self.sockets) >= self.settings.max_sessions
        if not (full or self.draining):
            return None
        self.observer.request_refused("draining" if self.draining else "full")
        headers = {"Retry-After": str(self.settings.retry_after), **_cors(request)}
        return web.Response(status=503, text="Come back later.", headers=headers)

    def _own_origin(self, request: web.Request) -> str | None:
        if not self.settings.same_origin:
            return None
        scheme, host = request.scheme, request.host
        if is_trusted(request.remote, self.settings.trusted_proxies):
            scheme = request.headers.get("X-Forwarded-Proto", scheme).rpartition(",")[2].strip()
            host = request.headers.get("X-Forwarded-Host", host).rpartition(",")[2].strip()
        return f"{scheme}://{host}"

    async def _deliver(self, request: web.Request, response: web.StreamResponse) -> None:
        """Write the answer here rather than after the handler, so that one who does not read it is cut off."""
        patience = self.settings.ping_interval + self.settings.ping_timeout
        try:
            async with asyncio.timeout(patience):
                await response.prepare(request)
                await response.write_eof()
                await request.protocol._drain_helper()
            if not request.content.is_eof() and request.transport is not None:
                request.transport.close()  # rather than read on what was refused
        except (TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.abort()

    # ------------------------------------------------------------------------------------ seams of engineio replaced

    def _log_error_once(self, message: str, message_key: str) -> None:
        """A client's mistake, which the client is told of, is no line in our log."""

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        request: web.Request = environ["aiohttp.request"]
        forwarded = request.headers.getall("X-Forwarded-For", [])
        address = client_address(request.remote, forwarded, self.settings.trusted_proxies)
        session = Session(self, self.generate_id(), address)
        self.sockets[session.sid] = session
        session.push(self._opening(session.sid, transport))
        if transport == "polling":
            session.connected = True
            return self._ok(session.outbox.take_some(1))
        try:
            return await session.handle_get_request(environ)
        finally:
            session.abort(CloseReason.TRANSPORT_CLOSE)

    def _opening(self, sid: str, transport: str) -> bytes:
        upgrades = ["websocket"] if transport == "polling" and "websocket" in self.transports else []
        times = round(self.settings.ping_interval * 1000), round(self.settings.ping_timeout * 1000)
        return frame.opening(sid, upgrades, times, self.settings.max_payload_bytes)

    def _ok(
        self,
        packets: list[bytes] | None = None,
        headers: list[tuple[str, str]] | None = None,
        jsonp_index: Any = None,
    ) -> dict[str, Any]:
        body = b"ok" if packets is None else frame.SEPARATOR.join(packets)
        kind = [("Content-Type", "text/plain; charset=UTF-8"), ("Cache-Control", "no-store")]
        return {"status": "200 OK", "headers": kind, "response": body}


def _cors(request: web.Request) -> dict[str, str]:
    """For a request whose origin was allowed."""
    origin = request.headers.get("Origin")
    if origin is None:
        return {}
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, POST"
        headers["Access-Control-Allow-Headers"] = "Content-Type"
        headers["Access-Control-Max-Age"] = "600"
    return headers


class PacketServer(socketio.AsyncServer):  # type: ignore[misc]  # socketio ships no types
    """Socket.IO: the library parses and dispatches, we decide. Its rooms and its connection tables stay empty."""

    def __init__(
        self,
        settings: EngineSettings,
        observer: EngineObserver,
        admit: Callable[[Session, Mapping[str, object]], Connection],
    ) -> None:
        self._admit = admit
        super().__init__(
            serializer=StrictPacket,
            logger=logging.getLogger("socketio.server"),
            engineio_logger=logging.getLogger("engineio.server"),
            settings=settings,
            observer=observer,
        )

    def _engineio_server_class(self) -> type[SessionServer]:
        return SessionServer

    def _open_connection(self, eio_sid: str, namespace: str) -> Connection:
        connection = self.eio.sockets[eio_sid].connection
        if connection is None or not connection.is_open or namespace != "/":
            raise ProtocolViolation("packet before CONNECT")
        return cast(Connection, connection)

    # ------------------------------------------------------------------------------------ seams of socketio replaced

    async def _handle_eio_message(self, eio_sid: str, data: str) -> None:
        session: Session = self.eio.sockets[eio_sid]
        if not data:
            raise ProtocolViolation("empty packet")
        if not session.closing:
            session.incoming_size = len(data)
            await super()._handle_eio_message(eio_sid, data)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: dict[str, object] | None) -> None:
        session: Session = self.eio.sockets[eio_sid]
        if namespace != "/":
            session.push(frame.connect_error("Invalid namespace", namespace=namespace))
        elif session.connection is not None:
            raise ProtocolViolation("second CONNECT")
        else:
            session.connection = self._admit(session, data or {})

    async def _handle_disconnect(self, eio_sid: str, namespace: str, reason: str | None = None) -> None:
        self._open_connection(eio_sid, namespace).lost(CloseReason.CLIENT_DISCONNECT)
        self.eio.sockets[eio_sid].expect_connect()  # for one who leaves the transport open

    async def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: list[Any]) -> None:
        session: Session = self.eio.sockets[eio_sid]
        connection = self._open_connection(eio_sid, namespace)
        connection.accept(Command(data[0], data[1:], id, session.incoming_size))
        if connection.is_full:
            await session.hold_back(connection)

    async def _handle_ack(self, eio_sid: str, namespace: str, id: int, data: list[Any]) -> None:
        self._open_connection(eio_sid, namespace)  # we ask for none, so there is nothing to do with one
