"""A SocketServer on a free port, and clients that say exactly what a test wants."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import socketio
from aiohttp import web

from realtime.engine import EngineServer, SocketServer


class Bare:
    """A running server with the raw ways to talk to it."""

    def __init__(self, url: str, path: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.endpoint = f"{url}/{path}/"
        self.http = http

    @asynccontextmanager
    async def socket(self, connect: str | None = "40") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A WebSocket; unless `connect` is None, that packet is sent and its answer taken."""
        url = f"{self.endpoint}?EIO=4&transport=websocket"
        async with self.http.ws_connect(url, max_msg_size=0) as ws:
            assert (await ws.receive_str()).startswith("0{")
            if connect is not None:
                await ws.send_str(connect)
                assert (await ws.receive_str()).startswith("40")
            yield ws

    async def poll(self, sid: str | None = None) -> tuple[int, str]:
        query = {"EIO": "4", "transport": "polling"} | ({"sid": sid} if sid else {})
        async with self.http.get(self.endpoint, params=query) as response:
            return response.status, await response.text()

    async def post(self, sid: str, body: str) -> tuple[int, str]:
        query = {"EIO": "4", "transport": "polling", "sid": sid}
        async with self.http.post(self.endpoint, params=query, data=body.encode()) as response:
            return response.status, await response.text()

    async def open_polling(self, connect: str | None = "40") -> str:
        _, opening = await self.poll()
        sid: str = json.loads(opening[1:])["sid"]
        if connect is not None:
            assert await self.post(sid, connect) == (200, "ok")
            assert (await self.poll(sid))[1].startswith("40")
        return sid


@asynccontextmanager
async def serving(server: SocketServer | EngineServer | socketio.AsyncServer) -> AsyncIterator[Bare]:
    """Until the block ends; by then nothing of ours may be left running."""
    before = asyncio.all_tasks()
    app = web.Application()
    server.attach(app)
    path = "socket.io" if isinstance(server, socketio.AsyncServer) else "engine.io"
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
        try:
            yield Bare(url, path, http)
        finally:
            await runner.cleanup()
    if not isinstance(server, SocketServer | EngineServer):
        for task in asyncio.all_tasks() - before - {asyncio.current_task()}:
            task.cancel()  # what the library forgets
    async with asyncio.timeout(5):
        while any(not task.done() for task in asyncio.all_tasks() - before - {asyncio.current_task()}):
            await asyncio.sleep(0.01)


async def drop(ws: aiohttp.ClientWebSocketResponse) -> None:
    """Go away without a word."""
    transport: Any = ws._writer.transport
    transport.abort()
