"""A host of recordings on loopback that serves files well, or as badly as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

TAG = '"v1"'


class FileHost:
    """`host.put("/a.mp4", b"…")`, or `host.answers["/a.mp4"] = coroutine function`. `requests` are all that came."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, Answer] = {}
        self.requests: list[web.Request] = []
        self.url = ""

    def put(self, path: str, content: bytes) -> str:
        """The file's address."""
        self.files[path] = content
        return self.url + path

    def asked(self, path: str) -> list[web.Request]:
        return [one for one in self.requests if one.path == path]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        answer = self.answers.get(request.path)
        if answer is not None:
            return await answer(request)
        content = self.files.get(request.path)
        return web.Response(status=404) if content is None else ranged(request, content)


def ranged(request: web.Request, content: bytes) -> web.Response:
    """As hosts of files do: parts on request, of the version that is meant."""
    headers = {"ETag": TAG, "Content-Type": "video/mp4"}
    wanted = request.headers.get("Range", "")
    if wanted and request.headers.get("If-Range") == TAG:
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        told = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        return web.Response(status=206, body=content[start:], headers={**headers, **told})
    return web.Response(body=content, headers=headers)


def to(location: str, status: int = 302) -> Answer:
    """Sends whoever asks elsewhere."""

    async def redirect(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": location})

    return redirect


def says(status: int, body: bytes = b"", content_type: str = "text/plain") -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, content_type=content_type)

    return answer


def dying(content: bytes, after: int, *, times: int = 1) -> Answer:
    """Breaks off after so many bytes, so many times; then it serves well."""
    left = times

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal left
        whole = ranged(request, content)
        if left == 0:
            return whole
        left -= 1
        body = whole.body
        assert isinstance(body, bytes)
        response = web.StreamResponse(status=whole.status, headers=whole.headers)
        response.content_length = len(body)
        await response.prepare(request)
        await response.write(body[:after])
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


def endless(chunk: bytes = b"x" * 65536) -> Answer:
    """Never says how long it is, and never ends."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "video/mp4"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        while True:
            await response.write(chunk)
            await asyncio.sleep(0)

    return answer


@asynccontextmanager
async def serving() -> AsyncIterator[FileHost]:
    host = FileHost()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", host.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield host
    finally:
        await runner.cleanup()
