"""Development mode: anybody signs in as anybody. Composed only with HOMEROOM_DEV, on loopback addresses alone."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from auth.tokens import TokenIssuer
from contract.clock import Clock
from contract.people import Actor, RoomRole, SignInRole
from contract.rest import DevelopmentSignIn, TokenAnswer

DEMO_ROOM = "demo"
"""The LMS key of the room that everybody who signs in by name belongs to."""

TOKEN_SECONDS = 12 * 3600

_READY_MADE = (
    ("Ines", SignInRole.INSTRUCTOR),
    ("Sam", SignInRole.STUDENT),
    ("Tara", SignInRole.STUDENT),
)
_LONGEST_SLUG = 60


class DevelopmentDoor:
    """Answers the operation `developmentSignIn`, and makes the links that are printed at start."""

    def __init__(self, issuer: TokenIssuer, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock

    async def sign_in(self, wish: DevelopmentSignIn) -> TokenAnswer:
        """The same name is the same person each time, whatever the role.

        Raises:
            InvalidInput: a name that no token may carry.
        """
        issued = int(self._clock.now().timestamp())
        return TokenAnswer(
            user=Actor(id=user_id_of(wish.name), name=wish.name, role=wish.role),
            expires_at=datetime.fromtimestamp(issued + TOKEN_SECONDS, UTC),
            token=self._token(wish.name, wish.role, wish.email),
        )

    def banner(self, url: str) -> str:
        """What a newcomer reads in the terminal. `url` is where the server listens, without a slash at the end."""
        lines = [
            f"Homeroom is ready: {url}",
            "Open a link for each person, in different browsers or windows:",
            "",
        ]
        for name, role in _READY_MADE:
            secret = urlencode({"token": self._token(name, role), "room": DEMO_ROOM})
            lines += [f"{name} ({role.value})", f"{url}/#{secret}", ""]
        return "\n".join(
            [*lines, "Development mode: everybody may sign in as anybody. Stop with Ctrl-C.", ""]
        )

    def _token(self, name: str, role: SignInRole, email: str | None = None) -> str:
        return self._issuer.issue(
            user_id_of(name), name, role, rooms=_rooms_of(role), email=email, ttl_seconds=TOKEN_SECONDS
        )


def user_id_of(name: str) -> str:
    """`dev-` and the name in small letters; what cannot be written so is told apart by a piece of its hash."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST_SLUG]
    if slug == name.lower():
        return f"dev-{slug}"
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"dev-{slug}-{mark}" if slug else f"dev-{mark}"


def _rooms_of(role: SignInRole) -> Mapping[str, RoomRole]:
    owns = role in {SignInRole.INSTRUCTOR, SignInRole.ADMIN}
    return {DEMO_ROOM: RoomRole.OWNER if owns else RoomRole.MEMBER}
