"""The application's own bounds: how large a body may be, and how long it may take to arrive."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from server.app import BODY_BYTES, body_deadline, build_app, build_runner
from server.headers import SecurityHeaders
from server.problems import problem_middleware


class _Echo:
    def attach(self, app: web.Application) -> None:
        async def echo(request: web.Request) -> web.Response:
            return web.json_response({"bytes": len(await request.read())})

        app.router.add_post("/api/v1/echo", echo)


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    app = build_app(
        headers=SecurityHeaders(),
        middlewares=[problem_middleware(lambda: "req_1"), body_deadline(0.05)],
        mounts=[_Echo()],
    )
    runner = build_runner(app, logging.getLogger("tests.access"))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def _post(port: int, body: bytes) -> tuple[int, dict[str, object]]:
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"http://127.0.0.1:{port}/api/v1/echo", data=body) as answer,
    ):
        return answer.status, json.loads(await answer.text())


@pytest.mark.parametrize("size", [0, 1, BODY_BYTES])
async def test_a_body_within_bounds_reaches_its_handler_whole(port: int, size: int) -> None:
    assert await _post(port, b"x" * size) == (200, {"bytes": size})


async def test_a_larger_body_is_refused_as_too_large(port: int) -> None:
    status, problem = await _post(port, b"x" * (BODY_BYTES + 1))
    assert (status, problem["code"]) == (413, "payload_too_large")


async def test_a_body_that_does_not_arrive_is_given_up(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /api/v1/echo HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\n{")
    status_line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    await writer.wait_closed()
    assert status_line.startswith(b"HTTP/1.1 400 ")
