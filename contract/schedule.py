"""When meetings are: wall time with its zone, rules of repetition, and the occurrences they make."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from contract.base import Count, Instant, Line, Told, WireModel

MOST_OCCURRENCES = 400
"""Of one meeting: every day of a year, and then some."""

MOST_MINUTES = 1440


_DATE_ALONE = re.compile(r"\d{4}-\d\d-\d\d")


def _with_time(value: object) -> object:
    """A date alone would be read as midnight, which nobody has said."""
    if isinstance(value, str) and _DATE_ALONE.fullmatch(value.strip()):
        raise ValueError("must be a date with a time: 2026-11-24T09:00")
    return value


def _wall(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("must be a wall time without an offset; the zone is told in `zone`")
    if value.second or value.microsecond:
        raise ValueError("must be a whole minute")
    if not 1970 <= value.year <= 2200:
        raise ValueError("must be between the years 1970 and 2200")
    return value


def wall_text(value: datetime) -> str:
    """A wall time as it goes over the wire and into the database: 2026-11-24T09:00."""
    return value.strftime("%Y-%m-%dT%H:%M")


WallTime = Annotated[
    datetime,
    BeforeValidator(_with_time),
    AfterValidator(_wall),
    PlainSerializer(wall_text, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?$",
            "description": "What a clock on the wall shows, without an offset: 2026-11-24T09:00.",
        }
    ),
]
Zone = Annotated[
    Line, Field(min_length=1, max_length=64, description="A zone of the IANA database: Europe/Paris.")
]
RuleText = Annotated[
    Line,
    Field(
        min_length=6,
        max_length=500,
        description="An RRULE of RFC 5545 section 3.3.10 without its name, DAILY to YEARLY, with COUNT or UNTIL: "
        "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261218. UNTIL is a date or a wall time in the meeting's zone, or UTC with a Z.",
    ),
]
Minutes = Annotated[int, Field(strict=True, ge=1, le=MOST_MINUTES)]
_KEY = r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]$"
OccurrenceKey = Annotated[
    Line,
    Field(
        pattern=_KEY,
        description="The wall time that the rule gave the occurrence; it stays when the occurrence is moved.",
    ),
    Told(_KEY),
]


class Adjustment(StrEnum):
    """What was done with a wall time that the clocks of its zone skip or show twice."""

    SKIPPED = "skipped"
    """The clocks go forward over it: the meeting begins as much later as they were put forward."""
    REPEATED = "repeated"
    """The clocks show it twice: the first of the two is meant."""


class OccurrenceStatus(StrEnum):
    """Where one class stands."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Occurrence(WireModel):
    """One class. `starts_at` and `ends_at` are instants; `starts` is what the clock in `zone` shows then."""

    key: OccurrenceKey
    starts: WallTime
    zone: Zone
    starts_at: Instant
    ends_at: Instant
    title: str
    status: OccurrenceStatus
    changed: bool = Field(default=False, description="It differs from what the rule says.")
    adjustment: Adjustment | None = None


class Schedule(WireModel):
    """When a meeting is. Without `rule` it is held once."""

    starts: WallTime
    zone: Zone
    minutes: Minutes
    rule: RuleText | None = None
    except_dates: list[OccurrenceKey] = Field(
        default_factory=list,
        max_length=200,
        description="Occurrences of the rule that are left out (EXDATE).",
    )


class Clash(WireModel):
    """Why a time is no good: somebody or some licence is taken. `title` is left out where the reader may not know it."""

    kind: Annotated[str, Field(pattern="^(host|room|licence)$")]
    key: OccurrenceKey = Field(description="Which occurrence of the meeting that was asked for.")
    starts_at: Instant
    ends_at: Instant
    meeting_id: str | None = None
    title: str | None = None


class Preview(WireModel):
    """What a schedule would come to, before it is saved."""

    occurrences: list[Occurrence] = Field(description="The first ones, as many as were asked for.")
    total: Count
    words: str = Field(description="The rule in plain English.")
    clashes: list[Clash]
    notes: list[str] = Field(
        default_factory=list, description="What the chosen provider cannot do, and what is done instead."
    )
