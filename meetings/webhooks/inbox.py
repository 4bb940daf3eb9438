"""Where providers tell us things: verified, kept and answered at once; read afterwards, by a job."""

import asyncio
import logging
from typing import Final

from contract.clock import Clock
from contract.errors import NotFound, Unauthorized, Unavailable
from meetings.provider import Delivery, Receipt
from meetings.providers.registry import Providers
from meetings.webhooks.writes import KeepDelivery
from realtime.log.writer import Writer

log = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 2.5
"""Providers wait three seconds at most before they count a delivery as failed; they repeat what failed."""


class Inbox:
    """The door of the providers. Nothing here looks at what a delivery says."""

    def __init__(
        self, providers: Providers, writer: Writer, clock: Clock, *, seconds: float = ANSWER_SECONDS
    ) -> None:
        self._providers = providers
        self._writer = writer
        self._clock = clock
        self._seconds = seconds

    async def take(self, name: str, delivery: Delivery) -> Receipt:
        """Verifies a delivery and keeps it.

        Raises:
            NotFound: no such provider, or it tells nothing.
            Unauthorized: it is not from the provider; which part of it was wrong is not told.
            InvalidInput: it cannot be read.
            Unavailable: it could not be kept in time: the provider shall send it again.
        """
        webhooks = self._providers.get(name).webhooks if self._providers.known(name) else None
        if webhooks is None:
            raise NotFound
        try:
            async with asyncio.timeout(self._seconds):
                receipt = await webhooks.receive(delivery, self._clock.now())
                if receipt.key is not None:
                    kept = delivery.raw if receipt.kept is None else receipt.kept
                    await self._writer.submit(KeepDelivery(name, receipt.key, kept))
        except Unauthorized:
            log.warning("a webhook was refused", extra={"provider": name})
            raise Unauthorized from None
        except TimeoutError:
            raise Unavailable from None
        return receipt
