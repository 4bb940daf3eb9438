"""One example of everything on the wire, out of one small class, so that the documents tell one story.

They are made as models: an example that breaks the contract cannot be built.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from contract import connection, messages, people, rest, rooms
from contract.ack import ErrorBody, Failed
from contract.base import PROTOCOL_VERSION, WireModel
from contract.errors import DomainError, ErrorCode, InvalidInput
from contract.events import EphemeralEvent, LogEvent
from contract.export.call_examples import CALL_ID, call_examples
from contract.export.meeting_examples import (
    INVITATION_ID,
    JOB_ID,
    MEETING_ID,
    RECORDING_ID,
    meeting_examples,
)
from contract.problem import Problem
from contract.registry import EVENTS, EventSpec

ROOM_ID = "room_01k7zq5w3m8s4d6f9g2h5j7k9n"
MESSAGE_ID = "msg_01k7zq6a1b2c3d4e5f6g7h8j9k"
CLIENT_ID = "0f8b4c1e-3a52-4c7d-9d1e-6b2a7f3c5d10"
EPOCH = "ep_01k7zq4t2r5v8y1b3d6f9h2k4m"
EVENT_ID = "evt_01k7zq6a1b9n8m7p6q5r4s3t2v"
REQUEST_ID = "req_01k7zq6c4d5e6f7g8h9j1k2m3n"
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1LTQyIn0.c2lnbmF0dXJl"
NOW = datetime(2026, 9, 14, 8, 30, 0, 250000, tzinfo=UTC)
SEQ = 412

PATH_VALUES = {
    "room_id": ROOM_ID,
    "message_id": MESSAGE_ID,
    "user_id": "u-42",
    "call_id": CALL_ID,
    "meeting_id": MEETING_ID,
    "recording_id": RECORDING_ID,
    "invitation_id": INVITATION_ID,
    "job_id": JOB_ID,
    "emoji": "👍",
}

_ADA = people.Actor(id="u-42", name="Ada Park", role=people.SignInRole.STUDENT)
_NOOR = people.Actor(id="t-7", name="Noor Haddad", role=people.SignInRole.INSTRUCTOR)
_ROOM = rooms.Room(
    id=ROOM_ID,
    key="algebra-1",
    kind=rooms.RoomKind.COURSE,
    title="Algebra 1",
    visibility=rooms.Visibility.MEMBERS,
    archived=False,
    created_at=NOW - timedelta(days=12),
)
_ME = rooms.Membership(role=people.RoomRole.MEMBER, read_seq=410, unread=1)
_REACTION = messages.Reaction(emoji="👍", user_ids=["t-7"])
_MESSAGE = messages.Message(
    id=MESSAGE_ID,
    room_id=ROOM_ID,
    seq=SEQ,
    author=_ADA,
    text="Is `x = 2` the only solution?",
    created_at=NOW,
    revision=0,
    reactions=[],
)
_EDITED = _MESSAGE.model_copy(
    update={"text": "Is x = 2 the only root?", "revision": 1, "edited_at": NOW + timedelta(minutes=1)}
)
_TOMBSTONE = _MESSAGE.model_copy(update={"text": "", "deleted_at": NOW + timedelta(minutes=2)})
_SUMMARY = rooms.RoomSummary(room=_ROOM, me=_ME, epoch=EPOCH, seq=SEQ, last_message=_MESSAGE)
_MEMBER = rooms.Member(user=_ADA, role=people.RoomRole.MEMBER, joined_at=NOW - timedelta(days=11))
_POSITION = connection.Position(epoch=EPOCH, seq=SEQ - 1)
_EXPIRES = NOW + timedelta(hours=1)
_MISSED = LogEvent(
    type="message.new",
    id=EVENT_ID,
    room_id=ROOM_ID,
    epoch=EPOCH,
    seq=SEQ,
    ts=NOW,
    actor=_ADA,
    data={"message": _MESSAGE.model_dump(mode="json", exclude_none=True)},
    client_id=CLIENT_ID,
)
_CAUGHT_UP: Mapping[str, Any] = {"recovered": True, "epoch": EPOCH, "seq": SEQ, "events": [_MISSED]}


def _read() -> list[WireModel]:
    """What clients send: command payloads, REST queries and bodies."""
    return [
        connection.RefreshToken(token=TOKEN),
        connection.JoinRoom(key="algebra-1", since=_POSITION),
        connection.SyncSince(rooms={ROOM_ID: _POSITION}),
        connection.SetPresence(status=people.PresenceStatus.AWAY),
        connection.Revoke(user_id="u-42"),
        rest.SyncQuery(room_id=ROOM_ID, epoch=EPOCH, seq=SEQ - 1),
        rest.DevelopmentSignIn(name="Noor Haddad", role=people.SignInRole.INSTRUCTOR),
        rooms.RoomRef(room_id=ROOM_ID),
        rooms.CreateRoom(
            kind=rooms.RoomKind.GROUP, title="Homework 3", members=[rooms.NewMember(user_id="u-42")]
        ),
        rooms.UpdateRoom(room_id=ROOM_ID, title="Algebra 1, autumn"),
        rooms.RoomChanges(title="Algebra 1, autumn"),
        rooms.ListRooms(scope="mine", limit=50),
        rooms.ListMembers(limit=100),
        rooms.ListRoomMembers(room_id=ROOM_ID, limit=100),
        rooms.NewMember(user_id="u-43", role=people.RoomRole.MEMBER),
        rooms.AddMember(room_id=ROOM_ID, user_id="u-43", role=people.RoomRole.MEMBER),
        rooms.MemberRef(room_id=ROOM_ID, user_id="u-42"),
        rooms.MemberChanges(role=people.RoomRole.MODERATOR),
        rooms.UpdateMember(room_id=ROOM_ID, user_id="u-42", role=people.RoomRole.MODERATOR),
        messages.SendMessage(room_id=ROOM_ID, client_id=CLIENT_ID, text=_MESSAGE.text),
        messages.PostMessage(text=_MESSAGE.text),
        messages.EditMessage(message_id=MESSAGE_ID, text=_EDITED.text),
        messages.MessageBody(text=_EDITED.text),
        messages.MessageRef(message_id=MESSAGE_ID),
        messages.MessageHistory(room_id=ROOM_ID, before=SEQ, limit=50),
        messages.HistoryPage(before=SEQ, limit=50),
        messages.SearchMessages(q="solution", room_id=ROOM_ID),
        messages.React(message_id=MESSAGE_ID, emoji="👍"),
        messages.MarkRoomRead(room_id=ROOM_ID, seq=SEQ),
        messages.MarkRead(seq=SEQ),
    ]


def _sent() -> list[WireModel]:
    """What the server sends: answers, and the data of events."""
    return [
        connection.SignedIn(user=_ADA, expires_at=_EXPIRES),
        connection.CaughtUp(**_CAUGHT_UP),
        connection.Joined(
            **_CAUGHT_UP,
            room=_ROOM,
            me=_ME,
            present=[people.PresentPerson(user=_NOOR, status=people.PresenceStatus.ONLINE)],
            typing=connection.TypingTimes(repeat_ms=3000, expire_ms=6000, suppressed=False),
        ),
        connection.Synced(rooms={ROOM_ID: connection.CaughtUp(**_CAUGHT_UP)}, refused=[]),
        rest.ServerDescription(protocol=PROTOCOL_VERSION, development=False),
        rest.TokenAnswer(user=_NOOR, expires_at=_EXPIRES, token=TOKEN),
        rooms.Nothing(),
        rooms.RoomAnswer(summary=_SUMMARY),
        rooms.RoomPage(items=[_SUMMARY], has_more=False),
        rooms.MemberAnswer(member=_MEMBER),
        rooms.MemberPage(items=[_MEMBER], has_more=True, next="u-42"),
        messages.MessageAnswer(message=_MESSAGE, epoch=EPOCH, seq=SEQ),
        messages.MessagePage(items=[_MESSAGE], has_more=True, next=SEQ),
        messages.SearchPage(items=[_MESSAGE], has_more=False),
        messages.RevisionList(items=[messages.Revision(revision=0, text=_MESSAGE.text, written_at=NOW)]),
        messages.ReactionAnswer(message_id=MESSAGE_ID, reactions=[_REACTION]),
        messages.ReadAnswer(read_seq=SEQ, unread=0),
        *_event_data(),
    ]


def _event_data() -> list[WireModel]:
    return [
        rooms.RoomCreated(room=_ROOM),
        rooms.RoomUpdated(room=_ROOM),
        rooms.MemberAdded(member=_MEMBER),
        rooms.MemberUpdated(member=_MEMBER),
        rooms.MemberRemoved(user_id="u-42"),
        rooms.RoomAdded(summary=_SUMMARY),
        rooms.RoomRemoved(room_id=ROOM_ID),
        messages.MessageNew(message=_MESSAGE),
        messages.MessageUpdated(message=_EDITED),
        messages.MessageDeleted(message=_TOMBSTONE),
        messages.ReactionChanged(message_id=MESSAGE_ID, emoji="👍", user_id="u-42"),
        messages.MessageRead(user_id="u-42", seq=SEQ),
        messages.TypingChanged(user=_ADA),
        connection.PresenceChanged(user=_ADA, status=people.PresenceStatus.AWAY),
        connection.ConnectionOk(
            user=_ADA,
            expires_at=_EXPIRES,
            server_time=NOW,
            protocol=PROTOCOL_VERSION,
            max_text=messages.MAX_TEXT,
            max_message_bytes=65536,
        ),
        connection.ConnectionFailed(
            code="server_draining", message="The server restarts.", reconnect=True, retry_after_ms=1800
        ),
        connection.TokenExpiring(expires_at=_EXPIRES, cut_at=_EXPIRES + timedelta(minutes=1)),
    ]


def examples() -> Mapping[type[WireModel], WireModel]:
    """An example of each payload, query, body, answer and event data, by its model."""
    return {type(example): example for example in [*_read(), *_sent(), *call_examples(), *meeting_examples()]}


def wire(model: WireModel) -> dict[str, Any]:
    """As the server would send it."""
    return model.model_dump(mode="json", exclude_none=True)


def asked(model: WireModel) -> dict[str, Any]:
    """As a client would send it: what is left at its default is left out, unless the field is required."""
    return model.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def event(name: str) -> dict[str, Any]:
    """The whole envelope of an event."""
    spec = EVENTS[name]
    data = wire(examples()[spec.data])
    if not spec.durable:
        room_id = ROOM_ID if in_a_room(spec) else None
        return wire(EphemeralEvent(type=name, ts=NOW, room_id=room_id, data=data))
    return wire(_MISSED.model_copy(update={"type": name, "data": data, "client_id": _client_id(name)}))


def in_a_room(spec: EventSpec) -> bool:
    """Whether an ephemeral event is about one room, and says which in its envelope."""
    return spec.name.startswith(("message.", "typing.", "user."))


def _client_id(name: str) -> str | None:
    return CLIENT_ID if name == "message.new" else None


def refusal() -> dict[str, Any]:
    """The ack of a command that was refused."""
    error = InvalidInput("client_id: is required.", fields={"client_id": "is required"})
    return wire(Failed(error=ErrorBody.of(error, REQUEST_ID)))


def problem(code: ErrorCode) -> Problem:
    """A REST refusal with this code."""
    fields = {"limit": "should be less than or equal to 100"} if code is ErrorCode.BAD_REQUEST else None
    wait = 1200 if code.meaning.retryable else None
    return Problem.of(DomainError(code=code, fields=fields, retry_after_ms=wait), REQUEST_ID)
