"""The scopes of the Server-to-Server OAuth app, and what each is for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from meetings.provider import Finding

WHERE: Final = (
    "Add it at marketplace.zoom.us: Develop, Build App, your Server-to-Server OAuth app, Scopes, Add Scopes."
    " It holds for tokens that are given from then on."
)


@dataclass(frozen=True)
class Need:
    """`scope` is the granular one; `instead` are others that allow the same. `vital`: false where there is another way."""

    scope: str
    purpose: str
    instead: tuple[str, ...] = ("meeting:write:admin",)
    vital: bool = True


_READ: Final = ("meeting:read:admin",)

NEEDS: Final[Sequence[Need]] = (
    Need("meeting:write:meeting:admin", "make meetings"),
    Need("meeting:update:meeting:admin", "change meetings"),
    Need("meeting:delete:meeting:admin", "cancel meetings"),
    Need("meeting:read:meeting:admin", "read meetings and get the host's link", _READ),
    Need("meeting:read:list_meetings:admin", "find a meeting again when an answer got lost", _READ),
    Need("meeting:update:status:admin", "end meetings"),
    Need("meeting:write:registrant:admin", "register people by name"),
    Need("meeting:read:registrant:admin", "look up a person's own link", _READ, vital=False),
    Need("meeting:read:list_registrants:admin", "look up who is registered", _READ, vital=False),
    Need("meeting:write:invite_links:admin", "give people links with their name"),
    Need("meeting:read:list_past_participants:admin", "read who took part", _READ),
    Need(
        "report:read:list_meeting_participants:admin",
        "read the report of who took part",
        ("report:read:admin",),
    ),
    Need("cloud_recording:read:list_recording_files:admin", "fetch recordings", ("recording:read:admin",)),
)
_EITHER: Final = frozenset(
    {"meeting:read:list_past_participants:admin", "report:read:list_meeting_participants:admin"}
)
"""One of them is enough to know who took part."""


def findings(granted: Iterable[str]) -> Sequence[Finding]:
    """A line for each scope that is missing, and one when none is."""
    have = frozenset(granted)
    missing = [need for need in NEEDS if not have & {need.scope, *need.instead}]
    scarce = {need.scope for need in missing} >= _EITHER
    found = [
        Finding(
            good=not need.vital or (need.scope in _EITHER and not scarce),
            message=f"The scope {need.scope} is missing, to {need.purpose}.",
            hint=WHERE,
        )
        for need in missing
    ]
    return found or [Finding(good=True, message="All scopes that are needed are granted.")]


def hint_for(scopes: str) -> str:
    return f"Missing: {scopes}. {WHERE}"
