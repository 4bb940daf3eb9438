"""A part of a series as people have it in their calendars: its classes, and nothing that only we need to know."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from contract.base import instant_text
from contract.schedule import OccurrenceStatus
from meetings.model import OccurrenceRecord, PartRecord


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class CalendarClass(_Kept):
    """One class. `title` and `description` only where they are not those of all."""

    key: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    title: str | None = None
    description: str | None = None


class CalendarEntry(_Kept):
    """What stands in calendars under one UID. `starts` is the wall time that the rule counts from; cancelled classes are left out."""

    part_id: str
    meeting_id: str
    title: str
    description: str
    starts: datetime
    zone: str
    minutes: int
    rule: str | None
    classes: tuple[CalendarClass, ...]

    @property
    def uid(self) -> str:
        """RFC 5545 section 3.8.4.7: the same in every message about this part, whatever else changes."""
        return f"{self.part_id}@homeroom"

    @property
    def version(self) -> str:
        """The same as long as people see the same: how a rule is written, for instance, does not count."""
        lines = [self.zone, self.title, self.description, *(_line(one) for one in self.classes)]
        return hashlib.sha256("\x00".join(lines).encode()).hexdigest()

    def after(self, instant: datetime) -> "CalendarEntry":
        """Without classes that had ended by then."""
        return self.model_copy(
            update={"classes": tuple(one for one in self.classes if one.ends_at > instant)}
        )

    def lasts_beyond(self, instant: datetime) -> bool:
        """Whether any class ends after it."""
        return any(one.ends_at > instant for one in reversed(self.classes))

    def title_of(self, one: CalendarClass) -> str:
        return one.title if one.title is not None else self.title

    def description_of(self, one: CalendarClass) -> str:
        return one.description if one.description is not None else self.description

    def by_key(self) -> dict[str, CalendarClass]:
        return {one.key: one for one in self.classes}


def _line(one: CalendarClass) -> str:
    texts = (one.key, instant_text(one.starts_at), instant_text(one.ends_at), one.zone)
    return "\x01".join((*texts, one.title or "", one.description or ""))


def entry_of(part: PartRecord, occurrences: Sequence[OccurrenceRecord]) -> CalendarEntry:
    """A part with those of the meeting's occurrences that are its own."""
    return CalendarEntry(
        part_id=part.id,
        meeting_id=part.meeting_id,
        title=part.title,
        description=part.description,
        starts=part.series.starts,
        zone=part.series.zone,
        minutes=part.series.minutes,
        rule=part.series.rule,
        classes=tuple(
            CalendarClass(
                key=one.slot.key,
                starts_at=one.slot.starts_at,
                ends_at=one.slot.ends_at,
                zone=one.slot.zone,
                title=one.title if one.title != part.title else None,
                description=one.description if one.description != part.description else None,
            )
            for one in sorted(occurrences, key=lambda one: one.slot.key)
            if one.part_id == part.id and one.status is not OccurrenceStatus.CANCELLED
        ),
    )


def sequence_of(part: PartRecord, occurrences: Sequence[OccurrenceRecord]) -> int:
    """SEQUENCE (RFC 5545 section 3.8.7.4) of all that stands under the part's UID."""
    return max([part.sequence, *(one.sequence for one in occurrences if one.part_id == part.id)])
