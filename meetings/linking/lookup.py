"""What a provider asks us about, found by its own name for it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from contract.errors import NotFound
from contract.schedule import OccurrenceStatus
from db.engine import Database
from meetings import store as schedule
from meetings.linking import store
from meetings.linking.spec import spec_of
from meetings.model import LinkRecord
from meetings.provider import Booked


class Bookings:
    """The port `Lookup`."""

    def __init__(self, database: Database, link_base: str) -> None:
        self._database = database
        self._link_base = link_base

    async def __call__(self, provider: str, external_id: str) -> Booked | None:
        async with self._database.reading() as connection:
            for link in await store.links_by_external(connection, provider, external_id):
                reference = store.reference_of(link)
                try:
                    spec = await spec_of(connection, link, self._link_base)
                except NotFound:
                    continue
                if reference is None:
                    continue
                cancelled = not link.wanted or await _nothing_held(connection, link)
                return Booked(spec, reference, cancelled)
        return None


async def _nothing_held(connection: AsyncConnection, link: LinkRecord) -> bool:
    occurrences = await schedule.occurrences(connection, link.meeting_id)
    return all(
        one.status is OccurrenceStatus.CANCELLED
        for one in occurrences
        if one.part_id == link.part_id and link.occurrence_id in {None, one.id}
    )
