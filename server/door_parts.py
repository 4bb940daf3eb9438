"""The one link of a meeting, put together: who comes, by which token or invitation, and where it leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from meetings.door.guests import GuestPasses
from meetings.door.invitations import Invitations
from meetings.door.page import MeetingLink
from meetings.door.routes import door_routes
from meetings.door.service import Door, DoorParts
from realtime.rest import Authenticator, Handler
from server.app import Mount
from server.classroom import Classroom
from server.foundation import Foundation, Trust
from server.schedule_parts import ScheduleParts, public_address


@dataclass(frozen=True)
class Entry:
    """How a request is looked at: whose it is, where it comes from, and the page for browsers."""

    sign_in: Authenticator
    address_of: Callable[[web.Request], str]
    page: Callable[[web.Request], web.StreamResponse]


@dataclass(frozen=True)
class MeetingDoor:
    """What `server.compose` takes of this."""

    handlers: Mapping[str, Handler]
    """Of REST operations."""
    link: Mount


def build_door(
    base: Foundation, trust: Trust, room: Classroom, schedule: ScheduleParts, entry: Entry
) -> MeetingDoor:
    writer, clock, link_base = room.log.writer, base.clock, public_address(base.settings)
    parts = DoorParts(
        database=base.database,
        providers=schedule.providers,
        passes=GuestPasses(trust.issuer, entry.sign_in.identify, writer, clock),
        recordings=schedule.after.service,
        limiter=room.services.limiter,
        clock=clock,
        link_base=link_base,
    )
    door = Door(parts)
    invitations = Invitations(base.database, writer, link_base, room.live.personal)
    link = MeetingLink(
        door,
        entry.sign_in,
        room.services.limiter,
        clock,
        address_of=entry.address_of,
        page=entry.page,
    )
    return MeetingDoor(door_routes(door, invitations), link)
