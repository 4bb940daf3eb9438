"""The HTTP door to rooms and membership."""

from collections.abc import Mapping

from contract.rooms import (
    CreateRoom,
    ListMembers,
    ListRooms,
    MemberAnswer,
    MemberChanges,
    MemberPage,
    NewMember,
    Nothing,
    RoomAnswer,
    RoomChanges,
    RoomPage,
)
from realtime.rest import Handler, RestCall
from realtime.rooms.service import RoomService


def room_routes(rooms: RoomService) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""
    routes = RoomRoutes(rooms)
    return {
        "listRooms": routes.list_rooms,
        "createRoom": routes.create_room,
        "getRoom": routes.get_room,
        "updateRoom": routes.update_room,
        "joinRoom": routes.join_room,
        "leaveRoom": routes.leave_room,
        "listMembers": routes.list_members,
        "addMember": routes.add_member,
        "updateMember": routes.update_member,
        "removeMember": routes.remove_member,
    }


class RoomRoutes:
    """One method per operation, each one call of the service."""

    def __init__(self, rooms: RoomService) -> None:
        self._rooms = rooms

    async def list_rooms(self, call: RestCall) -> RoomPage:
        return await self._rooms.list(call.who, call.query(ListRooms))

    async def create_room(self, call: RestCall) -> RoomAnswer:
        return await self._rooms.create(call.who, call.body(CreateRoom), call.idempotency_key)

    async def get_room(self, call: RestCall) -> RoomAnswer:
        return await self._rooms.get(call.who, call.path["room_id"])

    async def update_room(self, call: RestCall) -> RoomAnswer:
        return await self._rooms.update(call.who, call.path["room_id"], call.body(RoomChanges))

    async def join_room(self, call: RestCall) -> RoomAnswer:
        return await self._rooms.enter(call.who, call.path["room_id"])

    async def leave_room(self, call: RestCall) -> Nothing:
        return await self._rooms.leave(call.who, call.path["room_id"])

    async def list_members(self, call: RestCall) -> MemberPage:
        return await self._rooms.members(call.who, call.path["room_id"], call.query(ListMembers))

    async def add_member(self, call: RestCall) -> MemberAnswer:
        return await self._rooms.add_member(call.who, call.path["room_id"], call.body(NewMember))

    async def update_member(self, call: RestCall) -> MemberAnswer:
        room_id, user_id = call.path["room_id"], call.path["user_id"]
        return await self._rooms.update_member(call.who, room_id, user_id, call.body(MemberChanges))

    async def remove_member(self, call: RestCall) -> Nothing:
        return await self._rooms.remove_member(call.who, call.path["room_id"], call.path["user_id"])
