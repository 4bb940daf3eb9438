"""Brings a provider's side in line with ours: the job `link:{link_id}`.

The link is claimed before anything is asked, so that whoever comes after a crash or a lost answer knows that it may be there
and looks for its marker first. What a run has learnt is saved only while its claim holds.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contract.clock import Clock
from db.engine import Database
from meetings import store as schedule
from meetings.jobs.port import Again, Dead, Job
from meetings.jobs.rules import pause_after
from meetings.linking import rules, store
from meetings.linking.rules import Task
from meetings.linking.spec import fingerprint, spec_of
from meetings.linking.writes import Claim, Claimed, Made, Removed, Troubled, Vanished
from meetings.model import LinkRecord, LinkStatus
from meetings.provider import ProviderError, Reference, Trouble
from meetings.providers.guard import Guarded
from meetings.providers.registry import Providers
from realtime.log.writer import Writer

_GIVE_UP_AFTER = timedelta(days=3)
"""What could not be deleted in so long a time is left to people."""

_LONGEST_PAUSE = timedelta(minutes=2)
"""Between two tries: people wait, and a provider that is away is left alone anyhow."""

_SECOND_LOOK = timedelta(minutes=1)

_SPREAD = 5.0
"""Seconds over which those that waited for a provider ask it again."""


@dataclass(frozen=True)
class _About:
    """What a job is about."""

    job: Job
    link: LinkRecord
    room_id: str
    provider: Guarded


class LinkHandler:
    """Of jobs of kind `link`. `link_base` is the address under which people reach this server."""

    def __init__(
        self, database: Database, writer: Writer, providers: Providers, clock: Clock, link_base: str
    ) -> None:
        self._database = database
        self._writer = writer
        self._providers = providers
        self._clock = clock
        self._link_base = link_base
        self._chance: Callable[[], float] = random.random

    async def __call__(self, job: Job) -> None:
        about = await self._about(job)
        if about is None:
            return
        resting = about.provider.resting_until()
        if resting is not None:
            await self._wait(about, resting)
        claimed = await self._writer.submit(Claim(about.room_id, about.link.id, job, self._link_base))
        if claimed is None:
            return
        try:
            await self._do(about, claimed)
        except ProviderError as error:
            await self._failed(about, claimed, error)

    async def _about(self, job: Job) -> _About | None:
        """Raises Dead: its provider is not configured any more."""
        async with self._database.reading() as connection:
            link = await store.link(connection, str(job.payload["link_id"]))
            room_id = None if link is None else await schedule.room_of(connection, link.meeting_id)
        if link is None or room_id is None:
            return None
        if self._providers.known(link.provider):
            return _About(job, link, room_id, self._providers.get(link.provider))
        claimed = await self._writer.submit(Claim(room_id, link.id, job, self._link_base))
        if claimed is None:
            return None
        gone = ProviderError(
            Trouble.REFUSED,
            f"The provider {link.provider} is not configured on this server.",
            hint="Configure it again, or move the meeting to another provider.",
        )
        await self._writer.submit(
            Troubled(room_id, link, gone, self._link_base, claimed=claimed, starts_at=None)
        )
        raise Dead(gone.message)

    async def _do(self, about: _About, claimed: Claimed) -> None:
        provider, spec = about.provider, claimed.spec
        if claimed.task is Task.CANCEL:
            reference = claimed.reference or await provider.find(spec)
            if reference is not None:
                await provider.cancel(reference, spec)
            elif claimed.link.problem_code == Trouble.UNKNOWN and about.job.attempts == 1:
                # what was asked for without an answer may only be about to appear there
                raise Again("It is looked for once more.", self._clock.now() + _SECOND_LOOK)
            await self._writer.submit(Removed(about.room_id, claimed))
            return
        if claimed.task is Task.UPDATE and claimed.reference is not None:
            reference = await provider.update(claimed.reference, spec)
        else:
            reference = await self._find_or_create(provider, claimed)
        if not await self._writer.submit(Made(about.room_id, claimed, reference, self._link_base)):
            await self._take_back(about, claimed, reference)

    async def _find_or_create(self, provider: Guarded, claimed: Claimed) -> Reference:
        """What is found may have been made from an older wish: it is told all of it again."""
        if claimed.task is Task.FIND_OR_CREATE:
            found = await provider.find(claimed.spec)
            if found is not None:
                return await provider.update(found, claimed.spec)
        return await provider.create(claimed.spec)

    async def _take_back(self, about: _About, claimed: Claimed, reference: Reference) -> None:
        """Another run has taken the link on meanwhile. Unless it has found what this one made, or still may, that has to go."""
        async with self._database.reading() as connection:
            link = await store.link(connection, claimed.link.id)
        taken = (
            link is not None and link.status is LinkStatus.READY and link.external_id != reference.external_id
        )
        if link is None or taken or link.status is LinkStatus.CANCELLED:
            await about.provider.cancel(reference, claimed.spec)

    async def _failed(self, about: _About, claimed: Claimed, error: ProviderError) -> None:
        """Always raises, unless what is missing is to be made again."""
        if error.trouble is Trouble.GONE and claimed.link.status is LinkStatus.READY:
            await self._writer.submit(Vanished(about.room_id, claimed.link, self._link_base, made_again=True))
            return
        told = self._with_time(claimed.link, error)
        starts_at = rules.next_start(claimed.spec.slots, self._clock.now())
        await self._writer.submit(
            Troubled(about.room_id, claimed.link, told, self._link_base, claimed=claimed, starts_at=starts_at)
        )
        if told.retry_at is None:
            raise Dead(told.message)
        raise Again(told.message, told.retry_at, counts=False)

    def _with_time(self, link: LinkRecord, error: ProviderError) -> ProviderError:
        """With the time of the next try; without one if there is none until somebody has done something."""
        now = self._clock.now()
        given_up = (
            link.status is LinkStatus.CANCELLING
            and link.troubled_at is not None
            and now - link.troubled_at > _GIVE_UP_AFTER
        )
        if rules.is_helpless(error.trouble) or given_up:
            return ProviderError(error.trouble, error.message, hint=error.hint)
        pause = min(_LONGEST_PAUSE, pause_after(link.attempts + 1, self._chance()))
        retry_at = max(error.retry_at or now, now + pause)
        return ProviderError(error.trouble, error.message, hint=error.hint, retry_at=retry_at)

    async def _wait(self, about: _About, until: datetime) -> None:
        """Raises Again, if there is anything to do. The provider is left alone, but staff must not wait in vain."""
        now = self._clock.now()
        async with self._database.reading() as connection:
            spec = await spec_of(connection, about.link, self._link_base)
        task = rules.task_for(about.link, fingerprint(spec), over=rules.is_over(spec.slots, now))
        if task in {Task.NOTHING, Task.FORGET}:
            return
        retry_at = until + timedelta(seconds=_SPREAD * self._chance())
        error = ProviderError(
            Trouble.RETRY, f"{about.provider.title} has not answered for a while.", retry_at=retry_at
        )
        starts_at = rules.next_start(spec.slots, now)
        await self._writer.submit(
            Troubled(about.room_id, about.link, error, self._link_base, claimed=None, starts_at=starts_at)
        )
        raise Again(error.message, retry_at, counts=False)
