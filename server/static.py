"""The web client's files. Pages are served afresh each time, what carries a hash in its name is kept for a year."""

import re
import stat
from pathlib import Path

from aiohttp import hdrs, web

from server.headers import SecurityHeaders

_HASHED = re.compile(r"assets/(?:.*/)?[^/]+-[A-Za-z0-9_-]{8,}\.[A-Za-z0-9.]+")
"""As Vite names what it builds: name, a hash of eight characters, suffix."""

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Told by us: the machine's own table differs from one to the next, and browsers are told not to guess."""

_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

_ANY_PATH = r"/{path:(?!(?:api|socket\.io)(?:/|$)).*}"
"""Everything but the two trees that have answers of their own for what they do not know."""

_NOT_BUILT = """\
<!doctype html>
<html lang="en">
<title>Homeroom</title>
<p>The server runs, but the web client has not been built: run <code>make client</code>, then load this page again.
</html>
"""


class StaticClient:
    """Serves `directory`, a Vite build, and its index.html for every address that only the client knows."""

    def __init__(self, directory: Path, headers: SecurityHeaders) -> None:
        self._directory = directory
        self._headers = headers

    def attach(self, app: web.Application) -> None:
        """To be called after all other routes are there: it takes every address that is left."""
        app.router.add_get(_ANY_PATH, self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        file = self._find(path) if path else None
        if file is not None and path != "index.html":
            return self._file(request, file, _FOREVER if _HASHED.fullmatch(path) else _ASK_AGAIN)
        if path and file is None and not _is_page(request):
            raise web.HTTPNotFound
        return self.page(request)

    def page(self, request: web.Request) -> web.StreamResponse:
        """The web client itself, for an address that it knows."""
        index = self._find("index.html")
        if index is not None:
            return self._file(request, index, _ASK_AGAIN)
        return web.Response(
            text=_NOT_BUILT, status=503, content_type="text/html", headers={hdrs.CACHE_CONTROL: "no-store"}
        )

    def _file(self, request: web.Request, file: Path, caching: str) -> web.FileResponse:
        return web.FileResponse(
            file,
            headers={
                hdrs.CONTENT_TYPE: _TYPES.get(file.suffix.lower(), "application/octet-stream"),
                hdrs.CACHE_CONTROL: caching,
                "Content-Security-Policy": self._headers.page_policy(request),
            },
        )

    def _find(self, path: str) -> Path | None:
        """The file of a decoded path, without ever leaving the directory, following a link or naming what is hidden."""
        parts = path.split("/")
        if any(not part or part.startswith(".") or "\\" in part or not part.isprintable() for part in parts):
            return None
        file, mode = self._directory, stat.S_IFDIR
        try:
            for part in parts:
                file /= part
                mode = file.lstat().st_mode
                if stat.S_ISLNK(mode):
                    return None
        except OSError:
            return None
        return file if stat.S_ISREG(mode) else None


def _is_page(request: web.Request) -> bool:
    """Whether somebody walks to this address with a browser: they accept HTML, and it does not look like a file."""
    return "text/html" in request.headers.get(hdrs.ACCEPT, "") and "." not in request.path.rpartition("/")[2]
