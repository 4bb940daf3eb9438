"""What is written about rooms: one intention for each thing that can happen to them."""

from typing import Any

from sqlalchemy import delete, func, select, update

from auth.identity import Identity
from auth.permissions import Action, member_action
from contract.errors import Conflict, NotFound
from contract.people import Actor, RoomRole, SignInRole
from contract.rooms import (
    CreateRoom,
    Member,
    MemberAdded,
    MemberRemoved,
    MemberUpdated,
    NewMember,
    Room,
    RoomChanges,
    RoomCreated,
    RoomKind,
    RoomUpdated,
    Visibility,
)
from realtime.log.transaction import Draft, Transaction
from realtime.log.writer import Intention
from realtime.rooms import rules
from realtime.rooms.store import Access, known_by_token, room_of
from realtime.rooms.tables import MemberRow, RoomRow, UserRow
from realtime.rooms.transaction_store import access_in, actor_in, known_in, member_role_in


class SeePerson(Intention[None]):
    """Keeps what the token says of somebody."""

    room_id = ""

    def __init__(self, who: Identity) -> None:
        self.waits_for = who.user_id
        self._who = who

    async def apply(self, transaction: Transaction) -> None:
        who = self._who
        await transaction.flush()
        known = await known_by_token(transaction.connection, who.user_id)
        values = {
            "name": who.name,
            "role": who.role.value,
            "picture": who.picture,
            "email": who.email or (known.email if known is not None else None),
            "zone": who.zone or (known.zone if known is not None else None),
            "seen_at": transaction.now,
        }
        if known is None:
            transaction.add(UserRow, {"id": who.user_id, **values})
            await transaction.flush()
        else:
            await transaction.execute(update(UserRow).where(UserRow.id == who.user_id).values(**values))
        if known is None or (known.email, known.zone) != (values["email"], values["zone"]):
            transaction.people.add(who.user_id)


class _RoomIntention(Intention[Any]):
    def __init__(self, who: Identity, room_id: str) -> None:
        self.who = who
        self.room_id = room_id
        self.actor = rules.actor_of(who)

    async def access(self, transaction: Transaction) -> Access:
        """Raises NotFound when there is no such room, or none for this person."""
        found = await access_in(transaction, self.who, self.room_id)
        found.require(Action.ROOM_VIEW)
        return found


class Create(Intention[Room]):
    """Makes a room with its first members. A direct room, a creation key or one's own room's key that exists already is
    answered with the room there is.
    """

    def __init__(self, who: Identity, wish: CreateRoom, room_id: str, creation_key: str | None) -> None:
        self.who = who
        self.room_id = room_id
        self._wish = wish
        self._creation_key = rules.creation_name(who.user_id, creation_key) if creation_key else None
        self._pair = (
            rules.direct_pair(who.user_id, wish.members[0].user_id) if wish.kind is RoomKind.DIRECT else None
        )
        self.waits_for = self._pair or self._creation_key or wish.key or ""

    async def apply(self, transaction: Transaction) -> Room:
        present = await self._present(transaction)
        if present is not None:
            return present
        room = self._room(transaction)
        transaction.add(RoomRow, self._row(room))
        transaction.begin_room(room.id)
        actor = rules.actor_of(self.who)
        transaction.append(room.id, Draft("room.created", actor, RoomCreated(room=room)))
        first = RoomRole.MEMBER if room.kind is RoomKind.DIRECT else RoomRole.OWNER
        await add_member(transaction, room.id, actor, NewMember(user_id=actor.id, role=first))
        for new in self._wish.members:
            if new.user_id != actor.id:
                role = RoomRole.MEMBER if room.kind is RoomKind.DIRECT else new.role
                await add_member(transaction, room.id, actor, NewMember(user_id=new.user_id, role=role))
        return room

    async def _present(self, transaction: Transaction) -> Room | None:
        wish = self._wish
        same = [
            column == value
            for column, value in (
                (RoomRow.direct_pair, self._pair),
                (RoomRow.creation_key, self._creation_key),
            )
            if value is not None
        ]
        for condition in same:
            row = (await transaction.read(select(*RoomRow.__table__.columns).where(condition))).one_or_none()
            if row is not None:
                return room_of(row)
        if wish.key is not None:
            row = (
                await transaction.read(select(*RoomRow.__table__.columns).where(RoomRow.key == wish.key))
            ).one_or_none()
            if row is not None and (row.created_by, row.kind) == (self.who.user_id, wish.kind.value):
                return room_of(row)
            if row is not None:
                raise Conflict("Another room has this key.", fields={"key": "is taken"})
        return None

    def _room(self, transaction: Transaction) -> Room:
        wish = self._wish
        return Room(
            id=self.room_id,
            key=wish.key,
            kind=wish.kind,
            title=wish.title or "Direct messages",
            visibility=wish.visibility,
            archived=False,
            created_at=transaction.now,
        )

    def _row(self, room: Room) -> dict[str, object]:
        return {
            "id": room.id,
            "key": room.key,
            "kind": room.kind.value,
            "title": room.title,
            "visibility": room.visibility.value,
            "archived_at": None,
            "created_at": room.created_at,
            "created_by": self.who.user_id,
            "direct_pair": self._pair,
            "creation_key": self._creation_key,
        }


