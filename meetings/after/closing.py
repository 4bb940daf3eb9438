"""Ends what is overdue: the job that `closing_time` wishes for."""

from contract.errors import NotFound
from db.engine import Database
from meetings import store
from meetings.after import closing_time, rules
from meetings.after.lessons import lesson_of
from meetings.after.life import Life
from meetings.after.model import Afterwards
from meetings.jobs.port import Job
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer


class CloseOverdue(Intention[None]):
    """Lets the clock decide about all occurrences of a meeting, and wishes to be called again."""

    def __init__(self, room_id: str, meeting_id: str, afterwards: Afterwards) -> None:
        self.room_id = room_id
        self._meeting_id = meeting_id
        self._afterwards = afterwards

    async def apply(self, transaction: Transaction) -> None:
        await transaction.flush()
        meeting = await store.load(transaction.connection, self._meeting_id)
        if meeting is None:
            return
        here = closing_time.parts_here(meeting)
        for one in await store.occurrences(transaction.connection, meeting.id):
            turn = rules.overdue(one, transaction.now, here=one.part_id in here)
            if turn is None:
                continue
            life = Life(transaction, await lesson_of(transaction.connection, meeting, one), self._afterwards)
            if turn is rules.Turn.RETURN:
                await life.put_back()
            else:
                await life.end_all(one.slot.ends_at)
        await closing_time.plan(transaction, meeting)


class Closing:
    """Handles jobs of the kind `close`."""

    def __init__(self, database: Database, writer: Writer, afterwards: Afterwards) -> None:
        self._database = database
        self._writer = writer
        self._afterwards = afterwards

    async def __call__(self, job: Job) -> None:
        meeting_id = str(job.payload["meeting_id"])
        async with self._database.reading() as connection:
            meeting = await store.load(connection, meeting_id)
        if meeting is not None:
            await self._writer.submit(CloseOverdue(meeting.room_id, meeting.id, self._afterwards))


async def end_class(transaction: Transaction, occurrence_id: str, afterwards: Afterwards) -> None:
    """Somebody of ours ends a class that is being held. The transaction holds the room's lock.

    Raises:
        NotFound: there is no such occurrence.
    """
    await transaction.flush()
    occurrence = await store.occurrence_by_id(transaction.connection, occurrence_id)
    meeting = await store.load(transaction.connection, occurrence.meeting_id) if occurrence else None
    if occurrence is None or meeting is None:
        raise NotFound
    lesson = await lesson_of(transaction.connection, meeting, occurrence)
    await Life(transaction, lesson, afterwards).end_all(transaction.now)
