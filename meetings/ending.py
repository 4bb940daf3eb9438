"""Staff ends the class that is being held, for everybody: with the provider first, then here."""

from collections.abc import Awaitable, Callable, Sequence

from auth.identity import Identity
from auth.permissions import Action
from contract.errors import Conflict, NotFound, Unavailable
from contract.meetings import MeetingDetail
from contract.schedule import OccurrenceStatus
from db.engine import Database
from meetings import store
from meetings.after.closing import end_class
from meetings.after.model import Afterwards
from meetings.history import Line, record
from meetings.linking.spec import spec_of
from meetings.linking.store import reference_of
from meetings.means import Directory
from meetings.model import LinkRecord, OccurrenceRecord
from meetings.provider import ProviderError, Trouble
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer
from realtime.rooms import store as rooms
from realtime.rooms.rules import actor_of
from realtime.rooms.transaction_store import access_in

Detail = Callable[[Identity, str], Awaitable[MeetingDetail]]


class EndingService:
    """`detail` tells of a meeting, as its own service does."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        providers: Directory,
        afterwards: Afterwards,
        detail: Detail,
    ) -> None:
        self._database = database
        self._writer = writer
        self._providers = providers
        self._afterwards = afterwards
        self._detail = detail

    async def end(self, who: Identity, meeting_id: str) -> MeetingDetail:
        """Ends the class that is being held.

        Raises:
            NotFound, Forbidden: the meeting is not for this person.
            Conflict: no class is being held.
            Unavailable: the provider did not end it.
        """
        async with self._database.reading() as connection:
            room_id = await store.room_of(connection, meeting_id)
            if room_id is None:
                raise NotFound
            access = await rooms.access(connection, who, room_id)
            access.require(Action.MEETING_SCHEDULE)
            live = _live(await store.occurrences(connection, meeting_id))
            links = await store.links(connection, meeting_id)
        for link in links:
            if link.part_id == live.part_id and link.occurrence_id in {None, live.id}:
                await self._end_there(link)
        await self._writer.submit(_End(who, room_id, live, self._afterwards))
        return await self._detail(who, meeting_id)

    async def _end_there(self, link: LinkRecord) -> None:
        """With a provider that cannot end a class, it is over here; people leave by themselves there."""
        reference = reference_of(link)
        if reference is None or not self._providers.known(link.provider):
            return
        provider = self._providers.get(link.provider)
        if not provider.capabilities.end:
            return
        async with self._database.reading() as connection:
            spec = await spec_of(connection, link, self._afterwards.link_base)
        try:
            await provider.end(reference, spec)
        except ProviderError as error:
            if error.trouble is not Trouble.GONE:
                raise Unavailable(f"{provider.title} did not end it: {error.message}") from error


def _live(occurrences: Sequence[OccurrenceRecord]) -> OccurrenceRecord:
    for one in occurrences:
        if one.status is OccurrenceStatus.LIVE:
            return one
    raise Conflict("No class is being held.")


class _End(Intention[None]):
    def __init__(self, who: Identity, room_id: str, live: OccurrenceRecord, afterwards: Afterwards) -> None:
        self.who = who
        self.room_id = room_id
        self._live = live
        self._afterwards = afterwards

    async def apply(self, transaction: Transaction) -> None:
        (await access_in(transaction, self.who, self.room_id)).require(Action.MEETING_SCHEDULE)
        line = Line("ended", "Ended for everybody.", actor_of(self.who), key=self._live.slot.key)
        record(transaction, self._live.meeting_id, line)
        await end_class(transaction, self._live.id, self._afterwards)
