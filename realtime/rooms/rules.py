"""Decisions about rooms that need no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auth.identity import Identity
from auth.permissions import Action, may_create
from contract.errors import Conflict, Forbidden
from contract.people import Actor, RoomRole
from contract.rooms import CreateRoom, Room, RoomChanges, RoomKind


def actor_of(who: Identity) -> Actor:
    """The caller as shown beside what they do."""
    return Actor(id=who.user_id, name=who.name, role=who.role, picture=who.picture)


def check_creation(who: Identity, wish: CreateRoom) -> None:
    """Raises Forbidden when somebody with that role may not make such a room, Conflict for a direct room with oneself."""
    if not may_create(who.role, wish.kind):
        raise Forbidden(f"As {who.role} you may not create a {wish.kind} room.")
    if wish.kind is RoomKind.DIRECT and wish.members[0].user_id == who.user_id:
        raise Conflict("A direct room needs somebody else.")


def direct_pair(one: str, other: str) -> str:
    """The same name for the two, whoever asks. Lengths are told, so that no two pairs share a name."""
    first, second = sorted((one, other))
    return f"{len(first)}:{first}:{second}"


def creation_name(user_id: str, creation_key: str) -> str:
    """One person's creation key, told apart from everybody else's by the length of the id."""
    return f"{len(user_id)}:{user_id}:{creation_key}"


def actions_of(room: Room, changes: RoomChanges) -> list[Action]:
    """What somebody must be allowed to do for these changes. Fields that would stay as they are need nothing."""
    needed = []
    if changes.title is not None and changes.title != room.title:
        needed.append(Action.ROOM_RENAME)
    if changes.visibility is not None and changes.visibility is not room.visibility:
        needed.append(Action.ROOM_OPEN)
    if changes.archived is not None and changes.archived != room.archived:
        needed.append(Action.ROOM_ARCHIVE)
    return needed


@dataclass(frozen=True)
class TokenChanges:
    """What has to be done so that memberships follow a token."""

    enter: Mapping[str, RoomRole]
    """By room key: become a member with that role, or change to it; the room may have to be made first."""
    leave: frozenset[str]
    """By room id: memberships that an earlier token gave and this one omits."""


def token_changes(
    wanted: Mapping[str, RoomRole] | None, present: Iterable[tuple[str, str, RoomRole, bool]]
) -> TokenChanges:
    """Compares a token's `rooms` with memberships given as (room id, key, role, by_token).

    A token without `rooms` changes nothing. Memberships that no token gave are never taken away by one.
    """
    if wanted is None:
        return TokenChanges({}, frozenset())
    have = {key: (room_id, role, by_token) for room_id, key, role, by_token in present}
    enter = {key: role for key, role in wanted.items() if key not in have or have[key][1:] != (role, True)}
    leave = frozenset(
        room_id for key, (room_id, _, by_token) in have.items() if by_token and key not in wanted
    )
    return TokenChanges(enter, leave)
