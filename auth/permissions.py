"""WHO MAY DO WHAT: the tables, and nothing that touches the world.

In a room it counts how somebody stands there (`effective_role`), what kind of room it is, and whether it is archived.
Outside of rooms it counts what somebody signed in as. `table_markdown` prints the same tables for the docs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from contract.errors import Conflict, ErrorCode, Forbidden, NotFound
from contract.people import RoomRole, SignInRole
from contract.rooms import RoomKind, Visibility


class Action(StrEnum):
    """What can be done in a room. Commands of the contract name these as their permission."""

    ROOM_VIEW = "room.view"
    ROOM_JOIN = "room.join"
    ROOM_RENAME = "room.rename"
    ROOM_OPEN = "room.open"
    ROOM_ARCHIVE = "room.archive"
    ROOM_LEAVE = "room.leave"
    MEMBER_ADD = "member.add"
    MEMBER_REMOVE = "member.remove"
    MEMBER_SET_ROLE = "member.set_role"
    MEMBER_SET_OWNER = "member.set_owner"
    MESSAGE_SEND = "message.send"
    MESSAGE_EDIT_OWN = "message.edit_own"
    MESSAGE_DELETE_OWN = "message.delete_own"
    MESSAGE_DELETE_ANY = "message.delete_any"
    MESSAGE_REVISIONS = "message.revisions"
    MESSAGE_REVISIONS_OWN = "message.revisions_own"
    REACTION_ADD = "reaction.add"
    TYPING_SEND = "typing.send"
    READ_MARK = "read.mark"
    PRESENCE_VIEW = "presence.view"
    CALL_START = "call.start"
    CALL_JOIN = "call.join"
    CALL_PUBLISH = "call.publish"
    CALL_MODERATE = "call.moderate"
    MEETING_JOIN = "meeting.join"
    MEETING_SCHEDULE = "meeting.schedule"
    MEETING_ATTENDANCE = "meeting.attendance"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS: Mapping[Action, str] = {
    Action.ROOM_VIEW: "see that the room exists, listen to it, read its history, members and search results",
    Action.ROOM_JOIN: "become a member of an open room",
    Action.ROOM_RENAME: "change the title",
    Action.ROOM_OPEN: "open the room to everybody, or close it to its members",
    Action.ROOM_ARCHIVE: "archive the room, or bring it back",
    Action.ROOM_LEAVE: "give up one's membership",
    Action.MEMBER_ADD: "add a member or moderator",
    Action.MEMBER_REMOVE: "remove a member or moderator",
    Action.MEMBER_SET_ROLE: "make a member a moderator, or a moderator a member",
    Action.MEMBER_SET_OWNER: "add, make, demote or remove an owner",
    Action.MESSAGE_SEND: "say something",
    Action.MESSAGE_EDIT_OWN: "change the text of one's own message",
    Action.MESSAGE_DELETE_OWN: "delete one's own message",
    Action.MESSAGE_DELETE_ANY: "delete somebody else's message",
    Action.MESSAGE_REVISIONS: "see the earlier texts of somebody else's message",
    Action.MESSAGE_REVISIONS_OWN: "see the earlier texts of one's own message",
    Action.REACTION_ADD: "react, or take one's reaction back",
    Action.TYPING_SEND: "show that one is typing",
    Action.READ_MARK: "move one's read marker",
    Action.PRESENCE_VIEW: "see who is here",
    Action.CALL_START: "start the room's call",
    Action.CALL_JOIN: "take a seat in the room's call",
    Action.CALL_PUBLISH: "share one's microphone, camera or screen, as far as the call's policy lets",
    Action.CALL_MODERATE: "lead the call: mute, remove, admit, lock, hand over the floor, end it",
    Action.MEETING_JOIN: "come to the room's meetings, and see their recordings",
    Action.MEETING_SCHEDULE: "schedule, change, move, cancel and end the room's meetings, and invite guests",
    Action.MEETING_ATTENDANCE: "see who came to the room's meetings, and their history",
}


class ServerAction(StrEnum):
    """What can be done outside of any room, beside creating one."""

    AUTH_REVOKE = "auth.revoke"
    PEOPLE_SEARCH = "people.search"
    JOBS_RETRY = "jobs.retry"

    @property
    def meaning(self) -> str:
        return _SERVER_MEANINGS[self]


_SERVER_MEANINGS: Mapping[ServerAction, str] = {
    ServerAction.AUTH_REVOKE: "revoke a token, or all tokens of somebody",
    ServerAction.PEOPLE_SEARCH: "find people by name",
    ServerAction.JOBS_RETRY: "see all work that failed, and have it tried again",
}


class Standing(StrEnum):
    """How somebody stands in a room, all things considered.

    A visitor does not belong to an open room and may look in; for a stranger the room does not exist.
    """

    OWNER = "owner"
    MODERATOR = "moderator"
    MEMBER = "member"
    VISITOR = "visitor"
    STRANGER = "stranger"


def effective_role(
    role: SignInRole, membership: RoomRole | None, kind: RoomKind, visibility: Visibility
) -> Standing:
    """How somebody stands in a room, from what they signed in as and their membership there.

    An admin is an owner everywhere but in direct rooms: what two people say to each other is theirs, so there an
    admin who is not one of the two is a stranger as anybody else. Both people of a direct room are plain members.
    A guest sees nothing but the rooms that they were made a member of.
    """
    if kind is RoomKind.DIRECT:
        return Standing.STRANGER if membership is None else Standing.MEMBER
    if role is SignInRole.ADMIN:
        return Standing.OWNER
    if membership is not None:
        return Standing(membership.value)
    if visibility is Visibility.OPEN and role is not SignInRole.GUEST:
        return Standing.VISITOR
    return Standing.STRANGER


_MEMBER = frozenset(
    {
        Action.ROOM_VIEW,
        Action.ROOM_JOIN,
        Action.ROOM_LEAVE,
        Action.MESSAGE_SEND,
        Action.MESSAGE_EDIT_OWN,
        Action.MESSAGE_DELETE_OWN,
        Action.MESSAGE_REVISIONS_OWN,
        Action.REACTION_ADD,
        Action.TYPING_SEND,
        Action.READ_MARK,
        Action.PRESENCE_VIEW,
        Action.CALL_START,
        Action.CALL_JOIN,
        Action.CALL_PUBLISH,
        Action.MEETING_JOIN,
    }
)
_SPEAKING = frozenset(
    {Action.MESSAGE_SEND, Action.MESSAGE_EDIT_OWN, Action.MESSAGE_DELETE_OWN, Action.TYPING_SEND}
)
_STANDARD: Mapping[Standing, frozenset[Action]] = {
    Standing.OWNER: frozenset(Action),
    Standing.MODERATOR: frozenset(Action) - {Action.ROOM_ARCHIVE, Action.MEMBER_SET_OWNER},
    Standing.MEMBER: _MEMBER,
    Standing.VISITOR: frozenset({Action.ROOM_VIEW, Action.ROOM_JOIN}),
    Standing.STRANGER: frozenset(),
}
_ANNOUNCEMENT = {**_STANDARD, Standing.MEMBER: _MEMBER - _SPEAKING - {Action.CALL_START}}
_DIRECT = {**dict.fromkeys(Standing, frozenset[Action]()), Standing.MEMBER: _MEMBER - {Action.ROOM_LEAVE}}

_BY_KIND: Mapping[RoomKind, Mapping[Standing, frozenset[Action]]] = {
    RoomKind.COURSE: _STANDARD,
    RoomKind.GROUP: _STANDARD,
    RoomKind.MEETING: _STANDARD,
    RoomKind.ANNOUNCEMENT: _ANNOUNCEMENT,
    RoomKind.DIRECT: _DIRECT,
}
_WHEN_ARCHIVED = frozenset(
    {
        Action.ROOM_VIEW,
        Action.MESSAGE_REVISIONS,
        Action.MESSAGE_REVISIONS_OWN,
        Action.PRESENCE_VIEW,
        Action.READ_MARK,  # or its unread count would stay for ever
        Action.MEETING_JOIN,  # for recordings: nothing is held in an archived room any more
        Action.MEETING_ATTENDANCE,
        Action.ROOM_ARCHIVE,  # bringing it back
    }
)


def allows(action: Action, standing: Standing, kind: RoomKind, *, archived: bool = False) -> bool:
    """Whether somebody who stands so may do this in a room of that kind."""
    return action in _BY_KIND[kind][standing] and (not archived or action in _WHEN_ARCHIVED)


def require(action: Action, standing: Standing, kind: RoomKind, *, archived: bool = False) -> None:
    """As `allows`, refusing by exception.

    Raises NotFound when they may not even know of the room, Conflict (`room_archived`) when only that forbids it,
    and Forbidden otherwise.
    """
    if allows(action, standing, kind, archived=archived):
        return
    if not allows(Action.ROOM_VIEW, standing, kind):
        raise NotFound
    if allows(action, standing, kind):
        raise Conflict(code=ErrorCode.ROOM_ARCHIVED)
    raise Forbidden


def member_action(present: RoomRole | None, wanted: RoomRole | None) -> Action:
    """What it takes to turn somebody's membership from `present` into `wanted`, None being no membership."""
    if RoomRole.OWNER in {present, wanted}:
        return Action.MEMBER_SET_OWNER
    if present is None:
        return Action.MEMBER_ADD
    return Action.MEMBER_REMOVE if wanted is None else Action.MEMBER_SET_ROLE


