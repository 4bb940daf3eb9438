"""What people do with work that failed: look at it, and have it tried again."""

from auth.identity import Identity
from auth.permissions import Action, ServerAction, may
from contract.after_class import JobPage, ListJobs
from contract.errors import Forbidden, NotFound
from contract.rooms import Nothing
from db.engine import Database
from meetings import store as schedule
from meetings.jobs import store
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer
from realtime.rooms import store as rooms


class JobService:
    """Jobs of a meeting are for the staff of its room; all of them, and those of no meeting, for admins."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    async def list(self, who: Identity, wanted: ListJobs) -> JobPage:
        """Raises NotFound, Forbidden."""
        await self._require(who, wanted.meeting_id)
        async with self._database.reading() as connection:
            found = await store.page(
                connection,
                meeting_id=wanted.meeting_id,
                dead=wanted.dead,
                after=wanted.after,
                limit=wanted.limit,
            )
        items = [*found[: wanted.limit]]
        has_more = len(found) > wanted.limit
        return JobPage(items=items, has_more=has_more, next=items[-1].id if has_more else None)

    async def retry(self, who: Identity, job_id: str) -> Nothing:
        """Raises NotFound, also to people who may not know of the meeting."""
        async with self._database.reading() as connection:
            found = await store.view(connection, job_id)
        if found is None:
            raise NotFound
        try:
            await self._require(who, found.meeting_id)
        except Forbidden:
            if found.meeting_id is None:
                raise NotFound from None
            raise
        await self._writer.submit(_Revive(job_id))
        return Nothing()

    async def _require(self, who: Identity, meeting_id: str | None) -> None:
        if meeting_id is None:
            if not may(who.role, ServerAction.JOBS_RETRY):
                raise Forbidden("Only admins see all work that failed; name a meeting.")
            return
        async with self._database.reading() as connection:
            meeting = await schedule.load(connection, meeting_id)
            if meeting is None:
                raise NotFound
            (await rooms.access(connection, who, meeting.room_id)).require(Action.MEETING_SCHEDULE)


class _Revive(Intention[None]):
    room_id = ""

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id

    async def apply(self, transaction: Transaction) -> None:
        await store.revive(transaction, [self._job_id])
