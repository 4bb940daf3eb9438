"""Tokens of Microsoft Entra, by msal: it blocks, so it runs in a thread, one question at a time.

msal keeps the token until it is about to expire (AcquireTokenForClient looks into its cache first), and repeats a refusal for
a minute without asking again.
"""

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

import msal
import requests

from meetings.provider import ProviderError, Trouble

_SECONDS = 15
_HINT = (
    "Look at the tenant id, the application id and the client secret (its value, not its id; not run out) in Entra admin "
    "center > App registrations."
)


class Tokens(Protocol):
    """Gives tokens for the application itself."""

    async def token(self) -> str:
        """Raises ProviderError: credentials are refused, or nobody answers."""

    def forget(self) -> None:
        """The token that was given is not believed any more."""


class EntraTokens:
    """Client credentials of one application in one tenant (OAuth 2.0, RFC 6749 section 4.4)."""

    def __init__(self, authority: str, client_id: str, secret: str, scope: str) -> None:
        self._authority = authority
        self._client_id = client_id
        self._secret = secret
        self._scope = scope
        self._lock = asyncio.Lock()
        self._application: msal.ConfidentialClientApplication | None = None

    async def token(self) -> str:
        async with self._lock:
            return await asyncio.to_thread(self._ask)

    def forget(self) -> None:
        self._application = None

    def _ask(self) -> str:
        try:
            answer = self._app().acquire_token_for_client(scopes=[self._scope])
        except requests.RequestException:
            raise ProviderError(Trouble.RETRY, "Microsoft's sign-in service cannot be reached.") from None
        except ValueError:  # no such tenant, or an address that is none of Entra's
            raise ProviderError(
                Trouble.CREDENTIALS, "Microsoft does not know this tenant.", hint=_HINT
            ) from None
        token = answer.get("access_token")
        if isinstance(token, str):
            return token
        raise _refusal(answer)

    def _app(self) -> msal.ConfidentialClientApplication:
        if self._application is None:
            here = _is_here(self._authority)
            authority = "https:" + self._authority.partition(":")[2]
            self._application = msal.ConfidentialClientApplication(
                self._client_id,
                client_credential=self._secret,
                authority=authority,
                instance_discovery=False,
                http_client=_Session(_plain if here else _as_it_is),
            )
        return self._application


def _refusal(answer: dict[str, Any]) -> ProviderError:
    """AADSTS codes: https://learn.microsoft.com/entra/identity-platform/reference-error-codes."""
    error = str(answer.get("error", "no answer"))
    if error in {"temporarily_unavailable", "server_error"}:
        return ProviderError(Trouble.RETRY, "Microsoft's sign-in service is busy.")
    return ProviderError(
        Trouble.CREDENTIALS, f"Microsoft refused the application's credentials ({error[:60]}).", hint=_HINT
    )


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme != "http":
        return False
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def _as_it_is(url: str) -> str:
    return url


def _plain(url: str) -> str:
    """For msal, which insists on https; a service on this machine may be without."""
    return "http:" + url.partition(":")[2]


class _Session:
    """What msal needs of requests, with a deadline for each question."""

    def __init__(self, rewrite: Callable[[str], str]) -> None:
        self._rewrite = rewrite
        self._session = requests.Session()

    def get(self, url: str, **options: Any) -> Any:
        answer = self._session.get(self._rewrite(url), timeout=_SECONDS, **options)
        if self._rewrite is not _plain:
            return answer
        return _Answer(answer.status_code, answer.text.replace("http://", "https://"), dict(answer.headers))

    def post(self, url: str, **options: Any) -> Any:
        return self._session.post(self._rewrite(url), timeout=_SECONDS, **options)

    def close(self) -> None:
        self._session.close()


class _Answer:
    def __init__(self, status_code: int, text: str, headers: dict[str, str]) -> None:
        self.status_code = status_code
        self.text = text
        self.headers = headers

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise requests.HTTPError(str(self.status_code))