_MAY_CREATE: Mapping[SignInRole, frozenset[RoomKind]] = {
    SignInRole.ADMIN: frozenset(RoomKind),
    SignInRole.INSTRUCTOR: frozenset(RoomKind),
    SignInRole.STUDENT: frozenset({RoomKind.DIRECT}),
    SignInRole.BOT: frozenset({RoomKind.DIRECT, RoomKind.GROUP}),
    SignInRole.GUEST: frozenset(),
}
_MAY: Mapping[ServerAction, frozenset[SignInRole]] = {
    ServerAction.AUTH_REVOKE: frozenset({SignInRole.ADMIN}),
    ServerAction.PEOPLE_SEARCH: frozenset(SignInRole) - {SignInRole.GUEST},
    ServerAction.JOBS_RETRY: frozenset({SignInRole.ADMIN}),
}


def may_create(role: SignInRole, kind: RoomKind) -> bool:
    """Whether somebody who signed in so may make a room of that kind. Rooms of a token's `rooms` need no such leave."""
    return kind in _MAY_CREATE[role]


def may(role: SignInRole, action: ServerAction) -> bool:
    """Whether somebody who signed in so may do this."""
    return role in _MAY[action]


def table_markdown() -> str:
    """The tables for the docs: rooms of each sort, archived rooms, and what each sign-in role may do outside of them."""
    titles = {
        "Course, group and meeting rooms": _STANDARD,
        "Announcement rooms": _ANNOUNCEMENT,
        "Direct rooms": _DIRECT,
    }
    parts = [_room_table(title, table) for title, table in titles.items()]
    archived = ", ".join(f"`{action}`" for action in Action if action in _WHEN_ARCHIVED)
    parts.append(f"### Archived rooms\n\nOf what the tables above allow, only this remains: {archived}.\n")
    return "\n".join([*parts, _server_table()])


def _room_table(title: str, table: Mapping[Standing, Collection[Action]]) -> str:
    shown = [standing for standing in Standing if table[standing]]
    rows = [[f"`{action}`", action.meaning, *_ticks(action in table[s] for s in shown)] for action in Action]
    return _table(title, ["Action", "Meaning", *(str(standing) for standing in shown)], rows)


def _server_table() -> str:
    rows = [
        [
            f"`room.create` {kind}",
            f"make a room of kind {kind}",
            *_ticks(may_create(r, kind) for r in SignInRole),
        ]
        for kind in RoomKind
    ]
    rows += [
        [f"`{action}`", action.meaning, *_ticks(may(r, action) for r in SignInRole)]
        for action in ServerAction
    ]
    return _table("Outside of rooms", ["Action", "Meaning", *(str(role) for role in SignInRole)], rows)


def _ticks(allowed: Iterable[bool]) -> list[str]:
    return ["yes" if one else "–" for one in allowed]


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * 2 + [":-:"] * (len(head) - 2), *rows]
    return "\n".join([f"### {title}", "", *(f"| {' | '.join(cells)} |" for cells in lines), ""])
