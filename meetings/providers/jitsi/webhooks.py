"""The door for a Jitsi's Prosody: it asks before rooms open, and tells who comes and goes.

Both modules send the header that they are configured with: `Authorization: Bearer` and the app secret.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime

from contract.errors import InvalidInput, Unauthorized
from meetings.provider import Delivery, Happening, Receipt
from meetings.providers.jitsi.events import key_of, parse, read_event
from meetings.providers.jitsi.reservations import Reservations


class JitsiWebhooks:
    """The port `Webhooks`. An empty secret lets nobody in."""

    def __init__(self, secret: str, reservations: Reservations) -> None:
        self._secret = secret.encode()
        self._reservations = reservations

    async def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        self._check(delivery.headers.get("authorization", ""))
        head, _, rest = delivery.path.strip("/").partition("/")
        if head == "conference":
            return await self._reservations.answer(delivery, rest, now)
        if delivery.method != "POST":
            raise InvalidInput("Events are sent by POST.")
        event = parse(delivery.raw)
        if event is None:
            raise InvalidInput("The body must be a JSON object.")
        return Receipt(body=b"{}", key=key_of(event))

    def read(self, raw: bytes) -> Sequence[Happening]:
        event = parse(raw)
        return () if event is None else read_event(event)

    def _check(self, header: str) -> None:
        scheme, _, shown = header.partition(" ")
        same = hmac.compare_digest(shown.strip().encode(errors="surrogatepass"), self._secret)
        if not (same and self._secret and scheme.lower() == "bearer"):
            raise Unauthorized
