"""One method for each thing somebody can want of rooms. Only services write, and nothing is told before its commit."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action
from contract.ids import IdFactory
from contract.messages import Message
from contract.people import RoomRole
from contract.rooms import (
    CreateRoom,
    ListMembers,
    ListRooms,
    MemberAnswer,
    MemberChanges,
    MemberPage,
    Membership,
    NewMember,
    Nothing,
    RoomAnswer,
    RoomChanges,
    RoomKind,
    RoomPage,
    RoomSummary,
)
from db.engine import Database
from realtime.log.epoch import EpochKeeper
from realtime.log.writer import Writer
from realtime.rooms import rules, store, writes
from realtime.rooms.store import Access


@dataclass(frozen=True)
class Overview:
    """What the room list shows of what was said: the newest message, and how many the person has not read."""

    last_message: Message | None
    unread: int


class Conversations(Protocol):
    """What rooms know of chat."""

    async def __call__(
        self, connection: AsyncConnection, user_id: str, room_ids: Sequence[str]
    ) -> Mapping[str, Overview]: ...


class PersonalChannel(Protocol):
    """Reaches all connections of one person, on all nodes."""

    async def added(self, user_id: str, room_id: str) -> None: ...

    async def removed(self, user_id: str, room_id: str) -> None: ...


class RoomService:
    """Rooms and membership."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        epochs: EpochKeeper,
        ids: IdFactory,
        conversations: Conversations,
    ) -> None:
        self._database = database
        self._writer = writer
        self._epochs = epochs
        self._ids = ids
        self._conversations = conversations
        self._personal: PersonalChannel | None = None

    def tell_through(self, personal: PersonalChannel) -> None:
        self._personal = personal

    async def create(self, who: Identity, wish: CreateRoom, creation_key: str | None = None) -> RoomAnswer:
        """Makes a room. A repeated `creation_key`, and a second direct room of the same two, answer with the first."""
        rules.check_creation(who, wish)
        made = await self._writer.submit(writes.Create(who, wish, self._ids.new("room"), creation_key))
        for user_id in {who.user_id, *(member.user_id for member in wish.members)}:
            await self._tell_added(user_id, made.id)
        return await self.get(who, made.id)

    async def update(self, who: Identity, room_id: str, changes: RoomChanges) -> RoomAnswer:
        await self._writer.submit(writes.Change(who, room_id, changes))
        return await self.get(who, room_id)

    async def get(self, who: Identity, room_id: str) -> RoomAnswer:
        async with self._database.reading() as connection:
            access = await store.access(connection, who, room_id)
            access.require(Action.ROOM_VIEW)
            return RoomAnswer(summary=(await self._summaries(connection, who.user_id, [access]))[0])

    async def list(self, who: Identity, page: ListRooms) -> RoomPage:
        async with self._database.reading() as connection:
            found = await store.list_rooms(connection, who, page)
            items = [*await self._summaries(connection, who.user_id, found[: page.limit])]
        has_more = len(found) > page.limit
        return RoomPage(items=items, has_more=has_more, next=items[-1].room.id if has_more else None)

    async def enter(self, who: Identity, room_id: str) -> RoomAnswer:
        """Becomes a member of an open room."""
        await self._writer.submit(writes.Enter(who, room_id))
        await self._tell_added(who.user_id, room_id)
        return await self.get(who, room_id)

    async def leave(self, who: Identity, room_id: str) -> Nothing:
        return await self.remove_member(who, room_id, who.user_id)

    async def members(self, who: Identity, room_id: str, page: ListMembers) -> MemberPage:
        async with self._database.reading() as connection:
            (await store.access(connection, who, room_id)).require(Action.ROOM_VIEW)
            found = await store.list_members(connection, room_id, page)
        items = list(found[: page.limit])
        has_more = len(found) > page.limit
        return MemberPage(items=items, has_more=has_more, next=items[-1].user.id if has_more else None)

    async def add_member(self, who: Identity, room_id: str, new: NewMember) -> MemberAnswer:
        member = await self._writer.submit(writes.AddMember(who, room_id, new))
        await self._tell_added(new.user_id, room_id)
        return MemberAnswer(member=member)

    async def update_member(
        self, who: Identity, room_id: str, user_id: str, changes: MemberChanges
    ) -> MemberAnswer:
        new = NewMember(user_id=user_id, role=changes.role)
        return MemberAnswer(member=await self._writer.submit(writes.SetRole(who, room_id, new)))

    async def remove_member(self, who: Identity, room_id: str, user_id: str) -> Nothing:
        await self._writer.submit(writes.RemoveMember(who, room_id, user_id))
        await self._tell_removed(user_id, room_id)
        return Nothing()

    async def admit(self, who: Identity) -> None:
        """Takes over what a fresh token says: name, role, picture, address, and the memberships it lists."""
        actor = rules.actor_of(who)
        async with self._database.reading() as connection:
            known = await store.known_by_token(connection, who.user_id)
            rooms, members = await store.token_memberships(connection, who.user_id, who.rooms or {})
        if known is None or not known.told_by(who, actor):
            await self._writer.submit(writes.SeePerson(who))
        changes = rules.token_changes(
            who.rooms, [(room_id, key, role, by_token) for room_id, (key, role, by_token) in members.items()]
        )
        await asyncio.gather(  # all at once, so that they share group commits
            *(
                self._follow(who, rooms.get(key) or self._ids.new("room"), key, role)
                for key, role in changes.enter.items()
            ),
            *(self._follow(who, room_id, members[room_id][0], None) for room_id in changes.leave),
        )

    async def _follow(self, who: Identity, room_id: str, key: str, role: RoomRole | None) -> None:
        entered = await self._writer.submit(writes.FollowToken(who, room_id, key, role))
        if entered is not None:
            await self._tell_added(who.user_id, entered)
        if role is None:
            await self._tell_removed(who.user_id, room_id)

    async def _summaries(
        self, connection: AsyncConnection, user_id: str, accesses: Sequence[Access]
    ) -> Sequence[RoomSummary]:
        ids = [access.room.id for access in accesses]
        overviews = await self._conversations(connection, user_id, ids)
        direct = [access.room.id for access in accesses if access.room.kind is RoomKind.DIRECT]
        pairs = await store.pairs(connection, direct) if direct else {}
        return [
            RoomSummary(
                room=access.room,
                me=Membership(
                    role=access.role,
                    read_seq=access.read_seq,
                    unread=overviews[access.room.id].unread if access.role else 0,
                ),
                epoch=self._epochs.epoch,
                seq=access.head,
                last_message=overviews[access.room.id].last_message,
                people=pairs.get(access.room.id),
            )
            for access in accesses
        ]

    async def summary_for(self, user_id: str, room_id: str) -> RoomSummary | None:
        """A room's line in the list of somebody who belongs to it; None when they do not."""
        async with self._database.reading() as connection:
            known = (await store.people(connection, [user_id])).get(user_id)
            if known is None:
                return None
            found = await store.accesses(connection, [(room_id, user_id, known.role)])
            if not found or found[room_id, user_id].role is None:
                return None
            return (await self._summaries(connection, user_id, list(found.values())))[0]

    async def _tell_added(self, user_id: str, room_id: str) -> None:
        if self._personal is not None:
            await self._personal.added(user_id, room_id)

    async def _tell_removed(self, user_id: str, room_id: str) -> None:
        if self._personal is not None:
            await self._personal.removed(user_id, room_id)
