"""Who is calling: what a verified token says about a person or a bot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contract.calls import Rights
from contract.people import RoomRole, SignInRole


@dataclass(frozen=True)
class Identity:
    """A caller whose token was verified. Only `TokenVerifier` makes these, apart from tests.

    `rooms` maps the LMS's own room keys to the caller's role there; None when the token says nothing of rooms
    (memberships stay as they are), empty when it says that there are none. `expires_at` is the token's `exp`; only if
    that had passed already when the token was read, and the leeway let it in, it is the end of the leeway. Without
    `jti` a token can only be revoked through its user. `call_rights` bounds what the caller may publish in any call; None:
    nothing is said. `email` and `zone` (IANA) are for mail to the caller, and shown to nobody else.
    """

    user_id: str
    name: str
    role: SignInRole
    picture: str | None
    rooms: Mapping[str, RoomRole] | None
    jti: str | None
    issued_at: datetime | None
    expires_at: datetime
    call_rights: Rights | None = None
    email: str | None = None
    zone: str | None = None
