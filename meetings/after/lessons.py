"""Which class a provider tells of: found by its own name for the thing, then by the session, then by the time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from meetings import store
from meetings.after import rules
from meetings.after import store as held
from meetings.after.guests import bounded
from meetings.after.model import Lesson
from meetings.linking import store as linking
from meetings.linking.spec import part_of
from meetings.model import LinkRecord, MeetingRecord, OccurrenceRecord
from meetings.provider import Happening, What


async def lesson_told(
    connection: AsyncConnection, link: LinkRecord, told: Happening, at: datetime
) -> Lesson | None:
    """The class that a provider tells of. None: the meeting has none left."""
    meeting = await store.load(connection, link.meeting_id)
    if meeting is None:
        return None
    occurrences = await store.occurrences(connection, meeting.id)
    wanted = link.occurrence_id or await _by_session(connection, link.id, told, at)
    occurrence = next((one for one in occurrences if one.id == wanted), None)
    if occurrence is None:
        of_part = [one for one in occurrences if one.part_id == link.part_id]
        occurrence = rules.nearest(of_part or occurrences, at)
    part = part_of(meeting, occurrence.part_id) if occurrence is not None else None
    if occurrence is None or part is None:
        return None
    return Lesson(meeting, part, occurrence, link.id)


async def _by_session(connection: AsyncConnection, link_id: str, told: Happening, at: datetime) -> str | None:
    """The occurrence of the session that is named; without a name, whatever ends was going on before."""
    if told.session:
        known = await held.session_named(connection, link_id, bounded(told.session))
        return known.occurrence_id if known is not None else None
    if told.what not in {What.LEFT, What.ENDED}:
        return None
    session = rules.going_on(await held.open_sessions_of_link(connection, link_id), at)
    return session.occurrence_id if session is not None else None


async def lesson_of(
    connection: AsyncConnection, meeting: MeetingRecord, occurrence: OccurrenceRecord
) -> Lesson:
    """An occurrence with the link that it is or would be held on; without a link, its name is empty."""
    part = part_of(meeting, occurrence.part_id) or meeting.parts[-1]
    links = await linking.links(connection, meeting.id)
    return Lesson(meeting, part, occurrence, _link_for(links, occurrence))


def _link_for(links: Sequence[LinkRecord], occurrence: OccurrenceRecord) -> str:
    """One of its own before one of its part; the newest that is wanted before those that are not."""
    fitting = [
        one
        for one in links
        if one.part_id == occurrence.part_id and one.occurrence_id in {None, occurrence.id}
    ]
    best = max(fitting, key=lambda one: (one.wanted, one.occurrence_id is not None, one.id), default=None)
    return best.id if best is not None else ""
