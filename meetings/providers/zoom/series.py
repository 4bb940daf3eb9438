"""A series at Zoom: what it is told as a whole, and what is altered in it afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from meetings.model import Slot
from meetings.provider import LinkSpec, ProviderError, Trouble
from meetings.providers.zoom import bodies
from meetings.providers.zoom.afterwards import moment_of
from meetings.providers.zoom.client import Json
from meetings.providers.zoom.recurrence import MOST_TIMES, Alterations, Occurrence, alterations, held
from meetings.providers.zoom.zones import instant

SINGLE_CHANGES: Final = 3
"""With more of them than this the whole series is given anew."""
_SOON: Final = timedelta(seconds=60)
"""What begins within it is left alone: a start that has passed when the request arrives is taken for another."""


def is_series(spec: LinkSpec) -> bool:
    return held(spec.series, spec.slots) is not None or (spec.series.rule is not None and len(spec.slots) > 1)


def whole(spec: LinkSpec, now: datetime) -> bodies.Json:
    """From the rule's next date on. A class that was moved from a date that has passed takes one more at the end, to be moved."""
    slots = to_come(spec, now)
    if not slots:
        return bodies.described(spec)
    shape = held(spec.series, slots)
    if shape is None:
        raise ProviderError(Trouble.REFUSED, "Zoom cannot hold this rule.", hint="Schedule the meeting anew.")
    positions = [at for at in shape.positions if instant(at, spec.series.zone) > now + _SOON]
    strays = [one for one in slots if instant(datetime.fromisoformat(one.key), one.zone) <= now + _SOON]
    first = positions[0] if positions else slots[0].starts
    return bodies.series(spec, shape, first, min(len(positions) + len(strays), MOST_TIMES))


def differences(spec: LinkSpec, meeting: Json, now: datetime) -> Alterations:
    """Between what is to come by the spec, and by Zoom."""
    there = [one for one in occurrences(meeting) if one.starts_at > now + _SOON]
    return alterations(to_come(spec, now), there)


def to_come(spec: LinkSpec, now: datetime) -> Sequence[Slot]:
    return [slot for slot in spec.slots if slot.starts_at > now + _SOON]


def occurrences(meeting: Json) -> Sequence[Occurrence]:
    listed = meeting.get("occurrences")
    return [
        Occurrence(str(one.get("occurrence_id")), starts_at, int(one.get("duration") or 0))
        for one in (listed if isinstance(listed, list) else [])
        if one.get("status") != "deleted" and (starts_at := moment_of(one.get("start_time")))
    ]