class Change(_RoomIntention):
    """Renames, opens, closes, archives a room, or brings it back."""

    def __init__(self, who: Identity, room_id: str, changes: RoomChanges) -> None:
        super().__init__(who, room_id)
        self._changes = changes

    async def apply(self, transaction: Transaction) -> None:
        found = await self.access(transaction)
        needed = rules.actions_of(found.room, self._changes)
        for action in needed:
            found.require(action)
        if not needed:
            return
        changes = self._changes.model_dump(exclude_none=True, include={"title", "visibility", "archived"})
        room = found.room.model_copy(update=changes)
        await transaction.execute(
            update(RoomRow)
            .where(RoomRow.id == room.id)
            .values(
                title=room.title,
                visibility=room.visibility.value,
                archived_at=transaction.now if room.archived else None,
            )
        )
        transaction.append(room.id, Draft("room.updated", self.actor, RoomUpdated(room=room)))


class Enter(_RoomIntention):
    """Becomes a member of an open room. Who belongs already stays as they are."""

    async def apply(self, transaction: Transaction) -> None:
        found = await self.access(transaction)
        if found.role is not None:
            return
        found.require(Action.ROOM_JOIN)
        if found.room.kind is RoomKind.DIRECT:
            raise NotFound
        role = RoomRole.OWNER if self.who.role is SignInRole.ADMIN else RoomRole.MEMBER
        await add_member(
            transaction, self.room_id, self.actor, NewMember(user_id=self.who.user_id, role=role)
        )


class AddMember(_RoomIntention):
    """Adds somebody, or gives a member the role that is asked for."""

    def __init__(self, who: Identity, room_id: str, new: NewMember) -> None:
        super().__init__(who, room_id)
        self._new = new

    async def apply(self, transaction: Transaction) -> Member:
        found = await self.access(transaction)
        present = await member_role_in(transaction, self.room_id, self._new.user_id)
        found.require(
            member_action(present, self._new.role) if present != self._new.role else Action.MEMBER_ADD
        )
        if present is None:
            return await add_member(transaction, self.room_id, self.actor, self._new)
        if present is RoomRole.OWNER and self._new.role is not RoomRole.OWNER:
            await _keep_an_owner(transaction, self.room_id)
        return await set_role(transaction, self.room_id, self.actor, self._new)


class SetRole(_RoomIntention):
    """Changes somebody's role in a room."""

    def __init__(self, who: Identity, room_id: str, new: NewMember) -> None:
        super().__init__(who, room_id)
        self._new = new

    async def apply(self, transaction: Transaction) -> Member:
        found = await self.access(transaction)
        present = await member_role_in(transaction, self.room_id, self._new.user_id)
        found.require(Action.MEMBER_SET_ROLE)
        if present is None:
            raise NotFound("That person does not belong to the room.")
        if present is not self._new.role:
            found.require(member_action(present, self._new.role))
            if present is RoomRole.OWNER:
                await _keep_an_owner(transaction, self.room_id)
        return await set_role(transaction, self.room_id, self.actor, self._new)


class RemoveMember(_RoomIntention):
    """Removes somebody else, or oneself."""

    def __init__(self, who: Identity, room_id: str, user_id: str) -> None:
        super().__init__(who, room_id)
        self._user_id = user_id

    async def apply(self, transaction: Transaction) -> None:
        found = await self.access(transaction)
        present = await member_role_in(transaction, self.room_id, self._user_id)
        if self._user_id == self.who.user_id:
            found.require(Action.ROOM_LEAVE)
        else:
            found.require(Action.MEMBER_REMOVE)
            if present is not None:
                found.require(member_action(present, None))
        if present is None:
            raise NotFound("That person does not belong to the room.")
        if present is RoomRole.OWNER:
            await _keep_an_owner(transaction, self.room_id)
        await remove_member(transaction, self.room_id, self.actor, self._user_id)


