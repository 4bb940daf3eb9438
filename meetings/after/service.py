"""One method for each thing somebody can want of what a class left behind."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action
from contract.after_class import MeetingAttendance, RecordingList, RecordingState
from contract.clock import Clock
from contract.errors import NotFound
from contract.rooms import Nothing
from contract.schedule import OccurrenceKey
from db.engine import Database
from meetings import history, store
from meetings.after import attendance, recording_store
from meetings.after import store as held
from meetings.after.folder import UNKNOWN_TYPE, RecordingFolder
from meetings.after.model import StayRecord
from meetings.after.recording_store import DELETED
from meetings.after.tickets import Tickets
from meetings.history import Line
from meetings.model import MeetingRecord
from meetings.views import occurrence_view
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer
from realtime.rooms import store as rooms
from realtime.rooms.rules import actor_of
from realtime.rooms.store import Access
from realtime.rooms.transaction_store import access_in


class AfterService:
    """Attendance and recordings."""

    def __init__(
        self, database: Database, writer: Writer, folder: RecordingFolder, tickets: Tickets, clock: Clock
    ) -> None:
        self._database = database
        self._writer = writer
        self._folder = folder
        self._tickets = tickets
        self._clock = clock

    async def attendance(
        self, who: Identity, meeting_id: str, key: OccurrenceKey | None
    ) -> MeetingAttendance:
        """Everybody for staff; for others only themselves.

        Raises:
            NotFound: there is no such meeting, or not for this person; or no such occurrence.
        """
        async with self._database.reading() as connection:
            meeting, access = await self._meeting(connection, who, meeting_id)
            access.require(Action.ROOM_VIEW)
            occurrences = await store.occurrences(connection, meeting.id)
            if key is not None:
                occurrences = [one for one in occurrences if one.slot.key == key]
                if not occurrences:
                    raise NotFound
            sessions = await held.sessions_of(connection, [one.id for one in occurrences])
            stays = await held.stays_of(connection, list(sessions))
            if not access.allows(Action.MEETING_ATTENDANCE):
                stays = _only(stays, who.user_id)
            people = await rooms.people(connection, _users(stays))
        parts = {part.id: part for part in meeting.parts}
        now = self._clock.now()
        found = [
            attendance.held(
                occurrence_view(one, parts[one.part_id]), sessions[one.id], stays.get(one.id, ()), people, now
            )
            for one in occurrences
            if one.id in sessions
        ]
        return MeetingAttendance(meeting_id=meeting.id, items=[one for one in found if one is not None])

    async def recordings(self, who: Identity, meeting_id: str) -> RecordingList:
        """With addresses that play them, for whoever may come to the meeting.

        Raises:
            NotFound, Forbidden.
        """
        async with self._database.reading() as connection:
            meeting, access = await self._meeting(connection, who, meeting_id)
            access.require(Action.MEETING_JOIN)
            found = await recording_store.recordings_of(connection, meeting.id)
            keys = {one.id: one.slot.key for one in await store.occurrences(connection, meeting.id)}
        staff = access.allows(Action.MEETING_SCHEDULE)
        items = []
        for one in found:
            url = await self._tickets.url(one.id, who) if one.state == RecordingState.READY.value else None
            key = keys.get(one.occurrence_id or "")
            items.append(recording_store.view(one, key, url=url, for_staff=staff))
        return RecordingList(items=items)

    async def play(self, recording_id: str, ticket: str) -> tuple[Path, str]:
        """The file that a ticket lets somebody play, and its content type.

        Raises:
            Unauthorized: the ticket is not good, or no longer.
            NotFound: the recording is not here any more, or its owner may no longer come to the meeting.
        """
        told = await self._tickets.check(recording_id, ticket)
        async with self._database.reading() as connection:
            found = await recording_store.recording(connection, recording_id)
            room_id = await store.room_of(connection, found.meeting_id) if found is not None else None
            if found is None or room_id is None or found.state != RecordingState.READY.value:
                raise NotFound
            access = await rooms.access(connection, told.owner, room_id)
        file = self._folder.find(found.path)
        if file is None or not access.allows(Action.MEETING_JOIN):
            raise NotFound
        return file, found.content_type or UNKNOWN_TYPE  # a safe one since the file is here

    async def delete_recording(self, who: Identity, meeting_id: str, recording_id: str) -> Nothing:
        """For good: the provider's copy is not fetched again.

        Raises:
            NotFound, Forbidden.
        """
        async with self._database.reading() as connection:
            meeting, access = await self._meeting(connection, who, meeting_id)
            access.require(Action.MEETING_SCHEDULE)
        path = await self._writer.submit(_DeleteRecording(who, meeting, recording_id))
        await self._folder.remove(path)
        return Nothing()

    async def _meeting(
        self, connection: AsyncConnection, who: Identity, meeting_id: str
    ) -> tuple[MeetingRecord, Access]:
        meeting = await store.load(connection, meeting_id)
        if meeting is None:
            raise NotFound
        return meeting, await rooms.access(connection, who, meeting.room_id)


class _DeleteRecording(Intention[str | None]):
    """The path of the file, if there is one."""

    def __init__(self, who: Identity, meeting: MeetingRecord, recording_id: str) -> None:
        self.room_id = meeting.room_id
        self._who = who
        self._meeting_id = meeting.id
        self._recording_id = recording_id

    async def apply(self, transaction: Transaction) -> str | None:
        (await access_in(transaction, self._who, self.room_id)).require(Action.MEETING_SCHEDULE)
        found = await recording_store.recording(transaction.connection, self._recording_id)
        if found is None or found.meeting_id != self._meeting_id or found.state == DELETED:
            raise NotFound
        gone = replace(found, state=DELETED, source={}, path=None, problem=None)
        await recording_store.save(transaction, gone)
        line = Line("recording_deleted", "A recording was deleted.", actor_of(self._who))
        history.record(transaction, self._meeting_id, line)
        return found.path


def _only(stays: Mapping[str, Sequence[StayRecord]], user_id: str) -> Mapping[str, Sequence[StayRecord]]:
    """One person's own."""
    return {name: [one for one in found if one.user_id == user_id] for name, found in stays.items()}


def _users(stays: Mapping[str, Sequence[StayRecord]]) -> set[str]:
    return {one.user_id for found in stays.values() for one in found if one.user_id is not None}
