"""SQL about people, rooms and membership. Reads take a connection; what writes stands in `writes.py`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action, Standing, allows, effective_role, require
from contract.errors import NotFound
from contract.people import Actor, RoomRole, SignInRole
from contract.rooms import ListMembers, ListRooms, Member, Room, RoomKind, Visibility
from realtime.log.tables import RoomHead
from realtime.rooms.tables import MemberRow, RoomRow, UserRow


@dataclass(frozen=True)
class Access:
    """A room, and how somebody stands in it."""

    room: Room
    standing: Standing
    role: RoomRole | None
    read_seq: int
    head: int

    def allows(self, action: Action) -> bool:
        return allows(action, self.standing, self.room.kind, archived=self.room.archived)

    def require(self, action: Action) -> None:
        """Raises NotFound, Conflict (`room_archived`) or Forbidden."""
        require(action, self.standing, self.room.kind, archived=self.room.archived)


ACCESS_COLUMNS = (
    RoomRow.id,
    RoomRow.key,
    RoomRow.kind,
    RoomRow.title,
    RoomRow.visibility,
    RoomRow.archived_at,
    RoomRow.created_at,
    MemberRow.role,
    MemberRow.read_seq,
    RoomHead.last_seq,
)


def room_of(row: Any) -> Room:
    """The room that a row holds."""
    return Room.model_construct(
        id=row.id,
        key=row.key,
        kind=RoomKind(row.kind),
        title=row.title,
        visibility=Visibility(row.visibility),
        archived=row.archived_at is not None,
        created_at=row.created_at,
    )


def access_of(row: Any, role: SignInRole) -> Access:
    """How somebody with that sign-in role stands in the room of the row."""
    room = room_of(row)
    membership = RoomRole(row.role) if row.role is not None else None
    standing = effective_role(role, membership, room.kind, room.visibility)
    return Access(room, standing, membership, row.read_seq or 0, row.last_seq)


def _rooms_for(user_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(*ACCESS_COLUMNS)
        .join(RoomHead, RoomHead.room_id == RoomRow.id)
        .outerjoin(MemberRow, and_(MemberRow.room_id == RoomRow.id, MemberRow.user_id == user_id))
    )


async def access(connection: AsyncConnection, who: Identity, room_id: str) -> Access:
    """How `who` stands in a room.

    Raises:
        NotFound: there is no such room.
    """
    return await _one(connection, who, _rooms_for(who.user_id).where(RoomRow.id == room_id))


async def access_by_key(connection: AsyncConnection, who: Identity, key: str) -> Access:
    """As `access`, by the LMS's name for the room."""
    return await _one(connection, who, _rooms_for(who.user_id).where(RoomRow.key == key))


async def _one(connection: AsyncConnection, who: Identity, statement: Select[*tuple[Any, ...]]) -> Access:
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return access_of(row, who.role)


async def accesses(
    connection: AsyncConnection, pairs: Iterable[tuple[str, str, SignInRole]]
) -> dict[tuple[str, str], Access]:
    """How many people stand in many rooms, in one query. Pairs whose room is not there are left out."""
    asked = list(pairs)
    users = {user_id for _, user_id, _ in asked}
    rooms = {room_id for room_id, _, _ in asked}
    rows = await connection.execute(
        select(*ACCESS_COLUMNS, MemberRow.user_id)
        .join(RoomHead, RoomHead.room_id == RoomRow.id)
        .outerjoin(MemberRow, and_(MemberRow.room_id == RoomRow.id, MemberRow.user_id.in_(users)))
        .where(RoomRow.id.in_(rooms))
    )
    members: dict[tuple[str, str], Any] = {}
    by_room: dict[str, Any] = {}
    for line in rows:
        by_room[line.id] = line
        if line.user_id is not None:
            members[line.id, line.user_id] = line
    found: dict[tuple[str, str], Access] = {}
    for room_id, user_id, role in asked:
        member = members.get((room_id, user_id))
        row: Any = member if member is not None else by_room.get(room_id)
        if row is not None:
            found[room_id, user_id] = access_of(row if member is not None else _without_member(row), role)
    return found


@dataclass(frozen=True)
class _NoMember:
    id: str
    key: str | None
    kind: str
    title: str
    visibility: str
    archived_at: datetime | None
    created_at: datetime
    last_seq: int
    role: None = None
    read_seq: None = None


def _without_member(row: Any) -> _NoMember:
    return _NoMember(
        row.id, row.key, row.kind, row.title, row.visibility, row.archived_at, row.created_at, row.last_seq
    )


async def list_rooms(connection: AsyncConnection, who: Identity, page: ListRooms) -> Sequence[Access]:
    """The page's rooms and one more, so that it is known whether more follow; in the order of their ids."""
    statement = _rooms_for(who.user_id)
    if page.scope == "mine":
        statement = statement.where(MemberRow.user_id.is_not(None))
    else:
        statement = statement.where(
            MemberRow.user_id.is_(None),
            RoomRow.visibility == Visibility.OPEN.value,
            RoomRow.archived_at.is_(None),
        )
        if who.role is SignInRole.GUEST:
            return []
    if page.after is not None:
        statement = statement.where(RoomRow.id > page.after)
    rows = await connection.execute(statement.order_by(RoomRow.id).limit(page.limit + 1))
    return [access_of(row, who.role) for row in rows]


