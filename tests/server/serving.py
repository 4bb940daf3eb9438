"""A part of the server on a free port, asked over real sockets."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from server.app import Mount, build_app, build_runner
from server.headers import SecurityHeaders
from server.problems import problem_middleware


@asynccontextmanager
async def serving(
    *mounts: Mount, headers: SecurityHeaders | None = None, logger: str = "tests.access"
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client whose relative addresses go to these parts."""
    count = iter(range(1, 1_000_000))
    app = build_app(
        headers=headers or SecurityHeaders(),
        middlewares=[problem_middleware(lambda: f"req_{next(count)}")],
        mounts=mounts,
    )
    runner = build_runner(app, logging.getLogger(logger))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        await runner.cleanup()


async def ask_raw(client: aiohttp.ClientSession, target: str, headers: Sequence[str] = ()) -> tuple[int, str]:
    """GET a target that no client library would send as it is; the status and the whole answer."""
    base = client._base_url  # aiohttp tells it nowhere else
    assert base is not None
    reader, writer = await asyncio.open_connection(base.host, base.port)
    lines = [f"GET {target} HTTP/1.1", "Host: homeroom.test", "Connection: close", *headers]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    answer = (await reader.read()).decode("latin-1")
    writer.close()
    await writer.wait_closed()
    return int(answer.split(" ", 2)[1]), answer
