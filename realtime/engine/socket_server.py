"""A `socketio.AsyncServer` on aiohttp: the same doors, another house behind them."""

import asyncio
from typing import Any

import socketio
from aiohttp import web

from realtime.engine.client import Client, State
from realtime.engine.codec import Codec, JsonCodec, PacketClassCodec
from realtime.engine.engine_server import EngineServer
from realtime.engine.packets import CONNECT, CONNECT_ERROR, DISCONNECT
from realtime.engine.reasons import CloseReason
from realtime.engine.recovery import Recovery, Restored
from realtime.engine.rooms import RoomIndex, indexed
from realtime.engine.socket_packets import SocketPackets, admitted

_SERVER_DISCONNECT = "server disconnect"


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # socketio ships no types
    """Takes the arguments of `socketio.AsyncServer`, those of `Limits`, and `connection_state_recovery`.

    The last is True, or the seconds for which a lost connection can be resumed with its rooms and its missed events.
    """

    eio: EngineServer
    manager: RoomIndex
    environ: dict[str, dict[str, Any]]
    not_handled: object

    def __init__(
        self,
        client_manager: Any = None,
        logger: Any = False,
        json: Any = None,
        async_handlers: bool = True,
        namespaces: Any = None,
        *,
        connection_state_recovery: bool | float = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            client_manager=indexed(client_manager),
            logger=logger,
            json=json,
            async_handlers=async_handlers,
            namespaces=namespaces,
            **kwargs,
        )
        plain = json is None and self.packet_class is socketio.packet.Packet
        self.codec: Codec = JsonCodec() if plain else PacketClassCodec(self.packet_class)
        self.recovery = Recovery(connection_state_recovery) if connection_state_recovery else None
        self.eio.upper = SocketPackets(self)

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer

    # ----------------------------------------------------------------------------------------------- the API's doors

    def attach(self, app: web.Application, socketio_path: str = "socket.io") -> None:
        """Add the route, and `shutdown` to the end of the application."""
        self.eio.attach(app, socketio_path)

        async def stop(_: web.Application) -> None:
            await self.shutdown()

        app.on_shutdown.append(stop)

    async def call(  # noqa: PLR0917  # the library's signature
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        sid: str | None = None,
        namespace: str | None = None,
        timeout: float = 60,
        ignore_queue: bool = False,
    ) -> Any:
        """As upstream; also with `async_handlers=False`, and without a trace after the timeout."""
        whom = to or sid
        if whom is None:
            raise ValueError("Cannot use call() to broadcast.")
        answer: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()

        def answered(*arguments: Any) -> None:
            if not answer.done():
                answer.set_result(arguments)

        await self.emit(
            event, data=data, room=whom, namespace=namespace, callback=answered, ignore_queue=ignore_queue
        )
        try:
            arguments = await asyncio.wait_for(answer, timeout)
        except TimeoutError:
            raise socketio.exceptions.TimeoutError from None
        finally:
            self.manager.forget_callback(whom, namespace or "/", answered)
        return arguments if len(arguments) > 1 else arguments[0] if arguments else None

    async def disconnect(self, sid: str, namespace: str | None = None, ignore_queue: bool = False) -> None:
        """As upstream; and the transport is closed when that was its last namespace."""
        namespace = namespace or "/"
        here = self.manager.is_connected(sid, namespace)
        if not here and not ignore_queue:
            here = await self.manager.can_disconnect(sid, namespace)
        client = self.manager.client(sid, namespace) if here else None
        if client is None:
            return
        for message in self.codec.encode(DISCONNECT, namespace, None, None):
            client.send([message])
        leaving = self.depart(client, _SERVER_DISCONNECT)
        if not client.session.application:
            client.session.finish(CloseReason.SERVER_DISCONNECT)
        if leaving is not None:
            await asyncio.wait([leaving])

    async def shutdown(self) -> None:
        """Close every client's transport, end every handler, and let go of the message queue. Safe to call again."""
        await self.eio.shutdown()
        listener = vars(self.manager).get("thread")
        if listener is not None:
            listener.cancel()
            await asyncio.wait([listener])
        for name in ("pubsub", "redis"):
            connection = vars(self.manager).get(name)
            if connection is not None:
                await connection.aclose()

    async def get_session(self, sid: str, namespace: str | None = None) -> dict[str, Any]:
        """As upstream; until the disconnect handler has ended."""
        client = self._known(sid, namespace)
        kept: dict[str, Any] = client.session.session.setdefault(client.namespace, {})  # type: ignore[assignment]  # ours
        return kept

    async def save_session(self, sid: str, session: dict[str, Any], namespace: str | None = None) -> None:
        """As upstream."""
        client = self._known(sid, namespace)
        client.session.session[client.namespace] = session

    def transport(self, sid: str, namespace: str | None = None) -> str:
        """As upstream."""
        return "websocket" if self._known(sid, namespace).session.upgraded else "polling"

    def _known(self, sid: str, namespace: str | None) -> Client:
        client = self.manager.client(sid, namespace or "/")
        if client is None:
            raise KeyError("Session not found")
        return client

    # ----------------------------------------------------------------------------------------- for the packets' path

    def serves(self, namespace: str) -> bool:
        """Whether clients may connect to it."""
        return (
            namespace in self.handlers
            or namespace in self.namespace_handlers
            or self.namespaces == "*"
            or namespace in self.namespaces
        )

    def handler_of(self, client: Client, data: list[Any]) -> tuple[Any, Any]:
        """What is to be called for an event, and with what; (None, …) when nobody listens."""
        event, namespace = data[0], client.namespace
        handler, arguments = self._get_event_handler(event, namespace, (client.sid, *data[1:]))
        if handler is None:
            whole, arguments = self._get_namespace_handler(namespace, arguments)
            if whole is not None:
                return whole.trigger_event, (event, *arguments)
        return handler, arguments

    async def welcome(self, client: Client, auth: Any, restored: Restored | None) -> None:
        """Let a client in or not, and answer it."""
        if self.always_connect:
            self._accept(client, restored)
        refusal = await admitted(self, client, auth)
        session = client.session
        if refusal is not None:
            self._turn_down(client, refusal)
        elif session.closing:
            self.depart(client, client.reason or "transport close")  # it did not wait
        elif client.state is State.CONNECTING:
            self._accept(client, restored)

    def _accept(self, client: Client, restored: Restored | None) -> None:
        session = client.session
        session.cancel_deadline()
        reply = {"sid": client.sid}
        if client.pid is not None:
            reply["pid"] = client.pid
        for message in self.codec.encode(CONNECT, client.namespace, None, reply):
            session.send(message)
        self.manager.set_state(client, State.CONNECTED)
        if restored is not None:
            restored.replay(self, client)
        client.flush()
        self.eio.observer.connection_opened()

    def _turn_down(self, client: Client, refusal: Any) -> None:
        session = client.session
        kind = DISCONNECT if self.always_connect else CONNECT_ERROR
        data = None if self.always_connect else refusal
        for message in self.codec.encode(kind, client.namespace, None, data):
            session.send(message)
        session.application.pop(client.namespace, None)
        self.manager.basic_disconnect(client.sid, client.namespace)
        if not session.application:
            if session.closing:
                self.environ.pop(session.sid, None)
            else:
                session.expect(self.eio.limits.connect_timeout)

    def depart(self, client: Client, reason: str, *, lost: bool = False) -> "asyncio.Task[None] | None":
        """A client has left or is made to: tell the application, then clear what was kept of it.

        `lost`: it went without a word of Socket.IO, and may be back.
        """
        client.reason = reason
        was_in = client.state is State.CONNECTED
        self.manager.set_state(client, State.LEAVING)
        client.session.application.pop(client.namespace, None)
        if self.recovery is not None and lost and reason != _SERVER_DISCONNECT:
            self.recovery.leave(client)
        if was_in:
            self.eio.observer.connection_closed(reason)
        if (
            self._get_event_handler("disconnect", client.namespace, ())[0] is None
            and self._get_namespace_handler(client.namespace, ())[0] is None
        ):
            self._clear(client)
            return None
        return client.lane.bypass(self._say_goodbye(client, reason))

    async def _say_goodbye(self, client: Client, reason: str) -> None:
        try:
            await self._trigger_event("disconnect", client.namespace, client.sid, reason)
        finally:
            self._clear(client)

    def _clear(self, client: Client) -> None:
        self.manager.basic_disconnect(client.sid, client.namespace)
        session = client.session
        if session.closing and not session.application:
            self.environ.pop(session.sid, None)
