"""The application of the benchmarks on the engine alone ("ours"), or on python-socketio as it is ("stock")."""

import asyncio
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


async def serve(kind: str, port: int) -> None:
    if kind == "ours":
        from realtime.engine import SocketServer  # noqa: PLC0415  # the stock server is measured without it

        sio = SocketServer(transports=["websocket"])
    else:
        sio = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"])
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
