"""The secret of an invitation: whoever has it is the guest. Only its hash is kept."""

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

_BYTES = 32
_FORM = re.compile(r"([A-Za-z0-9_]{1,64})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Shown:
    """A secret that somebody brings: the invitation that it says it is of, and the hash of all of it."""

    invitation_id: str
    hash: str

    def opens(self, kept_hash: str) -> bool:
        """In constant time."""
        return hmac.compare_digest(self.hash.encode(), kept_hash.encode())


def new_secret(invitation_id: str) -> str:
    """256 random bits. It names its invitation, so that it is looked up by that and not by itself."""
    return f"{invitation_id}.{secrets.token_urlsafe(_BYTES)}"


def hash_of(secret: str) -> str:
    """A plain hash does: nobody can try out 256 bits."""
    return sha256(secret.encode()).hexdigest()


def read_secret(text: str) -> Shown | None:
    """None for what cannot be one."""
    found = _FORM.fullmatch(text)
    return Shown(found[1], hash_of(text)) if found is not None else None


def link_with(secret: str, base: str, meeting_id: str) -> str:
    """The guest's link. The secret stands in the fragment, which browsers send to no server and write into no log."""
    return f"{base}/m/{meeting_id}#guest={secret}"
