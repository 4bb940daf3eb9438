"""Asking a provider about a class that is over: what it is asked with, and what its refusals mean to a job."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from contract.clock import Clock
from contract.errors import NotFound
from db.engine import Database
from meetings import store
from meetings.after import store as held
from meetings.after.lessons import lesson_of
from meetings.after.model import SessionRecord, name_at
from meetings.jobs.port import Again, Dead, Job
from meetings.linking import store as linking
from meetings.linking.spec import spec_of
from meetings.provider import LinkSpec, MeetingProvider, ProviderError, Reference, Trouble
from meetings.providers.guard import ProviderAway
from meetings.providers.registry import Providers

T = TypeVar("T")

_HOPELESS = frozenset({Trouble.REFUSED, Trouble.CREDENTIALS, Trouble.SCOPE})

PATIENCE = timedelta(hours=24)
"""For so long a provider that has nothing yet is asked again."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=2)


@dataclass(frozen=True)
class Asked:
    """Whom to ask about what."""

    provider: MeetingProvider
    reference: Reference
    spec: LinkSpec
    room_id: str
    session: SessionRecord


class Asking:
    """Finds what a job is about."""

    def __init__(self, database: Database, providers: Providers, clock: Clock, link_base: str) -> None:
        self._database = database
        self._providers = providers
        self._clock = clock
        self._link_base = link_base

    async def about_job(self, job: Job) -> Asked | None:
        """None: there is nobody to ask, or the class goes on again."""
        async with self._database.reading() as connection:
            if "session_id" in job.payload:
                session = await held.session(connection, str(job.payload["session_id"]))
            else:
                session = await _as_planned(connection, str(job.payload["occurrence_id"]))
        return await self.about(session) if session is not None and not session.open else None

    async def about(self, session: SessionRecord) -> Asked | None:
        """The same for a session that is known."""
        async with self._database.reading() as connection:
            link = await linking.link(connection, session.link_id)
            reference = linking.reference_of(link) if link is not None else None
            room_id = await store.room_of(connection, session.meeting_id)
            if (
                link is None
                or reference is None
                or room_id is None
                or not self._providers.known(link.provider)
            ):
                return None
            try:
                spec = await spec_of(connection, link, self._link_base)
            except NotFound:
                return None
        return Asked(self._providers.get(link.provider), reference, spec, room_id, session)

    def later(self, job: Job, message: str) -> Again | None:
        """There is nothing yet: ask again, with growing pauses; None when that was done long enough."""
        now = self._clock.now()
        waited = now - job.created_at
        if waited >= PATIENCE:
            return None
        pause = min(max(waited, _FIRST_PAUSE), _LONGEST_PAUSE)
        return Again(message, now + pause, counts=False)


async def _as_planned(connection: AsyncConnection, occurrence_id: str) -> SessionRecord | None:
    """A class of which nothing was told. Its session is in no table yet: whether it was held, the answer will say."""
    occurrence = await store.occurrence_by_id(connection, occurrence_id)
    meeting = await store.load(connection, occurrence.meeting_id) if occurrence is not None else None
    if occurrence is None or meeting is None:
        return None
    link_id = (await lesson_of(connection, meeting, occurrence)).link_id
    slot = occurrence.slot
    name = name_at(slot.starts_at)
    return SessionRecord("", meeting.id, occurrence.id, link_id, name, slot.starts_at, slot.ends_at)


async def answered(ask: Callable[[], Awaitable[Sequence[T]]]) -> Sequence[T]:
    """The provider's answer; nothing when it no longer knows what is meant.

    Raises:
        Again, Dead: as the refusal means to the job that asks.
    """
    try:
        return await ask()
    except ProviderError as error:
        if error.trouble is Trouble.GONE:
            return ()
        if error.trouble in _HOPELESS:
            raise Dead(f"{error.message} {error.hint}" if error.hint else error.message) from None
        counts = error.trouble is not Trouble.QUOTA and not isinstance(error, ProviderAway)
        raise Again(error.message, error.retry_at, counts=counts) from None