async def list_members(connection: AsyncConnection, room_id: str, page: ListMembers) -> Sequence[Member]:
    """The page's members and one more; in the order of their ids."""
    statement = _members(room_id)
    if page.after is not None:
        statement = statement.where(MemberRow.user_id > page.after)
    rows = await connection.execute(statement.order_by(MemberRow.user_id).limit(page.limit + 1))
    return [member_of(row) for row in rows]


async def member(connection: AsyncConnection, room_id: str, user_id: str) -> Member | None:
    """One member of a room."""
    row = (await connection.execute(_members(room_id).where(MemberRow.user_id == user_id))).one_or_none()
    return None if row is None else member_of(row)


def _members(room_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            UserRow.id,
            UserRow.name,
            UserRow.role,
            UserRow.picture,
            MemberRow.role.label("room_role"),
            MemberRow.joined_at,
        )
        .join(UserRow, UserRow.id == MemberRow.user_id)
        .where(MemberRow.room_id == room_id)
    )


def member_of(row: Any) -> Member:
    return Member.model_construct(user=actor_of(row), role=RoomRole(row.room_role), joined_at=row.joined_at)


def actor_of(row: Any) -> Actor:
    """Somebody as their last token described them."""
    return Actor.model_construct(id=row.id, name=row.name, role=SignInRole(row.role), picture=row.picture)


async def people(connection: AsyncConnection, user_ids: Iterable[str]) -> Mapping[str, Actor]:
    """Those of the people who are known."""
    rows = await connection.execute(
        select(UserRow.id, UserRow.name, UserRow.role, UserRow.picture).where(UserRow.id.in_(set(user_ids)))
    )
    return {row.id: actor_of(row) for row in rows}


@dataclass(frozen=True)
class KnownPerson:
    """What earlier tokens said of somebody."""

    actor: Actor
    email: str | None
    zone: str | None

    def told_by(self, who: Identity, actor: Actor) -> bool:
        """Whether that token says nothing new."""
        return self.actor == actor and who.email in {None, self.email} and who.zone in {None, self.zone}


async def known_by_token(connection: AsyncConnection, user_id: str) -> KnownPerson | None:
    columns = (UserRow.id, UserRow.name, UserRow.role, UserRow.picture, UserRow.email, UserRow.zone)
    row = (await connection.execute(select(*columns).where(UserRow.id == user_id))).one_or_none()
    return None if row is None else KnownPerson(actor_of(row), row.email, row.zone)


async def pairs(connection: AsyncConnection, room_ids: Iterable[str]) -> Mapping[str, list[Actor]]:
    """The two people of each direct room."""
    rows = await connection.execute(
        select(MemberRow.room_id, UserRow.id, UserRow.name, UserRow.role, UserRow.picture)
        .join(UserRow, UserRow.id == MemberRow.user_id)
        .where(MemberRow.room_id.in_(set(room_ids)))
        .order_by(UserRow.id)
    )
    found: dict[str, list[Actor]] = {}
    for row in rows:
        found.setdefault(row.room_id, []).append(actor_of(row))
    return found


async def token_memberships(
    connection: AsyncConnection, user_id: str, keys: Iterable[str]
) -> tuple[Mapping[str, str], Mapping[str, tuple[str, RoomRole, bool]]]:
    """What a token's `rooms` is compared with: key -> room id of the rooms there are, and room id -> (key, role,
    by_token) of the person's memberships in rooms that have a key.
    """
    rooms = await connection.execute(select(RoomRow.key, RoomRow.id).where(RoomRow.key.in_(list(keys))))
    members = await connection.execute(
        select(RoomRow.id, RoomRow.key, MemberRow.role, MemberRow.by_token)
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .where(MemberRow.user_id == user_id, RoomRow.key.is_not(None))
    )
    return (
        {row.key: row.id for row in rooms},
        {row.id: (row.key, RoomRole(row.role), row.by_token) for row in members},
    )


async def member_ids(
    connection: AsyncConnection, room_ids: Iterable[str], user_ids: Iterable[str]
) -> set[tuple[str, str]]:
    """Which of the people belong to which of the rooms, as (room id, user id)."""
    rows = await connection.execute(
        select(MemberRow.room_id, MemberRow.user_id).where(
            MemberRow.room_id.in_(set(room_ids)), MemberRow.user_id.in_(set(user_ids))
        )
    )
    return {(row.room_id, row.user_id) for row in rows}


async def rooms_of(connection: AsyncConnection, user_id: str) -> Sequence[str]:
    """The ids of the rooms that somebody belongs to."""
    return (
        (await connection.execute(select(MemberRow.room_id).where(MemberRow.user_id == user_id)))
        .scalars()
        .all()
    )
