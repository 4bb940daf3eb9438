"""GET /m/{id}: the address that stands in calendars and mails.

A browser gets the web client, which asks `enterMeeting`. Whoever sends a token (a program, an app) is sent on at once. Nothing
is ever cached, and no page is told where its visitor came from.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import hdrs, web
from pydantic import ValidationError

from auth.errors import NoCredentials
from auth.identity import Identity
from auth.middleware import bearer_token
from contract.clock import Clock
from contract.errors import Conflict, InvalidInput, NotFound
from contract.meetings import EnterMeeting, Entrance, Way
from contract.specs import Limit
from meetings.door.service import Door
from realtime.rest import Authenticator, Limiter

PATH: Final = "/m/{meeting_id}"
INVITATION: Final = "X-Invitation"
"""A header that may hold a guest's secret, for programs; people's browsers have it in the fragment."""

_LONGEST_ID = 64
_HEADERS: Final = {hdrs.CACHE_CONTROL: "no-store", "Referrer-Policy": "no-referrer"}


class MeetingLink:
    """Mounted by the server, before the web client takes every address that is left."""

    def __init__(
        self,
        door: Door,
        sign_in: Authenticator,
        limiter: Limiter,
        clock: Clock,
        *,
        address_of: Callable[[web.Request], str],
        page: Callable[[web.Request], web.StreamResponse],
    ) -> None:
        """`page` is the web client's."""
        self._door = door
        self._sign_in = sign_in
        self._limiter = limiter
        self._clock = clock
        self._address_of = address_of
        self._page = page

    def attach(self, app: web.Application) -> None:
        app.router.add_get(PATH, self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        meeting_id = request.match_info["meeting_id"]
        signs_in = hdrs.AUTHORIZATION in request.headers
        secret = request.headers.get(INVITATION) or request.query.get("guest")
        if not signs_in and _is_browser(request):
            return self._for_browser(request, meeting_id)
        address = self._address_of(request)
        self._limiter.check(Limit.JOIN, user_id=None, room_id=None, address=address)
        if not signs_in and not secret:
            raise NoCredentials
        caller = await self._sign_in.identify(bearer_token(request)) if signs_in else None
        if len(meeting_id) > _LONGEST_ID:
            raise NotFound
        entrance = await self._door.enter(caller, meeting_id, _wish(request, secret), address)
        return self._send(entrance, caller)

    def _for_browser(self, request: web.Request, meeting_id: str) -> web.StreamResponse:
        """A secret in the query goes where no server sees it before anything else is asked for."""
        secret = request.query.get("guest")
        if secret is None:
            response = self._page(request)
            response.headers.update(_HEADERS)
            return response
        rest = [(name, value) for name, value in request.query.items() if name != "guest"]
        query = f"?{urlencode(rest)}" if rest else ""
        return _to(f"/m/{quote(meeting_id, safe='')}{query}#guest={quote(secret, safe='')}")

    def _send(self, entrance: Entrance, caller: Identity | None) -> web.StreamResponse:
        if entrance.url is not None and entrance.way in {Way.REDIRECT, Way.RECORDING}:
            return _to(entrance.url)
        if entrance.way is Way.CALL and entrance.room_id is not None:
            room = quote(entrance.room_id, safe="")
            signing_in = f"#token={entrance.token}&room={room}" if entrance.token and caller is None else ""
            return _to(f"/rooms/{room}{signing_in}")
        wait = entrance.again_at - self._clock.now() if entrance.again_at is not None else None
        milliseconds = max(1000, int(wait.total_seconds() * 1000)) if wait is not None else None
        raise Conflict(entrance.message, retry_after_ms=milliseconds)


def _wish(request: web.Request, secret: str | None) -> EnterMeeting:
    try:
        return EnterMeeting(
            occurrence=request.query.get("occurrence"), guest=secret, guest_name=request.query.get("name")
        )
    except ValidationError:
        raise InvalidInput("The address is not complete: open it as it was sent to you.") from None


def _to(address: str) -> web.Response:
    """303: to be fetched by GET, and not kept (RFC 9110 section 15.4.4)."""
    return web.Response(status=303, headers={**_HEADERS, hdrs.LOCATION: address})


def _is_browser(request: web.Request) -> bool:
    return "text/html" in request.headers.get(hdrs.ACCEPT, "")
