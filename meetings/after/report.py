"""The provider's own account of who came: asked for when a class is over, kept beside what was told while it was held."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from contract.after_class import StaySource
from meetings import history, store
from meetings.after import store as held
from meetings.after.asking import Asked, Asking, answered
from meetings.after.attendance import length, merged, persons
from meetings.after.guests import bounded, instant, recognised
from meetings.after.model import SessionRecord, StayRecord
from meetings.after.rules import AROUND
from meetings.history import Line
from meetings.jobs.port import Job, JobWish
from meetings.jobs.store import wish
from meetings.provider import Interval
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer

KIND: Final = "report"
_GROWN: Final = timedelta(minutes=45)
"""So long after a class its report is asked for once more: the first may not have been all of it."""
_APART: Final = 60
"""Seconds by which the two accounts may differ and still tell the same."""


class ReportHandler:
    """Handles jobs of the kind `report`: one for each session that is over."""

    def __init__(self, asking: Asking, writer: Writer) -> None:
        self._asking = asking
        self._writer = writer

    async def __call__(self, job: Job) -> None:
        asked = await self._asking.about_job(job)
        if asked is None:
            return
        told = [one for one in await answered(lambda: _ask(asked)) if _is_of(one, asked)]
        if not is_ready(told):
            later = self._asking.later(job, "The provider has no report yet.")
            if later is not None and not job.payload.get("last"):
                raise later
            return
        again = None if job.payload.get("last") else (asked.session.ended_at or job.created_at) + _GROWN
        wished = (
            JobWish(job.key, KIND, again, {**job.payload, "last": True}, job.meeting_id) if again else None
        )
        await self._writer.submit(KeepReport(asked.room_id, asked.session, told, wished))


async def _ask(asked: Asked) -> Sequence[Interval]:
    return await asked.provider.attendance(asked.reference, asked.spec, asked.session.told_as)


def _is_of(one: Interval, asked: Asked) -> bool:
    """Some tell of a whole series, or of the last class where another is meant."""
    session = asked.session
    starts_at, ends_at = session.started_at, session.ended_at or session.started_at
    left_at = instant(one.left_at or one.joined_at)
    return instant(one.joined_at) <= ends_at + AROUND and left_at >= starts_at - AROUND


def is_ready(told: Iterable[Interval]) -> bool:
    """Whether it is more than a draft: providers first answer with nothing, or with stays of no length."""
    return any(one.left_at is not None and one.left_at > one.joined_at for one in told)


class KeepReport(Intention[None]):
    """Keeps a report in the place of an earlier one, and says in the history whether it tells the same."""

    def __init__(
        self, room_id: str, session: SessionRecord, told: Sequence[Interval], again: JobWish | None
    ) -> None:
        self.room_id = room_id
        self._session = session
        self._told = told
        self._again = again

    async def apply(self, transaction: Transaction) -> None:
        await transaction.flush()
        session = await self._kept(transaction)
        stays = await self._stays(transaction, session)
        of_class = (await held.stays_of(transaction.connection, [session.occurrence_id])).values()
        known = [one for found in of_class for one in found if one.session_id == session.id]
        before = [one for one in known if one.source is StaySource.REPORT]
        if session.reported_at is None or set(before) != set(stays):
            await held.save_report(transaction, session.id, stays)
            await held.save_session(transaction, session, replace(session, reported_at=transaction.now))
            webhook = [one for one in known if one.source is StaySource.WEBHOOK]
            await self._tell(transaction, session, stays, differing([*webhook, *stays], session.ended_at))
        if self._again is not None and self._again.due_at > transaction.now:
            await wish(transaction, self._again)

    async def _kept(self, transaction: Transaction) -> SessionRecord:
        """The session as it is by now. One of which nothing else was told was as long as its people were there."""
        mine = self._session
        found = await held.session_named(transaction.connection, mine.link_id, mine.session)
        if found is not None:
            return found
        joins = [instant(one.joined_at) for one in self._told]
        ends = [instant(one.left_at) for one in self._told if one.left_at is not None]
        made = replace(
            mine, id=transaction.ids.new("ses"), started_at=min(joins), ended_at=max([*ends, min(joins)])
        )
        await held.save_session(transaction, None, made)
        await transaction.flush()
        return made

    async def _tell(
        self, transaction: Transaction, session: SessionRecord, stays: Sequence[StayRecord], differ: int
    ) -> None:
        occurrence = await store.occurrence_by_id(transaction.connection, session.occurrence_id)
        key = occurrence.slot.key if occurrence is not None else None
        line = Line("report", _words(len(persons(stays)), differ), key=key)
        history.record(transaction, session.meeting_id, line)

    async def _stays(self, transaction: Transaction, session: SessionRecord) -> list[StayRecord]:
        """One for each person and moment of coming; of two that tell the same moment, the longer."""
        found: dict[tuple[str, datetime], StayRecord] = {}
        for one in self._told:
            guest = await recognised(transaction, one)
            key = bounded(guest.user.id if guest.user is not None else guest.email or guest.name)
            joined_at = instant(one.joined_at)
            left_at = instant(one.left_at) if one.left_at is not None else None
            stay = held.stay_record(
                session, StaySource.REPORT, replace(guest, key=key), (joined_at, _after(joined_at, left_at))
            )
            known = found.get((key, joined_at))
            if known is None or _end(stay) > _end(known):
                found[key, joined_at] = stay
        return list(found.values())


def differing(stays: Iterable[StayRecord], ended_at: datetime | None) -> int:
    """How many people the two sources tell different things of."""
    count = 0
    for one in persons(stays):
        webhook, report = (
            length(
                merged(
                    (stay.joined_at, max(stay.left_at or ended_at or stay.joined_at, stay.joined_at))
                    for stay in one.stays
                    if stay.source is source
                )
            )
            for source in (StaySource.WEBHOOK, StaySource.REPORT)
        )
        count += abs(webhook - report) > _APART
    return count


def _after(joined_at: datetime, left_at: datetime | None) -> datetime | None:
    return None if left_at is None else max(left_at, joined_at)


def _end(stay: StayRecord) -> datetime:
    return stay.left_at or stay.joined_at


def _words(people: int, differ: int) -> str:
    who = "1 person" if people == 1 else f"{people} people"
    told = f"The provider's report of who came is here: {who}."
    if not differ:
        return told
    return f"{told} For {differ} of all it differs from what was told while the class was held."
