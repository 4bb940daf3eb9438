"""The inside of a token: claims of a verified signature, read strictly into an Identity.

A claim is right or the token is refused; nothing is guessed, trimmed or cut. Claims we do not know are ignored
(RFC 7519 section 4).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from auth.identity import Identity
from contract.calls import Rights
from contract.errors import ErrorCode, Unauthorized
from contract.people import RoomRole, SignInRole

MOST_ROOMS = 200
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
"""A later `exp` is a mistake, such as milliseconds; and adding a grace period to it must not overflow."""

_SIGN_IN_ROLES = {role.value: role for role in SignInRole}
_ROOM_ROLES: Mapping[str, RoomRole] = {
    **{role.value: role for role in RoomRole},
    "instructor": RoomRole.OWNER,  # an LMS speaks its own words
    "student": RoomRole.MEMBER,
}
_EMAIL = re.compile(r'[^@\s,;<>"]{1,64}@[^@\s,;<>"]{1,190}')
_LINE_BREAKS_AND_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
_DIRECTION_CHANGES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class ClaimRules:
    """What tokens must say to be meant for this server.

    `leeway` in seconds forgives clocks that differ, for `exp`, `nbf` and `iat` alike; at most 60.
    """

    issuer: str
    audience: str
    leeway: float = 30.0

    def __post_init__(self) -> None:
        if not self.issuer or not self.audience:
            raise ValueError("issuer and audience must not be empty")
        if not 0 <= self.leeway <= 60:
            raise ValueError("the leeway must be between 0 and 60 seconds")


def read_identity(claims: Mapping[str, object], rules: ClaimRules, now: datetime) -> Identity:
    """Raises Unauthorized naming the claim that is wrong; its code is `token_expired` when only the time is."""
    _check_origin(claims, rules)
    expires_at = _instant(claims, "exp")
    if expires_at <= now:
        expires_at += timedelta(seconds=rules.leeway)
    identity = Identity(
        user_id=_user_id(claims.get("sub")),
        name=_name(claims.get("name")),
        role=_role(claims.get("role")),
        picture=_picture(claims["picture"]) if "picture" in claims else None,
        rooms=_rooms(claims["rooms"]) if "rooms" in claims else None,
        jti=_jti(claims["jti"]) if "jti" in claims else None,
        issued_at=_instant(claims, "iat") if "iat" in claims else None,
        expires_at=expires_at,
        call_rights=_call_rights(claims["call"]) if "call" in claims else None,
        email=_email(claims["email"]) if "email" in claims else None,
        zone=_zone(claims["zoneinfo"]) if "zoneinfo" in claims else None,
    )
    _check_times(claims, identity, rules.leeway, now)
    return identity


def _refuse(claim: str, wish: str) -> Unauthorized:
    return Unauthorized(f"The token's {claim} must be {wish}.")


def _check_origin(claims: Mapping[str, object], rules: ClaimRules) -> None:
    """RFC 8725 sections 3.8 and 3.9: compared octet by octet, no prefixes, no normalisation of URLs."""
    if claims.get("iss") != rules.issuer:
        raise Unauthorized("The token's iss is not the issuer that this server trusts.")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not all(isinstance(entry, str) for entry in audiences) or rules.audience not in audiences:
        raise Unauthorized("The token's aud does not name this server.")


def _check_times(claims: Mapping[str, object], identity: Identity, leeway: float, now: datetime) -> None:
    latest_start = now.timestamp() + leeway
    if "nbf" in claims and _instant(claims, "nbf").timestamp() > latest_start:
        raise Unauthorized("The token is not valid yet (nbf).")
    if identity.issued_at is not None and identity.issued_at.timestamp() > latest_start:
        raise Unauthorized("The token was issued in the future (iat).")
    if identity.expires_at <= now:
        raise Unauthorized(code=ErrorCode.TOKEN_EXPIRED)


def _instant(claims: Mapping[str, object], claim: str) -> datetime:
    """A NumericDate (RFC 7519 section 2): seconds, whole or not, but a number."""
    value = claims.get(claim)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refuse(claim, "a number of seconds since 1970")
    if not 0 <= value <= _LATEST:  # false for NaN and infinity too
        raise _refuse(claim, "a number of seconds between the years 1970 and 9999")
    return datetime.fromtimestamp(value, UTC)


def _user_id(value: object) -> str:
    if not isinstance(value, str) or not _is_key(value, 128):
        raise _refuse("sub", "1 to 128 printable characters without spaces around them")
    return value


def _jti(value: object) -> str:
    if not isinstance(value, str) or not _is_key(value, 128):
        raise _refuse("jti", "1 to 128 printable characters without spaces around them")
    return value


def _is_key(value: str, longest: int) -> bool:
    """Identifiers are compared and logged, so they hold nothing that cannot be seen."""
    return 1 <= len(value) <= longest and value.isprintable() and value == value.strip()


def _name(value: object) -> str:
    """Joiners are part of names in many scripts and stay; what turns the writing direction could forge a line."""
    if not isinstance(value, str) or not 1 <= len(value) <= 120 or not value.strip():
        raise _refuse("name", "1 to 120 characters")
    if any(unicodedata.category(c) in _LINE_BREAKS_AND_CONTROLS or c in _DIRECTION_CHANGES for c in value):
        raise _refuse("name", "free of control characters")
    return value


def _role(value: object) -> SignInRole:
    if not isinstance(value, str) or value not in _SIGN_IN_ROLES:
        raise _refuse("role", f"one of {', '.join(_SIGN_IN_ROLES)}")
    return _SIGN_IN_ROLES[value]


def _call_rights(value: object) -> Rights:
    """What the LMS lets somebody publish in calls; what it does not name is allowed."""
    if not isinstance(value, dict) or not value.keys() <= {"microphone", "camera", "screen"}:
        raise _refuse("call", "a map of microphone, camera and screen to true or false")
    if not all(isinstance(allowed, bool) for allowed in value.values()):
        raise _refuse("call", "a map of microphone, camera and screen to true or false")
    return Rights(**{"microphone": True, "camera": True, "screen": True, **value})


def _picture(value: object) -> str:
    if not isinstance(value, str) or len(value) > 1000 or not _is_web_address(value):
        raise _refuse("picture", "a web address (http or https) of at most 1000 characters")
    return value


def _email(value: object) -> str:
    """OpenID Connect Core section 5.1. What is written into a mail's header must end neither it nor its address."""
    if not isinstance(value, str) or len(value) > 254 or _EMAIL.fullmatch(value) is None:
        raise _refuse("email", "an e-mail address of at most 254 characters")
    if not value.isprintable():
        raise _refuse("email", "free of control characters")
    return value


def _zone(value: object) -> str:
    """OpenID Connect Core section 5.1, a name of the IANA database. One that we do not know is kept: the database grows."""
    if not isinstance(value, str) or not _is_key(value, 64):
        raise _refuse("zoneinfo", "the name of a time zone, such as Europe/Paris")
    return value


def _is_web_address(value: str) -> bool:
    if not value.startswith(("http://", "https://")) or not value.isprintable():
        return False
    if any(c in ' "<>\\^`{|}' for c in value):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _rooms(value: object) -> Mapping[str, RoomRole]:
    if not isinstance(value, dict) or len(value) > MOST_ROOMS:
        raise _refuse("rooms", f"a map of at most {MOST_ROOMS} room keys to roles")
    rooms = {}
    for key, role in value.items():
        if not _is_key(key, 200):
            raise _refuse("rooms", "a map of keys of 1 to 200 printable characters")
        if not isinstance(role, str) or role not in _ROOM_ROLES:
            raise _refuse("rooms", f"a map to the roles {', '.join(_ROOM_ROLES)}")
        rooms[key] = _ROOM_ROLES[role]
    return MappingProxyType(rooms)
