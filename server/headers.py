"""What every response tells the browser: where code may come from, who may frame us, what a page may use."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from realtime.engine.address import is_trusted
from server.settings_values import Network

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
_ONE_YEAR = "max-age=31536000"

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True)
class SecurityHeaders:
    """`frame_ancestors` are the origins that may frame pages; `proxies` those whose X-Forwarded-Proto is believed."""

    frame_ancestors: Sequence[str] = ()
    proxies: Sequence[Network] = ()

    def attach(self, app: web.Application) -> None:
        """Put them on all responses: errors, redirects and Socket.IO's as well."""
        app.on_response_prepare.append(self._add)

    def page_policy(self, request: web.Request) -> str:
        """The Content-Security-Policy (W3C CSP Level 3) of pages and of all that they are made of."""
        frames = " ".join(self.frame_ancestors) or "'none'"
        directives = (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: https:",
            "media-src 'self' blob:",
            f"connect-src 'self'{_sockets_of(request)}",
            "font-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {frames}",
            "require-trusted-types-for 'script'",
        )
        return "; ".join(directives)

    async def _add(self, request: web.Request, response: web.StreamResponse) -> None:
        for name, value in _FIXED.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        if is_https(request, self.proxies):
            response.headers.setdefault(hdrs.STRICT_TRANSPORT_SECURITY, _ONE_YEAR)


def is_https(request: web.Request, proxies: Sequence[Network]) -> bool:
    """Whether the browser came by https: told by one of our proxies, or by our own socket."""
    if request.secure:
        return True
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    told = request.headers.getall("X-Forwarded-Proto", [])
    return (
        bool(told)
        and isinstance(peer, tuple)
        and is_trusted(str(peer[0]), tuple(proxies))
        and told[-1].rpartition(",")[2].strip().lower() == "https"
    )


def _sockets_of(request: web.Request) -> str:
    """WebSockets of the same host by name: browsers before CSP Level 3 do not count them as 'self'."""
    host = request.headers.get(hdrs.HOST, "")
    return f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
