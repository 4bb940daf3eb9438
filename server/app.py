"""The aiohttp application: what wraps every request, and what is mounted in it."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, Protocol, cast

from aiohttp import web
from aiohttp.typedefs import Middleware as AiohttpMiddleware

from server.access_log import AccessLog
from server.headers import SecurityHeaders
from server.problems import API_PREFIX, Middleware, Next

BODY_BYTES: Final = 256 * 1024
"""Of a REST request: 8,000 characters weigh at most 96,000 bytes in JSON, escaped throughout."""

BODY_SECONDS: Final = 30.0
KEEPALIVE_SECONDS: Final = 20.0
"""Below the 60 s after which proxies by custom give up an idle connection, so that it is never used while it closes."""


class Mount(Protocol):
    """A part that brings its own routes."""

    def attach(self, app: web.Application) -> None: ...


def build_app(
    *, headers: SecurityHeaders, middlewares: Sequence[Middleware], mounts: Sequence[Mount]
) -> web.Application:
    """The application. `middlewares` run from the first, outermost, to the last; `mounts` take their routes in order."""
    around = [*middlewares, body_deadline(BODY_SECONDS)]
    app = web.Application(
        client_max_size=BODY_BYTES,
        middlewares=cast(
            "Sequence[AiohttpMiddleware]", around
        ),  # which names its parameters, as Callable cannot
    )
    headers.attach(app)
    for mount in mounts:
        mount.attach(app)
    return app


def build_runner(app: web.Application, access_logger: logging.Logger) -> web.AppRunner:
    """What serves the application. Signals are not its business: see `server.lifecycle`."""
    return web.AppRunner(
        app,
        handle_signals=False,
        access_log_class=AccessLog,
        access_log=access_logger,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=5.0,
    )


def body_deadline(seconds: float) -> Middleware:
    """Read the body of an API request whole before its handler runs, so that a slow sender holds nothing but a socket."""

    @web.middleware
    async def read_first(request: web.Request, handler: Next) -> web.StreamResponse:
        if request.can_read_body and request.path.startswith(API_PREFIX):
            try:
                async with asyncio.timeout(seconds):
                    await request.read()
            except TimeoutError:
                raise web.HTTPRequestTimeout from None
        return await handler(request)

    return read_first
