"""Rooms: who may make, see, enter, change and leave them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from auth.identity import Identity
from auth.permissions import Action, allows, effective_role, may_create
from contract.connection import SyncSince
from contract.errors import Conflict, DomainError, ErrorCode, Forbidden, NotFound
from contract.messages import HistoryPage, MarkRead, React, SearchMessages
from contract.people import RoomRole
from contract.rooms import (
    CreateRoom,
    ListMembers,
    ListRooms,
    MemberChanges,
    NewMember,
    RoomChanges,
    RoomKind,
    Visibility,
)
from tests.realtime.school import ADMIN, ANA, BEN, BOT, EVE, EVERYBODY, GUEST, TEACHER, Node, later, person

OPEN = Visibility.OPEN
OWNER, MODERATOR, MEMBER = RoomRole.OWNER, RoomRole.MODERATOR, RoomRole.MEMBER


def wish(kind: RoomKind, other: str = "ben") -> CreateRoom:
    if kind is RoomKind.DIRECT:
        return CreateRoom(kind=kind, members=[NewMember(user_id=other)])
    return CreateRoom(kind=kind, title="Algebra")


async def role_of(node: Node, room_id: str, user_id: str) -> RoomRole | None:
    members = await node.rooms.members(ADMIN, room_id, ListMembers())
    return next((member.role for member in members.items if member.user.id == user_id), None)


async def types(node: Node, room_id: str) -> list[str]:
    return [event.type for event in await node.events(room_id)]


async def refused_with(work: Awaitable[object]) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        await work
    return refusal.value


# ------------------------------------------------------------------------------------------------------- creation


async def test_each_role_makes_the_kinds_that_it_may(node: Node) -> None:
    for who in EVERYBODY:
        for kind in RoomKind:
            other = "eve" if who.user_id == "ben" else "ben"
            if not may_create(who.role, kind):
                assert isinstance(await refused_with(node.rooms.create(who, wish(kind, other))), Forbidden)
                continue
            made = (await node.rooms.create(who, wish(kind, other))).summary
            assert made.room.kind is kind
            assert made.me.role is (MEMBER if kind is RoomKind.DIRECT else OWNER)
            assert (await types(node, made.room.id))[:2] == ["room.created", "member.added"]


async def test_a_room_is_made_with_its_members(node: Node) -> None:
    made = await node.rooms.create(
        TEACHER,
        CreateRoom(
            kind=RoomKind.COURSE,
            title="Algebra",
            key="math",
            members=[
                NewMember(user_id="ana", role=MODERATOR),
                NewMember(user_id="teacher", role=MEMBER),
                NewMember(user_id="never-seen"),
            ],
        ),
    )
    room_id = made.summary.room.id
    members = (await node.rooms.members(ANA, room_id, ListMembers())).items
    assert {member.user.id: member.role for member in members} == {
        "ana": MODERATOR,
        "teacher": OWNER,
        "never-seen": MEMBER,
    }
    assert {member.user.name for member in members} == {"Ana", "Teacher", "never-seen"}
    assert await types(node, room_id) == ["room.created"] + ["member.added"] * 3
    assert made.summary.seq == 4
    assert made.summary.epoch == node.epochs.epoch


async def test_a_direct_room_is_the_same_from_both_sides(node: Node) -> None:
    first = (await node.rooms.create(ANA, wish(RoomKind.DIRECT))).summary
    again = (await node.rooms.create(ANA, wish(RoomKind.DIRECT))).summary
    back = (await node.rooms.create(BEN, wish(RoomKind.DIRECT, "ana"))).summary
    assert first.room.id == again.room.id == back.room.id
    assert first.people is not None
    assert [actor.id for actor in first.people] == ["ana", "ben"]
    assert await types(node, first.room.id) == ["room.created", "member.added", "member.added"]
    other = (await node.rooms.create(ANA, wish(RoomKind.DIRECT, "eve"))).summary
    assert other.room.id != first.room.id


async def test_names_that_run_together_are_not_the_same_pair(node: Node) -> None:
    await node.admit(person("a"), person("a:b"))
    one = await node.rooms.create(person("a"), wish(RoomKind.DIRECT, "b:c"))
    other = await node.rooms.create(person("a:b"), wish(RoomKind.DIRECT, "c"))
    assert one.summary.room.id != other.summary.room.id


async def test_nobody_has_a_direct_room_with_themselves(node: Node) -> None:
    assert isinstance(await refused_with(node.rooms.create(ANA, wish(RoomKind.DIRECT, "ana"))), Conflict)


async def test_nobody_enters_leaves_or_changes_a_direct_room(node: Node) -> None:
    room_id = (await node.rooms.create(ANA, wish(RoomKind.DIRECT))).summary.room.id
    for work in (
        node.rooms.add_member(ANA, room_id, NewMember(user_id="eve")),
        node.rooms.remove_member(ANA, room_id, "ben"),
        node.rooms.leave(ANA, room_id),
        node.rooms.update(ANA, room_id, RoomChanges(title="Us")),
        node.rooms.update(ANA, room_id, RoomChanges(visibility=OPEN)),
    ):
        assert isinstance(await refused_with(work), Forbidden)
    assert isinstance(await refused_with(node.rooms.get(ADMIN, room_id)), NotFound)
    assert isinstance(await refused_with(node.rooms.enter(ADMIN, room_id)), NotFound)


async def test_a_key_belongs_to_one_room(node: Node) -> None:
    await node.room(TEACHER, key="math")
    taken = await refused_with(
        node.rooms.create(ADMIN, CreateRoom(kind=RoomKind.COURSE, title="x", key="math"))
    )
    assert isinstance(taken, Conflict)
    assert taken.fields == {"key": "is taken"}


async def test_a_creation_that_is_repeated_answers_with_the_first_room(node: Node) -> None:
    first = await node.rooms.create(TEACHER, CreateRoom(kind=RoomKind.COURSE, title="One", key="k"), "once")
    again = await node.rooms.create(TEACHER, CreateRoom(kind=RoomKind.COURSE, title="One", key="k"), "once")
    other = await node.rooms.create(ADMIN, wish(RoomKind.COURSE), "once")
    assert again.summary.room == first.summary.room
    assert other.summary.room.id != first.summary.room.id


async def test_the_creation_keys_of_two_people_never_meet(node: Node) -> None:
    one, other = later(TEACHER, user_id="a"), later(TEACHER, user_id="a:b")
    await node.admit(one, other)
    first = await node.rooms.create(one, wish(RoomKind.COURSE), "b:c")
    second = await node.rooms.create(other, wish(RoomKind.COURSE), "c")
    assert first.summary.room.id != second.summary.room.id


# ------------------------------------------------------------------------------------------------------ visibility


async def test_an_open_room_is_found_and_entered(node: Node) -> None:
    room_id = await node.room(TEACHER, visibility=OPEN)
    found = await node.rooms.list(ANA, ListRooms(scope="open"))
    assert [one.room.id for one in found.items] == [room_id]
    assert found.items[0].me.role is None
    entered = await node.rooms.enter(ANA, room_id)
    assert entered.summary.me.role is MEMBER
    await node.rooms.enter(ANA, room_id)
    assert await types(node, room_id) == ["room.created", "member.added", "member.added"]
    assert (await node.rooms.list(ANA, ListRooms(scope="open"))).items == []
    assert [one.room.id for one in (await node.rooms.list(ANA, ListRooms())).items] == [room_id]


async def test_a_guest_finds_no_open_room(node: Node) -> None:
    room_id = await node.room(TEACHER, visibility=OPEN)
    assert (await node.rooms.list(GUEST, ListRooms(scope="open"))).items == []
    assert isinstance(await refused_with(node.rooms.get(GUEST, room_id)), NotFound)
    assert isinstance(await refused_with(node.rooms.enter(GUEST, room_id)), NotFound)
    await node.rooms.add_member(TEACHER, room_id, NewMember(user_id="guest"))
    assert (await node.rooms.get(GUEST, room_id)).summary.me.role is MEMBER


async def test_a_room_that_is_closed_again_keeps_its_members_alone(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, visibility=OPEN)
    await node.rooms.update(TEACHER, room_id, RoomChanges(visibility=Visibility.MEMBERS))
    assert isinstance(await refused_with(node.rooms.enter(BEN, room_id)), NotFound)
    assert (await node.rooms.get(ANA, room_id)).summary.room.visibility is Visibility.MEMBERS


async def test_an_admin_enters_as_an_owner(node: Node) -> None:
    room_id = await node.room(TEACHER)
    assert (await node.rooms.get(ADMIN, room_id)).summary.me.role is None
    assert (await node.rooms.enter(ADMIN, room_id)).summary.me.role is OWNER


def every_question(node: Node, who: Identity, room_id: str, message_id: str) -> dict[str, Awaitable[object]]:
    """Each service method that names a room or a message of it."""
    rooms, chat = node.rooms, node.chat
    return {
        "get": rooms.get(who, room_id),
        "update": rooms.update(who, room_id, RoomChanges(title="Mine")),
        "enter": rooms.enter(who, room_id),
        "leave": rooms.leave(who, room_id),
        "members": rooms.members(who, room_id, ListMembers()),
        "add": rooms.add_member(who, room_id, NewMember(user_id="ben")),
        "role": rooms.update_member(who, room_id, "ana", MemberChanges(role=MODERATOR)),
        "remove": rooms.remove_member(who, room_id, "ana"),
        "send": chat.send(who, room_id, "hello", "c1"),
        "edit": chat.edit(who, message_id, "hello"),
        "delete": chat.delete(who, message_id),
        "message": chat.get(who, message_id),
        "history": chat.history(who, room_id, HistoryPage()),
        "revisions": chat.revisions(who, message_id),
        "search": chat.search(who, SearchMessages(q="x", room_id=room_id)),
        "react": chat.react(who, React(message_id=message_id, emoji="👍")),
        "unreact": chat.unreact(who, React(message_id=message_id, emoji="👍")),
        "mark": chat.mark_read(who, room_id, MarkRead(seq=1)),
        "catch up": node.sync.catch_up(who, room_id, None),
    }


@pytest.mark.parametrize("who", [EVE, GUEST, BOT], ids=lambda who: who.user_id)
async def test_a_hidden_room_and_none_at_all_get_the_same_answer(node: Node, who: Identity) -> None:
    hidden = await node.room(TEACHER, ANA)
    message_id = (await node.chat.send(ANA, hidden, "secret", "c1")).message.id
    of_hidden = every_question(node, who, hidden, message_id)
    of_none = every_question(node, who, "room_none", "msg_none")
    for name, question in of_hidden.items():
        one, other = await refused_with(question), await refused_with(of_none[name])
        assert (type(one), one.wire_code, one.message, one.fields) == (
            type(other),
            other.wire_code,
            other.message,
            other.fields,
        ), name
        assert one.wire_code is ErrorCode.NOT_FOUND, name
    assert await types(node, hidden) == ["room.created", "member.added", "member.added", "message.new"]
    synced = await node.sync.sync(
        who,
        SyncSince.model_validate(
            {"rooms": {name: {"epoch": "e", "seq": 0} for name in (hidden, "room_none")}}
        ),
    )
    assert synced.refused == [hidden, "room_none"]


# ----------------------------------------------------------------------------------------------------- changing


async def test_a_room_is_renamed_archived_and_brought_back(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, visibility=OPEN)
    await node.rooms.update(TEACHER, room_id, RoomChanges(title="Geometry"))
    shut = await node.rooms.update(TEACHER, room_id, RoomChanges(archived=True))
    assert (shut.summary.room.title, shut.summary.room.archived) == ("Geometry", True)
    for work in (
        node.chat.send(ANA, room_id, "too late", "c1"),
        node.rooms.add_member(TEACHER, room_id, NewMember(user_id="ben")),
        node.rooms.leave(ANA, room_id),
        node.rooms.enter(BEN, room_id),
        node.rooms.update(TEACHER, room_id, RoomChanges(title="Later")),
    ):
        assert (await refused_with(work)).wire_code is ErrorCode.ROOM_ARCHIVED
    assert (await node.chat.history(ANA, room_id, HistoryPage())).items == []
    assert (await node.rooms.list(BEN, ListRooms(scope="open"))).items == []
    back = await node.rooms.update(TEACHER, room_id, RoomChanges(archived=False))
    assert not back.summary.room.archived
    await node.chat.send(ANA, room_id, "here again", "c2")


async def test_changes_that_change_nothing_need_no_leave_and_write_nothing(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    before = await types(node, room_id)
    await node.rooms.update(ANA, room_id, RoomChanges(title="Algebra", archived=False))
    await node.rooms.update(ANA, room_id, RoomChanges())
    assert await types(node, room_id) == before


async def test_who_may_change_a_room_is_what_the_table_says(node: Node) -> None:
    changes = {
        Action.ROOM_RENAME: RoomChanges(title="Other"),
        Action.ROOM_OPEN: RoomChanges(visibility=OPEN),
        Action.ROOM_ARCHIVE: RoomChanges(archived=True),
    }
    for action, change in changes.items():
        for role in RoomRole:
            room_id = await node.room(TEACHER)
            await node.rooms.add_member(TEACHER, room_id, NewMember(user_id="ana", role=role))
            standing = effective_role(ANA.role, role, RoomKind.COURSE, Visibility.MEMBERS)
            if allows(action, standing, RoomKind.COURSE):
                await node.rooms.update(ANA, room_id, change)
            else:
                assert isinstance(await refused_with(node.rooms.update(ANA, room_id, change)), Forbidden)


async def test_only_the_staff_speaks_in_an_announcement_room(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, kind=RoomKind.ANNOUNCEMENT)
    answer = await node.chat.send(TEACHER, room_id, "No school tomorrow", "c1")
    assert isinstance(await refused_with(node.chat.send(ANA, room_id, "yeah", "c1")), Forbidden)
    await node.chat.react(ANA, React(message_id=answer.message.id, emoji="🎉"))
    await node.chat.mark_read(ANA, room_id, MarkRead(seq=answer.seq))


# ----------------------------------------------------------------------------------------------------- membership


def may_turn(by: RoomRole, present: RoomRole | None, wanted: RoomRole | None) -> bool:
    """Owners do everything, moderators everything that is not about owners, members nothing."""
    if by is MEMBER:
        return False
    return by is OWNER or OWNER not in {present, wanted}


@pytest.mark.parametrize("by", list(RoomRole))
async def test_who_may_turn_whom_into_what(node: Node, by: RoomRole) -> None:
    for present in (None, *RoomRole):
        for wanted in (None, *RoomRole):
            if present is None and wanted is None:
                continue
            room_id = await node.room(TEACHER)
            await node.rooms.add_member(TEACHER, room_id, NewMember(user_id="ana", role=by))
            if present is not None:
                await node.rooms.add_member(TEACHER, room_id, NewMember(user_id="ben", role=present))
            for work in ways(node, room_id, present, wanted):
                if may_turn(by, present, wanted) or (present is wanted and by is not MEMBER):
                    await work()
                    assert await role_of(node, room_id, "ben") is wanted
                    await put_back(node, room_id, present)
                else:
                    assert isinstance(await refused_with(work()), Forbidden), (by, present, wanted)
                    assert await role_of(node, room_id, "ben") is present


def ways(
    node: Node, room_id: str, present: RoomRole | None, wanted: RoomRole | None
) -> list[Callable[[], Awaitable[Any]]]:
    if wanted is None:
        return [lambda: node.rooms.remove_member(ANA, room_id, "ben")]
    add: Callable[[], Awaitable[Any]] = lambda: node.rooms.add_member(  # noqa: E731  # one of a list of ways
        ANA, room_id, NewMember(user_id="ben", role=wanted)
    )
    if present is None:
        return [add]
    return [add, lambda: node.rooms.update_member(ANA, room_id, "ben", MemberChanges(role=wanted))]


async def put_back(node: Node, room_id: str, present: RoomRole | None) -> None:
    if present is not None:
        await node.rooms.add_member(TEACHER, room_id, NewMember(user_id="ben", role=present))


async def test_the_last_owner_cannot_be_removed_demoted_or_leave(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    for work in (
        node.rooms.leave(TEACHER, room_id),
        node.rooms.remove_member(ADMIN, room_id, "teacher"),
        node.rooms.update_member(TEACHER, room_id, "teacher", MemberChanges(role=MEMBER)),
        node.rooms.add_member(TEACHER, room_id, NewMember(user_id="teacher", role=MEMBER)),
    ):
        assert isinstance(await refused_with(work), Conflict)
    await node.rooms.update_member(TEACHER, room_id, "ana", MemberChanges(role=OWNER))
    await node.rooms.leave(TEACHER, room_id)
    assert await role_of(node, room_id, "ana") is OWNER


async def test_two_owners_who_leave_at_once_do_not_both_get_away(two_nodes: tuple[Node, Node]) -> None:
    room_id = await two_nodes[0].room(TEACHER)
    await two_nodes[0].rooms.add_member(TEACHER, room_id, NewMember(user_id="ana", role=OWNER))
    outcomes = await asyncio.gather(
        two_nodes[0].rooms.leave(TEACHER, room_id),
        two_nodes[1].rooms.leave(ANA, room_id),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, Conflict) for one in outcomes) == [False, True]


async def test_somebody_who_does_not_belong_cannot_be_changed_or_removed(node: Node) -> None:
    room_id = await node.room(TEACHER)
    for work in (
        node.rooms.remove_member(TEACHER, room_id, "ben"),
        node.rooms.update_member(TEACHER, room_id, "ben", MemberChanges(role=MODERATOR)),
    ):
        assert isinstance(await refused_with(work), NotFound)


async def test_who_joins_again_sees_the_history_and_has_read_it_all(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await node.chat.send(TEACHER, room_id, "one", "c1")
    assert (await node.rooms.get(ANA, room_id)).summary.me.unread == 1
    await node.rooms.leave(ANA, room_id)
    assert isinstance(await refused_with(node.rooms.get(ANA, room_id)), NotFound)
    await node.rooms.add_member(TEACHER, room_id, NewMember(user_id="ana"))
    assert (await node.rooms.get(ANA, room_id)).summary.me.unread == 0
    assert len((await node.chat.history(ANA, room_id, HistoryPage())).items) == 1


async def test_lists_come_in_pages(node: Node) -> None:
    made = [await node.room(TEACHER) for _ in range(5)]
    first = await node.rooms.list(TEACHER, ListRooms(limit=2))
    second = await node.rooms.list(TEACHER, ListRooms(limit=2, after=first.next))
    third = await node.rooms.list(TEACHER, ListRooms(limit=2, after=second.next))
    assert [one.room.id for page in (first, second, third) for one in page.items] == sorted(made)
    assert [page.has_more for page in (first, second, third)] == [True, True, False]
    assert third.next is None
    for number in range(5):
        await node.rooms.add_member(TEACHER, made[0], NewMember(user_id=f"u{number}"))
    members, after = [], None
    while True:
        page = await node.rooms.members(TEACHER, made[0], ListMembers(limit=2, after=after))
        members += [member.user.id for member in page.items]
        if not page.has_more:
            break
        after = page.next
    assert members == ["teacher", "u0", "u1", "u2", "u3", "u4"]


async def test_the_list_tells_the_last_message_and_what_is_unread(node: Node) -> None:
    room_id, empty = await node.room(TEACHER, ANA), await node.room(TEACHER, ANA)
    await node.chat.send(TEACHER, room_id, "one", "c1")
    last = await node.chat.send(TEACHER, room_id, "two", "c2")
    lines = {line.room.id: line for line in (await node.rooms.list(ANA, ListRooms())).items}
    assert lines[room_id].last_message == last.message
    assert lines[room_id].me.unread == 2
    assert lines[room_id].seq == last.seq
    assert lines[empty].last_message is None
    assert lines[empty].me.unread == 0


async def test_all_connections_of_a_person_are_told_of_their_rooms(two_nodes: tuple[Node, Node]) -> None:
    here, there = two_nodes
    ana = [await here.connect(ANA), await there.connect(ANA)]
    eve = await there.connect(EVE)
    room_id = await here.room(TEACHER, ANA)
    for client in ana:
        added = await client.hears("room.added")
        assert added["data"]["summary"]["room"]["id"] == room_id
    await there.rooms.remove_member(TEACHER, room_id, "ana")
    for client in ana:
        assert (await client.hears("room.removed"))["data"]["room_id"] == room_id
    assert [one["type"] for one in eve.received] == ["connection.ok"]
