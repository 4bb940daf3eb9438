"""Which web pages may open a session (RFC 6454; against cross-site WebSocket hijacking)."""

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from realtime.engine.address import is_trusted
from realtime.engine.limits import IPNetwork

if TYPE_CHECKING:
    from realtime.engine.engine_server import EngineServer

_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_origin(text: str) -> str | None:
    """`scheme://host[:port]` as a browser writes it: lower case, default port left out. None if it is no origin."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname
    plain = parts.path in {"", "/"} and not parts.query and not parts.fragment and "@" not in parts.netloc
    if parts.scheme not in _DEFAULT_PORTS or not host or not plain or not text.isascii():
        return None
    name = f"[{host}]" if ":" in host else host
    suffix = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{name}{suffix}"


def canonical_origins(origins: frozenset[str]) -> frozenset[str]:
    """The allow-list in canonical form. Raises ValueError naming an entry that is no origin."""
    wrong = sorted(origin for origin in origins if canonical_origin(origin) is None)
    if wrong:
        raise ValueError(f"not an origin (scheme://host[:port]): {wrong[0]}")
    return frozenset(canonical for origin in origins if (canonical := canonical_origin(origin)))


def is_allowed(sent: list[str], allowed: frozenset[str], own: str | None) -> bool:
    """Whether a request with these Origin headers may come in.

    `allowed` is canonical. `own` is the origin the request was sent to, or None when that alone gives no right.
    None sent (no browser) is allowed, more than one is not, and the text must be exactly what a browser would write.
    """
    if not sent:
        return True
    if len(sent) > 1 or canonical_origin(sent[0]) != sent[0]:
        return False
    return sent[0] in allowed or (own is not None and sent[0] == canonical_origin(own))


class Origins(Protocol):
    """Which pages may come in, and what their browsers are told."""

    def allows(self, request: web.Request) -> bool: ...

    def headers(self, request: web.Request) -> dict[str, str]: ...


class LibraryOrigins:
    """As `cors_allowed_origins` and `cors_credentials` of the library say; an empty list means no screening at all."""

    def __init__(self, server: "EngineServer") -> None:
        self._server = server

    def allows(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        if origin is None or self._server.cors_allowed_origins == []:
            return True
        allowed = self._server._cors_allowed_origins(self._environ(request))
        return allowed is None or origin in allowed

    def headers(self, request: web.Request) -> dict[str, str]:
        if "Origin" not in request.headers and request.method != "OPTIONS":
            return {}
        return dict(self._server._cors_headers(self._environ(request)))

    def _environ(self, request: web.Request) -> dict[str, Any]:
        made: dict[str, Any] = self._server._async["translate_request"](request)
        return made


class StrictOrigins:
    """An allow-list compared exactly, and perhaps the origin that the request itself was sent to."""

    def __init__(
        self, allowed: frozenset[str], *, same_origin: bool, trusted_proxies: tuple[IPNetwork, ...]
    ) -> None:
        """Raises ValueError when an allowed origin is none."""
        self._allowed = canonical_origins(allowed)
        self._same_origin = same_origin
        self._trusted_proxies = trusted_proxies

    def allows(self, request: web.Request) -> bool:
        return is_allowed(request.headers.getall("Origin", []), self._allowed, self._own_origin(request))

    def headers(self, request: web.Request) -> dict[str, str]:
        """For a request whose origin was allowed."""
        origin = request.headers.get("Origin")
        if origin is None:
            return {}
        headers = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Vary": "Origin",
        }
        if request.method == "OPTIONS":
            headers["Access-Control-Allow-Methods"] = "GET, POST"
            headers["Access-Control-Allow-Headers"] = "Content-Type"
            headers["Access-Control-Max-Age"] = "600"
        return headers

    def _own_origin(self, request: web.Request) -> str | None:
        if not self._same_origin:
            return None
        scheme, host = request.scheme, request.host
        if is_trusted(request.remote, self._trusted_proxies):
            scheme = request.headers.get("X-Forwarded-Proto", scheme).rpartition(",")[2].strip()
            host = request.headers.get("X-Forwarded-Host", host).rpartition(",")[2].strip()
        return f"{scheme}://{host}"
