"""Subscriptions to what happens in Teams: made, renewed before they end, made anew when they are gone.

One to changes of the organizer's calendar; and one to the call of each class of today and tomorrow, which tells who comes and goes.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from meetings.provider import Booked, ProviderError, ProviderMemory, Trouble
from meetings.providers.teams import bodies
from meetings.providers.teams.client import GraphClient
from meetings.providers.teams.sealed import Seal, new_seal, read_seal
from meetings.providers.teams.webhooks import CALLS, SEAL, SUBSCRIPTION, called, client_state

log = logging.getLogger(__name__)

_LASTS: Final = timedelta(days=3)
"""Graph lets subscriptions to events last up to seven days, those to calls three."""
_CALL_LASTS: Final = timedelta(hours=71)
_LOOKED_AT: Final = timedelta(minutes=30)
_FOR_EVER: Final = timedelta(days=3650)


class Subscriptions:
    """`address` is our webhook, as Graph can reach it. `resource` is the organizer's calendar, None: it is not followed."""

    def __init__(
        self, graph: GraphClient, memory: ProviderMemory, *, resource: str | None, address: str, secret: str
    ) -> None:
        self._graph = graph
        self._memory = memory
        self._resource = resource
        self._address = address
        self._secret = secret

    async def keep(self, now: datetime, near: Sequence[Booked]) -> datetime:
        """Looks after them; when to look again. Raises ProviderError."""
        if self._resource is not None:
            await self._keep(SUBSCRIPTION, self._calendar(self._resource, now), now, "Calendars.Read")
        seal = await self._seal(now)
        for booked in near if seal is not None else ():
            await self._keep_call(booked, seal, now)
        return now + _LOOKED_AT

    async def _keep_call(self, booked: Booked, seal: Seal | None, now: datetime) -> None:
        """A class is held without, too: what is missing then is who comes and goes, until the report."""
        join = booked.reference.values.get("join")
        if join is None or seal is None or booked.cancelled:
            return
        name = f"call:{hashlib.sha256(join.encode()).hexdigest()}"
        try:
            made = await self._keep(
                name, self._call(join, seal, now), now, "OnlineMeetings.Read.All", beta=True
            )
        except ProviderError as error:
            log.warning("the call of a class cannot be followed: %s", error.message)
            return
        await self._memory.put(called(made), booked.reference.external_id, now + _LASTS)

    async def _keep(
        self, key: str, wish: dict[str, Any], now: datetime, needs: str, *, beta: bool = False
    ) -> str:
        """The subscription's id."""
        known = json.loads(await self._memory.get(key) or "{}")
        ends = datetime.fromisoformat(known["expires_at"]) if known else now
        if ends - now > _LASTS / 2:
            return str(known["id"])
        base = self._graph.base.replace("/v1.0", "/beta") if beta else ""
        made = None
        if known and ends > now:
            made = await self._renew(f"{base}/subscriptions/{known['id']}", wish, needs)
        if made is None:
            made = await self._graph.request("POST", f"{base}/subscriptions", wish, needs=needs)
        name = str(made.get("id") or known["id"])
        ends = bodies.read_instant(made.get("expirationDateTime")) or now + _LASTS
        await self._memory.put(key, json.dumps({"id": name, "expires_at": ends.isoformat()}), ends)
        return name

    async def _renew(self, path: str, wish: dict[str, Any], needs: str) -> dict[str, Any] | None:
        later = {"expirationDateTime": wish["expirationDateTime"]}
        try:
            made: dict[str, Any] = await self._graph.request("PATCH", path, later, needs=needs)
        except ProviderError as error:
            if error.trouble is Trouble.GONE:
                return None
            raise
        return made

    def _calendar(self, resource: str, now: datetime) -> dict[str, Any]:
        state = client_state(self._secret, resource)
        return bodies.subscription(resource, "updated,deleted", self._address, state, now + _LASTS)

    def _call(self, join: str, seal: Seal, now: datetime) -> dict[str, Any]:
        resource = f"communications/onlineMeetings(joinWebUrl='{quote(join, safe='')}')/meetingCallEvents"
        state = client_state(self._secret, CALLS)
        return {
            **bodies.subscription(resource, "updated", self._address, state, now + _CALL_LASTS),
            "includeResourceData": True,
            "encryptionCertificate": seal.public,
            "encryptionCertificateId": seal.name,
        }

    async def _seal(self, now: datetime) -> Seal | None:
        """The one of this installation. None: another node is making it just now."""
        kept = await self._memory.get(SEAL)
        if kept:
            return read_seal(kept)
        if await self._memory.add("seal-turn", 1, now + timedelta(minutes=1)) > 1:
            return None
        seal = new_seal(now)
        await self._memory.put(SEAL, seal.kept(), now + _FOR_EVER)
        return seal