class FollowToken(Intention[str | None]):
    """Makes one membership what the token says: `role` None ends it. The room is made if there is none of that key.
    Answers with the room's id when somebody now belongs to it who did not before.
    """

    def __init__(self, who: Identity, room_id: str, key: str, role: RoomRole | None) -> None:
        self.who = who
        self.room_id = room_id
        self.waits_for = key
        self._key = key
        self._role = role
        self._actor = rules.actor_of(who)

    async def apply(self, transaction: Transaction) -> str | None:
        row = (await transaction.read(select(RoomRow.id).where(RoomRow.key == self._key))).one_or_none()
        room_id = self.room_id if row is None else str(row.id)
        await transaction.lock([room_id])
        if row is None:
            if self._role is None:
                return None
            self._make(transaction)
        present = await member_role_in(transaction, room_id, self.who.user_id)
        if self._role is None:
            if present is not None:
                await remove_member(transaction, room_id, self._actor, self.who.user_id)
            return None
        new = NewMember(user_id=self.who.user_id, role=self._role)
        if present is None:
            await add_member(transaction, room_id, self._actor, new, by_token=True)
            return room_id
        await set_role(transaction, room_id, self._actor, new, by_token=True)
        return None

    def _make(self, transaction: Transaction) -> None:
        room = Room(
            id=self.room_id,
            key=self._key,
            kind=RoomKind.COURSE,
            title=self._key,
            visibility=Visibility.MEMBERS,
            archived=False,
            created_at=transaction.now,
        )
        row = room.model_dump(exclude={"archived"}) | {
            "kind": room.kind.value,
            "visibility": room.visibility.value,
            "archived_at": None,
            "created_by": self.who.user_id,
            "direct_pair": None,
            "creation_key": None,
        }
        transaction.add(RoomRow, row)
        transaction.begin_room(room.id)
        transaction.append(room.id, Draft("room.created", self._actor, RoomCreated(room=room)))


async def add_member(
    transaction: Transaction, room_id: str, actor: Actor, new: NewMember, *, by_token: bool = False
) -> Member:
    """Adds somebody who does not belong yet; people never heard of are entered under their id."""
    if not await known_in(transaction, [new.user_id]):
        unknown = {"id": new.user_id, "name": new.user_id[:120], "role": SignInRole.STUDENT.value}
        transaction.add(UserRow, unknown | {"picture": None, "seen_at": None})
    await transaction.flush()
    member = Member(user=await actor_in(transaction, new.user_id), role=new.role, joined_at=transaction.now)
    event = transaction.append(room_id, Draft("member.added", actor, MemberAdded(member=member)))
    transaction.add(
        MemberRow,
        {
            "room_id": room_id,
            "user_id": new.user_id,
            "role": new.role.value,
            "joined_at": transaction.now,
            "read_seq": event.seq,
            "by_token": by_token,
        },
    )
    await transaction.flush()
    return member


async def set_role(
    transaction: Transaction, room_id: str, actor: Actor, new: NewMember, *, by_token: bool | None = None
) -> Member:
    """Gives a member the role; an event is written only if it is another one."""
    mine = (MemberRow.room_id == room_id, MemberRow.user_id == new.user_id)
    row = (await transaction.read(select(MemberRow.role, MemberRow.joined_at).where(*mine))).one()
    member = Member(user=await actor_in(transaction, new.user_id), role=new.role, joined_at=row.joined_at)
    values: dict[str, object] = {"role": new.role.value}
    if by_token is not None:
        values["by_token"] = by_token
    await transaction.execute(update(MemberRow).where(*mine).values(**values))
    if row.role != new.role.value:
        transaction.append(room_id, Draft("member.updated", actor, MemberUpdated(member=member)))
    return member


async def remove_member(transaction: Transaction, room_id: str, actor: Actor, user_id: str) -> None:
    """Ends a membership."""
    await transaction.execute(
        delete(MemberRow).where(MemberRow.room_id == room_id, MemberRow.user_id == user_id)
    )
    transaction.append(room_id, Draft("member.removed", actor, MemberRemoved(user_id=user_id)))


async def _keep_an_owner(transaction: Transaction, room_id: str) -> None:
    owners = await transaction.read(
        select(func.count()).where(MemberRow.room_id == room_id, MemberRow.role == RoomRole.OWNER.value)
    )
    if owners.scalar_one() <= 1:
        raise Conflict("A room needs an owner: make somebody else one first.")
