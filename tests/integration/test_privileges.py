"""What each role may do, as docs/permissions.md says; and that nobody gets more by asking for more."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.integration.people import Person, Rest, School, fresh


@dataclass(frozen=True)
class Room:
    """One room with somebody of each role in it, and a message of the owner."""

    id: str
    owner: Person
    moderator: Person
    member: Person
    other: str
    message_id: str

    def person(self, role: str) -> Person:
        return {"owner": self.owner, "moderator": self.moderator, "member": self.member}[role]


async def _room(school: School, kind: str) -> Room:
    owner = await school.person(role="instructor")
    moderator, member, other = await school.person(), await school.person(), fresh("u")
    room_id = await school.room(owner, moderator, member, other, kind=kind)
    await owner.do("member:update", {"room_id": room_id, "user_id": moderator.user, "role": "moderator"})
    for person in (moderator, member):
        await person.hears("member.updated")
    message = (await owner.says(room_id, "of the owner"))["message"]
    return Room(room_id, owner, moderator, member, other, message["id"])


@pytest_asyncio.fixture
async def room(school: School) -> AsyncIterator[Room]:
    yield await _room(school, "course")


@pytest_asyncio.fixture
async def notices(school: School) -> AsyncIterator[Room]:
    yield await _room(school, "announcement")


async def test_a_member_may_not_do_what_is_the_staffs(room: Room) -> None:
    for command, payload in (
        ("room:update", {"room_id": room.id, "title": "Mine now"}),
        ("room:update", {"room_id": room.id, "visibility": "open"}),
        ("room:update", {"room_id": room.id, "archived": True}),
        ("member:add", {"room_id": room.id, "user_id": fresh("u")}),
        ("member:update", {"room_id": room.id, "user_id": room.member.user, "role": "owner"}),
        ("member:update", {"room_id": room.id, "user_id": room.other, "role": "moderator"}),
        ("member:remove", {"room_id": room.id, "user_id": room.other}),
        ("member:remove", {"room_id": room.id, "user_id": room.owner.user}),
        ("message:edit", {"message_id": room.message_id, "text": "of the student"}),
        ("message:delete", {"message_id": room.message_id}),
        ("message:revisions", {"message_id": room.message_id}),
    ):
        assert (await room.member.refused(command, payload))["code"] == "forbidden", (command, payload)
    await room.owner.caught_up()
    assert (
        room.owner.types(room.id) == ["member.updated", "message.new"]
        or "room.updated" not in room.owner.types()
    )
    assert (await room.owner.do("message:get", {"message_id": room.message_id}))["message"]["revision"] == 0


async def test_a_moderator_keeps_order_but_owns_nothing(room: Room) -> None:
    for command, payload in (
        ("room:update", {"room_id": room.id, "archived": True}),
        ("member:update", {"room_id": room.id, "user_id": room.moderator.user, "role": "owner"}),
        ("member:update", {"room_id": room.id, "user_id": room.owner.user, "role": "member"}),
        ("member:add", {"room_id": room.id, "user_id": fresh("u"), "role": "owner"}),
        ("member:add", {"room_id": room.id, "user_id": room.moderator.user, "role": "owner"}),
        ("member:remove", {"room_id": room.id, "user_id": room.owner.user}),
        ("message:edit", {"message_id": room.message_id, "text": "of the moderator"}),
    ):
        assert (await room.moderator.refused(command, payload))["code"] == "forbidden", (command, payload)
    await room.moderator.do("room:update", {"room_id": room.id, "title": "Quiet please"})
    await room.moderator.do("message:delete", {"message_id": room.message_id})
    await room.moderator.do("member:remove", {"room_id": room.id, "user_id": room.other})


async def test_a_room_keeps_its_last_owner(room: Room) -> None:
    for command, payload in (
        ("room:leave", {"room_id": room.id}),
        ("member:remove", {"room_id": room.id, "user_id": room.owner.user}),
        ("member:update", {"room_id": room.id, "user_id": room.owner.user, "role": "member"}),
    ):
        assert (await room.owner.refused(command, payload))["code"] == "conflict"
    await room.owner.do("member:update", {"room_id": room.id, "user_id": room.member.user, "role": "owner"})
    assert await room.owner.do("room:leave", {"room_id": room.id}) == {}


async def test_only_the_staff_speaks_in_an_announcement_room(notices: Room) -> None:
    member = notices.member
    for command, payload in (
        ("message:send", {"room_id": notices.id, "client_id": "x", "text": "me too"}),
        ("typing:start", {"room_id": notices.id}),
    ):
        assert (await member.refused(command, payload))["code"] == "forbidden"
    await notices.moderator.says(notices.id, "The exam is on Friday")
    await member.hears_text("The exam is on Friday")
    await member.do("reaction:add", {"message_id": notices.message_id, "emoji": "👍"})
    await member.do("read:mark", {"room_id": notices.id, "seq": 1})


async def test_a_promotion_counts_at_once_for_a_live_connection(notices: Room) -> None:
    member = notices.member
    await notices.owner.do(
        "member:update", {"room_id": notices.id, "user_id": member.user, "role": "moderator"}
    )
    await member.hears("member.updated", lambda event: event["data"]["member"]["user"]["id"] == member.user)
    assert await member.do("typing:start", {"room_id": notices.id}) == {}
    await member.says(notices.id, "now I may")
    await notices.owner.do("member:update", {"room_id": notices.id, "user_id": member.user, "role": "member"})
    await member.hears("member.updated", lambda event: event["data"]["member"]["role"] == "member")
    assert (await member.refused("typing:start", {"room_id": notices.id}))["code"] == "forbidden"


async def test_an_archived_room_can_only_be_read(room: Room) -> None:
    mine = (await room.member.says(room.id, "before the end"))["message"]["id"]
    await room.owner.do("room:update", {"room_id": room.id, "archived": True})
    await room.member.hears("room.updated")
    for person in (room.owner, room.member):
        for command, payload in (
            ("message:send", {"room_id": room.id, "client_id": fresh("c"), "text": "one more"}),
            ("message:delete", {"message_id": mine}),
            ("reaction:add", {"message_id": mine, "emoji": "👍"}),
            ("typing:start", {"room_id": room.id}),
            ("room:leave", {"room_id": room.id}),
        ):
            assert (await person.refused(command, payload))["code"] == "room_archived", command
    assert (await room.member.refused("message:edit", {"message_id": mine, "text": "x"}))[
        "code"
    ] == "room_archived"
    add = {"room_id": room.id, "user_id": fresh("u")}
    assert (await room.owner.refused("member:add", add))["code"] == "room_archived"
    await room.member.do("read:mark", {"room_id": room.id, "seq": 5})
    assert len((await room.member.do("message:history", {"room_id": room.id}))["items"]) == 2
    await room.owner.do("room:update", {"room_id": room.id, "archived": False})
    await room.member.says(room.id, "it goes on")


async def test_a_retry_of_an_old_message_is_answered_even_when_the_room_is_archived(room: Room) -> None:
    first = await room.member.says(room.id, "just in time", "retry-late")
    await room.owner.do("room:update", {"room_id": room.id, "archived": True})
    assert (await room.member.says(room.id, "just in time", "retry-late"))["seq"] == first["seq"]


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("student", {"direct"}),
        ("guest", set[str]()),
        ("bot", {"direct", "group"}),
        ("instructor", {"course", "group", "direct", "announcement", "meeting"}),
        ("admin", {"course", "group", "direct", "announcement", "meeting"}),
    ],
)
async def test_who_may_make_which_rooms(school: School, role: str, kinds: set[str]) -> None:
    person = await school.person(role=role)
    made = set()
    for kind in ("course", "group", "direct", "announcement", "meeting"):
        wish = {"kind": kind, "members": [{"user_id": fresh("u")}]} | (
            {} if kind == "direct" else {"title": "A room"}
        )
        answer = await person.ask("room:create", wish)
        if answer["ok"]:
            made.add(kind)
        else:
            assert answer["error"]["code"] == "forbidden"
    assert made == kinds


async def test_only_an_admin_revokes(school: School) -> None:
    for role in ("student", "instructor", "bot", "guest"):
        person = await school.person(role=role)
        rest = Rest(person.server, person.token)
        status, problem, _ = await rest.call("POST", "/api/v1/revocations", json={"user_id": fresh("u")})
        assert (status, problem["code"]) == (403, "forbidden")


async def test_a_guest_finds_no_open_rooms_and_sees_only_its_own(school: School) -> None:
    teacher = await school.person(role="instructor")
    open_room = await school.room(teacher, visibility="open")
    guest = await school.person(role="guest")
    assert (await guest.do("room:list", {"scope": "open", "limit": 200}))["items"] == []
    assert (await guest.refused("room:join", {"room_id": open_room}))["code"] == "not_found"
    room_id = await school.room(teacher, guest)
    await guest.says(room_id, "thank you for having me")


async def test_an_admin_is_no_third_in_a_direct_room(school: School) -> None:
    one, other = await school.person(), await school.person()
    room_id = await school.room(one, other, kind="direct")
    message = (await one.says(room_id, "between us"))["message"]["id"]
    admin = await school.person(role="admin")
    for command, payload in (
        ("room:join", {"room_id": room_id}),
        ("message:history", {"room_id": room_id}),
        ("message:get", {"message_id": message}),
        ("member:add", {"room_id": room_id, "user_id": admin.user}),
    ):
        assert (await admin.refused(command, payload))["code"] == "not_found"
    assert (await one.refused("room:leave", {"room_id": room_id}))["code"] == "forbidden"
    add = {"room_id": room_id, "user_id": fresh("u")}
    assert (await one.refused("member:add", add))["code"] == "forbidden"


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("message:send", {"client_id": "x", "text": "hello"}),
        ("room:update", {"title": "Mine"}),
        ("member:add", {"user_id": "u-x"}),
        ("room:join", {}),
    ],
)
async def test_fields_that_are_the_servers_are_refused_by_name(
    room: Room, command: str, more: dict[str, object]
) -> None:
    for field in ("seq", "author", "actor", "epoch", "created_at", "sender", "__proto__", "is_admin"):
        error = await room.owner.refused(command, {"room_id": room.id, **more, field: "owner"})
        assert error["code"] == "bad_request"
        assert list(error["fields"]) == [field]
    await room.member.caught_up()
    assert "member.added" not in room.member.types(room.id)


async def test_a_client_cannot_choose_its_role_when_joining_or_making_a_room(
    school: School, room: Room
) -> None:
    student = room.member
    for command, payload, field in (
        ("room:join", {"room_id": room.id, "role": "owner"}, "role"),
        ("room:create", {"kind": "direct", "members": [{"user_id": "u", "name": "x"}]}, "members.0.name"),
        ("presence:set", {"status": "offline"}, "status"),
        ("presence:set", {"status": "online", "user_id": room.owner.user}, "user_id"),
        ("read:mark", {"room_id": room.id, "seq": 1, "user_id": room.owner.user}, "user_id"),
    ):
        error = await student.refused(command, payload)
        assert error["code"] == "bad_request"
        assert list(error["fields"]) == [field]


async def test_both_of_a_direct_room_are_plain_members_whatever_was_asked(school: School) -> None:
    one, other = await school.person(), await school.person()
    wish = {"kind": "direct", "members": [{"user_id": other.user, "role": "owner"}]}
    room_id = (await one.do("room:create", wish))["summary"]["room"]["id"]
    listed = (await one.do("member:list", {"room_id": room_id}))["items"]
    assert {member["role"] for member in listed} == {"member"}
