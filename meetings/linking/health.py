"""Which providers are away, shared among processes: `serve` shows what a worker of its own process or of another found out."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from contract.clock import Clock
from contract.errors import DomainError
from meetings.provider import ProviderMemory
from meetings.providers.registry import BUILTIN, Providers

log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 10.0
_HELD: Final = timedelta(seconds=60)
"""For how long a process that has ended is believed."""


class HealthBoard:
    """Runs in the background of each process."""

    def __init__(self, providers: Providers, memory: ProviderMemory, clock: Clock) -> None:
        self._providers = providers
        self._memory = memory
        self._clock = clock
        self._reported: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever(), name="provider-health")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def look(self) -> None:
        """Tells what this process knows, and learns what others do."""
        elsewhere: dict[str, bool] = {}
        for provider in self._providers.all():
            if provider.name == BUILTIN:
                continue
            await self._report(provider.name, away=not provider.healthy)
            elsewhere[provider.name] = await self._memory.get(_key(provider.name)) is not None
        self._providers.told_elsewhere(_away(elsewhere))

    async def _report(self, name: str, *, away: bool) -> None:
        now = self._clock.now()
        if away:
            await self._memory.put(_key(name), "away", now + _HELD)
            self._reported.add(name)
        elif name in self._reported:
            await self._memory.put(_key(name), "back", now)
            self._reported.discard(name)

    async def _for_ever(self) -> None:
        while True:
            try:
                await self.look()
            except DomainError:
                log.debug("the health of providers could not be shared")
            await asyncio.sleep(_LOOK_SECONDS)


def _key(name: str) -> str:
    return f"away:{name}"


def _away(elsewhere: Mapping[str, bool]) -> frozenset[str]:
    return frozenset(name for name, away in elsewhere.items() if away)
