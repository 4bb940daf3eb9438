"""A real aiohttp server on a free port with a small application on the engine."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import socketio
from aiohttp import web

from contract.clock import SystemClock
from realtime.engine import Connection, Engine, EngineSettings, Refused, Reply


@dataclass
class Echo:
    """Records what it is told; `release` lets a test hold commands and handshakes."""

    engine: Engine
    connected: "asyncio.Queue[Connection]" = field(default_factory=asyncio.Queue)
    disconnected: "asyncio.Queue[tuple[Connection, str]]" = field(default_factory=asyncio.Queue)
    started: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    trace: list[str] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    connecting: "asyncio.Queue[Connection]" = field(default_factory=asyncio.Queue)

    async def on_connect(self, connection: Connection, auth: Mapping[str, object]) -> None:
        self.connecting.put_nowait(connection)
        match auth.get("do"):
            case "refuse":
                raise Refused("unauthorized", "Sign in first.", {"retryable": False})
            case "break":
                raise RuntimeError("CANARY-in-an-exception")
            case "wait":
                await self.release.wait()
            case "greet":
                connection.send(self.engine.encode("hello", {"n": 1}))
                connection.send(self.engine.encode("hello", {"n": 2}))
        connection.context = dict(auth)
        self.connected.put_nowait(connection)

    async def on_command(self, connection: Connection, name: str, arguments: Sequence[object]) -> Reply:
        self.trace.append(f"begin {arguments[0] if arguments else name}")
        self.started.put_nowait(name)
        after = None
        if name == "hold":
            await self.release.wait()
        elif name == "break":
            raise RuntimeError("CANARY-in-an-exception")
        elif name == "after":

            def after() -> None:
                connection.send(self.engine.encode("followed", {}))

        self.trace.append(f"end {arguments[0] if arguments else name}")
        return Reply({"ok": True, "data": {"name": name, "arguments": list(arguments)}}, after)

    async def on_disconnect(self, connection: Connection, reason: str) -> None:
        self.trace.append(f"gone {reason}")
        self.disconnected.put_nowait((connection, str(reason)))


@dataclass
class Counting:
    """An observer that counts."""

    opened: int = 0
    slow: int = 0
    errors: int = 0
    closed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def connection_opened(self) -> None:
        self.opened += 1

    def connection_closed(self, reason: str) -> None:
        self.closed.append(str(reason))

    def request_refused(self, why: str) -> None:
        self.refused.append(why)

    def slow_consumer(self) -> None:
        self.slow += 1

    def protocol_error(self) -> None:
        self.errors += 1


class Raw:
    """A WebSocket on which a test says exactly what it wants; pings are answered and left out."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.answer_pings = True

    async def send(self, text: str) -> None:
        await self.ws.send_str(text)

    async def receive(self) -> str | None:
        """The next packet, or None when the server has closed."""
        while True:
            message = await self.ws.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return None
            if message.data != "2":
                return str(message.data)
            if self.answer_pings:
                await self.ws.send_str("3")

    async def rest(self) -> list[str]:
        """Everything until the server closes."""
        packets = []
        while (packet := await self.receive()) is not None:
            packets.append(packet)
        return packets


@dataclass
class Site:
    """The running server."""

    url: str
    engine: Engine
    app: Echo
    observer: Counting
    http: aiohttp.ClientSession

    @property
    def endpoint(self) -> str:
        return f"{self.url}/socket.io/"

    @asynccontextmanager
    async def raw(self, connect: str | None = "40", **options: Any) -> AsyncIterator[Raw]:
        """A WebSocket session; unless `connect` is None, that packet is sent and its answer taken."""
        url = f"{self.endpoint}?EIO=4&transport=websocket"
        async with self.http.ws_connect(url, **options) as ws:
            raw = Raw(ws)
            opening = await raw.receive()
            assert opening is not None
            assert opening.startswith("0{")
            if connect is not None:
                await raw.send(connect)
                answer = await raw.receive()
                assert answer is not None
                assert answer.startswith("40{")
            yield raw

    async def poll(self, sid: str | None = None, **options: Any) -> aiohttp.ClientResponse:
        query = {"EIO": "4", "transport": "polling"} | ({"sid": sid} if sid else {})
        response = await self.http.get(self.endpoint, params=query, **options)
        await response.read()
        return response

    async def post(self, sid: str, data: Any, **options: Any) -> aiohttp.ClientResponse:
        query = {"EIO": "4", "transport": "polling", "sid": sid}
        response = await self.http.post(self.endpoint, params=query, data=data, **options)
        await response.read()
        return response

    async def until_polled(self) -> None:
        """Until the poll of the only session has come."""
        [session] = self.engine._sessions.sockets.values()
        while session.poll is None or not session.poll.is_waiting:
            await asyncio.sleep(0)

    async def open_polling(self, connect: str | None = "40") -> str:
        """A polling session; returns its Engine.IO sid."""
        response = await self.poll()
        sid: str = json.loads((await response.text())[1:])["sid"]
        if connect is not None:
            await self.post(sid, connect)
            assert (await (await self.poll(sid)).text()).startswith("40{")
        return sid


Start = Callable[..., Awaitable[Site]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a server: `site = await start(auth_deadline=0.2)`.

    After the test no task may be left, and none may have failed without anybody looking.
    """
    before = asyncio.all_tasks()
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    runners: list[tuple[web.AppRunner, aiohttp.ClientSession]] = []

    async def begin(**settings: Any) -> Site:
        observer = Counting()
        engine = Engine(EngineSettings(**settings), SystemClock(), observer)
        echo = Echo(engine)
        engine.bind(echo)
        application = web.Application()
        engine.attach(application)
        runner = web.AppRunner(application, shutdown_timeout=5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))
        runners.append((runner, http))
        return Site(f"http://127.0.0.1:{port}", engine, echo, observer, http)

    yield begin
    for runner, http in runners:
        await runner.cleanup()
        await http.close()
    async with asyncio.timeout(5):
        while asyncio.all_tasks() - before - {asyncio.current_task()}:
            await asyncio.sleep(0)
    assert failures == []


@pytest.fixture(params=["websocket", "polling", "upgrade"])
def transports(request: pytest.FixtureRequest) -> list[str]:
    """The ways a stock client may connect."""
    return {"websocket": ["websocket"], "polling": ["polling"], "upgrade": ["polling", "websocket"]}[
        request.param
    ]


@pytest.fixture
async def client() -> AsyncIterator[Callable[..., socketio.AsyncClient]]:
    """Stock clients that are disconnected after the test."""
    clients: list[socketio.AsyncClient] = []

    def make(**options: Any) -> socketio.AsyncClient:
        made = socketio.AsyncClient(**({"reconnection": False} | options))
        clients.append(made)
        return made

    yield make
    for made in clients:
        await made.disconnect()
        await made.shutdown()
