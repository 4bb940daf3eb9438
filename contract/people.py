"""People: the roles they sign in with, the roles they have in a room, and how they appear in events."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contract.base import Line, UserId, WireModel

PersonName = Annotated[Line, Field(min_length=1, max_length=120)]
PictureUrl = Annotated[Line, Field(min_length=1, max_length=1000, pattern=r"^https?://")]


class SignInRole(StrEnum):
    """What the token says somebody is, everywhere."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"
    BOT = "bot"
    GUEST = "guest"


class RoomRole(StrEnum):
    """What somebody is in one room."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"


class Actor(WireModel):
    """Somebody, as shown beside what they did."""

    id: UserId
    name: PersonName
    role: SignInRole
    picture: PictureUrl | None = None


class PresenceStatus(StrEnum):
    """How somebody is here. Offline is only ever said in an event: absent people are in no list."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


class PresentPerson(WireModel):
    """Somebody with at least one live connection that has joined the room."""

    user: Actor
    status: PresenceStatus
