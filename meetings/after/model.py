"""What a class that is or was held is made of: immutable, without a database, a clock or a vendor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contract.after_class import StaySource
from contract.people import Actor
from meetings.model import MeetingRecord, OccurrenceRecord, PartRecord

UNNAMED: Final = "at "
"""How the name of a session begins that has none from its provider."""


def name_at(at: datetime) -> str:
    """A name for a session that its provider gives none."""
    return f"{UNNAMED}{at.isoformat()}"


@dataclass(frozen=True)
class Lesson:
    """One occurrence, and the link on which it is held."""

    meeting: MeetingRecord
    part: PartRecord
    occurrence: OccurrenceRecord
    link_id: str

    @property
    def title(self) -> str:
        return self.occurrence.title or self.part.title


@dataclass(frozen=True)
class SessionRecord:
    """One time that a provider held an occurrence, from when until when. Open: it goes on, as far as is known.

    Where only the end was told, it began when it ended.
    """

    id: str
    meeting_id: str
    occurrence_id: str
    link_id: str
    session: str
    started_at: datetime
    ended_at: datetime | None = None
    reported_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.ended_at is None

    @property
    def told_as(self) -> str:
        """What the provider calls it; empty: nothing."""
        return "" if self.session.startswith(UNNAMED) else self.session


@dataclass(frozen=True)
class StayRecord:
    """One stay as one source tells it. Where only the leaving was told, it begins when it ends."""

    session_id: str
    occurrence_id: str
    source: StaySource
    person: str
    user_id: str | None
    name: str
    email: str | None
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True)
class Guest:
    """Somebody whom a provider told of, and who that is. `key` names them within a session."""

    key: str
    name: str
    user: Actor | None = None
    email: str | None = None


@dataclass(frozen=True)
class Afterwards:
    """Providers that have something to tell when a class is over, by name."""

    reports: frozenset[str] = frozenset()
    recordings: frozenset[str] = frozenset()
    link_base: str = ""
    """Under which people reach this server."""
