"""Rooms that an LMS's token names: made on first use, membership follows the token."""

import asyncio

from auth.identity import Identity
from contract.people import RoomRole
from contract.rooms import ListMembers, ListRooms, MemberChanges, NewMember, RoomKind, Visibility
from realtime.rooms.rules import token_changes
from tests.realtime.school import ADMIN, ANA, EVE, TEACHER, Node, later

OWNER, MODERATOR, MEMBER = RoomRole.OWNER, RoomRole.MODERATOR, RoomRole.MEMBER


async def mine(node: Node, who: Identity) -> dict[str | None, RoomRole | None]:
    """Key and role of each of somebody's rooms."""
    return {line.room.key: line.me.role for line in (await node.rooms.list(who, ListRooms())).items}


async def test_a_room_is_made_on_first_use(node: Node) -> None:
    await node.admit(later(ANA, rooms={"math-7b": MEMBER}))
    (line,) = (await node.rooms.list(ANA, ListRooms())).items
    assert (line.room.key, line.room.title, line.room.kind) == ("math-7b", "math-7b", RoomKind.COURSE)
    assert line.room.visibility is Visibility.MEMBERS
    assert line.me.role is MEMBER
    assert [event.type for event in await node.events(line.room.id)] == ["room.created", "member.added"]


async def test_everybody_with_the_key_is_in_one_room(node: Node) -> None:
    await node.admit(later(TEACHER, rooms={"math": OWNER}), later(ANA, rooms={"math": MEMBER}))
    (one,) = (await node.rooms.list(TEACHER, ListRooms())).items
    (other,) = (await node.rooms.list(ANA, ListRooms())).items
    assert one.room.id == other.room.id


async def test_the_same_token_again_writes_nothing(node: Node) -> None:
    who = later(ANA, rooms={"math": MEMBER, "art": MODERATOR})
    await node.admit(who)
    before = {line.room.id: line.seq for line in (await node.rooms.list(ANA, ListRooms())).items}
    await node.admit(who, who)
    assert {line.room.id: line.seq for line in (await node.rooms.list(ANA, ListRooms())).items} == before


async def test_the_role_follows_the_token(node: Node) -> None:
    await node.admit(later(ANA, rooms={"math": MEMBER}))
    await node.admit(later(ANA, rooms={"math": OWNER}))
    assert await mine(node, ANA) == {"math": OWNER}
    await node.admit(later(ANA, rooms={"math": MEMBER}))
    assert await mine(node, ANA) == {"math": MEMBER}


async def test_a_role_changed_by_hand_lasts_until_the_next_token(node: Node) -> None:
    await node.admit(later(ANA, rooms={"math": MEMBER}))
    (line,) = (await node.rooms.list(ANA, ListRooms())).items
    await node.rooms.update_member(ADMIN, line.room.id, "ana", MemberChanges(role=MODERATOR))
    assert await mine(node, ANA) == {"math": MODERATOR}
    await node.admit(later(ANA, rooms={"math": MEMBER}))
    assert await mine(node, ANA) == {"math": MEMBER}


async def test_a_room_that_the_token_omits_is_left(node: Node) -> None:
    await node.admit(later(ANA, rooms={"math": MEMBER, "art": MEMBER}))
    await node.admit(later(ANA, rooms={"art": MEMBER}))
    assert await mine(node, ANA) == {"art": MEMBER}
    await node.admit(later(ANA, rooms={}))
    assert await mine(node, ANA) == {}


async def test_a_token_without_rooms_changes_nothing(node: Node) -> None:
    await node.admit(later(ANA, rooms={"math": MEMBER}))
    await node.admit(later(ANA, rooms=None))
    assert await mine(node, ANA) == {"math": MEMBER}


async def test_a_membership_that_no_token_gave_is_not_taken_by_one(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, key="club")
    await node.admit(later(ANA, rooms={"math": MEMBER}))
    await node.admit(later(ANA, rooms={}))
    assert await mine(node, ANA) == {"club": MEMBER}
    assert room_id


async def test_a_membership_that_the_token_gave_and_somebody_ended_comes_back_with_the_token(
    node: Node,
) -> None:
    await node.admit(later(ANA, rooms={"math": MEMBER}))
    (line,) = (await node.rooms.list(ANA, ListRooms())).items
    await node.rooms.leave(ANA, line.room.id)
    await node.admit(later(ANA, rooms={"math": MEMBER}))
    assert await mine(node, ANA) == {"math": MEMBER}


async def test_a_token_may_take_the_last_owner(node: Node) -> None:
    await node.admit(later(TEACHER, rooms={"math": OWNER}), later(ANA, rooms={"math": MEMBER}))
    await node.admit(later(TEACHER, rooms={}))
    assert await mine(node, TEACHER) == {}
    assert await mine(node, ANA) == {"math": MEMBER}


async def test_a_whole_class_that_comes_at_once_is_in_one_room(two_nodes: tuple[Node, Node]) -> None:
    crowd = [later(ANA, user_id=f"pupil{number}", rooms={"math": MEMBER}) for number in range(30)]
    await asyncio.gather(*(two_nodes[number % 2].admit(who) for number, who in enumerate(crowd)))
    (line,) = (await two_nodes[0].rooms.list(crowd[0], ListRooms())).items
    members = await two_nodes[0].rooms.members(crowd[0], line.room.id, ListMembers())
    assert len(members.items) == 30
    events = await two_nodes[0].events(line.room.id)
    assert [event.seq for event in events] == list(range(1, 32))


async def test_a_fresh_name_and_picture_are_shown_from_then_on(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await node.rooms.add_member(TEACHER, room_id, NewMember(user_id="new"))
    await node.admit(
        later(ANA, name="Ana Maria", picture="https://lms.test/ana.png"),
        later(EVE, user_id="new", name="New"),
    )
    members = (await node.rooms.members(TEACHER, room_id, ListMembers())).items
    shown = {member.user.id: (member.user.name, member.user.picture) for member in members}
    assert shown["ana"] == ("Ana Maria", "https://lms.test/ana.png")
    assert shown["new"] == ("New", None)


async def test_a_connection_is_told_of_rooms_that_a_fresh_token_brings_and_takes(node: Node) -> None:
    ana = await node.connect(later(ANA, rooms={}))
    await ana.asks("auth:refresh", {"token": node.token(later(ANA, rooms={"math": MEMBER}))})
    added = await ana.hears("room.added")
    assert added["data"]["summary"]["room"]["key"] == "math"
    await ana.asks("auth:refresh", {"token": node.token(later(ANA, rooms={}))})
    removed = await ana.hears("room.removed")
    assert removed["data"]["room_id"] == added["data"]["summary"]["room"]["id"]


def test_what_a_token_changes_is_decided_without_a_database() -> None:
    present = [("r1", "math", MEMBER, True), ("r2", "art", MEMBER, True), ("r3", "club", OWNER, False)]
    changes = token_changes({"math": MEMBER, "art": OWNER, "new": MEMBER}, present)
    assert changes.enter == {"art": OWNER, "new": MEMBER}
    assert changes.leave == frozenset()
    assert token_changes({}, present).leave == {"r1", "r2"}
    assert token_changes(None, present) == token_changes(None, [])
