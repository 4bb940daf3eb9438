"""Calendars to subscribe to, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from meetings.feed.routes import FeedDoor, calendar_routes
from meetings.feed.service import CalendarService
from realtime.rest import Handler
from server.classroom import Classroom
from server.foundation import Foundation, Trust


@dataclass(frozen=True)
class CalendarParts:
    """What `server.compose` takes of this."""

    handlers: Mapping[str, Handler]
    """Of REST operations."""
    feeds: FeedDoor


def build_calendars(
    base: Foundation,
    trust: Trust,
    room: Classroom,
    link_base: str,
    address_of: Callable[[web.Request], str],
) -> CalendarParts:
    calendars = CalendarService(
        base.database, room.log.writer, base.clock, link_base, trust.revocations.user_revoked_at
    )
    feeds = FeedDoor(calendars, room.services.limiter, address_of)
    return CalendarParts(calendar_routes(calendars), feeds)
