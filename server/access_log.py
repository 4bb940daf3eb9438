"""One line for each request: what was asked and how it went. Never the query string, which may hold a token."""

import logging
import re
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from server.problems import REQUEST_ID

_LONGEST_PATH = 200
_SECRET = re.compile(r"[A-Za-z0-9_-]{40,}")
"""As in addresses of calendars, which open something by themselves. Our ids are shorter."""

_PROBES: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every few seconds by machines: only worth a line when somebody debugs."""


def shown_path(path: str) -> str:
    """The path as it may stand in a log."""
    return _SECRET.sub("[redacted]", path)[:_LONGEST_PATH]


class AccessLog(AbstractAccessLogger):
    """Given to aiohttp, which makes one for each connection."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """`time` is how long the request took, in seconds."""
        level = logging.DEBUG if request.path in _PROBES else logging.INFO
        if not self.logger.isEnabledFor(level):
            return
        self.logger.log(
            level,
            "request",
            extra={
                "method": request.method,
                "path": shown_path(request.path),
                "status": response.status,
                "seconds": round(time, 4),
                "request_id": request.get(REQUEST_ID) or None,
            },
        )

    @property
    def enabled(self) -> bool:
        return self.logger.isEnabledFor(logging.INFO)
