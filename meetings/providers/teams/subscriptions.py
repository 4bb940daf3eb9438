"""The subscription to changes of the organizer's calendar: made, renewed before it ends, made anew when it is gone."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from meetings.provider import ProviderError, ProviderMemory, Trouble
from meetings.providers.teams import bodies
from meetings.providers.teams.client import GraphClient
from meetings.providers.teams.webhooks import SUBSCRIPTION, client_state

_LASTS: Final = timedelta(days=3)
"""Graph lets subscriptions to events last up to seven days."""
_LOOKED_AT: Final = timedelta(hours=1)


class Subscriptions:
    """`address` is our webhook, as Graph can reach it."""

    def __init__(
        self, graph: GraphClient, memory: ProviderMemory, *, resource: str, address: str, secret: str
    ) -> None:
        self._graph = graph
        self._memory = memory
        self._resource = resource
        self._address = address
        self._secret = secret

    async def keep(self, now: datetime) -> datetime:
        """Looks after it; when to look again. Raises ProviderError."""
        known = json.loads(await self._memory.get(SUBSCRIPTION) or "{}")
        ends = datetime.fromisoformat(known["expires_at"]) if known else now
        if ends - now > _LASTS / 2:
            return now + _LOOKED_AT
        made = await self._renew(known["id"], now) if ends > now and known else None
        made = made or await self._make(now)
        ends = bodies.read_instant(made.get("expirationDateTime")) or now + _LASTS
        await self._memory.put(
            SUBSCRIPTION, json.dumps({"id": made["id"], "expires_at": ends.isoformat()}), ends
        )
        return now + _LOOKED_AT

    async def _renew(self, name: str, now: datetime) -> dict[str, Any] | None:
        wish = {"expirationDateTime": bodies.instant(now + _LASTS)}
        try:
            made: dict[str, Any] = await self._graph.request(
                "PATCH", f"/subscriptions/{name}", wish, needs="Calendars.Read"
            )
        except ProviderError as error:
            if error.trouble is Trouble.GONE:
                return None
            raise
        return {"id": name, **made}

    async def _make(self, now: datetime) -> dict[str, Any]:
        body = bodies.subscription(
            self._resource,
            "updated,deleted",
            self._address,
            client_state(self._secret, self._resource),
            now + _LASTS,
        )
        made: dict[str, Any] = await self._graph.request(
            "POST", "/subscriptions", body, needs="Calendars.Read"
        )
        return made
