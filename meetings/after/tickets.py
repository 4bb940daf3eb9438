"""Addresses that play a recording: for one person, for an hour. Nothing of them is kept, and they are in no log."""

import asyncio
import base64
import binascii
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Select, select

from auth.identity import Identity
from contract.clock import Clock
from contract.errors import Unauthorized
from contract.people import SignInRole
from db.engine import Database
from meetings.tables import ProviderMemoryRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer

LIFETIME: Final = timedelta(hours=1)
_WHERE: Final = ("recordings", "ticket-key")
_FOR_EVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_LONGEST: Final = 1000


@dataclass(frozen=True)
class Ticket:
    """Who may play which recording until when."""

    recording_id: str
    user_id: str
    role: SignInRole
    expires_at: datetime

    @property
    def owner(self) -> Identity:
        """As far as the ticket knows them."""
        return Identity(
            user_id=self.user_id,
            name=self.user_id,
            role=self.role,
            picture=None,
            rooms=None,
            jti=None,
            issued_at=None,
            expires_at=self.expires_at,
        )


class Tickets:
    """Signs with a random key that all nodes of a database share; it is made when the first ticket is."""

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._key: bytes | None = None
        self._reading = asyncio.Lock()

    async def url(self, recording_id: str, who: Identity) -> str:
        """Below this server's own address."""
        expires_at = self._clock.now() + LIFETIME
        body = json.dumps([who.user_id, who.role.value, int(expires_at.timestamp())]).encode()
        told = _text(body)
        signature = _text(await self._sign(recording_id, told))
        return f"/api/v1/recordings/{recording_id}/file?ticket={told}.{signature}"

    async def check(self, recording_id: str, ticket: str) -> Ticket:
        """Raises Unauthorized, whatever is wrong with it."""
        told, _, signature = ticket[:_LONGEST].partition(".")
        if not ticket.isascii():
            raise Unauthorized
        expected = _text(await self._sign(recording_id, told))
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise Unauthorized
        try:
            user_id, role, seconds = json.loads(_bytes(told))
        except (ValueError, binascii.Error):
            raise Unauthorized from None
        expires_at = datetime.fromtimestamp(seconds, UTC)
        if expires_at <= self._clock.now():
            raise Unauthorized
        return Ticket(recording_id, user_id, SignInRole(role), expires_at)

    async def _sign(self, recording_id: str, told: str) -> bytes:
        async with self._reading:
            if self._key is None:
                self._key = await self._shared_key()
        return hmac.digest(self._key, f"{recording_id} {told}".encode(), sha256)

    async def _shared_key(self) -> bytes:
        async with self._database.reading() as connection:
            found: str | None = (await connection.execute(_query())).scalar_one_or_none()
        return bytes.fromhex(found if found is not None else await self._writer.submit(_MakeKey()))


class _MakeKey(Intention[str]):
    """Whoever comes first makes it; the others find it."""

    room_id = ""
    waits_for = "recordings:ticket-key"

    async def apply(self, transaction: Transaction) -> str:
        found: str | None = (await transaction.read(_query())).scalar_one_or_none()
        if found is not None:
            return found
        made = secrets.token_hex(32)
        provider, key = _WHERE
        row = {"provider": provider, "key": key, "value": made, "expires_at": _FOR_EVER}
        transaction.add(ProviderMemoryRow, row)
        return made


def _query() -> Select[str]:
    provider, key = _WHERE
    these = (ProviderMemoryRow.provider == provider, ProviderMemoryRow.key == key)
    return select(ProviderMemoryRow.value).where(*these)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
