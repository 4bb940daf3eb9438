"""The HTTP door of the inbox. It stands beside the REST door: who calls is known by a signature, not by a token of ours."""

from typing import Final

from aiohttp import hdrs, web

from meetings.provider import Delivery
from meetings.webhooks.inbox import Inbox

PATH: Final = "/api/v1/webhooks/{provider}"
METHODS: Final = (hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_DELETE)
"""A provider may also ask us things, and tell us that something is over."""


class WebhookDoor:
    """Mounted by the server."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def attach(self, app: web.Application) -> None:
        for method in METHODS:
            app.router.add_route(method, PATH, self._serve)
            app.router.add_route(method, PATH + "/{rest:.*}", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            headers.setdefault(name.lower(), value)
        delivery = Delivery(
            headers=headers,
            query={name: request.query[name] for name in request.query},
            raw=await request.read(),
            path=request.match_info.get("rest", ""),
            method=request.method,
        )
        receipt = await self._inbox.take(request.match_info["provider"], delivery)
        response = web.Response(status=receipt.status, body=receipt.body)
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        if receipt.body:
            response.headers[hdrs.CONTENT_TYPE] = receipt.content_type
        return response
