"""/metrics: for Prometheus on this machine, or with the token."""

import hmac

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from server.settings_values import is_loopback

_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


class MetricsPage:
    """Without a token it answers callers on this machine alone, and not a proxy on it that speaks for others."""

    def __init__(self, registry: CollectorRegistry, token: str | None) -> None:
        self._registry = registry
        self._token = token

    def attach(self, app: web.Application) -> None:
        app.router.add_get("/metrics", self._metrics)

    async def _metrics(self, request: web.Request) -> web.Response:
        if self._token is not None:
            sent = request.headers.get(hdrs.AUTHORIZATION, "")
            if not hmac.compare_digest(sent.encode(), f"Bearer {self._token}".encode()):
                raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: 'Bearer realm="metrics"'})
        elif not _is_local(request):
            raise web.HTTPForbidden(text="Set HOMEROOM_METRICS_TOKEN to read metrics from elsewhere.\n")
        encode, content_type = choose_encoder(request.headers.get(hdrs.ACCEPT, ""))
        return web.Response(
            body=encode(self._registry),
            headers={hdrs.CONTENT_TYPE: content_type, hdrs.CACHE_CONTROL: "no-store"},
        )


def _is_local(request: web.Request) -> bool:
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    return (
        isinstance(peer, tuple)
        and is_loopback(str(peer[0]))
        and not any(name in request.headers for name in _FORWARDED)
    )
