"""From a Socket.IO packet to the application's handler and back, in one go when the handler does not wait."""

from types import CoroutineType
from typing import TYPE_CHECKING, Any

from aiohttp import web
from socketio import exceptions

from realtime.engine.attachments import Pending
from realtime.engine.client import Client, State
from realtime.engine.codec import JsonCodec, plain_acknowledgement
from realtime.engine.environ import environ_of
from realtime.engine.lane import Lane
from realtime.engine.logs import logger, trail
from realtime.engine.message_handlers import upstream_reason
from realtime.engine.packets import ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, Packet, read_event
from realtime.engine.reasons import ProtocolViolation
from realtime.engine.rooms import called_back

if TYPE_CHECKING:
    from realtime.engine.session import Session
    from realtime.engine.socket_server import SocketServer

_MOST_NAMESPACES = 100
"""That one session may connect to."""

_FAILED = {"error": "Internal server error"}
"""What a client is told whose event a handler failed on."""


class SocketPackets:
    """What lies between the sessions and a SocketServer. `session.application` is its clients by namespace."""

    def __init__(self, server: "SocketServer") -> None:
        self._server = server
        self._is_plain = isinstance(server.codec, JsonCodec)

    async def opening(self, session: "Session", request: web.Request) -> object | None:
        session.application = environ_of(request, self._server.eio)  # kept only once the handshake is done
        return None

    def opened(self, session: "Session") -> None:
        server = self._server
        if not server.manager_initialized:
            server.manager_initialized = True
            server.manager.initialize()
        server.environ[session.sid], session.application = session.application, {}
        session.expect(server.eio.limits.connect_timeout)

    def text(self, session: "Session", packet: str) -> None:
        if session.attachments is not None:
            raise ProtocolViolation("text instead of an attachment")
        if self._is_plain and packet.startswith("42"):
            event = read_event(packet)
            client: Client | None = session.application.get("/")
            if event is not None and client is not None and client.state is State.CONNECTED:
                self._event(client, event[0], event[1], len(packet))
                return
        self._packet(session, self._server.codec.read_text(packet), len(packet))

    def binary(self, session: "Session", data: bytes) -> None:
        pending: Pending | None = session.attachments
        if pending is None:
            self._packet(session, self._server.codec.read_binary(data), len(data))
            return
        packet = pending.add(data)
        if packet is not None:
            session.attachments = None
            session.cancel_deadline()
            self._packet(session, packet, len(data))

    def ended(self, session: "Session") -> None:
        reason = upstream_reason(session.reason)
        clients: list[Client] = list(session.application.values())
        for client in clients:
            client.reason = client.reason or reason
            if client.state is State.CONNECTED:
                self._server.depart(client, reason, lost=True)
        if not clients:
            self._server.environ.pop(session.sid, None)

    # ---------------------------------------------------------------------------------------------------------------

    def _packet(self, session: "Session", packet: Packet, size: int) -> None:
        kind, namespace, number, data, attachments = packet
        if kind == CONNECT:
            self._connect(session, namespace, data)
            return
        client: Client | None = session.application.get(namespace)
        if client is None or client.state is State.CONNECTING:
            raise ProtocolViolation("packet before CONNECT")
        if attachments:
            session.attachments = Pending(packet, session.server.limits)
            session.expect(session.server.limits.attachment_timeout)
        elif client.state is State.LEAVING:
            pass  # it could not know yet
        elif kind == EVENT:
            self._event(client, number, data, size)
        elif kind == ACK:
            callback = client.take_callback(number or 0)
            if callback is not None:
                client.lane.bypass(called_back(callback, data))
        elif kind == DISCONNECT:
            self._server.depart(client, "client disconnect")
            if not session.application:
                session.expect(session.server.limits.connect_timeout)  # for one who leaves the transport open

    def _connect(self, session: "Session", namespace: str, auth: Any) -> None:
        server = self._server
        if not server.serves(namespace):
            refusal = server.codec.encode(CONNECT_ERROR, namespace, None, {"message": "Invalid namespace"})
            for message in refusal:
                session.send(message)
            return
        clients: dict[str, Client] = session.application
        if namespace in clients:
            return  # stock JavaScript clients say it twice when `connect` is called on one that connects by itself
        if len(clients) >= _MOST_NAMESPACES:
            raise ProtocolViolation("too many namespaces")
        lane = Lane(session, server.eio.starter, serial=not server.async_handlers)
        client = Client(server.eio.generate_id(), session, namespace, lane)
        clients[namespace] = client
        restored = server.recovery.restore(client, auth) if server.recovery is not None else None
        server.manager.admit(client)
        if restored is not None:
            restored.enter(server, client)
        lane.add(server.welcome(client, auth, restored), 0)

    def _event(self, client: Client, id: int | None, data: list[Any], size: int) -> None:
        server = self._server
        handler, arguments = server.handler_of(client, data)
        if handler is None:
            return
        if not server.async_handlers:
            client.lane.add(self._handle(client, id, handler, arguments), size)
            return
        try:
            result = handler(*arguments)
        except Exception as error:
            self._failed(client, id, error)
            return
        if isinstance(result, CoroutineType):
            client.lane.add(self._finish(client, id, result), size)
        elif id is not None:
            self._acknowledge(client, id, result)

    async def _handle(self, client: Client, id: int | None, handler: Any, arguments: Any) -> None:
        try:
            result = handler(*arguments)
        except Exception as error:
            self._failed(client, id, error)
            return
        if isinstance(result, CoroutineType):
            await self._finish(client, id, result)
        elif id is not None:
            self._acknowledge(client, id, result)

    async def _finish(self, client: Client, id: int | None, result: Any) -> None:
        try:
            answer = await result
        except Exception as error:
            self._failed(client, id, error)
            return
        if id is not None:
            self._acknowledge(client, id, answer)

    def _acknowledge(self, client: Client, id: int, answer: Any) -> None:
        server = self._server
        if answer is server.not_handled:
            return
        data = list(answer) if isinstance(answer, tuple) else [] if answer is None else [answer]
        try:
            if self._is_plain and client.namespace == "/" and (text := plain_acknowledgement(id, data)):
                client.session.send_text(text)
                return
            messages = server.codec.encode(ACK, client.namespace, id, data)
        except (TypeError, ValueError) as error:
            self._failed(client, id, error)
            return
        for message in messages:
            client.session.send(message)

    def _failed(self, client: Client, id: int | None, error: BaseException) -> None:
        logger.error("event handler failed: %s", trail(error), extra={"sid": client.sid})
        if id is not None:
            for message in self._server.codec.encode(ACK, client.namespace, id, [_FAILED]):
                client.session.send(message)


async def admitted(server: "SocketServer", client: Client, auth: Any) -> Any:
    """Ask the connect handler. None when it lets the client in, and otherwise what the client is told."""
    environ = server.environ.get(client.session.sid, {})
    refused: Any = exceptions.ConnectionRefusedError().error_args
    try:
        answer = await _ask(server, client, environ, auth)
    except exceptions.ConnectionRefusedError as refusal:
        return refusal.error_args
    except ConnectionRefusedError:
        return {"message": "Connection refused by server"}
    except Exception as error:
        logger.error("connect handler failed: %s", trail(error), extra={"sid": client.sid})
        return {"message": "Internal server error"}
    return refused if answer is False else None


async def _ask(server: "SocketServer", client: Client, environ: Any, auth: Any) -> Any:
    where = ("connect", client.namespace, client.sid, environ)
    if auth:
        return await server._trigger_event(*where, auth)
    try:
        return await server._trigger_event(*where, None)
    except TypeError as first:
        try:
            return await server._trigger_event(*where)  # handlers of old take no auth
        except TypeError:
            raise first from None
