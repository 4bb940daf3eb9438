"""Jobs of the kind `keep`: every half hour a provider looks after its subscriptions and the like, once among all nodes."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import or_, select

from contract.clock import Clock
from contract.errors import NotFound
from contract.schedule import OccurrenceStatus
from db.engine import Database
from meetings.jobs.port import Again, Job, JobWish
from meetings.jobs.timetable import Daily
from meetings.linking import store
from meetings.linking.spec import spec_of
from meetings.model import LinkStatus
from meetings.provider import Booked, ProviderError
from meetings.providers.registry import Providers
from meetings.tables import LinkRow, OccurrenceRow

KIND: Final = "keep"
_EVERY: Final = timedelta(minutes=30)
_BEFORE, _AFTER = timedelta(hours=2), timedelta(hours=26)
_MOST = 500
"""Classes of today and tomorrow with one provider."""


@dataclass(frozen=True)
class EachHalfHour(Daily):
    """For one provider."""

    provider: str = ""
    kind: str = KIND
    at: time = time(0, 0)

    def wish_for(self, now: datetime) -> JobWish:
        slot = int(now.timestamp() // _EVERY.total_seconds())
        began = datetime.fromtimestamp(slot * _EVERY.total_seconds(), UTC)
        key = f"{KIND}:{self.provider}:{began:%Y-%m-%dT%H:%M}"
        return JobWish(key=key, kind=KIND, due_at=began, payload={"provider": self.provider}, once=True)


def keepers(providers: Providers) -> list[Daily]:
    """The work of all providers that have something to look after."""
    return [
        EachHalfHour(KIND, time(0, 0), provider=one.name)
        for one in providers.all()
        if _keeper(providers, one.name)
    ]


class Keep:
    """The handler."""

    def __init__(self, database: Database, providers: Providers, clock: Clock, link_base: str) -> None:
        self._database = database
        self._providers = providers
        self._clock = clock
        self._link_base = link_base

    async def __call__(self, job: Job) -> None:
        name = str(job.payload["provider"])
        keep = _keeper(self._providers, name)
        if keep is None:
            return
        now = self._clock.now()
        try:
            await keep(now, await self._near(name, now))
        except ProviderError as error:
            raise Again(error.message, error.retry_at) from None

    async def _near(self, provider: str, now: datetime) -> list[Booked]:
        """What it holds of today and tomorrow."""
        soon = OccurrenceRow.starts_at.between(now - _BEFORE, now + _AFTER)
        rows = (
            select(LinkRow.id)
            .join(OccurrenceRow, OccurrenceRow.part_id == LinkRow.part_id)
            .where(LinkRow.provider == provider, LinkRow.status == LinkStatus.READY, LinkRow.wanted, soon)
            .where(or_(LinkRow.occurrence_id.is_(None), LinkRow.occurrence_id == OccurrenceRow.id))
            .where(OccurrenceRow.status != OccurrenceStatus.CANCELLED)
            .distinct()
            .limit(_MOST)
        )
        near = []
        async with self._database.reading() as connection:
            for link_id in (await connection.execute(rows)).scalars().all():
                link = await store.link(connection, link_id)
                reference = None if link is None else store.reference_of(link)
                if link is None or reference is None:
                    continue
                try:
                    spec = await spec_of(connection, link, self._link_base)
                except NotFound:
                    continue
                near.append(Booked(spec, reference, cancelled=False))
        return near


def _keeper(providers: Providers, name: str) -> Any:
    """The provider's own `keep` (the port `Kept`), if it has one."""
    if not providers.known(name):
        return None
    return getattr(providers.get(name).inner, "keep", None)
