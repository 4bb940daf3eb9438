"""Zoom's refusals in our words: what is tried next, and what a person can do about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from meetings.provider import ProviderError, Trouble
from meetings.providers.zoom.limits import next_midnight, retry_at
from meetings.providers.zoom.scopes import hint_for

_SCOPES: Final = re.compile(r"does not contain scopes?\s*:?\s*(?:\[(?P<names>[^\]]*)\])?", re.IGNORECASE)
_CREDENTIALS_HINT: Final = (
    "Check HOMEROOM_ZOOM_ACCOUNT_ID, HOMEROOM_ZOOM_CLIENT_ID and HOMEROOM_ZOOM_CLIENT_SECRET, and that the"
    " Server-to-Server OAuth app is activated at marketplace.zoom.us."
)
_REFUSALS: Final[Mapping[int, tuple[str, str]]] = {
    200: ("Zoom does not offer this on the account's plan.", "It needs a paid plan of Zoom, Pro or higher."),
    1001: (
        "Zoom knows no such user in its account.",
        "Choose as host an e-mail address of a user of the Zoom account, or add that user in Zoom.",
    ),
    1010: ("The user is not in this Zoom account.", "Choose as host a user of the Zoom account."),
    1120: (
        "The host has not accepted Zoom's invitation yet.",
        "The host has to activate the Zoom account first.",
    ),
    3000: ("Zoom refused it: {message}", "Look at the host's meeting settings in Zoom."),
    3038: ("The meeting is over.", "Schedule a new one."),
    3043: (
        "The meeting has as many people as its licence allows.",
        "A larger licence or another provider helps.",
    ),
    3161: (
        "The host's Zoom account may not schedule meetings.",
        "Give the host a licence in Zoom's user management, or choose another host account.",
    ),
}
_GONE: Final = frozenset({3001, 3301})
_IN_PROGRESS: Final = 3002


class UnknownUser(ProviderError):
    """The account has no such user, who so can hold no meeting either."""


@dataclass(frozen=True)
class Answer:
    """What came back: `code` and `message` of Zoom's error body, where there is one."""

    status: int
    headers: Mapping[str, str]
    code: int | None
    message: str
    understood: bool = True
    """False: no JSON object, so perhaps nothing of Zoom's."""

    @property
    def names_missing_scopes(self) -> bool:
        return self.code == 4711 or _SCOPES.search(self.message) is not None

    @property
    def is_daily(self) -> bool:
        """Not the second's limit but the day's; the limit of 100 for a host was told with 300 or 400 in former times."""
        words = self.message.lower()
        if self.status == 429:
            daily = self.headers.get("X-RateLimit-Type", "").lower().startswith("daily")
            return daily or "daily" in words or "in one day" in words
        return "in one day" in words


def refusal(answer: Answer, now: datetime, *, once: bool) -> ProviderError:
    """`once`: asking twice would make two."""
    if answer.is_daily:
        return day_is_full(retry_at(answer.headers, now) or next_midnight(now))
    if answer.status == 429:
        later = retry_at(answer.headers, now)
        return ProviderError(Trouble.RETRY, "Zoom gets too many requests just now.", retry_at=later)
    if answer.names_missing_scopes:
        found = _SCOPES.search(answer.message)
        names = (found["names"] if found else None) or "a scope that Zoom did not name"
        return ProviderError(
            Trouble.SCOPE, f"The Zoom app lacks a permission: {names}.", hint=hint_for(names)
        )
    if answer.status == 401:
        return credentials_refused(answer.message)
    if answer.status >= 500:
        return ProviderError(
            Trouble.UNKNOWN if once else Trouble.RETRY, f"Zoom has a disturbance (HTTP {answer.status})."
        )
    return _by_code(answer)


def _by_code(answer: Answer) -> ProviderError:
    user_unknown = answer.code == 1001 and "user" in answer.message.lower()
    if answer.code in _GONE or (answer.status == 404 and answer.understood and not user_unknown):
        return ProviderError(Trouble.GONE, "Zoom does not have it any more.")
    if answer.code == _IN_PROGRESS:
        return ProviderError(Trouble.RETRY, "The meeting is being held just now.")
    if not answer.understood and answer.status in {404, 405}:
        return ProviderError(
            Trouble.RETRY, "What answered is not Zoom's API.", hint="Check HOMEROOM_ZOOM_API_URL."
        )
    told = plain(answer.message) or f"HTTP {answer.status}"
    message, hint = _REFUSALS.get(answer.code or 0, ("Zoom refused it: {message}", None))
    kind = UnknownUser if user_unknown else ProviderError
    return kind(Trouble.REFUSED, message.format(message=told), hint=hint)


def day_is_full(opens: datetime) -> ProviderError:
    return ProviderError(
        Trouble.QUOTA,
        "Zoom's limit for this day is reached.",
        hint="Zoom lets 100 meetings of a host be made or changed in a day; it goes on by itself after midnight UTC."
        " Another host account has a limit of its own.",
        retry_at=opens,
    )


def credentials_refused(message: str) -> ProviderError:
    told = plain(message)
    return ProviderError(
        Trouble.CREDENTIALS,
        f"Zoom does not accept our sign-in: {told}" if told else "Zoom does not accept our sign-in.",
        hint=_CREDENTIALS_HINT,
    )


def unreachable(*, once: bool) -> ProviderError:
    return ProviderError(
        Trouble.UNKNOWN if once else Trouble.RETRY, "Zoom did not answer, or its answer got lost."
    )


def plain(message: str) -> str:
    """The vendor's own sentence, on one line and not endless."""
    return " ".join(message.split())[:200]
