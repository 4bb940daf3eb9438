"""An ordinary python-socketio application, which knows nothing of ours, behaves on our server as on the library's."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import socketio

from realtime.engine import SocketServer
from tests.realtime.engine.bare import serving

Client = Callable[..., socketio.AsyncClient]


class Arithmetic(socketio.AsyncNamespace):  # type: ignore[misc]  # socketio ships no types
    """Handlers in a class."""

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        await self.enter_room(sid, "everybody")

    async def on_add(self, sid: str, a: int, b: int) -> int:
        return a + b


def application(sio: socketio.AsyncServer) -> list[Any]:
    """Registers handlers of every kind. What they noted."""
    notes: list[Any] = []

    @sio.event
    async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
        if auth == {"name": "nobody"}:
            raise socketio.exceptions.ConnectionRefusedError("not you", 7)
        await sio.save_session(sid, {"name": auth["name"]})
        await sio.enter_room(sid, "room")
        await sio.emit("welcome", {"to": auth["name"]}, to=sid)
        notes.append(environ["REMOTE_ADDR"])

    @sio.event
    async def disconnect(sid: str, reason: str) -> None:
        async with sio.session(sid) as session:
            notes.append((session["name"], reason, sorted(sio.rooms(sid)) == sorted([sid, "room"])))

    @sio.on("say")
    async def say(sid: str, text: Any) -> str:
        await sio.emit("said", text, room="room", skip_sid=sid)
        return "said"

    @sio.on("ask")
    async def ask(sid: str, question: Any) -> Any:
        return await sio.call("question", question, to=sid, timeout=5)

    @sio.on("two")
    def two(sid: str) -> tuple[int, bytes]:
        return 1, b"\x00two"

    @sio.on("leave")
    async def leave(sid: str) -> list[str]:
        await sio.leave_room(sid, "room")
        return [room for room in sio.rooms(sid) if room != sid]

    @sio.on("wait")
    async def wait(sid: str, seconds: float) -> str:
        async with asyncio.timeout(seconds):
            await asyncio.sleep(0.001)
        return "waited"

    @sio.on("kick")
    async def kick(sid: str) -> None:
        await sio.disconnect(sid)

    sio.on("*", lambda event, sid, *arguments: [event, *arguments])
    sio.register_namespace(Arithmetic("/arithmetic"))
    return notes


@pytest.mark.parametrize(
    ("server", "transports"),
    [
        (socketio.AsyncServer, ["websocket"]),
        (SocketServer, ["websocket"]),
        (SocketServer, ["polling"]),
        (SocketServer, ["polling", "websocket"]),
    ],
    ids=["theirs", "ours", "ours by polling", "ours by an upgrade"],
)
async def test_the_application_behaves_the_same(
    client: Client, transports: list[str], server: type[socketio.AsyncServer]
) -> None:
    sio = server(async_mode="aiohttp", cors_allowed_origins="*")
    notes = application(sio)
    async with serving(sio) as site:
        a, b = client(), client()
        heard: asyncio.Queue[Any] = asyncio.Queue()
        b.on("said", heard.put_nowait)
        a.on("said", lambda _: heard.put_nowait("the sender heard it"))
        a.on("question", lambda question: f"answer to {question}")
        await a.connect(site.url, auth={"name": "a"}, transports=transports, namespaces=["/", "/arithmetic"])
        await b.connect(site.url, auth={"name": "b"}, transports=transports)
        for value in ("text", {"a": [1, None]}, b"\xff\x00bytes", {"deep": [b"1", {"x": b"2"}]}):
            assert await a.call("say", value, timeout=5) == "said"
            assert await asyncio.wait_for(heard.get(), 5) == value
        assert await a.call("two", timeout=5) == (1, b"\x00two")
        assert await a.call("ask", "why", timeout=5) == "answer to why"
        assert await a.call("add", (2, 3), namespace="/arithmetic", timeout=5) == 5
        assert await a.call("unheard of", (1, "x"), timeout=5) == ["unheard of", 1, "x"]
        assert await a.call("wait", 5, timeout=5) == "waited"
        assert sio.transport(a.get_sid()) == a.transport()
        assert await b.call("leave", timeout=5) == []
        assert sorted(sid for sid, _ in sio.manager.get_participants("/", "room")) == [a.get_sid()]
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client().connect(site.url, auth={"name": "nobody"}, transports=transports)
        await a.emit("kick")
        while ("a", "server disconnect", True) not in notes:
            await asyncio.sleep(0.01)
        await b.disconnect()
        while len(notes) < 4:
            await asyncio.sleep(0.01)
        await a.disconnect()
    assert not sio.environ


async def test_a_server_with_the_message_pack_parser(client: Client, transports: list[str]) -> None:
    sio = SocketServer(serializer="msgpack")
    application(sio)
    async with serving(sio) as site:
        a = client(serializer="msgpack")
        polling, websocket = client(serializer="msgpack"), client(serializer="msgpack")
        heard: asyncio.Queue[Any] = asyncio.Queue()
        for listener, way in ((polling, ["polling"]), (websocket, ["websocket"])):
            listener.on("said", heard.put_nowait)
            await listener.connect(site.url, auth={"name": "x"}, transports=way)
        await a.connect(site.url, auth={"name": "a"}, transports=transports)
        assert await a.call("say", {"b": b"\x00\xff"}, timeout=5) == "said"
        assert [await heard.get() for _ in range(2)] == [{"b": b"\x00\xff"}] * 2
        for one in (a, polling, websocket):
            await one.disconnect()


async def test_binary_broadcasts_reach_both_transports_in_one_room(client: Client) -> None:
    sio = SocketServer()
    application(sio)
    async with serving(sio) as site:
        heard: asyncio.Queue[Any] = asyncio.Queue()
        listeners = [client(), client()]
        for listener, way in zip(listeners, ("polling", "websocket"), strict=True):
            listener.on("said", heard.put_nowait)
            await listener.connect(site.url, auth={"name": way}, transports=[way])
        for _ in range(3):
            await sio.emit("said", {"picture": b"\x89PNG"}, room="room")
        assert [await heard.get() for _ in range(6)] == [{"picture": b"\x89PNG"}] * 6


async def test_events_of_one_client_keep_their_order_without_async_handlers(client: Client) -> None:
    sio = SocketServer(async_handlers=False)
    seen: list[int] = []

    @sio.on("number")
    async def number(sid: str, n: int) -> Any:
        await asyncio.sleep(0.02 if n == 0 else 0)
        seen.append(n)
        return await sio.call("check", n, to=sid, timeout=5) if n == 2 else None

    async with serving(sio) as site:
        a = client()
        a.on("check", lambda n: n * 10)
        await a.connect(site.url, transports=["websocket"])
        await a.emit("number", 0)
        await a.emit("number", 1)
        assert await a.call("number", 2, timeout=5) == 20
    assert seen == [0, 1, 2]
