"""The single occurrences of a series in a calendar: which there are, and how they become ours."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from meetings.provider import LinkSpec, Reference
from meetings.providers.teams import bodies
from meetings.providers.teams.client import GraphClient
from meetings.providers.teams.recurrence import Recurrence

CALENDAR: Final = "Calendars.ReadWrite"
"""The permission that entries in a calendar need."""

_AROUND: Final = 370
"""Days before and after our occurrences in which others of the series are looked for."""


def is_plain(spec: LinkSpec, recurrence: Recurrence) -> bool:
    """Whether the pattern alone makes exactly our occurrences."""
    moved = any(slot.starts.isoformat(timespec="minutes") != slot.key for slot in spec.slots)
    lengths = {slot.length for slot in spec.slots}
    return len(spec.slots) == len(list(recurrence.dates())) and not moved and len(lengths) == 1


async def fit(graph: GraphClient, reference: Reference, spec: LinkSpec) -> None:
    """What the pattern makes beyond our occurrences is deleted; what was moved is moved there too. Raises ProviderError."""
    by_date = {slot.key[:10]: slot for slot in spec.slots}
    zone = bodies.windows_zone(spec.series.zone)
    for instance in await listed(graph, reference, spec):
        slot = by_date.get(_original_date(instance, spec.series.zone))
        path = f"{user_path(reference.values['user'])}/events/{part(str(instance['id']))}"
        starts, ends = bodies.read_instant(instance.get("start")), bodies.read_instant(instance.get("end"))
        if slot is None:
            await graph.request("DELETE", path, needs=CALENDAR)
        elif (starts, ends) != (slot.starts_at, slot.ends_at):
            await graph.request("PATCH", path, bodies.times(slot, zone), needs=CALENDAR)


async def listed(graph: GraphClient, reference: Reference, spec: LinkSpec) -> list[Mapping[str, Any]]:
    """All instances that there are. Raises ProviderError."""
    span = {
        "startDateTime": moment(min(slot.starts_at for slot in spec.slots), -_AROUND),
        "endDateTime": moment(max(slot.ends_at for slot in spec.slots), _AROUND),
        "$select": "id,start,end,originalStart,type",
        "$top": "100",
    }
    path = f"{event_path(reference)}/instances"
    return [item async for item in graph.pages(path, query=span, needs=CALENDAR)]


def user_path(user: str) -> str:
    return f"/users/{part(user)}"


def event_path(reference: Reference) -> str:
    return f"{user_path(reference.values['user'])}/events/{part(reference.values['event'])}"


def part(text: str) -> str:
    """One part of a path."""
    return quote(text, safe="@")


def moment(instant: datetime, days: int) -> str:
    """The instant, so many days later."""
    return (instant.astimezone(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _original_date(instance: Mapping[str, Any], zone: str) -> str:
    """The date in the series' zone on which the pattern had it."""
    at = bodies.read_instant(instance.get("originalStart")) or bodies.read_instant(instance.get("start"))
    return at.astimezone(ZoneInfo(zone)).date().isoformat() if at is not None else ""
