"""A meeting that is changed in memory, while the days pass: the pure rules alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from contract.meetings import CreateMeeting, MeetingChanges, MeetingScope, Scope
from contract.schedule import OccurrenceStatus
from meetings import changing
from meetings.cancelling import cancel
from meetings.changing import Ask
from meetings.changing_series import change_series
from meetings.making import Founder, make
from meetings.model import OccurrenceRecord, PartRecord
from meetings.timetable import Timetable

BEGINNING = "2026-11-01T00:00"


class Term:
    """`Term(rule=…)` is a class on Tuesdays at nine in Paris from 24 November 2026; `at` sets the clock (in UTC)."""

    def __init__(self, **wish: Any) -> None:
        self._numbers = count(1)
        self.at(BEGINNING)
        wanted = {"title": "Algebra", "starts": "2026-11-24T09:00", "zone": "Europe/Paris", "minutes": 60}
        founder = Founder("meet_1", "room_1", "teacher", self.now)
        self.table: Timetable = make(CreateMeeting.model_validate({**wanted, **wish}), founder, self.new_id)

    def at(self, instant: str) -> None:
        self.now = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):03}"

    def change(self, scope: Scope = Scope.ALL, key: str | None = None, **changes: Any) -> None:
        """As `writes.UpdateMeeting` does, for what belongs to parts."""
        ask = Ask(MeetingChanges.model_validate(changes), self.now, self.new_id)
        asked = changing.target(self.table, MeetingScope(scope=scope, occurrence=key))
        if asked is not None and scope is Scope.THIS:
            self.table = changing.change_one(self.table, asked, ask)
        else:
            self.table = change_series(self.table, asked, ask)

    def this(self, key: str, **changes: Any) -> None:
        self.change(Scope.THIS, key, **changes)

    def following(self, key: str, **changes: Any) -> None:
        self.change(Scope.FOLLOWING, key, **changes)

    def cancel(self, scope: Scope = Scope.ALL, key: str | None = None) -> None:
        asked = changing.target(self.table, MeetingScope(scope=scope, occurrence=key))
        self.table = cancel(self.table, asked, scope, self.now)

    def sets(self, key: str, status: OccurrenceStatus) -> None:
        """What happened to a class."""
        one = self.one(key)
        started_at = one.slot.starts_at if status is not OccurrenceStatus.SCHEDULED else None
        self.table = self.table.with_occurrences([replace(one, status=status, started_at=started_at)])

    def one(self, key: str) -> OccurrenceRecord:
        found = self.table.find(key)
        assert found is not None, (key, self.keys())
        return found

    def keys(self) -> list[str]:
        return [one.slot.key for one in self.table.occurrences]

    def days(self) -> list[str]:
        """When classes are, those cancelled left out: 11-24 09:00."""
        return [
            f"{one.slot.starts:%m-%d %H:%M}"
            for one in self.table.occurrences
            if one.status is not OccurrenceStatus.CANCELLED
        ]

    def ids(self) -> list[str]:
        return [one.id for one in self.table.occurrences]

    def titles(self) -> list[str]:
        parts = {part.id: part for part in self.table.meeting.parts}
        return [one.title or parts[one.part_id].title for one in self.table.occurrences]

    def parts(self) -> Sequence[PartRecord]:
        """Those that have not ended, in the order of the series."""
        left = [part for part in self.table.meeting.parts if not part.ended]
        return sorted(left, key=lambda part: part.series.starts)

    def rules(self) -> list[str | None]:
        return [part.series.rule for part in self.parts()]
