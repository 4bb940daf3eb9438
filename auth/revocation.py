"""Taking sign-ins back: one token by its `jti`, or everything issued to a user until now.

Revocations are never undone; somebody comes back with a fresh token. So the set only grows, in any order and however
often it is told the same thing, until entries expire.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from auth.identity import Identity


class RevocationKind(StrEnum):
    TOKEN = "jti"
    USER = "user"


@dataclass(frozen=True)
class Revoked:
    """`value` is a `jti` or a user id. After `expires_at` no token that it is about can be valid; None: never."""

    kind: RevocationKind
    value: str
    revoked_at: datetime
    by: str
    expires_at: datetime | None = None


class Revocations:
    """What one node knows to be revoked; asked at each sign-in and each command, so it is in memory."""

    def __init__(self) -> None:
        self._tokens: dict[str, datetime | None] = {}
        self._users: dict[str, datetime] = {}

    def is_revoked(self, identity: Identity) -> bool:
        """By its `jti`; or by its user, if issued at or before then, or if it does not say when.

        `iat` counts whole seconds, so a token issued in the very second of the revocation is refused as well.
        """
        if identity.jti is not None and identity.jti in self._tokens:
            return True
        revoked_at = self._users.get(identity.user_id)
        if revoked_at is None:
            return False
        return identity.issued_at is None or identity.issued_at <= revoked_at

    def user_revoked_at(self, user_id: str) -> datetime | None:
        """When all sign-ins of somebody were last taken back. What they opened for others before ends with them."""
        return self._users.get(user_id)

    def apply(self, revoked: Revoked) -> None:
        """Takes in one revocation, from this node or another. Knowing it already is no mistake."""
        if revoked.kind is RevocationKind.TOKEN:
            self._tokens[revoked.value] = revoked.expires_at
            return
        known = self._users.get(revoked.value)
        if known is None or known < revoked.revoked_at:
            self._users[revoked.value] = revoked.revoked_at

    def reload(self, rows: Iterable[Revoked], now: datetime) -> None:
        """Takes in many, as the database knows them, and lets go of tokens that have expired.

        Adds to what is known, so that a revocation heard of while the rows were being read is not lost.
        """
        for revoked in rows:
            self.apply(revoked)
        self._tokens = {jti: at for jti, at in self._tokens.items() if at is None or at > now}
