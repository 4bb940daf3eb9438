"""The link in a guest's mails: it lets them in without an account, and is the same in all mails of a meeting."""

import base64
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update

from meetings.door import store
from meetings.door.secrets import hash_of, link_with
from meetings.people import address_of
from meetings.tables import InvitationRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer

_AFTERWARDS: Final = timedelta(days=1)
"""For the recording, and for a class that goes on longer."""


class GuestLinks:
    """Finds or makes a guest's invitation. Its secret follows from `key`, a secret of the server: rows hold hashes alone, and yet the
    next mail can hold the same link.
    """

    def __init__(self, writer: Writer, key: Callable[[], bytes], link_base: str) -> None:
        self._writer = writer
        self._key = key
        self._link_base = link_base

    async def link(self, meeting_id: str, host_id: str, email: str, until: datetime) -> str:
        """Holds until a day after `until`. Where staff took the guest's invitation back, it is the plain link."""
        secret = await self._writer.submit(
            _Open(meeting_id, host_id, email, until + _AFTERWARDS, self._secret)
        )
        if secret is None:
            return f"{self._link_base}/m/{meeting_id}"
        return link_with(secret, self._link_base, meeting_id)

    def _secret(self, invitation_id: str) -> str:
        """In the form of all secrets of invitations, see `meetings.door.secrets`."""
        digest = hmac.digest(self._key(), f"guest link {invitation_id}".encode(), "sha256")
        return f"{invitation_id}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


class _Open(Intention[str | None]):
    """The secret of an invitation that holds long enough; None when there shall be none."""

    room_id = ""

    def __init__(
        self, meeting_id: str, host_id: str, email: str, until: datetime, secret_of: Callable[[str], str]
    ) -> None:
        self.waits_for = f"guest:{meeting_id}:{address_of(email)}"
        self._meeting_id = meeting_id
        self._host_id = host_id
        self._email = email
        self._until = until
        self._secret_of = secret_of

    async def apply(self, transaction: Transaction) -> str | None:
        await transaction.flush()
        mine = [
            one
            for one in await store.invitations(transaction.connection, self._meeting_id)
            if address_of(one.email) == address_of(self._email)
        ]
        ours = [one for one in mine if one.secret_hash == hash_of(self._secret_of(one.id))]
        holding = next((one for one in ours if one.revoked_at is None), None)
        if holding is not None:
            if holding.expires_at < self._until:
                await transaction.execute(
                    update(InvitationRow).where(InvitationRow.id == holding.id).values(expires_at=self._until)
                )
            return self._secret_of(holding.id)
        return None if mine and mine[0].revoked_at is not None else self._make(transaction)

    def _make(self, transaction: Transaction) -> str:
        invitation_id = transaction.ids.new("inv")
        secret = self._secret_of(invitation_id)
        transaction.add(
            InvitationRow,
            {
                "id": invitation_id,
                "meeting_id": self._meeting_id,
                "email": self._email,
                "name": None,
                "secret_hash": hash_of(secret),
                "created_by": self._host_id,
                "created_at": transaction.now,
                "expires_at": self._until,
                "revoked_at": None,
            },
        )
        return secret
