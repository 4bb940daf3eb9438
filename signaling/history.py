"""Calls that were: which there have been in a room, and who was in them."""

from auth.identity import Identity
from auth.permissions import Action, allows
from contract.attendance import Attendance, CallPage, ListCalls
from contract.clock import Clock
from contract.errors import NotFound
from db.engine import Database
from realtime.rooms import store as rooms
from signaling import store
from signaling.attendance import attendees_of


class CallHistory:
    """Reads only."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(self, who: Identity, room_id: str, page: ListCalls) -> CallPage:
        async with self._database.reading() as connection:
            (await rooms.access(connection, who, room_id)).require(Action.ROOM_VIEW)
            found = await store.past_calls(connection, room_id, page)
        items = [*found[: page.limit]]
        has_more = len(found) > page.limit
        return CallPage(items=items, has_more=has_more, next=items[-1].call.id if has_more else None)

    async def attendance(self, who: Identity, call_id: str) -> Attendance:
        """Everybody for the room's staff; for others only themselves.

        Raises:
            NotFound: there is no such call, or not for this person.
        """
        async with self._database.reading() as connection:
            record = await store.call(connection, call_id)
            if record is None:
                raise NotFound
            access = await rooms.access(connection, who, record.call.room_id)
            access.require(Action.ROOM_VIEW)
            # of an archived room too, where nobody leads a call any more
            leads = allows(Action.CALL_MODERATE, access.standing, access.room.kind)
            only = None if leads else who.user_id
            stays = await store.stays(connection, call_id, only)
        return Attendance(
            call=record.call, ended_at=record.ended_at, attendees=attendees_of(stays, self._clock.now())
        )
