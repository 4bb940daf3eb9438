"""The application of the benchmarks on the engine alone ("ours"), or on python-socketio as it is ("stock")."""

import asyncio
import os
import sys
from typing import Any

import socketio
from aiohttp import web


def application(sio: socketio.AsyncServer) -> web.Application:
    @sio.on("join")
    async def join(sid: str, room: str) -> str:
        await sio.enter_room(sid, room)
        return "ok"

    @sio.on("say")
    async def say(sid: str, text: str) -> str:
        await sio.emit("said", text, room="room")
        return "ok"

    @sio.on("echo")
    async def echo(sid: str, value: Any) -> Any:
        return value

    app = web.Application()
    sio.attach(app)
    return app


def _manager() -> socketio.AsyncManager | None:
    """What joins several nodes, when there is a Redis."""
    url = os.environ.get("REDIS_URL")
    return socketio.AsyncRedisManager(url) if url else None


async def serve(kind: str, port: int) -> None:
    if kind == "ours":
        from realtime.engine import SocketServer  # noqa: PLC0415  # the stock server is measured without it

        sio = SocketServer(client_manager=_manager(), transports=["websocket"])
    else:
        sio = socketio.AsyncServer(client_manager=_manager(), async_mode="aiohttp", transports=["websocket"])
    runner = web.AppRunner(application(sio), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=4096).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    kind, port = sys.argv[1], int(sys.argv[2])
    if kind == "ours" or "--uvloop" in sys.argv:
        import uvloop

        uvloop.run(serve(kind, port))
    else:
        asyncio.run(serve(kind, port))
