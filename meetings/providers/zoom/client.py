"""Asking Zoom's REST API: signed in, not too fast, in pages, and with its refusals told in our words."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from contract.clock import Clock
from meetings.provider import ProviderError, Trouble
from meetings.providers.zoom.errors import Answer, refusal, unreachable
from meetings.providers.zoom.limits import PER_SECOND, Bucket, Category, retry_at
from meetings.providers.zoom.tokens import Tokens

Json = Mapping[str, Any]

_TIMEOUT: Final = aiohttp.ClientTimeout(total=25, sock_connect=5)
_MOST_BYTES: Final = 16 * 1024 * 1024
_PATIENCE: Final = timedelta(seconds=3)
"""How long one waits here for a second's limit; whoever is told a longer time comes back as a job."""
_TRIES: Final = 4
_PAGE_SIZE: Final = 300
_MOST_PAGES: Final = 200


@dataclass(frozen=True)
class Call:
    """One request. `once`: doing it twice makes two, so that a lost answer is UNKNOWN and not RETRY."""

    method: str
    path: str
    category: Category = Category.LIGHT
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    once: bool = False
    alone: str | None = None
    """One at a time for the same word: Zoom refuses deletions of one host that overlap."""


def segment(value: str) -> str:
    """A part of a path. Zoom wants a UUID that begins with / or contains // encoded twice."""
    encoded = quote(value, safe="@")
    return quote(encoded, safe="") if value.startswith("/") or "//" in value else encoded


def base_address(url: str) -> str:
    """`url` may be the API with its version, or its host."""
    return url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/v2"


class ZoomClient:
    """For one account. Keeps tokens, rate buckets and locks; nothing else."""

    def __init__(
        self,
        url: str,
        tokens: Tokens,
        session: Callable[[], aiohttp.ClientSession],
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base = base_address(url)
        self._tokens = tokens
        self._session = session
        self._clock = clock
        self._sleep = sleep
        self._buckets = {category: Bucket(rate, clock, sleep) for category, rate in PER_SECOND.items()}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def scopes(self) -> frozenset[str]:
        return await self._tokens.scopes()

    async def ask(self, call: Call) -> Json:
        """The answer's object; empty where there is none.

        Raises:
            ProviderError: it was refused, or did not come.
        """
        async with self._alone(call.alone):
            for _ in range(_TRIES - 1):
                answer, body = await self._signed_in(call)
                if answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    return body
                wait = self._wait_for(answer)
                if wait is None:
                    raise refusal(answer, self._clock.now(), once=call.once)
                await self._sleep(wait)
            answer, body = await self._signed_in(call)
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(answer, self._clock.now(), once=call.once)
        return body

    async def all_of(self, call: Call, name: str) -> list[Json]:
        """The list `name` of all pages."""
        found: list[Json] = []
        token = ""
        for _ in range(_MOST_PAGES):
            query = {**call.query, "page_size": str(_PAGE_SIZE)}
            page = await self.ask(replace(call, query=query | ({"next_page_token": token} if token else {})))
            items = page.get(name)
            found += [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
            told = page.get("next_page_token")
            if not isinstance(told, str) or not told or told == token:
                return found
            token = told
        raise ProviderError(Trouble.RETRY, "Zoom's list does not end.")

    def _alone(self, word: str | None) -> AbstractAsyncContextManager[object]:
        if word is None:
            return nullcontext()
        return self._locks.setdefault(word, asyncio.Lock())

    def _wait_for(self, answer: Answer) -> float | None:
        """Seconds until the same may be asked again at once; None: it is no matter of seconds."""
        if answer.status != HTTPStatus.TOO_MANY_REQUESTS or answer.is_daily:
            return None
        now = self._clock.now()
        wait = (retry_at(answer.headers, now) or now + timedelta(seconds=1)) - now
        return None if wait > _PATIENCE else max(wait.total_seconds(), 0.1)

    async def _signed_in(self, call: Call) -> tuple[Answer, Json]:
        """Signs in anew, once, when the token is refused before its time."""
        token = await self._tokens.get()
        answer, body = await self._send(call, token.get_secret_value())
        if answer.status == HTTPStatus.UNAUTHORIZED and not answer.names_missing_scopes:
            self._tokens.forget(token)
            token = await self._tokens.get()
            answer, body = await self._send(call, token.get_secret_value())
        return answer, body

    async def _send(self, call: Call, token: str) -> tuple[Answer, Json]:
        bucket = self._buckets[call.category]
        await bucket.take()
        url = URL(f"{self._base}{call.path}", encoded=True).with_query(call.query)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        try:
            async with self._session().request(
                call.method, url, json=call.body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                raw = await response.content.read(_MOST_BYTES)
                while chunk := await response.content.read(_MOST_BYTES - len(raw) + 1):
                    raw += chunk
                    if len(raw) > _MOST_BYTES:
                        raise ProviderError(Trouble.REFUSED, "Zoom's answer is too large.")
        except aiohttp.ClientConnectorError:
            raise unreachable(once=False) from None  # never sent
        except (aiohttp.ClientError, TimeoutError):
            raise unreachable(once=call.once) from None
        bucket.learn(response.headers)
        return _read(response, raw, once=call.once)


def _read(response: aiohttp.ClientResponse, raw: bytes, *, once: bool) -> tuple[Answer, Json]:
    try:
        told = json.loads(raw) if raw.strip() else None
    except ValueError:
        told = None
    if response.status < HTTPStatus.MULTIPLE_CHOICES and raw.strip() and not isinstance(told, Mapping):
        raise unreachable(once=once)
    body = told if isinstance(told, Mapping) else {}
    code = body.get("code")
    answer = Answer(
        status=response.status,
        headers=response.headers,
        code=int(str(code)) if str(code).isdigit() else None,
        message=str(body.get("message") or ""),
        understood=isinstance(told, Mapping),
    )
    return answer, body
