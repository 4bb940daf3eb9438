"""Who can be present, and how a change of it is told."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["online", "away"]


@dataclass(frozen=True)
class Person:
    """Somebody as their token describes them; `role` is the role of the sign-in."""

    id: str
    name: str
    role: str
    picture: str | None = None


@dataclass(frozen=True)
class PresentPerson:
    """Somebody in a room, over all their connections: online when at least one of these is."""

    id: str
    name: str
    role: str
    picture: str | None
    status: Status

    @classmethod
    def of(cls, person: Person, status: Status) -> "PresentPerson":
        return cls(person.id, person.name, person.role, person.picture, status)

    @property
    def person(self) -> Person:
        return Person(self.id, self.name, self.role, self.picture)


@dataclass(frozen=True)
class PresenceChange:
    """`changed` is another status, name, role or picture of somebody who is there already."""

    room_id: str
    person: PresentPerson
    what: Literal["joined", "left", "changed"]

    @property
    def status(self) -> Literal["online", "away", "offline"]:
        return "offline" if self.what == "left" else self.person.status
