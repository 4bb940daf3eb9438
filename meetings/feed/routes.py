"""The HTTP doors to calendars: the feed, which programs read without signing in, and the owner's own operations."""

from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import ETag, hdrs, web

from contract.after_class import CalendarFeed
from contract.rooms import Nothing
from contract.specs import Limit, TextFile
from meetings.feed.service import CalendarService
from realtime.rest import Handler, Limiter, RestCall

FEEDS: Final = "/api/v1/calendar/"


def calendar_routes(calendars: CalendarService) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def get(call: RestCall) -> CalendarFeed:
        return await calendars.get(call.who)

    async def make(call: RestCall) -> CalendarFeed:
        return await calendars.make(call.who)

    async def revoke(call: RestCall) -> Nothing:
        return await calendars.revoke(call.who)

    async def meeting_file(call: RestCall) -> TextFile:
        return await calendars.meeting_file(call.who, call.path["meeting_id"])

    return {
        "getCalendarFeed": get,
        "makeCalendarFeed": make,
        "revokeCalendarFeed": revoke,
        "getMeetingFile": meeting_file,
    }


class FeedDoor:
    """`GET /api/v1/calendar/{secret}.ics`. The secret stands in the path, since programs that subscribe know nothing else;
    so the access log shows it nowhere.
    """

    def __init__(
        self, calendars: CalendarService, limiter: Limiter, address_of: Callable[[web.Request], str]
    ) -> None:
        self._calendars = calendars
        self._limiter = limiter
        self._address_of = address_of

    def attach(self, app: web.Application) -> None:
        app.router.add_get(f"{FEEDS}{{secret:[A-Za-z0-9_-]{{16,128}}}}.ics", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        self._limiter.check(Limit.READ, user_id=None, room_id=None, address=self._address_of(request))
        feed = await self._calendars.feed(request.match_info["secret"])
        headers = {hdrs.CACHE_CONTROL: "private, no-cache", hdrs.ETAG: f'"{feed.tag}"'}
        if _is_known(request.if_none_match, feed.tag):
            return web.Response(status=304, headers=headers)
        return web.Response(
            text=feed.text,
            content_type="text/calendar",
            charset="utf-8",
            headers={**headers, hdrs.CONTENT_DISPOSITION: 'inline; filename="homeroom.ics"'},
        )


def _is_known(tags: tuple[ETag, ...] | None, tag: str) -> bool:
    """Compared weakly (RFC 9110 section 13.1.2): proxies that pack answers weaken the tag."""
    return any(one.value in {tag, "*"} for one in tags or ())
