"""Access tokens of a Server-to-Server OAuth app: one at a time for everybody, renewed before it ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from pydantic import BaseModel, Field, SecretStr, ValidationError

from contract.clock import Clock
from meetings.provider import ProviderError, Trouble
from meetings.providers.zoom.errors import credentials_refused, unreachable
from meetings.providers.zoom.limits import retry_at

_TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5)
_MARGIN_SECONDS = 60


class _Granted(BaseModel):
    access_token: SecretStr = Field(min_length=1)
    expires_in: float = Field(default=3600, ge=0)
    scope: str = ""


class _Denied(BaseModel):
    error: str = ""
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Account:
    account_id: str
    client_id: str
    client_secret: SecretStr


def token_endpoint(url: str) -> str:
    """`url` may be the endpoint itself or its host."""
    return url if urlsplit(url).path.strip("/") else f"{url.rstrip('/')}/oauth/token"


class Tokens:
    """Whoever needs a token while one is being fetched waits for that one: a second grant may end the first."""

    def __init__(
        self, account: Account, url: str, session: Callable[[], aiohttp.ClientSession], clock: Clock
    ) -> None:
        self._account = account
        self._url = token_endpoint(url)
        self._session = session
        self._clock = clock
        self._fetching = asyncio.Lock()
        self._granted: _Granted | None = None
        self._renew_at = 0.0

    async def get(self) -> SecretStr:
        """Raises ProviderError: CREDENTIALS, or RETRY where the sign-in is away."""
        return (await self._current()).access_token

    async def scopes(self) -> frozenset[str]:
        """Of a token that is fetched for this, so that what was granted a moment ago counts."""
        self._granted = None
        return frozenset((await self._current()).scope.replace(",", " ").split())

    def forget(self, refused: SecretStr) -> None:
        """A newer one that somebody else has fetched meanwhile stays."""
        if self._granted is not None and self._granted.access_token == refused:
            self._granted = None

    async def _current(self) -> _Granted:
        async with self._fetching:
            if self._granted is None or self._clock.monotonic() >= self._renew_at:
                self._granted = await self._fetch()
                life = self._granted.expires_in
                self._renew_at = self._clock.monotonic() + life - min(_MARGIN_SECONDS, life / 10)
            return self._granted

    async def _fetch(self) -> _Granted:
        form = {"grant_type": "account_credentials", "account_id": self._account.account_id}
        login = aiohttp.encode_basic_auth(
            self._account.client_id, self._account.client_secret.get_secret_value()
        )
        try:
            async with self._session().post(
                self._url,
                data=form,
                headers={"Authorization": login},
                timeout=_TIMEOUT,
                allow_redirects=False,
            ) as response:
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError):
            raise unreachable(once=False) from None
        if response.status != HTTPStatus.OK:
            raise self._denied(response, raw)
        try:
            return _Granted.model_validate_json(raw)
        except ValidationError:
            raise ProviderError(Trouble.RETRY, "Zoom's sign-in answered without a token.") from None

    def _denied(self, response: aiohttp.ClientResponse, raw: bytes) -> ProviderError:
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            later = retry_at(response.headers, self._clock.now()) or self._clock.now() + timedelta(seconds=60)
            return ProviderError(Trouble.RETRY, "Zoom gives no more tokens just now.", retry_at=later)
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ProviderError(Trouble.RETRY, f"Zoom's sign-in has a disturbance (HTTP {response.status}).")
        try:
            told = _Denied.model_validate_json(raw)
        except ValidationError:
            told = _Denied()
        return credentials_refused(told.reason or told.message or told.error)
