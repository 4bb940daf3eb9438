"""Change notifications of Microsoft Graph: not signed, but each carries a secret of ours (`clientState`).

Sources: Graph v1.0, "Receive change notifications through webhooks"; resource types changeNotification, changeNotificationCollection.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from contract.errors import InvalidInput, Unauthorized
from meetings.provider import Delivery, Happening, Interval, ProviderMemory, Receipt, What
from meetings.providers.teams.bodies import read_instant
from meetings.providers.teams.sealed import CannotOpen, read_seal

log = logging.getLogger(__name__)

SUBSCRIPTION: Final = "subscription"
"""Under this key the adapter remembers its subscription; empty: a new one has to be made."""

CALLS: Final = "calls"
"""Stands for the resources of all calls in their client state."""

SEAL: Final = "seal"
"""Under this key the certificate is kept, with its private half."""

_MOST_TOKEN: Final = 2048
_CHANGES = {"updated": What.CHANGED, "deleted": What.DELETED}
_CALL_EVENTS = {"callstarted": What.STARTED, "callended": What.ENDED}


def client_state(secret: str, resource: str) -> str:
    """What Graph has to show with each notification of that resource; at most 128 characters."""
    return hmac.new(
        secret.encode(), f"homeroom notifications {resource}".encode(), hashlib.sha256
    ).hexdigest()


def called(subscription: str) -> str:
    """The key under which it is remembered whose call a subscription follows."""
    return f"called:{subscription}"


class GraphNotifications:
    """Believes a delivery only if every notification in it shows the client state of one of `resources`.

    What is sealed is opened on arrival and kept open. The secret client state says that it is from Graph, so the tokens in
    `validationTokens` are not asked for besides.
    """

    def __init__(self, secret: str, resources: Iterable[str], memory: ProviderMemory) -> None:
        self._states = [client_state(secret, resource).encode() for resource in resources]
        self._memory = memory

    async def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        token = delivery.query.get("validationToken")
        if token is not None:
            if not 0 < len(token) <= _MOST_TOKEN:
                raise InvalidInput.of("validationToken", f"must have 1 to {_MOST_TOKEN} characters")
            return Receipt(200, token.encode(), "text/plain")
        items = _items(delivery.raw)
        if not items or not all(self._is_ours(item) for item in items):
            raise Unauthorized("These notifications are not from our subscription.")
        if any(
            item.get("lifecycleEvent") in {"subscriptionRemoved", "reauthorizationRequired"} for item in items
        ):
            await self._memory.put(SUBSCRIPTION, "", now + timedelta(days=1))
        opened = [await self._opened(item) for item in items]
        return Receipt(202, key=_key(items), kept=json.dumps({"value": opened}).encode())

    def read(self, raw: bytes) -> Sequence[Happening]:
        return [happening for item in _items(raw) for happening in _happenings(item)]

    async def _opened(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """With its content, and what we know the class by instead of the call's address. What cannot be opened tells nothing."""
        sealed = item.get("encryptedContent")
        if not isinstance(sealed, dict):
            return item
        kept = await self._memory.get(SEAL)
        known = await self._memory.get(called(str(item.get("subscriptionId", ""))))
        rest = {name: value for name, value in item.items() if name != "encryptedContent"}
        if not kept or not known:
            return {**rest, "resourceData": None}
        try:
            content = read_seal(kept).open(sealed)
        except CannotOpen as error:
            log.warning("a notification could not be opened: %s", error)
            return {**rest, "resourceData": None}
        return {**rest, "resourceData": {**content, "id": known} if isinstance(content, dict) else None}

    def _is_ours(self, item: Mapping[str, Any]) -> bool:
        shown = str(item.get("clientState", "")).encode(errors="surrogatepass")
        return sum(hmac.compare_digest(shown, state) for state in self._states) > 0


def _items(raw: bytes) -> list[Mapping[str, Any]]:
    """The notifications of a collection. Raises InvalidInput."""
    try:
        parsed = json.loads(raw)
    except (ValueError, RecursionError):
        raise InvalidInput("The body is not JSON.") from None
    items = parsed.get("value") if isinstance(parsed, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidInput.of("value", "must be a list of notifications")
    return items


def _key(items: Sequence[Mapping[str, Any]]) -> str:
    """Graph repeats what was not answered with the same ids; those of basic notifications name resource and state (etag)."""
    told = [
        [
            item.get("id"),
            item.get("subscriptionId"),
            item.get("changeType"),
            item.get("resourceData"),
            item.get("lifecycleEvent"),
        ]
        for item in items
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _happenings(item: Mapping[str, Any]) -> list[Happening]:
    data = item.get("resourceData")
    if not isinstance(data, dict):
        return []
    at = read_instant(data.get("eventDateTime")) or read_instant(item.get("subscriptionExpirationDateTime"))
    name = str(data.get("id", ""))
    if at is None or not name:
        return []
    event = str(data.get("eventType", "")).rpartition(".")[2].lower()
    if event:
        return _call_happenings(event, data, name, at)
    what = _CHANGES.get(str(item.get("changeType", "")))
    return [Happening(what, name, at)] if what is not None else []


def _call_happenings(event: str, data: Mapping[str, Any], name: str, at: datetime) -> list[Happening]:
    """Of a call's events as they stand in a notification with its content."""
    what = _CALL_EVENTS.get(event)
    if what is not None:
        return [Happening(what, name, at)]
    found = []
    for field, kind in (("activeParticipants@joined", What.JOINED), ("activeParticipants@exited", What.LEFT)):
        for participant in data.get(field) or ():
            if not isinstance(participant, dict):
                continue
            identities = participant.get("identity")
            identity: Mapping[str, Any] = next(iter((identities or {}).values()), {})
            shown = str(identity.get("DisplayName") or identity.get("displayName") or "Somebody")
            person = Interval(
                shown, at, at if kind is What.LEFT else None, external_id=str(identity.get("Id", ""))
            )
            found.append(Happening(kind, name, at, person=person))
    return found
