"""The Socket.IO door to rooms and membership."""

from collections.abc import Mapping

from contract.rooms import (
    AddMember,
    CreateRoom,
    ListMembers,
    ListRoomMembers,
    ListRooms,
    MemberAnswer,
    MemberChanges,
    MemberPage,
    MemberRef,
    NewMember,
    Nothing,
    RoomAnswer,
    RoomChanges,
    RoomPage,
    RoomRef,
    UpdateMember,
    UpdateRoom,
)
from realtime.dispatch import Handler
from realtime.rooms.service import RoomService
from realtime.sessions import Session


class RoomNamespace:
    """One handler for each command, each one call of the service."""

    def __init__(self, rooms: RoomService) -> None:
        self._rooms = rooms

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "room:create": self.create,
            "room:update": self.update,
            "room:get": self.get,
            "room:list": self.list_rooms,
            "room:leave": self.leave,
            "member:list": self.list_members,
            "member:add": self.add_member,
            "member:update": self.update_member,
            "member:remove": self.remove_member,
        }

    async def create(self, session: Session, wish: CreateRoom) -> RoomAnswer:
        return await self._rooms.create(session.identity, wish)

    async def update(self, session: Session, wish: UpdateRoom) -> RoomAnswer:
        changes = RoomChanges(title=wish.title, visibility=wish.visibility, archived=wish.archived)
        return await self._rooms.update(session.identity, wish.room_id, changes)

    async def get(self, session: Session, wish: RoomRef) -> RoomAnswer:
        return await self._rooms.get(session.identity, wish.room_id)

    async def list_rooms(self, session: Session, wish: ListRooms) -> RoomPage:
        return await self._rooms.list(session.identity, wish)

    async def leave(self, session: Session, wish: RoomRef) -> Nothing:
        return await self._rooms.leave(session.identity, wish.room_id)

    async def list_members(self, session: Session, wish: ListRoomMembers) -> MemberPage:
        page = ListMembers(after=wish.after, limit=wish.limit)
        return await self._rooms.members(session.identity, wish.room_id, page)

    async def add_member(self, session: Session, wish: AddMember) -> MemberAnswer:
        new = NewMember(user_id=wish.user_id, role=wish.role)
        return await self._rooms.add_member(session.identity, wish.room_id, new)

    async def update_member(self, session: Session, wish: UpdateMember) -> MemberAnswer:
        changes = MemberChanges(role=wish.role)
        return await self._rooms.update_member(session.identity, wish.room_id, wish.user_id, changes)

    async def remove_member(self, session: Session, wish: MemberRef) -> Nothing:
        return await self._rooms.remove_member(session.identity, wish.room_id, wish.user_id)
