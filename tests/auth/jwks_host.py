"""An LMS's key server: real HTTP on a free port, which can be down, slow, huge, or lead elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.auth.tokens_by_hand import dump


class JwksHost:
    """`keys` is what it publishes. Setting `answer` makes it answer that instead; `hold` keeps it from answering."""

    def __init__(self) -> None:
        self.keys: list[object] = []
        self.answer: web.Response | bytes | None = None
        self.fetches = 0
        self.elsewhere = 0
        self.asked = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()
        self.headers: list[dict[str, str]] = []
        self.url = ""

    async def serve_keys(self, request: web.Request) -> web.Response:
        self.fetches += 1
        self.headers.append(dict(request.headers))
        self.asked.set()
        await self.hold.wait()
        if isinstance(self.answer, web.Response):
            return web.Response(status=self.answer.status, headers=self.answer.headers, body=self.answer.body)
        return web.Response(body=self.answer if self.answer is not None else dump({"keys": self.keys}))

    async def serve_elsewhere(self, request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response(body=dump({"keys": self.keys}))


@asynccontextmanager
async def jwks_host() -> AsyncIterator[JwksHost]:
    host = JwksHost()
    app = web.Application()
    app.router.add_get("/jwks.json", host.serve_keys)
    app.router.add_get("/{elsewhere:.*}", host.serve_elsewhere)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = runner.addresses[0]
    host.url = f"http://127.0.0.1:{address[1]}/jwks.json"
    try:
        yield host
    finally:
        host.hold.set()
        await runner.cleanup()
