"""The two envelopes in which everything arrives: events of a room's log, and events that are gone when missed."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from contract.base import Epoch, Instant, Line, RoomId, Seq, WireModel
from contract.people import Actor


class LogEvent(WireModel):
    """An event of a room's log. The Socket.IO event's name is `type`; the envelope is its only argument."""

    type: str
    id: Annotated[Line, Field(max_length=64)]
    room_id: RoomId
    epoch: Epoch
    seq: Seq
    ts: Instant
    actor: Actor
    data: Mapping[str, Any]
    client_id: str | None = Field(
        default=None, description="What the sender chose, on events that a command made."
    )


class EphemeralEvent(WireModel):
    """An event without a place in any log: typing, presence, the connection itself. Late ones are thrown away."""

    type: str
    ts: Instant
    room_id: RoomId | None = None
    data: Mapping[str, Any]
