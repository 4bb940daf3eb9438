"""Reads what was kept: the job `webhook`. May run twice for one delivery, which changes nothing."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.clock import Clock
from contract.errors import InvalidInput, Unauthorized
from db.engine import Database
from meetings import store as meetings
from meetings.after.guests import instant
from meetings.after.happenings import TakeIn
from meetings.after.model import Afterwards
from meetings.jobs.port import Again, Dead, Job, JobWish
from meetings.jobs.store import wish
from meetings.linking import store as linking
from meetings.model import LinkRecord, LinkStatus
from meetings.provider import Happening, MeetingProvider, What
from meetings.providers.registry import Providers
from meetings.tables import LinkRow
from meetings.webhooks.tables import WebhookRow
from meetings.webhooks.writes import DONE, FAILED, SettleDelivery, as_bytes
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer

log = logging.getLogger(__name__)

UNKNOWN: Final = "It is about a meeting that is not known here."
GONE: Final = "Its provider is not configured any more."
_PATIENCE = timedelta(minutes=10)
"""How long a delivery may be ahead of the answer that tells us what its meeting is called."""
_PAUSE = timedelta(seconds=15)
_ABOUT_THE_LINK = frozenset({What.CHANGED, What.DELETED})


class WebhookHandler:
    """Handles jobs of the kind `webhook`."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        providers: Providers,
        clock: Clock,
        afterwards: Afterwards,
    ) -> None:
        self._database = database
        self._writer = writer
        self._providers = providers
        self._clock = clock
        self._afterwards = afterwards

    async def __call__(self, job: Job) -> None:
        webhook_id = str(job.payload["webhook_id"])
        async with self._database.reading() as connection:
            row = await _kept(connection, webhook_id)
        if row is None or row.state == DONE:
            return
        provider = self._providers.get(row.provider) if self._providers.known(row.provider) else None
        if provider is None or provider.webhooks is None:
            await self._writer.submit(SettleDelivery(webhook_id, FAILED, GONE))
            raise Dead(GONE)
        notes = [await self._take_in(provider, told, row) for told in _read(provider, as_bytes(row.raw))]
        note = "; ".join(dict.fromkeys(one for one in notes if one)) or None
        await self._writer.submit(SettleDelivery(webhook_id, DONE, note))

    async def _take_in(self, provider: MeetingProvider, told: Happening, row: Any) -> str | None:
        """What there is to say of it, if nothing came of it."""
        external_id = told.external_id if told.external_id.isprintable() else ""
        async with self._database.reading() as connection:
            found = await linking.links_by_external(connection, provider.name, external_id)
            room_id = await meetings.room_of(connection, found[0].meeting_id) if found else None
            early = not found and await _is_being_made(connection, provider.name)
        if not found or room_id is None:
            if early and self._clock.now() - row.received_at < _PATIENCE:
                raise Again("A meeting is just being made there.", self._clock.now() + _PAUSE, counts=False)
            return UNKNOWN
        if told.what in _ABOUT_THE_LINK:
            await self._writer.submit(LookAtLink(found[0]))
            return None
        return await self._writer.submit(TakeIn(room_id, found[0].id, told, self._afterwards))


class LookAtLink(Intention[None]):
    """The provider's side of a meeting changed: it is compared with ours."""

    room_id = ""

    def __init__(self, link: LinkRecord) -> None:
        self._link = link

    async def apply(self, transaction: Transaction) -> None:
        payload = {"link_id": self._link.id}
        key = f"reconcile:{self._link.id}"
        job = JobWish(key, "reconcile", transaction.now, payload, self._link.meeting_id)
        await wish(transaction, job)


def _read(provider: MeetingProvider, raw: bytes) -> Sequence[Happening]:
    """In the order in which it happened. What cannot be read tells nothing."""
    if provider.webhooks is None:
        return ()
    try:
        told = provider.webhooks.read(raw)
    except (InvalidInput, Unauthorized):
        log.warning("a delivery could not be read", extra={"provider": provider.name})
        return ()
    return sorted(told, key=lambda one: instant(one.at))


async def _kept(connection: AsyncConnection, webhook_id: str) -> Any:
    columns = (WebhookRow.provider, WebhookRow.raw, WebhookRow.state, WebhookRow.received_at)
    return (await connection.execute(select(*columns).where(WebhookRow.id == webhook_id))).one_or_none()


async def _is_being_made(connection: AsyncConnection, provider: str) -> bool:
    """Whether the provider holds something of which we do not know yet what it is called."""
    query = select(LinkRow.id).where(
        LinkRow.provider == provider,
        LinkRow.external_id.is_(None),
        LinkRow.wanted.is_(True),
        LinkRow.status.in_([LinkStatus.CREATING.value, LinkStatus.PENDING.value]),
    )
    return (await connection.execute(query.limit(1))).first() is not None
