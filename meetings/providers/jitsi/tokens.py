"""Tokens of a Jitsi Meet of one's own (jitsi/lib-jitsi-meet, doc/tokens.md): for one person, one room and some minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt

from meetings.provider import Person

LIFETIME = timedelta(minutes=10)
"""From the click until the token must have been shown: long enough for a look at camera and microphone."""

SKEW = timedelta(seconds=30)
"""How much slower than ours the other server's clock may be: Prosody forgives nothing."""

_AUDIENCE = "jitsi"


@dataclass(frozen=True)
class Signer:
    """`domain` is the host of the Jitsi Meet, or the tenant where its address has one."""

    app_id: str
    secret: str
    domain: str

    def sign(self, room: str, person: Person, now: datetime) -> str:
        """A token that opens this room alone."""
        claims: dict[str, object] = {
            "aud": _AUDIENCE,
            "iss": self.app_id,
            "sub": self.domain,
            "room": room,
            **times(now),
            "context": {"user": _user(person), "features": _features(person)},
        }
        if person.staff:
            claims["moderator"] = True  # where the older module token_moderation is used instead
        return jwt.encode(claims, self.secret, algorithm="HS256")


def domain_of(url: str) -> str:
    """What `sub` must say: the tenant of https://host/tenant, in lower case, else the host."""
    parts = urlsplit(url)
    tenant = parts.path.strip("/").partition("/")[0]
    return (tenant or parts.hostname or "*").lower()


def times(now: datetime) -> dict[str, int]:
    """`iat`, `nbf` and `exp` in whole seconds."""
    return {
        "iat": int(now.timestamp()),
        "nbf": int((now - SKEW).timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
    }


def user_claims(person: Person) -> dict[str, str]:
    """Strings alone: Prosody fails on null and on numbers."""
    told = {"id": person.id, "name": person.name, "email": person.email, "avatar": person.picture}
    return {name: value for name, value in told.items() if value}


def _user(person: Person) -> Mapping[str, str]:
    """Without these two claims everybody who has a token may be made a moderator; see `mod_token_affiliation`."""
    return user_claims(person) | ({"moderator": "true", "affiliation": "owner"} if person.staff else {})


def _features(person: Person) -> Mapping[str, bool]:
    """Once a token speaks of features, what it leaves out is off, sharing one's screen included. `lobby_bypass` is for the module
    token_lobby_bypass of jitsi-contrib: without it those who could let others in wait themselves.
    """
    return {
        "screen-sharing": True,
        "lobby_bypass": person.staff,
        "recording": person.staff,
        "transcription": person.staff,
        "livestreaming": False,
        "outbound-call": False,
        "sip-outbound-call": False,
    }
