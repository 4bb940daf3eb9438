"""Rooms and membership: what is asked (imperative) and what happened (past tense)."""

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from contract.base import Count, Epoch, Instant, Line, RoomId, RoomKey, Seq, UserId, WireModel
from contract.messages import Message
from contract.people import Actor, RoomRole

Title = Annotated[Line, Field(min_length=1, max_length=200)]


class RoomKind(StrEnum):
    """What a room is for; decides who may post in it and who may change it."""

    COURSE = "course"
    GROUP = "group"
    DIRECT = "direct"
    ANNOUNCEMENT = "announcement"
    MEETING = "meeting"


class Visibility(StrEnum):
    """Open: anybody signed in (guests excepted) finds it and may join. Members: nobody else learns that it exists."""

    OPEN = "open"
    MEMBERS = "members"


class Room(WireModel):
    """A room, the same for everybody who may see it."""

    id: RoomId
    key: RoomKey | None = None
    kind: RoomKind
    title: Title
    visibility: Visibility
    archived: bool
    created_at: Instant


class Membership(WireModel):
    """How the asking person stands in a room; without `role` somebody only looks at an open room."""

    role: RoomRole | None
    read_seq: Seq
    unread: Count


class RoomSummary(WireModel):
    """One line of the room list. `people` are the two of a direct room, so that each is shown the other's name."""

    room: Room
    me: Membership
    epoch: Epoch
    seq: Seq
    last_message: Message | None = None
    people: list[Actor] | None = None


class Member(WireModel):
    """Somebody who belongs to a room."""

    user: Actor
    role: RoomRole
    joined_at: Instant


class NewMember(WireModel):
    """Somebody to add; `user_id` need not have signed in yet."""

    user_id: UserId
    role: RoomRole = RoomRole.MEMBER


class CreateRoom(WireModel):
    """A direct room takes exactly one member (the other person) and is the same room for both, whoever creates it."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "properties": {
                        "kind": {"const": "direct"},
                        "members": {"minItems": 1, "maxItems": 1},
                        "visibility": {"const": "members"},
                        "key": {"type": "null"},
                    },
                    "required": ["kind", "members"],
                },
                {
                    "properties": {"kind": {"not": {"const": "direct"}}, "title": {"type": "string"}},
                    "required": ["kind", "title"],
                },
            ]
        }
    )

    kind: RoomKind
    title: Title | None = Field(default=None, description="Required, except for a direct room.")
    visibility: Visibility = Visibility.MEMBERS
    key: RoomKey | None = Field(default=None, description="The LMS's own name for the room; unique.")
    members: list[NewMember] = Field(default_factory=list, max_length=500)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "CreateRoom":
        if self.kind is RoomKind.DIRECT:
            if len(self.members) != 1:
                raise ValueError("a direct room needs exactly one other person in `members`")
            if self.visibility is Visibility.OPEN:
                raise ValueError("a direct room cannot be open")
            if self.key is not None:
                raise ValueError("a direct room has no key")
        elif self.title is None:
            raise ValueError("`title` is required")
        return self


class RoomChanges(WireModel):
    """What may change of a room; fields left out stay as they are."""

    title: Title | None = None
    visibility: Visibility | None = None
    archived: bool | None = Field(default=None, strict=True)


class UpdateRoom(RoomChanges):
    room_id: RoomId


class RoomRef(WireModel):
    """A command that needs to know nothing but the room."""

    room_id: RoomId


class ListRooms(WireModel):
    """`mine`: rooms I belong to. `open`: rooms that I could join."""

    scope: Annotated[str, Field(pattern="^(mine|open)$")] = "mine"
    after: RoomId | None = Field(default=None, description="The `next` of the page before.")
    limit: Annotated[int, Field(strict=True, ge=1, le=200)] = 100


class ListMembers(WireModel):
    after: UserId | None = Field(default=None, description="The `next` of the page before.")
    limit: Annotated[int, Field(strict=True, ge=1, le=500)] = 200


class ListRoomMembers(ListMembers):
    room_id: RoomId


class AddMember(NewMember):
    room_id: RoomId


class MemberRef(WireModel):
    room_id: RoomId
    user_id: UserId


class MemberChanges(WireModel):
    role: RoomRole


class UpdateMember(MemberChanges):
    room_id: RoomId
    user_id: UserId


class RoomAnswer(WireModel):
    summary: RoomSummary


class RoomPage(WireModel):
    items: list[RoomSummary]
    has_more: bool
    next: RoomId | None = None


class MemberAnswer(WireModel):
    member: Member


class MemberPage(WireModel):
    items: list[Member]
    has_more: bool
    next: UserId | None = None


class Nothing(WireModel):
    """An answer that says no more than that it was done."""


class RoomCreated(WireModel):
    """The first event of every room's log."""

    room: Room


class RoomUpdated(WireModel):
    room: Room


class MemberAdded(WireModel):
    member: Member


class MemberUpdated(WireModel):
    member: Member


class MemberRemoved(WireModel):
    user_id: UserId


class RoomAdded(WireModel):
    """Told to one person's connections: you now belong to this room."""

    summary: RoomSummary


class RoomRemoved(WireModel):
    """Told to one person's connections: you no longer belong to this room, and hear no more of it."""

    room_id: RoomId
