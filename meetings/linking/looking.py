"""Looks whether providers still hold what they were told, and nothing else of ours: the jobs `reconcile:{date}` and, when a
provider says that something happened to one, `reconcile:{link_id}`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from contract.clock import Clock
from contract.errors import NotFound
from db.engine import Database
from meetings import history
from meetings import store as schedule
from meetings.jobs.port import Again, Job, JobWish
from meetings.jobs.store import wish_all
from meetings.linking import store
from meetings.linking.comparing import differs, print_of
from meetings.linking.memory import Forget
from meetings.linking.plan import wish_for
from meetings.linking.spec import fingerprint, spec_of
from meetings.linking.writes import Looked, Vanished
from meetings.model import LinkRecord, LinkStatus
from meetings.provider import Holding, LinkSpec, ProviderError, ProviderMemory
from meetings.providers.guard import Guarded
from meetings.providers.registry import BUILTIN, Providers
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer

_PAGE: Final = 100
_REMEMBERED: Final = timedelta(days=60)
_LATER: Final = timedelta(hours=1)


class Look:
    """Looks at one link: gone, changed, or as it should be."""

    def __init__(
        self, database: Database, writer: Writer, memory: ProviderMemory, clock: Clock, link_base: str
    ) -> None:
        self._database = database
        self._writer = writer
        self._memory = memory
        self._clock = clock
        self._link_base = link_base

    async def at(self, provider: Guarded, link: LinkRecord) -> None:
        """Raises ProviderError."""
        async with self._database.reading() as connection:
            room_id = await schedule.room_of(connection, link.meeting_id)
            spec = await spec_of(connection, link, self._link_base)
        reference = store.reference_of(link)
        if room_id is None or reference is None:
            return
        if link.claim is not None or link.pushed != fingerprint(spec):
            # it is being told, or has to be: what differs is our own doing
            await self._writer.submit(_Wish([wish_for(link, self._clock.now())]))
            return
        seen = await provider.fetch(reference, spec)
        if seen is None:
            await self._writer.submit(Vanished(room_id, link, self._link_base, made_again=True))
            return
        now = self._clock.now()
        put_right = False
        if differs(spec, seen, now):
            key, told = f"differs:{link.id}", print_of(seen)
            # what it holds although it was told otherwise is all that it can hold
            put_right = await self._memory.get(key) != f"{link.pushed}:{told}"
            await self._memory.put(key, f"{link.pushed}:{told}", now + _REMEMBERED)
        await self._writer.submit(Looked(room_id, link, self._link_base, put_right=put_right))


class Reconcile:
    """Of jobs of kind `reconcile`: every night, and for one link when its payload names it."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        providers: Providers,
        look: Look,
        *,
        clock: Clock,
        link_base: str,
    ) -> None:
        self._database = database
        self._writer = writer
        self._providers = providers
        self._look = look
        self._clock = clock
        self._link_base = link_base

    async def __call__(self, job: Job) -> None:
        """Raises Again: some provider did not answer; those that were seen are not asked again then."""
        if "link_id" in job.payload:
            await self._one(str(job.payload["link_id"]))
            return
        await self._writer.submit(Forget())
        away = await self._wanted(job.created_at)
        await self._left_over()
        away |= await self._orphans(away)
        if away:
            due_at = self._clock.now() + _LATER
            raise Again(f"Not all providers answered: {', '.join(sorted(away))}.", due_at)

    async def _wanted(self, since: datetime) -> set[str]:
        """All that were not seen `since` then: a second try goes on where the first was cut short."""
        away: set[str] = set()
        now, after = self._clock.now(), ""
        while True:
            async with self._database.reading() as connection:
                page = await store.due_for_a_look(connection, now, since, after, _PAGE)
            if not page:
                return away
            after = page[-1].id
            unmade = [link for link in page if link.status is not LinkStatus.READY]
            await self._writer.submit(_Wish([wish_for(link, now) for link in unmade]))
            for link in page:
                if link.status is LinkStatus.READY and link.provider not in away:
                    away |= await self._look_at(link)

    async def _one(self, link_id: str) -> None:
        async with self._database.reading() as connection:
            link = await store.link(connection, link_id)
        ready = link is not None and link.wanted and link.status is LinkStatus.READY
        if link is not None and ready and await self._look_at(link):
            raise Again(f"{link.provider} did not answer.")

    async def _look_at(self, link: LinkRecord) -> set[str]:
        if link.provider == BUILTIN or not self._providers.known(link.provider):
            return set()
        try:
            await self._look.at(self._providers.get(link.provider), link)
        except NotFound:
            return set()
        except ProviderError:
            return {link.provider}
        return set()

    async def _left_over(self) -> None:
        """What could not be deleted is tried again."""
        after = ""
        while True:
            async with self._database.reading() as connection:
                page = await store.left_over(connection, after, _PAGE)
            if not page:
                return
            after = page[-1].id
            now = self._clock.now()
            await self._writer.submit(_Wish([wish_for(link, now) for link in page]))

    async def _orphans(self, away: set[str]) -> set[str]:
        """Deletes what carries a marker of ours and is not what its link names. Markers that we do not know are not ours."""
        silent: set[str] = set()
        for provider in self._providers.all():
            if provider.name in away:
                continue
            try:
                for holding in await self._unwanted(provider, await provider.held()):
                    await self._delete(provider, holding)
            except ProviderError:
                silent.add(provider.name)
        return silent

    async def _unwanted(self, provider: Guarded, held: Sequence[Holding]) -> Sequence[Holding]:
        async with self._database.reading() as connection:
            known = await store.known_markers(connection, [one.marker for one in held])
        return [one for one in held if _is_orphan(known.get(one.marker), one, provider.name)]

    async def _delete(self, provider: Guarded, holding: Holding) -> None:
        async with self._database.reading() as connection:
            link = await store.link(connection, holding.marker)
            if not _is_orphan(link, holding, provider.name) or link is None:
                return
            spec: LinkSpec = await spec_of(connection, link, self._link_base)
        await provider.cancel(holding.reference, spec)
        await self._writer.submit(_Deleted(link.meeting_id))


def _is_orphan(link: LinkRecord | None, holding: Holding, provider: str) -> bool:
    """Only of links on which nobody works just now."""
    if link is None or link.provider != provider:
        return False
    if link.status is LinkStatus.CANCELLED:
        return True
    return link.status is LinkStatus.READY and link.external_id != holding.reference.external_id


class _Wish(Intention[None]):
    room_id = ""

    def __init__(self, wishes: Sequence[JobWish]) -> None:
        self._wishes = wishes

    async def apply(self, transaction: Transaction) -> None:
        await wish_all(transaction, self._wishes)


class _Deleted(Intention[None]):
    room_id = ""

    def __init__(self, meeting_id: str) -> None:
        self._meeting_id = meeting_id

    async def apply(self, transaction: Transaction) -> None:
        words = "The provider held a meeting that nobody needs; it was deleted there."
        history.record(transaction, self._meeting_id, history.Line("link_orphan_deleted", words))
