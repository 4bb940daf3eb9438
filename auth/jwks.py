"""The LMS's public keys, fetched from one configured address and kept (RFC 7517).

    known key                        -> answered at once; older than 10 minutes: renewed behind the answer
    unknown key id                   -> one fetch, shared by all who wait, and never two within 30 s
    unknown after a fetch            -> remembered as unknown for a minute
    host down, slow or answering junk -> the keys we have stay good for 24 h

What a token says can at most cause a fetch of the configured address, and that at most every 30 s.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from auth.keys import Algorithm, VerifyingKey, read_key_set
from contract.clock import Clock
from contract.errors import Unavailable

_logger = logging.getLogger(__name__)

RENEW_AFTER = 600.0
"""Seconds after which keys are fetched again, so that withdrawn ones go."""

FORGET_AFTER = 24 * 3600.0
"""Seconds for which keys stay good when they cannot be fetched again."""

FETCH_EVERY = 30.0
"""Seconds from the start of one fetch to the start of the next, at least."""

UNKNOWN_FOR = 60.0
"""Seconds for which a key id that a fetched set did not have causes no other fetch."""

_MOST_UNKNOWN = 1000
_FETCH_TIMEOUT = 5.0
_LARGEST_SET = 256 * 1024


class FetchFailed(Exception):
    """The key set could not be had; the text says why and may be logged."""


Fetch = Callable[[], Awaitable[bytes]]
"""Brings the key set's octets, or raises FetchFailed."""


@dataclass(frozen=True)
class _KeySet:
    keys: tuple[VerifyingKey, ...]
    fetched_at: float

    def matching(self, algorithm: Algorithm, key_id: str | None) -> list[VerifyingKey]:
        return [
            key
            for key in self.keys
            if key.algorithm is algorithm and (key_id is None or key.key_id == key_id)
        ]


class JwksCache:
    """A `KeySource` over `fetch`. Belongs to one event loop; `close` it with the server."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._set: _KeySet | None = None
        self._unknown: OrderedDict[tuple[Algorithm, str | None], float] = OrderedDict()
        self._renewal: asyncio.Task[None] | None = None
        self._last_start: float | None = None
        self._last_failed = False

    async def keys_for(self, algorithm: Algorithm, key_id: str | None) -> Sequence[VerifyingKey]:
        """Raises Unavailable when no such key is known and the last fetch failed: the token may well be good."""
        known = self._current()
        keys = known.matching(algorithm, key_id) if known is not None else []
        if known is not None and keys:
            if self._age(known) >= RENEW_AFTER:
                self._renew()
            return keys
        if not self._is_remembered_unknown(algorithm, key_id):
            keys = await self._ask_again(algorithm, key_id)
        if not keys and self._last_failed:
            raise Unavailable("The keys to check this token with cannot be fetched at the moment.")
        return keys

    async def close(self) -> None:
        """Stops a fetch that is under way; whoever waits for it sees the cancellation."""
        if self._renewal is not None and not self._renewal.done():
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def _ask_again(self, algorithm: Algorithm, key_id: str | None) -> list[VerifyingKey]:
        renewal = self._renew()
        if renewal is None:
            return []
        await asyncio.shield(renewal)  # one caller who goes away must not take the keys from the others
        known = self._current()
        keys = known.matching(algorithm, key_id) if known is not None else []
        if not keys and not self._last_failed:
            self._remember_unknown(algorithm, key_id)
        return keys

    def _current(self) -> _KeySet | None:
        if self._set is not None and self._age(self._set) >= FORGET_AFTER:
            self._set = None
        return self._set

    def _age(self, known: _KeySet) -> float:
        return self._clock.monotonic() - known.fetched_at

    def _renew(self) -> asyncio.Task[None] | None:
        """The fetch under way, or a new one, or None when it is too early for that."""
        if self._renewal is not None and not self._renewal.done():
            return self._renewal
        now = self._clock.monotonic()
        if self._last_start is not None and now - self._last_start < FETCH_EVERY:
            return None
        self._last_start = now
        self._renewal = asyncio.create_task(self._renew_now(), name="jwks-renewal")
        return self._renewal

    async def _renew_now(self) -> None:
        try:
            keys = read_key_set(await self._fetch())
            if keys is None:
                raise FetchFailed("the answer is not a JWK Set")
        except FetchFailed as failure:
            self._last_failed = True
            _logger.warning("The JWKS could not be renewed: %s.", failure)
            return
        if not keys:
            _logger.warning("The JWKS holds no key that can be used.")
        self._last_failed = False
        self._set = _KeySet(keys, self._clock.monotonic())

    def _is_remembered_unknown(self, algorithm: Algorithm, key_id: str | None) -> bool:
        since = self._unknown.get((algorithm, key_id))
        return since is not None and self._clock.monotonic() - since < UNKNOWN_FOR

    def _remember_unknown(self, algorithm: Algorithm, key_id: str | None) -> None:
        self._unknown[algorithm, key_id] = self._clock.monotonic()
        self._unknown.move_to_end((algorithm, key_id))
        if len(self._unknown) > _MOST_UNKNOWN:
            self._unknown.popitem(last=False)


def fetch_from(url: str, *, development: bool = False) -> Fetch:
    """A `Fetch` of `url` and nothing else: no redirects, no cookies, no proxies, 5 s, 256 KiB, no compression.

    Raises ValueError for an address that anybody on the way could forge: https is needed, unless the host is this
    machine or in development.
    """
    check_url(url, development=development)

    async def fetch() -> bytes:
        try:
            return await _get(url)
        except TimeoutError:
            reason = f"no answer within {_FETCH_TIMEOUT:g} s"
        except (aiohttp.ClientError, OSError) as error:
            reason = type(error).__name__
        raise FetchFailed(reason)

    return fetch


def check_url(url: str, *, development: bool) -> None:
    """Raises ValueError, with the mend, for a JWKS URL that must not be used."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("the JWKS URL must be a web address such as https://lms.example/jwks.json")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("the JWKS URL must hold neither a password nor a fragment")
    if parts.scheme == "http" and not development and not _is_loopback(parts.hostname):
        raise ValueError("the JWKS URL must begin with https://")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _get(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=_FETCH_TIMEOUT)
    headers = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}
    async with (
        aiohttp.ClientSession(
            timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as session,
        session.get(url, headers=headers, allow_redirects=False) as response,
    ):
        if response.status != 200:
            raise FetchFailed(f"the host answered with status {response.status}")
        body = bytearray()
        async for chunk in response.content.iter_chunked(16 * 1024):
            body += chunk
            if len(body) > _LARGEST_SET:
                raise FetchFailed(f"the answer is longer than {_LARGEST_SET} bytes")
        return bytes(body)
