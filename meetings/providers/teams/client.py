"""Requests to Microsoft Graph: signed in, bounded, and every refusal in our own words."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from contract.clock import Clock
from meetings.provider import ProviderError, Trouble
from meetings.providers.teams.login import Tokens

_SECONDS: Final = 20.0
_AT_ONCE: Final = 4
"""Requests of one application to one mailbox at a time (Graph throttling limits, Outlook service)."""
_MOST_BYTES: Final = 4 * 1024 * 1024
_MOST_PAGES: Final = 50
_UNTOLD: Final = timedelta(seconds=30)
"""How long to wait where a refusal for too many requests does not say; some services of Graph do not."""

POLICY_HINT = (
    "In Teams PowerShell: New-CsApplicationAccessPolicy -Identity Homeroom-policy -AppIds <application id>, then "
    "Grant-CsApplicationAccessPolicy -PolicyName Homeroom-policy -Identity <object id of the organizer>. "
    "It takes up to half an hour until it counts."
)
_CONSENT = "In Entra admin center > App registrations > API permissions, add the application permission and grant admin consent."


class GraphClient:
    """`request` answers with the parsed body. Nothing is tried twice but for a token that ran out."""

    def __init__(
        self, base: str, tokens: Tokens, session: Callable[[], aiohttp.ClientSession], clock: Clock
    ) -> None:
        self.base = base
        self._tokens = tokens
        self._session = session
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def now(self) -> datetime:
        return self._clock.now()

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        needs: str,
    ) -> Any:
        """`path` begins with a slash, its parts encoded; or is the whole address of another version of Graph. `needs` names the permission, for the hint when it is missing.

        Raises ProviderError: GONE for what is not there; UNKNOWN when a change may have been made all the same.
        """
        return (await self.answer(method, path, body, query=query, needs=needs))[1]

    async def answer(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        needs: str,
    ) -> tuple[int, Any]:
        """As `request`, with the status before the body."""
        url = path if "://" in path else self.base + path
        async with self._turns:
            answer = await self._once(method, url, body, query)
            if answer[0] == HTTPStatus.UNAUTHORIZED:
                self._tokens.forget()
                answer = await self._once(method, url, body, query)
        status, headers, parsed = answer
        if status < 300:
            return status, parsed
        raise self._refusal(status, headers, parsed, needs)

    async def pages(
        self, path: str, *, query: Mapping[str, str] | None = None, needs: str
    ) -> AsyncIterator[Mapping[str, Any]]:
        """All items of a collection (`@odata.nextLink`), of this very service alone."""
        answer = await self.request("GET", path, query=query, needs=needs)
        for _ in range(_MOST_PAGES):
            for item in answer.get("value", ()):
                if isinstance(item, dict):
                    yield item
            following = answer.get("@odata.nextLink")
            if not isinstance(following, str):
                return
            if urlsplit(following)[:2] != urlsplit(self.base)[:2]:
                raise ProviderError(
                    Trouble.REFUSED, "Microsoft Graph pointed to another server for its next page."
                )
            answer = await self.request("GET", self.base + following.removeprefix(self.base), needs=needs)

    async def token(self) -> str:
        """For downloads."""
        return await self._tokens.token()

    async def _once(
        self, method: str, url: str, body: Mapping[str, Any] | None, query: Mapping[str, str] | None
    ) -> tuple[int, Mapping[str, str], Any]:
        token = await self._tokens.token()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        try:
            async with self._session().request(
                method,
                url,
                json=body,
                params=query,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=_SECONDS),
            ) as response:
                raw = await response.content.read(_MOST_BYTES)
                return response.status, response.headers, _parsed(raw)
        except aiohttp.ClientConnectorError:
            raise ProviderError(Trouble.RETRY, "Microsoft Graph cannot be reached.") from None
        except (aiohttp.ClientError, TimeoutError):
            trouble = Trouble.RETRY if method == "GET" else Trouble.UNKNOWN
            raise ProviderError(trouble, "Microsoft Graph did not answer.") from None

    def _refusal(self, status: int, headers: Mapping[str, str], parsed: Any, needs: str) -> ProviderError:
        code, message = _error(parsed)
        if (
            "not authorized to" in message and "on behalf of" in message
        ) or "application access policy" in message.lower():
            return ProviderError(
                Trouble.SCOPE, "Teams does not let the application act for the organizer.", hint=POLICY_HINT
            )
        if status == HTTPStatus.UNAUTHORIZED:
            return ProviderError(
                Trouble.CREDENTIALS, "Microsoft Graph does not accept the application's token."
            )
        if status == HTTPStatus.FORBIDDEN:
            return ProviderError(
                Trouble.SCOPE,
                f"Microsoft Graph refused: the permission {needs} is missing.",
                hint=f"{_CONSENT} It is {needs}.",
            )
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return ProviderError(Trouble.GONE, "It is not there any more in Teams.")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            now = self._clock.now()
            opens = retry_at(headers, now) or now + _UNTOLD
            return ProviderError(
                Trouble.QUOTA, "Microsoft Graph has had enough requests for now.", retry_at=opens
            )
        if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.LOCKED}:
            return ProviderError(
                Trouble.RETRY, "Microsoft Graph is busy.", retry_at=retry_at(headers, self._clock.now())
            )
        if status >= 500:
            return ProviderError(Trouble.UNKNOWN, "Microsoft Graph had an error of its own.")
        return ProviderError(Trouble.REFUSED, f"Microsoft Graph refused the request ({code or status}).")


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """`Retry-After` as seconds or as a date (RFC 9110 section 10.2.3), at most a day ahead."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isdecimal():
        return now + timedelta(seconds=min(int(value), 86_400))
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return min(when, now + timedelta(days=1)) if when.tzinfo is not None and when > now else None


def _parsed(raw: bytes) -> Any:
    """What is no JSON (a proxy's page) is nothing."""
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        return {}


def _error(parsed: Any) -> tuple[str, str]:
    error = parsed.get("error") if isinstance(parsed, dict) else None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code", ""))[:80], str(error.get("message", ""))[:500]
