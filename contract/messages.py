"""Messages, reactions, typing and read markers."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from contract.base import (
    ClientId,
    Count,
    Epoch,
    Instant,
    Line,
    MessageId,
    RoomId,
    Seq,
    Text,
    Told,
    UserId,
    WireModel,
    not_blank,
)
from contract.people import Actor

MAX_TEXT = 8000
"""Characters (Unicode code points) of one message."""

MessageText = Annotated[
    Text,
    AfterValidator(not_blank),
    Told(r"^[^\u0000]*[^\s\u0000][^\u0000]*$"),
    Field(min_length=1, max_length=MAX_TEXT),
]
PageSize = Annotated[int, Field(strict=True, ge=1, le=100)]
SearchText = Annotated[Line, Field(min_length=1, max_length=200)]


def _no_space(emoji: str) -> str:
    if any(character.isspace() for character in emoji):
        raise ValueError("must not contain white space")
    return emoji


Emoji = Annotated[
    Line,
    AfterValidator(_no_space),
    Told(r"^[^\s\u0000-\u001f\u007f-\u009f]+$"),
    Field(min_length=1, max_length=32),
]


class Reaction(WireModel):
    """Everybody who reacted to a message with one emoji."""

    emoji: Emoji
    user_ids: list[UserId]


class Message(WireModel):
    """A message as it stands now. A deleted one is a tombstone: `text` is empty and `deleted_at` is set."""

    id: MessageId
    room_id: RoomId
    seq: Seq = Field(description="The seq of the event that announced it; never changes.")
    author: Actor
    text: str
    created_at: Instant
    edited_at: Instant | None = None
    deleted_at: Instant | None = None
    revision: Count = Field(description="0 as sent; one more with each edit.")
    reactions: list[Reaction]


class MessageBody(WireModel):
    text: MessageText


class PostMessage(MessageBody):
    """REST: `Idempotency-Key` may stand in for `client_id`."""

    client_id: ClientId | None = None


class SendMessage(MessageBody):
    room_id: RoomId
    client_id: ClientId


class EditMessage(MessageBody):
    message_id: MessageId


class MessageRef(WireModel):
    message_id: MessageId


class HistoryPage(WireModel):
    """At most one of the three; none means the newest page."""

    before: Seq | None = Field(default=None, description="Messages with a smaller seq, the nearest ones.")
    after: Seq | None = Field(default=None, description="Messages with a greater seq, the nearest ones.")
    around: Seq | None = Field(
        default=None, description="Half a page on either side of this seq, itself included."
    )
    limit: PageSize = 50

    @model_validator(mode="after")
    def _one_direction(self) -> "HistoryPage":
        if sum(cursor is not None for cursor in (self.before, self.after, self.around)) > 1:
            raise ValueError("`before`, `after` and `around` exclude each other")
        return self


class MessageHistory(HistoryPage):
    room_id: RoomId


class SearchMessages(WireModel):
    """Every word (the first 12 of them) must occur; the newest hits come first."""

    q: SearchText
    room_id: RoomId | None = None
    before: MessageId | None = Field(default=None, description="The `next` of the page before.")
    limit: PageSize = 20


class React(WireModel):
    message_id: MessageId
    emoji: Emoji


class MarkRead(WireModel):
    """Up to and including `seq`. A marker never moves back."""

    seq: Seq
    private: bool = Field(
        default=True, strict=True, description="False also shows the marker to the others in the room."
    )


class MarkRoomRead(MarkRead):
    room_id: RoomId


class MessageAnswer(WireModel):
    """`seq` and `epoch` are the position of the event that this command wrote (or had written, on a retry)."""

    message: Message
    epoch: Epoch
    seq: Seq


class MessagePage(WireModel):
    """In the order of the log. `next` continues in the same direction."""

    items: list[Message]
    has_more: bool
    next: Seq | None = None
    has_newer: bool = Field(default=False, description="With `around`: whether messages follow this page.")


class SearchPage(WireModel):
    items: list[Message]
    has_more: bool
    next: MessageId | None = None


class Revision(WireModel):
    """The text as it stood from `written_at` until the next revision."""

    revision: Count
    text: str
    written_at: Instant


class RevisionList(WireModel):
    items: list[Revision]


class ReactionAnswer(WireModel):
    message_id: MessageId
    reactions: list[Reaction]


class ReadAnswer(WireModel):
    read_seq: Seq
    unread: Count


class MessageNew(WireModel):
    message: Message


class MessageUpdated(WireModel):
    message: Message


class MessageDeleted(WireModel):
    message: Message


class ReactionChanged(WireModel):
    """Data of `reaction.new` and `reaction.deleted`; `user_id` is whose reaction it is."""

    message_id: MessageId
    emoji: Emoji
    user_id: UserId


class MessageRead(WireModel):
    """Somebody's read marker moved; `unread` is told only to their own connections."""

    user_id: UserId
    seq: Seq
    unread: Count | None = None


class TypingChanged(WireModel):
    """Data of `typing.start` and `typing.stop`; a start not renewed within the join answer's time has ended."""

    user: Actor
