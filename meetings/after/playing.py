"""The HTTP door to the files: whoever has a ticket may play one, in parts if they like (RFC 9110 section 14)."""

from typing import Final

from aiohttp import hdrs, web

from auth.identity import Identity
from auth.permissions import Action
from contract.after_class import RecordingState
from contract.errors import NotFound
from db.engine import Database
from meetings import store
from meetings.after import recording_store
from meetings.after.folder import UNKNOWN_TYPE, RecordingFolder, is_played
from meetings.after.recording_store import RecordingRecord
from meetings.after.tickets import Ticket, Tickets
from realtime.rooms import store as rooms

PATH: Final = "/api/v1/recordings/{recording_id}/file"
_POLICY: Final = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""For browsers that open the file by itself: their own player, and nothing else."""


class RecordingDoor:
    """Mounted by the server, beside the REST door: players send no token."""

    def __init__(self, database: Database, folder: RecordingFolder, tickets: Tickets) -> None:
        self._database = database
        self._folder = folder
        self._tickets = tickets

    def attach(self, app: web.Application) -> None:
        app.router.add_get(PATH, self._serve)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        recording_id = request.match_info["recording_id"]
        ticket = await self._tickets.check(recording_id, request.query.get("ticket", ""))
        record = await self._record(ticket)
        file = self._folder.find(record.path)
        if file is None:
            raise NotFound
        content_type = record.content_type or UNKNOWN_TYPE  # a safe one since the file is here
        way = "inline" if is_played(content_type) else "attachment"
        return web.FileResponse(
            file,
            headers={
                hdrs.CONTENT_TYPE: content_type,
                hdrs.CONTENT_DISPOSITION: f'{way}; filename="recording-{file.name}"',
                hdrs.CACHE_CONTROL: "private, no-store",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": _POLICY,
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )

    async def _record(self, ticket: Ticket) -> RecordingRecord:
        """Raises NotFound also for whoever may no longer come to the meeting."""
        who = Identity(
            user_id=ticket.user_id,
            name=ticket.user_id,
            role=ticket.role,
            picture=None,
            rooms=None,
            jti=None,
            issued_at=None,
            expires_at=ticket.expires_at,
        )
        async with self._database.reading() as connection:
            record = await recording_store.recording(connection, ticket.recording_id)
            room_id = await store.room_of(connection, record.meeting_id) if record is not None else None
            if record is None or room_id is None or record.state != RecordingState.READY.value:
                raise NotFound
            if not (await rooms.access(connection, who, room_id)).allows(Action.MEETING_JOIN):
                raise NotFound
        return record
