"""Every REST operation under /api/v1, as one table; part of the registry."""

from http import HTTPStatus

from pydantic import Field

from contract import connection, messages, people, rooms
from contract.base import Epoch, RoomId, Seq, WireModel
from contract.call_tables import CALL_OPERATIONS
from contract.meeting_tables import MEETING_OPERATIONS
from contract.meetings import Email
from contract.specs import Limit, RestSpec


class SyncQuery(WireModel):
    """Catching up on one room over REST."""

    room_id: RoomId
    epoch: Epoch
    seq: Seq


class ServerDescription(WireModel):
    """What a page has to know before anybody has signed in."""

    protocol: int
    development: bool = Field(description="Anybody may sign in with a name: `developmentSignIn` is there.")


class DevelopmentSignIn(WireModel):
    """Development mode only: a name and a role are taken at their word."""

    name: people.PersonName
    role: people.SignInRole = people.SignInRole.STUDENT
    email: Email | None = Field(default=None, description="For invitations and reminders.")


class TokenAnswer(connection.SignedIn):
    token: str


_ROOM = "/api/v1/rooms/{room_id}"
_MESSAGE = "/api/v1/messages/{message_id}"

_OPERATIONS = (
    RestSpec(
        "describeServer",
        "GET",
        "/api/v1/server",
        ServerDescription,
        Limit.READ,
        "What a client has to know before signing in.",
        public=True,
    ),
    RestSpec("getMe", "GET", "/api/v1/me", connection.SignedIn, Limit.READ, "Who the token says I am."),
    RestSpec(
        "listRooms",
        "GET",
        "/api/v1/rooms",
        rooms.RoomPage,
        Limit.READ,
        "My rooms, or the open ones.",
        query=rooms.ListRooms,
    ),
    RestSpec(
        "createRoom",
        "POST",
        "/api/v1/rooms",
        rooms.RoomAnswer,
        Limit.CREATE,
        "Make a room and become its owner.",
        body=rooms.CreateRoom,
        status=HTTPStatus.CREATED,
        idempotency_key=True,
    ),
    RestSpec("getRoom", "GET", _ROOM, rooms.RoomAnswer, Limit.READ, "One line of the room list."),
    RestSpec(
        "updateRoom",
        "PATCH",
        _ROOM,
        rooms.RoomAnswer,
        Limit.CHANGE,
        "Rename, open, close or archive.",
        body=rooms.RoomChanges,
    ),
    RestSpec(
        "joinRoom", "POST", f"{_ROOM}/join", rooms.RoomAnswer, Limit.JOIN, "Become a member of an open room."
    ),
    RestSpec("leaveRoom", "POST", f"{_ROOM}/leave", rooms.Nothing, Limit.CHANGE, "Give up one's membership."),
    RestSpec(
        "listMembers",
        "GET",
        f"{_ROOM}/members",
        rooms.MemberPage,
        Limit.READ,
        "Who belongs to a room.",
        query=rooms.ListMembers,
    ),
    RestSpec(
        "addMember",
        "POST",
        f"{_ROOM}/members",
        rooms.MemberAnswer,
        Limit.CHANGE,
        "Add somebody to a room.",
        body=rooms.NewMember,
        status=HTTPStatus.CREATED,
    ),
    RestSpec(
        "updateMember",
        "PATCH",
        f"{_ROOM}/members/{{user_id}}",
        rooms.MemberAnswer,
        Limit.CHANGE,
        "Change a role.",
        body=rooms.MemberChanges,
    ),
    RestSpec(
        "removeMember",
        "DELETE",
        f"{_ROOM}/members/{{user_id}}",
        rooms.Nothing,
        Limit.CHANGE,
        "Remove somebody.",
    ),
    RestSpec(
        "listMessages",
        "GET",
        f"{_ROOM}/messages",
        messages.MessagePage,
        Limit.READ,
        "A page of messages.",
        query=messages.HistoryPage,
    ),
    RestSpec(
        "postMessage",
        "POST",
        f"{_ROOM}/messages",
        messages.MessageAnswer,
        Limit.SEND,
        "Say something; a repeat with the same Idempotency-Key answers with the first message.",
        body=messages.PostMessage,
        status=HTTPStatus.CREATED,
        idempotency_key=True,
    ),
    RestSpec(
        "markRead",
        "POST",
        f"{_ROOM}/read",
        messages.ReadAnswer,
        Limit.MARK,
        "Move one's read marker forward.",
        body=messages.MarkRead,
    ),
    RestSpec(
        "getMessage",
        "GET",
        _MESSAGE,
        messages.MessageAnswer,
        Limit.READ,
        "One message as it stands, unless it was deleted.",
    ),
    RestSpec(
        "editMessage",
        "PATCH",
        _MESSAGE,
        messages.MessageAnswer,
        Limit.CHANGE,
        "Replace the text.",
        body=messages.MessageBody,
    ),
    RestSpec(
        "deleteMessage", "DELETE", _MESSAGE, messages.MessageAnswer, Limit.CHANGE, "Turn it into a tombstone."
    ),
    RestSpec(
        "listRevisions",
        "GET",
        f"{_MESSAGE}/revisions",
        messages.RevisionList,
        Limit.READ,
        "Earlier texts of a message, unless it was deleted.",
    ),
    RestSpec(
        "addReaction",
        "PUT",
        f"{_MESSAGE}/reactions/{{emoji}}/@me",
        messages.ReactionAnswer,
        Limit.REACT,
        "React.",
    ),
    RestSpec(
        "removeReaction",
        "DELETE",
        f"{_MESSAGE}/reactions/{{emoji}}/@me",
        messages.ReactionAnswer,
        Limit.REACT,
        "Take it back.",
    ),
    RestSpec(
        "search",
        "GET",
        "/api/v1/search",
        messages.SearchPage,
        Limit.SEARCH,
        "Find messages by words.",
        query=messages.SearchMessages,
    ),
    RestSpec(
        "sync",
        "GET",
        "/api/v1/sync",
        connection.CaughtUp,
        Limit.READ,
        "All that was missed in a room, or a snapshot.",
        query=SyncQuery,
    ),
    RestSpec(
        "revoke",
        "POST",
        "/api/v1/revocations",
        rooms.Nothing,
        Limit.CHANGE,
        "Admins: end a token, or all of a person's.",
        body=connection.Revoke,
    ),
    RestSpec(
        "developmentSignIn",
        "POST",
        "/api/v1/development/sign-in",
        TokenAnswer,
        Limit.SIGN_IN,
        "Development mode only: a token for a name and a role.",
        body=DevelopmentSignIn,
        public=True,
        only_in_development=True,
    ),
)

OPERATIONS = {spec.operation: spec for spec in (*_OPERATIONS, *CALL_OPERATIONS, *MEETING_OPERATIONS)}
