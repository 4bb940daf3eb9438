"""Jobs of the kind `tzdata`: after a new release of the IANA database, instants of classes to come are reckoned anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.meetings import MeetingUpdated, Scope
from db.engine import Database
from meetings.change import ScheduleChange
from meetings.history import Line, record
from meetings.jobs.port import Job, JobWish
from meetings.jobs.timetable import Daily
from meetings.means import Means, follow, timetable_in
from meetings.rules import has_begun
from meetings.saving import save
from meetings.schedule import releases, zones
from meetings.system import SYSTEM
from meetings.tables import MeetingRow, PartRow
from meetings.timetable import Timetable
from meetings.views import view_in
from realtime.log.transaction import Draft, Transaction
from realtime.log.writer import Intention, Writer

KIND: Final = "tzdata"
_AT_ONCE = 100


@dataclass(frozen=True)
class EachRelease(Daily):
    """Wishes for the job at every start with another release, and every day, for what an older node may have written."""

    kind: str = KIND
    at: time = time(0, 0)

    def wish_for(self, now: datetime) -> JobWish:
        day = now.astimezone(UTC).date().isoformat()
        return JobWish(key=f"{KIND}:{zones.version()}:{day}", kind=KIND, due_at=now, once=True)


class Recompute:
    """The handler."""

    def __init__(self, database: Database, writer: Writer, means: Means) -> None:
        self._database = database
        self._writer = writer
        self._means = means

    async def __call__(self, job: Job) -> None:
        after = ""
        while True:
            async with self._database.reading() as connection:
                found = await _behind(connection, after)
            for meeting_id, room_id in found:
                await self._writer.submit(_Reckon(meeting_id, room_id, self._means))
            if not found:
                return
            after = found[-1][0]


async def _behind(connection: AsyncConnection, after: str) -> Sequence[tuple[str, str]]:
    """Meetings with a part that was reckoned by another release, and their rooms; in the order of their ids."""
    older = select(PartRow.meeting_id).where(PartRow.tzdata != zones.version(), PartRow.ended.is_(False))
    rows = await connection.execute(
        select(MeetingRow.id, MeetingRow.room_id)
        .where(MeetingRow.id.in_(older), MeetingRow.id > after)
        .order_by(MeetingRow.id)
        .limit(_AT_ONCE)
    )
    return [(row.id, row.room_id) for row in rows]


class _Reckon(Intention[None]):
    """One meeting. People are only told when a class is at another instant than they were told before."""

    def __init__(self, meeting_id: str, room_id: str, means: Means) -> None:
        self.room_id = room_id
        self._meeting_id = meeting_id
        self._means = means

    async def apply(self, transaction: Transaction) -> None:
        before = await timetable_in(transaction, self._meeting_id)
        after, moved = reckoned(before, transaction.now)
        await save(transaction, before, after)
        if not moved:
            return
        change = ScheduleChange(
            before.meeting, after.meeting, before.occurrences, after.occurrences, None, Scope.ALL
        )
        await follow(transaction, change, self._means)
        meeting = await view_in(transaction, self._meeting_id, self._means.link_base)
        event = MeetingUpdated(meeting=meeting, scope=Scope.ALL)
        transaction.append(self.room_id, Draft("meeting.updated", SYSTEM, event))
        words = (
            f"The rules for its clocks have changed (tzdata {zones.version()}): {moved} "
            f"{'class stays at its' if moved == 1 else 'classes stay at their'} local time, at another instant."
        )
        record(transaction, self._meeting_id, Line("reckoned", words, scope=Scope.ALL))


def reckoned(before: Timetable, now: datetime) -> tuple[Timetable, int]:
    """The timetable by the release in use, and how many classes to come are at another instant. Pure."""
    fresh = []
    for one in before.occurrences:
        slot = one.slot if has_begun(one, now) else releases.reckoned(one)
        if slot != one.slot:
            fresh.append(replace(one, slot=slot))
    moved = {one.part_id for one in fresh}
    parts = tuple(
        replace(
            part,
            tzdata=zones.version(),
            sequence=part.sequence + (part.id in moved),
        )
        for part in before.meeting.parts
    )
    sequences = {part.id: part.sequence for part in parts}
    meeting = replace(before.meeting, parts=parts)
    if fresh:
        meeting = replace(meeting, sequence=meeting.sequence + 1, updated_at=now)
    after = replace(before, meeting=meeting).with_occurrences(
        replace(one, sequence=sequences[one.part_id]) for one in fresh
    )
    return after, len(fresh)
