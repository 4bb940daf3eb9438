"""An `engineio.AsyncServer` on aiohttp whose sessions cost no task and have bounds."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import engineio
from aiohttp import web

from realtime.engine import frame
from realtime.engine.address import client_address
from realtime.engine.admission import Admission
from realtime.engine.eager import Starter
from realtime.engine.frame import Frame
from realtime.engine.http_answers import Answers
from realtime.engine.limits import split_limits
from realtime.engine.message_handlers import MessageHandlers
from realtime.engine.observer import EngineObserver, SilentObserver
from realtime.engine.origin import LibraryOrigins, Origins
from realtime.engine.polling import Poll
from realtime.engine.reasons import CloseReason
from realtime.engine.session import Session
from realtime.engine.upgrade import Probe
from realtime.engine.upper import Upper
from realtime.engine.websocket import Handshake, Inbox, WebSocket, turn_away
from realtime.engine.wheel import Wheel

_SEEING_OFF_SECONDS = 0.005
"""How long one turn may spend on sessions that have ended before others get the loop."""


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]  # engineio ships no types
    """Takes the arguments of `engineio.AsyncServer`, and those of `Limits`. Only the aiohttp mode exists."""

    _async: dict[str, Any]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Raises ValueError when another asynchronous mode than aiohttp is asked for."""
        self.limits, rest = split_limits(options)
        self.observer: EngineObserver = rest.pop("observer", None) or SilentObserver()
        self.origins: Origins = rest.pop("origins", None) or LibraryOrigins(self)
        if not arguments:
            rest["async_mode"] = rest.get("async_mode") or "aiohttp"
        super().__init__(*arguments, **rest)
        if self.async_mode != "aiohttp":
            raise ValueError("only aiohttp is served")
        self.sockets: dict[str, Session] = {}
        self.message_bytes = self.limits.max_message_bytes or self.max_http_buffer_size
        self.packets_at_once = self.limits.max_packets_per_second or sys.maxsize
        self.ping_seconds = self.ping_interval + self.ping_interval_grace_period
        self.starter = Starter()
        self.admission = Admission(self.limits)
        self.upper: Upper = MessageHandlers(self)
        tick = min(0.1, self.ping_timeout / 10)
        self.heartbeats: Wheel[Session] = Wheel(Session.beat, tick)
        self.deadlines: Wheel[Session] = Wheel(Session.late, 0.05)
        self.probes: Wheel[Probe] = Wheel(Probe.late, 0.05)
        self._answers = Answers(self)
        self._inbox: Inbox | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving: deque[Session | WebSocket] = deque()
        self._seeing_off = False
        self._emptied: asyncio.Future[None] | None = None

    # ------------------------------------------------------------------------------------------- the library's door

    def attach(self, app: web.Application, engineio_path: str = "engine.io") -> None:
        """Add the route, and `shutdown` to the end of the application."""
        app.router.add_route("*", f"/{engineio_path.strip('/')}/", self.handle_request)

        async def stop(_: web.Application) -> None:
            await self.shutdown()

        app.on_shutdown.append(stop)

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Any request under the path. One that is refused here has made no session."""
        refusal = self._answers.refusal(request)
        if refusal is not None:
            return refusal
        sid = request.query.get("sid")
        is_upgrade = "websocket" in request.headers.get("Upgrade", "").lower()
        if sid is None:
            return await self._open(request, is_upgrade)
        session = self.sockets[sid]
        if session.upgraded:
            return await turn_away(request) if is_upgrade else self._answers.bad_request(request)
        if request.query["transport"] == "websocket":
            return await self._probe(session, request) if is_upgrade else self._answers.bad_request(request)
        return await self._polling(session, request)

    async def send(self, sid: str, data: Any) -> None:
        """As upstream; returns at once."""
        await self.send_packet(sid, engineio.packet.Packet(engineio.packet.MESSAGE, data=data))

    async def send_packet(self, sid: str, pkt: Any) -> None:
        """As upstream; returns at once."""
        session = self.sockets.get(sid)
        if session is None:
            self.logger.warning("Cannot send to a session that is gone")
        elif pkt.binary:
            session.send(Frame.binary(bytes(pkt.data)))
        else:
            session.send(Frame(pkt.encode().encode("utf-8", "surrogatepass")))

    async def disconnect(self, sid: str | None = None) -> None:
        """Disconnect one client, or all."""
        gone = [self.sockets.get(sid)] if sid is not None else list(self.sockets.values())
        for session in gone:
            if session is not None:
                session.finish(CloseReason.SERVER_DISCONNECT)

    async def shutdown(self) -> None:
        """Take nobody in, hand over what waits, close every transport, end every handler. Safe to call again."""
        self.admission.draining = True
        await self.finish_all()
        waiting = list(self.starter.waiting)
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=1.0)
        for session in list(self.sockets.values()):
            session.abort(CloseReason.SERVER_SHUTDOWN)
        self.heartbeats.stop()
        self.deadlines.stop()
        self.probes.stop()

    # --------------------------------------------------------------------------------------------- told by sessions

    def now(self) -> float:
        """Seconds, monotonic."""
        return asyncio.get_running_loop().time()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(seconds, act)

    def ended(self, session: Session) -> None:
        """A session takes and gives nothing more; what follows from it is done a little at a time."""
        self._leave(session)

    def lost(self, websocket: WebSocket) -> None:
        """A WebSocket's transport is gone; as `ended`."""
        self._leave(websocket)

    def _leave(self, who: Session | WebSocket) -> None:
        self._leaving.append(who)
        if not self._seeing_off:
            self._seeing_off = True
            (self._loop or asyncio.get_running_loop()).call_soon(self._see_off)

    def released(self, session: Session) -> None:
        """A session has lost its transport."""
        if self.sockets.pop(session.sid, None) is not None:
            self.admission.left(session.address)
        if self._emptied is not None and not self._emptied.done() and not self.sockets:
            self._emptied.set_result(None)

    async def finish_all(self) -> None:
        """Close every session, leaving each its flush timeout to hand over what waits."""
        for session in list(self.sockets.values()):
            session.finish(CloseReason.SERVER_SHUTDOWN, 1001)
        if self.sockets:
            if self._emptied is None or self._emptied.done():
                self._emptied = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._emptied], timeout=self.limits.flush_timeout)
        self._see_off_all()

    def _see_off(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + _SEEING_OFF_SECONDS
        while self._leaving:
            self._see_one_off()
            if loop.time() > until:
                loop.call_soon(self._see_off)
                return
        self._seeing_off = False

    def _see_off_all(self) -> None:
        while self._leaving:
            self._see_one_off()

    def _see_one_off(self) -> None:
        who = self._leaving.popleft()
        if isinstance(who, Session):
            self.upper.ended(who)
        else:
            who.session.transport_lost(who)

    # -------------------------------------------------------------------------------------------------- the handshake

    async def _open(self, request: web.Request, is_upgrade: bool) -> web.StreamResponse:
        is_websocket = request.query["transport"] == "websocket"
        if is_websocket != is_upgrade or request.method != "GET":
            return self._answers.bad_request(request)
        address = self.address_of(request)
        why = self.admission.refusal(address, self.now())
        if why is not None:
            return self._answers.come_back_later(request, why)
        self._inbox_of_loop()
        session = Session(self, self.generate_id(), address)
        refused = await self.upper.opening(session, request)
        if refused is not None:
            return self._answers.unauthorized(request, refused)
        if is_websocket:
            return await self._open_websocket(session, request)
        self._enter(session)
        session.poll = Poll(session)
        session.begin()
        response = self._answers.packets(request, [self._opening(session, ["websocket"])])
        response.headers.extend(self._answers.cookie(session.sid))
        return response

    async def _open_websocket(self, session: Session, request: web.Request) -> web.StreamResponse:
        def adopt(transport: asyncio.Transport, tail: bytes) -> None:
            websocket = WebSocket(session, transport, self._inbox_of_loop())
            session.websocket, session.upgraded = websocket, True
            self._enter(session)
            session.flush()
            session.send(self._opening(session, []))
            session.begin()
            if tail:
                websocket.data_received(tail)

        return await Handshake(adopt).accept(request)

    def _enter(self, session: Session) -> None:
        self.sockets[session.sid] = session
        self.admission.entered(session.address)
        self.upper.opened(session)

    def _opening(self, session: Session, upgrades: list[str]) -> Frame:
        may = self.allow_upgrades and "websocket" in self.transports
        return frame.opening(
            {
                "sid": session.sid,
                "upgrades": upgrades if may else [],
                "pingInterval": round(self.ping_seconds * 1000),
                "pingTimeout": round(self.ping_timeout * 1000),
                "maxPayload": self.max_http_buffer_size,
            }
        )

    def address_of(self, request: web.Request) -> str:
        """The client's own, behind the proxies we trust."""
        forwarded = request.headers.getall("X-Forwarded-For", [])
        return client_address(request.remote, forwarded, self.limits.trusted_proxies)

    # --------------------------------------------------------------------------------------------- polls and upgrades

    async def _probe(self, session: Session, request: web.Request) -> web.StreamResponse:
        if session.probing is not None or not self.allow_upgrades:
            return self._answers.bad_request(request)
        probe = Probe(session)

        def adopt(transport: asyncio.Transport, tail: bytes) -> None:
            websocket = WebSocket(probe, transport, self._inbox_of_loop())
            probe.begin(websocket)
            if tail:
                websocket.data_received(tail)

        return await Handshake(adopt).accept(request)

    async def _polling(self, session: Session, request: web.Request) -> web.StreamResponse:
        poll = session.poll
        if poll is None:
            return self._answers.bad_request(request)
        try:
            if request.method == "POST":
                taken = await poll.post(request)
                response = self._answers.ok(request) if taken else self._answers.bad_request(request)
            else:
                packets = await poll.get(request)
                response = (
                    self._answers.bad_request(request)
                    if packets is None
                    else self._answers.packets(request, packets)
                )
            await self._answers.deliver(request, response)
        finally:
            poll.answered(request)
        return response

    def _inbox_of_loop(self) -> Inbox:
        loop = asyncio.get_running_loop()
        if self._inbox is None or self._loop is not loop:
            self._inbox, self._loop = Inbox(loop), loop
            self.starter.loop = loop
        return self._inbox
