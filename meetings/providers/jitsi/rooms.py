"""Names of rooms. Whoever guessed one would stand at a class's door, so it tells nothing and cannot be guessed."""

import base64
import hashlib
import hmac
import re

_BYTES = 20
"""160 bits: 32 letters and digits."""

_OURS = re.compile(r"[a-z2-7]{32}")
_WITH_TENANT = re.compile(r"\[[^\]]*\](.+)", re.DOTALL)


def room_name(secret: bytes, marker: str) -> str:
    """The same for one marker and secret each time, so nothing has to be kept to find it again.

    In lower case: Jitsi compares the name in a token with the room's, which it has put in lower case.
    """
    digest = hmac.new(secret, b"homeroom room\0" + marker.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_BYTES]).decode("ascii").lower()


def is_ours(name: str) -> bool:
    """Whether it could be one that `room_name` made: others need not be looked for."""
    return _OURS.fullmatch(name) is not None


def bare_name(told: str) -> str:
    """The room in what Prosody calls it: `[tenant]room` on servers with tenants."""
    found = _WITH_TENANT.fullmatch(told)
    return (found[1] if found else told).lower()
