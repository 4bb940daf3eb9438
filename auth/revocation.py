"""Taking sign-ins back: one token by its `jti`, or everything issued to a user until now.

Revocations are never undone; somebody comes back with a fresh token. So the set only grows, in any order and however
often it is told the same thing, until entries expire.
"""

from collections.abc import Iterable, Mapping
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

    def to_body(self) -> dict[str, object]:
        """As it travels between nodes."""
        return {
            "kind": self.kind.value,
            "value": self.value,
            "revoked_at": self.revoked_at.isoformat(),
            "by": self.by,
            "expires_at": None if self.expires_at is None else self.expires_at.isoformat(),
        }

    @classmethod
    def from_body(cls, body: Mapping[str, object]) -> "Revoked | None":
        """None for garbage: a node believes nothing that it cannot read whole."""
        kind, value, by = body.get("kind"), body.get("value"), body.get("by")
        if not isinstance(kind, str) or not isinstance(value, str) or not isinstance(by, str):
            return None
        try:
            revoked_at, expires_at = _instant(body.get("revoked_at")), body.get("expires_at")
            expiry = None if expires_at is None else _instant(expires_at)
            return cls(RevocationKind(kind), value, revoked_at, by, expiry)
        except ValueError:
            return None


def _instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - told to the one caller, which asks for unreadable values of any sort
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError
    return instant


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
