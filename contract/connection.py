"""The connection itself: greeting, token renewal, joining rooms, catching up, presence."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from contract.base import Epoch, Instant, Line, Milliseconds, RoomId, RoomKey, Seq, WireModel
from contract.errors import ErrorCode
from contract.events import LogEvent
from contract.messages import Message
from contract.people import Actor, PresenceStatus, PresentPerson
from contract.rooms import Membership, Room


def _exactly_one(*names: str) -> ConfigDict:
    """Says in the JSON Schema that one of these fields is there and not null."""
    return ConfigDict(
        json_schema_extra={
            "oneOf": [{"properties": {name: {"type": "string"}}, "required": [name]} for name in names]
        }
    )


Token = Annotated[str, Field(min_length=1, max_length=8192)]


class RefreshToken(WireModel):
    token: Token


class SignedIn(WireModel):
    user: Actor
    expires_at: Instant


class Position(WireModel):
    """How far somebody knows a room's log: everything up to and including `seq`, in this `epoch`."""

    epoch: Epoch
    seq: Seq


class JoinRoom(WireModel):
    """Exactly one of `room_id` and `key`. An open room that one does not belong to is also entered as a member."""

    model_config = _exactly_one("room_id", "key")

    room_id: RoomId | None = None
    key: RoomKey | None = None
    since: Position | None = Field(
        default=None, description="What is known already; left out: send a snapshot."
    )

    @model_validator(mode="after")
    def _one_name(self) -> "JoinRoom":
        if (self.room_id is None) == (self.key is None):
            raise ValueError("exactly one of `room_id` and `key` is needed")
        return self


class Snapshot(WireModel):
    """The newest messages, in the order of the log, all read at the position told beside it."""

    messages: list[Message]
    has_more: bool = Field(
        description="Older ones exist: page with `message:history`, `before` the first seq here."
    )


class CaughtUp(WireModel):
    """All or nothing: `recovered` and every event after the asked position up to `seq`, or a fresh snapshot."""

    recovered: bool
    epoch: Epoch
    seq: Seq
    events: list[LogEvent]
    snapshot: Snapshot | None = None


class TypingTimes(WireModel):
    """How often a client repeats `typing:start` while somebody types, and when others forget it."""

    repeat_ms: Milliseconds
    expire_ms: Milliseconds
    suppressed: bool = Field(description="The room is too large: typing is not relayed.")


class Joined(CaughtUp):
    room: Room
    me: Membership
    present: list[PresentPerson]
    typing: TypingTimes


class SyncSince(WireModel):
    rooms: dict[RoomId, Position] = Field(min_length=1, max_length=200)


class Synced(WireModel):
    """`refused` names the rooms that do not exist or may not be seen."""

    rooms: dict[RoomId, CaughtUp]
    refused: list[RoomId]


class SetPresence(WireModel):
    status: Literal[PresenceStatus.ONLINE, PresenceStatus.AWAY]


class Revoke(WireModel):
    """One token by its `jti`, or all tokens issued to a person until now."""

    model_config = _exactly_one("jti", "user_id")

    jti: Annotated[Line, Field(min_length=1, max_length=128)] | None = None
    user_id: Annotated[Line, Field(min_length=1, max_length=128)] | None = None

    @model_validator(mode="after")
    def _one_target(self) -> "Revoke":
        if (self.jti is None) == (self.user_id is None):
            raise ValueError("exactly one of `jti` and `user_id` is needed")
        return self


class ConnectionOk(WireModel):
    """The first event on every connection."""

    user: Actor
    expires_at: Instant
    server_time: Instant
    protocol: int
    max_text: int
    max_message_bytes: int


class ConnectionFailed(WireModel):
    """Said before the server closes a connection. `reconnect` false: coming back with the same token is pointless."""

    code: ErrorCode | Literal["server_draining", "revoked"]
    message: str
    reconnect: bool
    retry_after_ms: Milliseconds | None = None


class TokenExpiring(WireModel):
    """The token has run out (`auth.expired`) or soon will (`auth.expiring`); after `cut_at` the connection is closed."""

    expires_at: Instant
    cut_at: Instant


class PresenceChanged(WireModel):
    user: Actor
    status: PresenceStatus
