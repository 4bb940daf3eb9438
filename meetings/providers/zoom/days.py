"""What one host may make and change in a day: counted here, so that Zoom is not asked what it would refuse."""

from datetime import datetime
from typing import Final

from contract.clock import Clock
from meetings.provider import ProviderError, ProviderMemory, Trouble
from meetings.providers.zoom.afterwards import moment_of
from meetings.providers.zoom.client import Call, Json, ZoomClient
from meetings.providers.zoom.errors import day_is_full
from meetings.providers.zoom.limits import next_midnight

MOST_A_DAY: Final = 100
"""Meetings of one host that may be made or changed between two midnights in UTC."""
_NOT_DONE: Final = frozenset({Trouble.RETRY, Trouble.CREDENTIALS, Trouble.SCOPE, Trouble.GONE, Trouble.QUOTA})


class HostDays:
    """The counters are in `memory`, shared with other nodes."""

    def __init__(self, client: ZoomClient, memory: ProviderMemory, clock: Clock) -> None:
        self._client = client
        self._memory = memory
        self._clock = clock

    async def ask(self, host: str, call: Call) -> Json:
        """A call that counts. Raises ProviderError with QUOTA, without asking, when the host's day is full."""
        now = self._clock.now()
        opens = next_midnight(now)
        day = f"{host.lower()}:{now:%Y-%m-%d}"
        full = moment_of(await self._memory.get(f"full:{day}"))
        if full is not None and full > now:
            raise day_is_full(full)
        try:
            return await self._counted(day, opens, call)
        except ProviderError as error:
            if error.trouble in _NOT_DONE:
                await self._memory.add(f"changed:{day}", -1, opens)
            if error.trouble is Trouble.QUOTA and error.retry_at is not None:
                await self._memory.put(f"full:{day}", error.retry_at.isoformat(), error.retry_at)
            raise

    async def _counted(self, day: str, opens: datetime, call: Call) -> Json:
        if await self._memory.add(f"changed:{day}", 1, opens) > MOST_A_DAY:
            raise day_is_full(opens)
        return await self._client.ask(call)
