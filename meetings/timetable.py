"""A meeting with all its occurrences, as one immutable thing that rules change and that is saved whole."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from meetings.model import MeetingRecord, OccurrenceRecord, PartRecord


@dataclass(frozen=True)
class Timetable:
    """`occurrences` in the order of their start, cancelled ones included; `dropped` are those that the rule once had."""

    meeting: MeetingRecord
    occurrences: tuple[OccurrenceRecord, ...]
    dropped: tuple[OccurrenceRecord, ...] = ()

    def part(self, part_id: str) -> PartRecord:
        return next(part for part in self.meeting.parts if part.id == part_id)

    def of_part(self, part_id: str) -> tuple[OccurrenceRecord, ...]:
        return tuple(one for one in self.occurrences if one.part_id == part_id)

    def find(self, key: str) -> OccurrenceRecord | None:
        return next((one for one in self.occurrences if one.slot.key == key), None)

    def with_part(self, part: PartRecord) -> "Timetable":
        """With another version of one of its parts."""
        parts = tuple(part if one.id == part.id else one for one in self.meeting.parts)
        return replace(self, meeting=replace(self.meeting, parts=parts))

    def with_occurrences(self, changed: Iterable[OccurrenceRecord]) -> "Timetable":
        """With other versions of some of its occurrences."""
        rows = {one.id: one for one in self.occurrences} | {one.id: one for one in changed}
        return replace(self, occurrences=ordered(list(rows.values())))


def ordered(occurrences: list[OccurrenceRecord]) -> tuple[OccurrenceRecord, ...]:
    return tuple(sorted(occurrences, key=lambda one: (one.slot.starts_at, one.slot.key)))
