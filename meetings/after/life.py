"""What happens to a class: it begins, people come and go, it is over. Each in the transaction of whoever tells it.

Whoever tells may tell late, twice or in another order: the outcome is the same. Sessions and stays are kept as they were
told; the occurrence's status follows from its sessions, and each change of it is an event of the room and a line of the
meeting's history.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from contract.base import WireModel
from contract.meetings import (
    MeetingPresence,
    MeetingUpdated,
    OccurrenceEnded,
    OccurrenceStarted,
    Recording,
    Scope,
)
from contract.people import Actor
from contract.schedule import OccurrenceStatus
from meetings import history
from meetings.after import closing_time, rules, store
from meetings.after.guests import bounded, recognised
from meetings.after.model import Afterwards, Lesson, SessionRecord, name_at
from meetings.after.rules import Turn
from meetings.history import Line
from meetings.jobs.port import JobWish
from meetings.jobs.store import wish
from meetings.linking.spec import part_of
from meetings.model import OccurrenceRecord
from meetings.provider import Interval
from meetings.store import occurrence_by_id
from meetings.system import SYSTEM
from meetings.views import occurrence_view, view_in
from realtime.log.transaction import Draft, Transaction

REPORT_WAIT = timedelta(seconds=20)
"""Providers need a while to write their report; they are asked again while there is none."""

Choose = Callable[[Sequence[SessionRecord], datetime], SessionRecord | None]

_WORDS = {
    OccurrenceStatus.LIVE: ("started", "The class began."),
    OccurrenceStatus.ENDED: ("ended", "The class is over."),
    OccurrenceStatus.SCHEDULED: ("returned", "It was tried out before its time, and is still to be held."),
}


class Life:
    """Of one class, within one transaction."""

    def __init__(self, transaction: Transaction, lesson: Lesson, afterwards: Afterwards) -> None:
        self._transaction = transaction
        self._lesson = lesson
        self._afterwards = afterwards

    async def begin(self, name: str, at: datetime) -> None:
        """The provider holds it. `name` is the provider's for this time of holding it; empty: it gives none."""
        before = await self._session(name, at)
        after = self._new(name, at) if before is None else rules.opened(before, at)
        await self._save(before, after)

    async def finish(self, name: str, at: datetime) -> None:
        """The provider holds it no more."""
        before = await self._session(name, at)
        if before is None:
            await self._save(None, replace(self._new(name, at), ended_at=at))
            return
        last_join = await store.last_join(self._transaction.connection, before.id)
        await self._save(before, rules.closed(before, at, last_join))

    async def arrive(self, name: str, person: Interval, at: datetime) -> None:
        """Somebody came; so it is being held."""
        before = await self._session(name, at, rules.for_arrival)
        session = self._new(name, at) if before is None else rules.opened(before, at)
        await self._save(before, session)
        await self._come_or_gone(session, person, at, came=True)

    async def depart(self, name: str, person: Interval, at: datetime) -> None:
        """Somebody went."""
        session = await self._session(name, at, rules.for_departure)
        if session is None:
            session = self._new(name, at)
            await self._save(None, session)
        await self._come_or_gone(session, person, at, came=False)

    async def end_all(self, at: datetime) -> None:
        """Somebody of ours, or the clock, ends it, whatever the provider tells."""
        sessions = await self._sessions()
        for one in sessions:
            if one.open:
                ended = replace(one, ended_at=max(one.started_at, at))
                await store.save_session(self._transaction, one, ended)
                await self._look_afterwards(ended)
        if not sessions and self._lesson.link_id:
            await self._look_afterwards(None)
        await self._settle(self._lesson.occurrence, Turn.FINISH, at)

    async def put_back(self) -> None:
        """It was over before its time: it is still to be held."""
        await self._settle(self._lesson.occurrence, Turn.RETURN, self._transaction.now)

    # ------------------------------------------------------------------------------------------------------- sessions

    async def _session(self, name: str, at: datetime, meant: Choose = rules.going_on) -> SessionRecord | None:
        """The one that the provider names, or else the one that is `meant`."""
        await self._transaction.flush()
        link_id = self._lesson.link_id
        if name:
            return await store.session_named(self._transaction.connection, link_id, bounded(name))
        return meant([one for one in await self._sessions() if one.link_id == link_id], at)

    async def _sessions(self) -> list[SessionRecord]:
        await self._transaction.flush()
        mine = self._lesson.occurrence.id
        return [*(await store.sessions_of(self._transaction.connection, [mine])).get(mine, ())]

    def _new(self, name: str, at: datetime) -> SessionRecord:
        return SessionRecord(
            id=self._transaction.ids.new("ses"),
            meeting_id=self._lesson.meeting.id,
            occurrence_id=self._lesson.occurrence.id,
            link_id=self._lesson.link_id,
            session=bounded(name or name_at(at)),
            started_at=at,
        )

    async def _save(self, before: SessionRecord | None, after: SessionRecord) -> None:
        """Writes the session, ends those that it shows to be over, and lets the occurrence follow."""
        if after == before:
            return
        await store.save_session(self._transaction, before, after)
        if after.ended_at is not None and (before is None or before.ended_at != after.ended_at):
            await self._look_afterwards(after)
        await self._end_earlier(after)
        await self._settle(self._lesson.occurrence)

    async def _end_earlier(self, session: SessionRecord) -> None:
        """A link holds one class at a time: whatever began earlier and never ended was over when this one began."""
        await self._transaction.flush()
        for one in await store.open_sessions_of_link(self._transaction.connection, session.link_id):
            if one.id == session.id or one.started_at >= session.started_at:
                continue
            over = replace(one, ended_at=session.started_at)
            await store.save_session(self._transaction, one, over)
            await self._look_afterwards(over)
            if one.occurrence_id != session.occurrence_id:
                await self._settle(await self._occurrence(one.occurrence_id))

    async def _look_afterwards(self, session: SessionRecord | None) -> None:
        """What the provider may know of a time of holding it that is over; None: of the class, as nothing was told of it."""
        part, due_at = self._lesson.part, self._transaction.now + REPORT_WAIT
        wanted = []
        if part.provider in self._afterwards.reports:
            wanted.append("report")
        if part.provider in self._afterwards.recordings and part.policy.recording is not Recording.NONE:
            wanted.append("recordings")
        about = session.id if session is not None else self._lesson.occurrence.id
        payload = {"session_id" if session is not None else "occurrence_id": about}
        for kind in wanted:
            job = JobWish(f"{kind}:{about}", kind, due_at, payload, self._lesson.meeting.id)
            await wish(self._transaction, job)

    # ----------------------------------------------------------------------------------------------------- occurrences

    async def _occurrence(self, occurrence_id: str) -> OccurrenceRecord:
        """Another one than the lesson's."""
        await self._transaction.flush()
        found = await occurrence_by_id(self._transaction.connection, occurrence_id)
        return found if found is not None else self._lesson.occurrence

    async def _settle(
        self, occurrence: OccurrenceRecord, turn: Turn | None = None, at: datetime | None = None
    ) -> None:
        """Lets an occurrence follow its sessions; `turn`: it does whatever they say."""
        await self._transaction.flush()
        connection = self._transaction.connection
        sessions = (await store.sessions_of(connection, [occurrence.id])).get(occurrence.id, ())
        status = rules.turned(occurrence.status, turn or rules.status_turn(sessions))
        after = rules.held(occurrence, status, sessions, at)
        if after == occurrence:
            return
        await store.save_status(self._transaction, after)
        if self._lesson.occurrence.id == after.id:
            self._lesson = replace(self._lesson, occurrence=after)
        if after.status is not occurrence.status:
            await self._announce(after)
        await closing_time.plan(self._transaction, self._lesson.meeting)

    async def _announce(self, occurrence: OccurrenceRecord) -> None:
        """What a change of status is told as."""
        meeting = self._lesson.meeting
        what, words = _WORDS[occurrence.status]
        history.record(self._transaction, meeting.id, Line(what, words, key=occurrence.slot.key))
        if occurrence.status is OccurrenceStatus.SCHEDULED:
            view = await view_in(self._transaction, meeting.id, self._afterwards.link_base)
            again = MeetingUpdated(meeting=view, scope=Scope.THIS, key=occurrence.slot.key)
            self._append("meeting.updated", SYSTEM, again)
            return
        part = part_of(meeting, occurrence.part_id) or self._lesson.part
        title, view_of = occurrence.title or part.title, occurrence_view(occurrence, part)
        if occurrence.status is OccurrenceStatus.LIVE:
            began = OccurrenceStarted(meeting_id=meeting.id, title=title, occurrence=view_of)
            self._append("meeting.started", SYSTEM, began)
            return
        await self._transaction.flush()
        people = await store.people_in(self._transaction.connection, occurrence.id)
        over = OccurrenceEnded(meeting_id=meeting.id, title=title, occurrence=view_of, people=people)
        self._append("meeting.ended", SYSTEM, over)

    # ----------------------------------------------------------------------------------------------------------- people

    async def _come_or_gone(
        self, session: SessionRecord, person: Interval, at: datetime, *, came: bool
    ) -> None:
        """Keeps it with what is known of the person, and tells the room what is new."""
        guest = await recognised(self._transaction, person)
        known = await store.stays_of_person(self._transaction.connection, session.id, guest.key)
        stays = rules.with_join(known, at) if came else rules.with_leave(known, at)
        if stays == known:
            return
        await store.save_stays_of_person(self._transaction, session, guest, stays)
        told = MeetingPresence(
            meeting_id=self._lesson.meeting.id,
            key=self._lesson.occurrence.slot.key,
            name=guest.name,
            user=guest.user,
            at=at,
        )
        self._append("meeting.joined" if came else "meeting.left", guest.user or SYSTEM, told)

    def _append(self, kind: str, actor: Actor, data: WireModel) -> None:
        self._transaction.append(self._lesson.meeting.room_id, Draft(kind, actor, data))
