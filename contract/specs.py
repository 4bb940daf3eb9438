"""What the tables of the contract say of each command, event and REST operation."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from contract.base import WireModel


class Limit(StrEnum):
    """Which token bucket a command or operation draws from; the figures are in `realtime/limits.py`."""

    CONNECT = "connect"
    READ = "read"
    SEND = "send"
    CHANGE = "change"
    REACT = "react"
    TYPING = "typing"
    MARK = "mark"
    JOIN = "join"
    CREATE = "create"
    SEARCH = "search"
    SIGN_IN = "sign_in"
    CALL = "call"
    SIGNAL = "signal"


@dataclass(frozen=True)
class CommandSpec:
    """A question a client asks over the socket, always answered by an ack. `action` is the permission it needs."""

    name: str
    payload: type[WireModel]
    answer: type[WireModel]
    limit: Limit
    summary: str
    action: str | None = None


@dataclass(frozen=True)
class EventSpec:
    """Something the server tells. `durable` ones are in a room's log and carry a seq; the others are gone if missed."""

    name: str
    data: type[WireModel]
    durable: bool
    summary: str


class TextFile(WireModel):
    """An answer that is not JSON but a file to keep; `name` is offered to whoever saves it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
    text: str


@dataclass(frozen=True)
class RestSpec:
    """One REST operation. Path parameters are in braces; `query` and `body` are parsed as strictly as commands."""

    operation: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    answer: type[WireModel] | None
    limit: Limit
    summary: str
    query: type[WireModel] | None = None
    body: type[WireModel] | None = None
    status: HTTPStatus = HTTPStatus.OK
    idempotency_key: bool = False
    public: bool = False
    sign_in_optional: bool = False
    """Of a public one: whoever sends a token is known by it, and refused if it is not good."""
    only_in_development: bool = False
    media_type: str = "application/json"
    """Another one than JSON is answered as a file, with `TextFile`."""
