"""ICE servers for one person: the addresses that were configured, and TURN credentials that run out by themselves.

The credentials follow coturn's REST scheme (draft-uberti-behave-turn-rest-00 section 2.2): the username holds when it runs
out and whose it is, the credential is an HMAC over it, and the TURN server needs nothing but the shared secret.
"""

import base64
import hashlib
import hmac
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv6Address

from contract.calls import IceServer

TURN_SECONDS = 4 * 3600
"""How long TURN credentials are good, unless it is said otherwise: longer than a lesson, shorter than a school day."""

LEAST_SECRET_BYTES = 16

_PLAIN_USER = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_STUN = re.compile(r"(stuns?):(?P<host>\[[^\]]*\]|[^:?\[\]]+)(:(?P<port>[0-9]{1,5}))?")
_TURN = re.compile(
    r"(turns?):(?P<host>\[[^\]]*\]|[^:?\[\]]+)(:(?P<port>[0-9]{1,5}))?(\?transport=(udp|tcp))?"
)
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?"
)


@dataclass(frozen=True)
class IceSettings:
    """What the clients are told of the network. TURN addresses without a secret are left out: nobody could use them."""

    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret: str | None = field(default=None, repr=False)
    ttl_seconds: int = TURN_SECONDS


def ice_servers(settings: IceSettings, user_id: str, now: datetime) -> list[IceServer]:
    """What `user_id` may use from `now` on. Empty when nothing is configured: then only the hosts' own addresses are tried."""
    servers = [IceServer(urls=list(settings.stun_urls))] if settings.stun_urls else []
    if settings.turn_urls and settings.turn_secret is not None:
        expires = math.floor(now.timestamp()) + settings.ttl_seconds
        username = turn_username(user_id, expires)
        servers.append(
            IceServer(
                urls=list(settings.turn_urls),
                username=username,
                credential=turn_credential(settings.turn_secret, username),
                expires_at=datetime.fromtimestamp(expires, UTC),
            )
        )
    return servers


def turn_username(user_id: str, expires: int) -> str:
    """`<Unix time>:<user>`. coturn counts its quota for each user by the part after the colon, so it never varies.

    An id that is long, or holds what a STUN username or a log had better not hold, is hashed; `~` keeps those apart from ids.
    """
    if not _PLAIN_USER.fullmatch(user_id):
        user_id = "~" + hashlib.sha256(user_id.encode()).hexdigest()[:40]
    return f"{expires}:{user_id}"


def turn_credential(secret: str, username: str) -> str:
    """Base64 of HMAC-SHA1, as the TURN server computes it; SHA-1 is the scheme's, and HMAC does not need it free of collisions."""
    return base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()


def parse_stun_url(value: str) -> str:
    """A `stun:` or `stuns:` address (RFC 7064 section 3.1), its scheme and host in lower case.

    Raises:
        ValueError: the end of a sentence that begins with the setting's name.
    """
    return _parsed(_STUN, value, "must list addresses such as stun:turn.school.example:3478")


def parse_turn_url(value: str) -> str:
    """A `turn:` or `turns:` address (RFC 7065 section 3.1), as above."""
    return _parsed(
        _TURN,
        value,
        "must list addresses such as turn:turn.school.example:3478 or turns:turn.school.example:443?transport=tcp",
    )


def _parsed(form: re.Pattern[str], value: str, wish: str) -> str:
    value = value.lower()
    match = form.fullmatch(value)
    if match is None or not _is_host(match["host"]):
        raise ValueError(wish)
    if match["port"] is not None and not 1 <= int(match["port"]) <= 65535:
        raise ValueError("must name ports from 1 to 65535")
    return value


def _is_host(host: str) -> bool:
    if not host.startswith("["):
        return _HOST.fullmatch(host) is not None
    try:
        IPv6Address(host[1:-1])
    except AddressValueError:
        return False
    return "%" not in host
