"""What all wire models share: strictness, text that every store can hold, numbers that JavaScript can hold, instants."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

PROTOCOL_VERSION = 1
"""Raised when a client written for the older one would misread an answer."""

MAX_INTEGER = 2**53 - 1
"""The largest integer that a JavaScript number holds exactly (ECMA-262, Number.MAX_SAFE_INTEGER)."""


class WireModel(BaseModel):
    """A frozen message body. Unknown fields are refused by name: a misspelt option must not be silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ser_json_inf_nan="null")


@dataclass(frozen=True)
class Told:
    """Says in the JSON Schema what a validator beside it demands, as a pattern (ECMA-262)."""

    pattern: str

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(core_schema), "pattern": self.pattern}


def storable(text: str) -> str:
    """Refuses what PostgreSQL's text and UTF-8 cannot hold: NUL, and halves of surrogate pairs."""
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("must not contain half of a surrogate pair") from error
    return text


def one_line(text: str) -> str:
    """Refuses control characters, and text that is nothing but white space."""
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text):
        raise ValueError("must not contain control characters")
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def not_blank(text: str) -> str:
    """Refuses text that is nothing but white space."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def instant_text(instant: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a Z, as JavaScript's Date.toISOString writes it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Text = Annotated[str, AfterValidator(storable), Told(r"^[^\u0000]*$")]
Line = Annotated[
    str,
    AfterValidator(storable),
    AfterValidator(one_line),
    Told(r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$"),
]
Instant = Annotated[
    datetime,
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]

RoomId = Annotated[Line, Field(min_length=1, max_length=64, description="Opaque id of a room.")]
MessageId = Annotated[Line, Field(min_length=1, max_length=64, description="Opaque id of a message.")]
UserId = Annotated[Line, Field(min_length=1, max_length=128, description="The `sub` of the person's token.")]
ClientId = Annotated[
    Line,
    Field(
        min_length=1, max_length=64, description="Chosen by the sender; a retry with the same one sends once."
    ),
]
RoomKey = Annotated[Line, Field(min_length=1, max_length=200, description="The LMS's own name for a room.")]
Epoch = Annotated[
    Line, Field(min_length=1, max_length=64, description="Changes when the database was restored.")
]
Seq = Annotated[
    int, Field(strict=True, ge=0, le=MAX_INTEGER, description="Position in the room's log, dense from 1.")
]
Count = Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)]
Milliseconds = Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)]
