"""The scripted service for meetings over HTTP, for workers in processes of their own; it may kill whoever asks."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from tests.services.scripted_provider import ScriptedVendor


@asynccontextmanager
async def over_http(vendor: ScriptedVendor) -> AsyncIterator["ScriptedService"]:
    """Its address is `url`."""
    service = ScriptedService(vendor)
    app = web.Application()
    app.router.add_post("/{verb}", service.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        await runner.cleanup()


class ScriptedService:
    """`kills` is the moment at which whoever asks is killed: "VERB:sent" before, "VERB:done" after it was done."""

    def __init__(self, vendor: ScriptedVendor) -> None:
        self.vendor = vendor
        self.url = ""
        self.kills = ""

    async def answer(self, request: web.Request) -> web.Response:
        verb, pid = request.match_info["verb"], int(request.headers["X-Pid"])
        if self.kills == f"{verb}:sent":
            await self._kill(pid)
        answer = await self.vendor.request(verb, await request.json())
        if self.kills == f"{verb}:done":
            await self._kill(pid)
        return web.json_response(answer)

    async def _kill(self, pid: int) -> None:
        self.kills = ""
        os.kill(pid, signal.SIGKILL)
        await asyncio.get_running_loop().create_future()  # nobody is there to be answered


class HttpLine:
    """What a worker's provider asks the service by. At `dies` ("VERB:claimed", "VERB:answered") it kills its own process."""

    def __init__(self, url: str, dies: str) -> None:
        self._url = url
        self._dies = dies
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        self._die_at(f"{verb}:claimed")
        async with self._session.post(
            f"{self._url}/{verb}", json=dict(body), headers={"X-Pid": str(os.getpid())}
        ) as response:
            answer: dict[str, Any] = await response.json()
        self._die_at(f"{verb}:answered")
        return answer

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _die_at(self, moment: str) -> None:
        if self._dies == moment:
            os.kill(os.getpid(), signal.SIGKILL)
