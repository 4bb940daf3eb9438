"""The door for JaaS: it tells what happens, and asks how each meeting shall be set up before it begins."""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from contract.errors import InvalidInput, Unauthorized
from meetings.provider import Delivery, Happening, Lookup, Receipt
from meetings.providers.jaas.events import Json, read_event
from meetings.providers.jaas.signature import is_signed
from meetings.providers.jitsi.events import parse
from meetings.providers.jitsi.people import text_of
from meetings.providers.jitsi.rooms import is_ours

_SETTINGS = "SETTINGS_PROVISIONING"


class JaasWebhooks:
    """The port `Webhooks`. Without a secret everything is refused."""

    def __init__(self, provider: str, app_id: str, secret: str, lookup: Lookup) -> None:
        self._provider = provider
        self._app_id = app_id
        self._secret = secret
        self._lookup = lookup

    async def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        signed = is_signed(delivery.headers.get("x-jaas-signature", ""), delivery.raw, self._secret, now)
        if not signed and not self._shows_secret(delivery):
            raise Unauthorized
        event = parse(delivery.raw)
        if event is None or delivery.method != "POST":
            raise InvalidInput("The body must be a JSON object, sent by POST.")
        if _asks_for_settings(event):
            return await self._settings(event)
        if not signed:
            raise Unauthorized
        key = text_of(event.get("idempotencyKey")) or "raw:" + sha256(delivery.raw).hexdigest()
        return Receipt(body=b"{}", key=key if read_event(event, self._app_id) else None)

    def read(self, raw: bytes) -> Sequence[Happening]:
        event = parse(raw)
        return () if event is None else read_event(event, self._app_id)

    def _shows_secret(self, delivery: Delivery) -> bool:
        """The question about settings is not said to be signed; the console can give it an Authorization header instead."""
        shown = delivery.headers.get("authorization", "").removeprefix("Bearer ").strip()
        same = hmac.compare_digest(shown.encode(errors="surrogatepass"), self._secret.encode())
        return same and bool(self._secret)

    async def _settings(self, event: Json) -> Receipt:
        """How a room of ours shall be; for one that we do not know, what the app is set to."""
        app, _, told = text_of(event.get("fqn")).partition("/")
        room = told.lower()
        mine = app == self._app_id and is_ours(room)
        booked = await self._lookup(self._provider, room) if mine else None
        settings: Mapping[str, object] = {}
        if booked is not None:
            closed = booked.cancelled or booked.spec.policy.lobby
            settings = {"lobbyEnabled": closed, "lobbyType": "WAIT_FOR_APPROVAL"}
        return Receipt(body=json.dumps(settings).encode())


def _asks_for_settings(event: Json) -> bool:
    """It may come as bare as {"fqn": …}."""
    kind = event.get("eventType")
    return kind == _SETTINGS or (kind is None and "fqn" in event)
