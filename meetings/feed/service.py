"""Calendars to subscribe to, and single meetings as files."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Event

from auth.identity import Identity
from auth.permissions import Action
from contract.after_class import CalendarFeed
from contract.clock import Clock
from contract.errors import NotFound
from contract.rooms import Nothing
from contract.specs import TextFile
from db.engine import Database
from meetings import store as meetings
from meetings.calendar.entry import CalendarEntry, entry_of, sequence_of
from meetings.calendar.events import Circumstances, series_events
from meetings.calendar.text import Method, calendar_text, feed_text
from meetings.feed import store, writes
from meetings.model import MeetingRecord, OccurrenceRecord
from meetings.views import link_of
from realtime.log.writer import Writer
from realtime.rooms import store as rooms

_SECRET_BYTES = 32
_REFRESH = timedelta(hours=1)
_PAST = timedelta(days=60)
"""Meetings whose last class is longer ago are left out."""

_MOST_CLASSES = 5000
_EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2250, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class FeedFile:
    """`tag` is another one whenever `text` is."""

    text: str
    tag: str


class CalendarService:
    """Feeds are opened by a secret alone; everything else by whoever is signed in."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        clock: Clock,
        link_base: str,
        revoked_at: Callable[[str], datetime | None],
    ) -> None:
        """`revoked_at`: when all sign-ins of a person were taken back, if ever. Feeds made before end with them."""
        self._database = database
        self._writer = writer
        self._clock = clock
        self._link_base = link_base
        self._revoked_at = revoked_at

    async def get(self, who: Identity) -> CalendarFeed:
        """Whether there is one. Its address is told only when it is made."""
        async with self._database.reading() as connection:
            found = await store.feed_of(connection, who.user_id)
        if found is None or self._is_revoked(found):
            return CalendarFeed()
        return CalendarFeed(created_at=found.created_at)

    async def make(self, who: Identity) -> CalendarFeed:
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        await self._writer.submit(writes.MakeFeed(who.user_id, _hash_of(secret)))
        made = await self.get(who)
        return made.model_copy(update={"url": f"{self._link_base}/api/v1/calendar/{secret}.ics"})

    async def revoke(self, who: Identity) -> Nothing:
        await self._writer.submit(writes.EndFeed(who.user_id))
        return Nothing()

    async def feed(self, secret: str) -> FeedFile:
        """What the owner's rooms have on their schedules by now.

        Raises:
            NotFound: the secret opens nothing, or not any more.
        """
        async with self._database.reading() as connection:
            found = await store.feed_by_hash(connection, _hash_of(secret))
            if found is None or self._is_revoked(found):
                raise NotFound
            since = self._clock.now() - _PAST
            ids = await store.meetings_for(connection, found.user_id, since, _MOST_CLASSES)
            records = await meetings.load_many(connection, ids)
            occurrences = await meetings.occurrences_between(connection, ids, *_EVER)
        listed = [(records[one], occurrences.get(one, [])) for one in ids if one in records]
        text = await asyncio.to_thread(self._feed_text, listed)
        return FeedFile(text, hashlib.sha256(text.encode()).hexdigest()[:32])

    async def meeting_file(self, who: Identity, meeting_id: str) -> TextFile:
        """A meeting to put into a calendar by hand. Raises NotFound."""
        async with self._database.reading() as connection:
            record = await meetings.load(connection, meeting_id)
            if record is None:
                raise NotFound
            (await rooms.access(connection, who, record.room_id)).require(Action.ROOM_VIEW)
            found = await meetings.occurrences(connection, meeting_id)
        entries, events = self._contents(record, found)
        text = calendar_text(Method.PUBLISH, entries, events)
        return TextFile(name=f"{meeting_id}.ics", text=text)

    def _is_revoked(self, feed: store.FeedRecord) -> bool:
        revoked_at = self._revoked_at(feed.user_id)
        return revoked_at is not None and feed.created_at <= revoked_at

    def _feed_text(self, listed: Sequence[tuple[MeetingRecord, Sequence[OccurrenceRecord]]]) -> str:
        entries: list[CalendarEntry] = []
        events: list[Event] = []
        for record, occurrences in listed:
            more_entries, more_events = self._contents(record, occurrences)
            entries += more_entries
            events += more_events
        return feed_text("Homeroom", _REFRESH, entries, events)

    def _contents(
        self, record: MeetingRecord, occurrences: Sequence[OccurrenceRecord]
    ) -> tuple[list[CalendarEntry], list[Event]]:
        link = link_of(self._link_base, record.id)
        entries: list[CalendarEntry] = []
        events: list[Event] = []
        for part in record.parts:
            entry = entry_of(part, occurrences)
            if entry.classes:
                about = Circumstances(sequence_of(part, occurrences), record.updated_at, link)
                entries.append(entry)
                events += series_events(entry, about)
        return entries, events


def _hash_of(secret: str) -> str:
    """A plain hash does: nobody can try out 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
