"""Fetching a file from a provider's own hosts, and from nowhere else: each redirect is looked at anew."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_REDIRECTS: Final = 5
_REDIRECTING: Final = frozenset({301, 302, 303, 307, 308})
_CONNECT_SECONDS: Final = 30.0
_SILENT_SECONDS: Final = 60.0
"""How long a host may send nothing in the middle of a file."""


class Refused(Exception):
    """The address is none that may be asked; `message` is for staff and names no more than the host."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class Hosts:
    """Where recordings of a provider may be: exact names, or ".example.com" for all below it.

    A host of this machine is meant only where it is named as such, as in development; nothing else may be private or
    be asked without TLS.
    """

    names: frozenset[str]

    def check(self, url: str) -> URL:
        """Raises Refused."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
            target = URL(url, encoded=True)
        except ValueError:
            raise Refused("The address of the file cannot be read.") from None
        shown = host[:100] if host.isascii() and host.isprintable() else "unreadable"
        if not self._knows(host):
            raise Refused(f"The file is at a host that is not the provider's own ({shown}).")
        if parts.username is not None or parts.password is not None:
            raise Refused("The address of the file names a user.")
        if self.is_here(host):
            if parts.scheme not in {"http", "https"}:
                raise Refused("The file is not at an https address.")
            return target
        if parts.scheme != "https" or port not in {None, 443}:
            raise Refused("The file is not at an https address.")
        if _is_address(host):
            raise Refused("The file is at a bare address.")
        return target

    def is_here(self, host: str) -> bool:
        """Whether it is this machine, and named so among the hosts."""
        return host in self.names and is_loopback(host)

    def _knows(self, host: str) -> bool:
        return bool(host) and (
            host in self.names
            or any(
                name.startswith(".") and host.endswith(name) and len(host) > len(name) for name in self.names
            )
        )


class PublicResolver(AbstractResolver):
    """Finds public addresses only, unless the host is this machine and named so: a name may point anywhere."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if self._hosts.is_here(host):
            return [one for one in found if ip_address(one["host"]).is_loopback]
        public = [one for one in found if ip_address(one["host"]).is_global]
        if not public:
            raise OSError(None, "the host has no public address")
        return public

    async def close(self) -> None:
        await self._resolver.close()


@asynccontextmanager
async def opened(
    hosts: Hosts, url: str, token: str | None, headers: dict[str, str]
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer of whoever has the file in the end. The token goes to the first host alone.

    Raises:
        Refused: an address on the way may not be asked.
        aiohttp.ClientError, TimeoutError, OSError: the way broke off.
    """
    timeout = aiohttp.ClientTimeout(
        total=None, connect=_CONNECT_SECONDS, sock_connect=_CONNECT_SECONDS, sock_read=_SILENT_SECONDS
    )
    connector = aiohttp.TCPConnector(resolver=PublicResolver(hosts), force_close=True)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:
        target = hosts.check(url)
        secret: dict[str, str] = {} if token is None else {hdrs.AUTHORIZATION: f"Bearer {token}"}
        for _ in range(_REDIRECTS + 1):
            sent: dict[str, str] = {**headers, **secret, hdrs.ACCEPT_ENCODING: "identity"}
            answer = await session.get(target, headers=sent, allow_redirects=False)
            location = answer.headers.get(hdrs.LOCATION)
            if answer.status not in _REDIRECTING or location is None:
                async with answer:
                    yield answer
                return
            answer.close()
            following = hosts.check(_joined(target, location))
            if following.origin() != target.origin():
                secret = {}
            target = following
    raise Refused("The file is behind too many redirects.")


def _joined(base: URL, location: str) -> str:
    try:
        return str(base.join(URL(location, encoded=True)))
    except ValueError:
        raise Refused("The address of the file cannot be read.") from None


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
