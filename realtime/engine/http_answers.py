"""What goes back over HTTP: refusals in the words of Engine.IO, polling payloads, and the headers of CORS."""

import asyncio
import gzip
import zlib
from typing import TYPE_CHECKING, Final

from aiohttp import web
from multidict import CIMultiDict

from realtime.engine import frame
from realtime.engine.frame import Frame
from realtime.engine.quick_json import encode

if TYPE_CHECKING:
    from realtime.engine.engine_server import EngineServer

_TEXT: Final = "text/plain; charset=UTF-8"

_UNKNOWN_TRANSPORT = (0, "Transport unknown")
_UNKNOWN_SID = (1, "Session ID unknown")
_BAD_METHOD = (2, "Bad handshake method")
_BAD_REQUEST = (3, "Bad request")
_FORBIDDEN = (4, "Forbidden")
_UNSUPPORTED = (5, "Unsupported protocol version")


class Answers:
    """The responses of one server."""

    def __init__(self, server: "EngineServer") -> None:
        self._server = server

    def refusal(self, request: web.Request) -> web.Response | None:
        """The answer to a request that cannot be meant for a session of ours; None when it can."""
        server, query = self._server, request.query
        if not server.origins.allows(request):
            server.observer.request_refused("origin")
            return self._error(None, _FORBIDDEN, 403)
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=server.origins.headers(request))
        if "j" in query or len(query.getall("sid", ())) > 1:
            return self._error(request, _BAD_REQUEST)
        if query.get("transport") not in server.transports:
            return self._error(request, _UNKNOWN_TRANSPORT)
        if "sid" in query:
            if request.method not in {"GET", "POST"}:
                return self._error(request, _BAD_METHOD)
            return None if query["sid"] in server.sockets else self._error(request, _UNKNOWN_SID)
        if query.get("EIO") != "4":
            return self._error(request, _UNSUPPORTED)
        return None if request.method == "GET" else self._error(request, _BAD_METHOD)

    def bad_request(self, request: web.Request) -> web.Response:
        return self._error(request, _BAD_REQUEST)

    def unauthorized(self, request: web.Request, refused: object) -> web.Response:
        body = encode("Unauthorized" if refused is False else refused)
        response = web.Response(status=401, body=body, content_type="application/json")
        response.headers.extend(self._server.origins.headers(request))
        return response

    def come_back_later(self, request: web.Request, why: str) -> web.Response:
        self._server.observer.request_refused(why)
        headers = {
            "Retry-After": str(self._server.limits.retry_after),
            **self._server.origins.headers(request),
        }
        return web.Response(status=503, text="Come back later.", headers=headers)

    def ok(self, request: web.Request) -> web.Response:
        return self._text(request, b"ok")

    def packets(self, request: web.Request, packets: list[Frame]) -> web.Response:
        return self._text(request, frame.SEPARATOR.join([packet.polled for packet in packets]))

    def cookie(self, sid: str) -> CIMultiDict[str]:
        """The Set-Cookie header of a new session, if the server was asked to set one."""
        cookie = self._server.cookie
        if not cookie:
            return CIMultiDict()
        attributes = cookie if isinstance(cookie, dict) else {"name": cookie, "path": "/", "SameSite": "Lax"}
        return CIMultiDict({"Set-Cookie": self._server._generate_sid_cookie(sid, attributes)})

    async def deliver(self, request: web.Request, response: web.Response) -> None:
        """Write the answer now rather than after the handler, so that one who does not read it is cut off."""
        server = self._server
        try:
            async with asyncio.timeout(server.ping_seconds + server.ping_timeout):
                await response.prepare(request)
                await response.write_eof()
                await request.protocol._drain_helper()
            if not request.content.is_eof() and request.transport is not None:
                request.transport.close()  # rather than read on what was refused
        except (TimeoutError, ConnectionError):
            if request.transport is not None:
                request.transport.abort()

    def _text(self, request: web.Request, body: bytes) -> web.Response:
        headers = {
            "Content-Type": _TEXT,
            "Cache-Control": "no-store",
            **self._server.origins.headers(request),
        }
        server = self._server
        if server.http_compression and len(body) >= server.compression_threshold:
            accepted = [
                part.partition(";")[0].strip()
                for part in request.headers.get("Accept-Encoding", "").split(",")
            ]
            if "gzip" in accepted:
                body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
            elif "deflate" in accepted:
                body, headers["Content-Encoding"] = zlib.compress(body), "deflate"
        return web.Response(body=body, headers=headers)

    def _error(self, request: web.Request | None, error: tuple[int, str], status: int = 400) -> web.Response:
        code, message = error
        headers = self._server.origins.headers(request) if request is not None else {}
        body = encode({"code": code, "message": message})
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)
