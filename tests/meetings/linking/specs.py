"""Specs of links, by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.meetings import MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import LinkSpec, Person

FIRST = datetime(2030, 1, 7, 9, 0)  # noqa: DTZ001  # a wall time
ZONE = "Europe/Paris"


def slot(starts: datetime) -> Slot:
    starts_at = starts.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    return Slot(starts.strftime("%Y-%m-%dT%H:%M"), starts, ZONE, starts_at, starts_at + timedelta(minutes=45))


def once(title: str = "Algebra") -> LinkSpec:
    return LinkSpec(
        marker="link_1",
        meeting_id="meet_1",
        title=title,
        description="",
        series=Series(FIRST, ZONE, 45),
        slots=(slot(FIRST),),
        host=Person("teacher", "Tara"),
        policy=MeetingPolicy(),
        link="https://homeroom.example/m/meet_1",
    )


def weekly(count: int) -> LinkSpec:
    series = Series(FIRST, ZONE, 45, f"FREQ=WEEKLY;COUNT={count}")
    return replace(once(), series=series, slots=tuple(slot(FIRST + timedelta(weeks=n)) for n in range(count)))
