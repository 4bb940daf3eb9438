"""How single settings are read: lists, origins, networks, and the addresses of the database and of Redis.

Every parser raises ValueError with the end of a sentence that begins with the setting's name. None of them repeats what
it was given: it may hold a password.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

Network = IPv4Network | IPv6Network

ANY_ORIGIN = "*"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_POSTGRESQL = ("postgres", "postgresql", "postgresql+asyncpg")
_SQLITE = ("sqlite", "sqlite+aiosqlite")


def split_list(value: object) -> object:
    """A comma-separated text as a tuple; anything else as it is."""
    if not isinstance(value, str):
        return value
    return tuple(part for part in (entry.strip() for entry in value.split(",")) if part)


def parse_origin(value: str) -> str:
    """An origin in its serialised form (RFC 6454 section 6.2): lower case, without a default port; or "*"."""
    if value == ANY_ORIGIN:
        return value
    parts = _split(value, "must list origins such as https://school.example")
    scheme, host, port = parts.scheme, parts.netloc.lower().rpartition("@")[2], parts.port
    if scheme not in _DEFAULT_PORTS or parts.username is not None or parts.password is not None:
        raise ValueError("must list origins that begin with https:// or http://, without a user name")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("must list origins alone: a scheme, a host and perhaps a port, without a path")
    host = host.removesuffix(f":{port}").removesuffix(":")
    if not _HOST_NAME.fullmatch(host):
        raise ValueError("must name each host in full; patterns such as *.school.example are not understood")
    return f"{scheme}://{host}" if port in {None, _DEFAULT_PORTS[scheme]} else f"{scheme}://{host}:{port}"


def parse_network(value: str) -> Network:
    """An address or a network in CIDR notation."""
    try:
        return ip_network(value)
    except ValueError:
        raise ValueError("must list addresses or networks such as 10.0.0.0/8 or ::1") from None


def parse_database_url(value: str) -> str:
    """The address in the form that the asynchronous drivers are named by: sqlite+aiosqlite or postgresql+asyncpg."""
    parts = _split(value, "must be a sqlite or postgresql address")
    if parts.scheme in _SQLITE:
        return _sqlite_url(parts)
    if parts.scheme in _POSTGRESQL:
        return _postgresql_url(parts)
    raise ValueError(
        "must begin with sqlite:/// or postgresql://, such as postgresql://homeroom@db.example/homeroom"
    )


def _sqlite_url(parts: SplitResult) -> str:
    path = parts.path.removeprefix("/")
    if parts.netloc:
        raise ValueError("must have three slashes for a relative path and four for an absolute one")
    if path in {"", ":memory:"} or path.startswith("file:"):
        raise ValueError(
            "must name a file, such as sqlite:///data/homeroom.db: memory forgets what was acknowledged"
        )
    return f"sqlite+aiosqlite:///{path}" + (f"?{parts.query}" if parts.query else "")


def _postgresql_url(parts: SplitResult) -> str:
    if not parts.path.strip("/"):
        raise ValueError("must end with the name of the database, such as postgresql://db.example/homeroom")
    options = [("ssl" if key == "sslmode" else key, value) for key, value in parse_qsl(parts.query)]
    query = f"?{urlencode(options)}" if options else ""
    return f"postgresql+asyncpg://{parts.netloc}{parts.path}{query}"


def parse_redis_url(value: str) -> str:
    """Checks the scheme and the host; the client library reads the rest."""
    parts = _split(value, "must be an address such as redis://localhost:6379")
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError(
            "must begin with redis:// or rediss:// and name a host, such as redis://localhost:6379"
        )
    return value


def parse_web_url(value: str) -> str:
    """An http or https address without credentials."""
    parts = _split(value, "must be an address such as https://school.example/jwks.json")
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise ValueError("must begin with https:// and name a host, such as https://school.example/jwks.json")
    return value


def is_loopback(host: str | None) -> bool:
    """Whether only this machine can be meant: localhost, 127.0.0.0/8 or ::1."""
    if host is None:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def without_password(url: str) -> str:
    """The address with what stands for a password replaced, before the host and in the query."""
    url = re.sub(r"(?s)^([a-z0-9+.-]+://[^:@/]*):.*@", r"\1:***@", url)
    return re.sub(r"(?i)([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*", r"\1***", url)


def _split(value: str, wish: str) -> SplitResult:
    """Raises ValueError with our words instead of urllib's, which may repeat the value."""
    try:
        parts = urlsplit(value)
        _ = parts.port, parts.hostname
    except ValueError:
        raise ValueError(wish) from None
    return parts
