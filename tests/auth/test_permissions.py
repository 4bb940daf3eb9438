"""The permission tables against tables written by hand. Whoever changes one must change the other knowingly."""

import itertools

import pytest

from auth.permissions import (
    Action,
    ServerAction,
    Standing,
    allows,
    effective_role,
    may,
    may_create,
    member_action,
    require,
    table_markdown,
)
from contract.errors import Conflict, ErrorCode, Forbidden, NotFound
from contract.people import RoomRole, SignInRole
from contract.registry import COMMANDS
from contract.rooms import RoomKind, Visibility

# Who may, by letter: owner O, moderator M, member m, visitor v. A stranger may nothing.
# action: (course/group/meeting, announcement, direct, the same three in an archived room)
EXPECTED = {
    "room.view": ("OMmv", "OMmv", "m", "OMmv", "OMmv", "m"),
    "room.join": ("OMmv", "OMmv", "m", "", "", ""),
    "room.rename": ("OM", "OM", "", "", "", ""),
    "room.open": ("OM", "OM", "", "", "", ""),
    "room.archive": ("O", "O", "", "O", "O", ""),
    "room.leave": ("OMm", "OMm", "", "", "", ""),
    "member.add": ("OM", "OM", "", "", "", ""),
    "member.remove": ("OM", "OM", "", "", "", ""),
    "member.set_role": ("OM", "OM", "", "", "", ""),
    "member.set_owner": ("O", "O", "", "", "", ""),
    "message.send": ("OMm", "OM", "m", "", "", ""),
    "message.edit_own": ("OMm", "OM", "m", "", "", ""),
    "message.delete_own": ("OMm", "OM", "m", "", "", ""),
    "message.delete_any": ("OM", "OM", "", "", "", ""),
    "message.revisions": ("OM", "OM", "", "OM", "OM", ""),
    "message.revisions_own": ("OMm", "OMm", "m", "OMm", "OMm", "m"),
    "reaction.add": ("OMm", "OMm", "m", "", "", ""),
    "typing.send": ("OMm", "OM", "m", "", "", ""),
    "read.mark": ("OMm", "OMm", "m", "OMm", "OMm", "m"),
    "presence.view": ("OMm", "OMm", "m", "OMm", "OMm", "m"),
    "call.start": ("OMm", "OM", "m", "", "", ""),
    "call.join": ("OMm", "OMm", "m", "", "", ""),
    "call.publish": ("OMm", "OMm", "m", "", "", ""),
    "call.moderate": ("OM", "OM", "", "", "", ""),
    "meeting.join": ("OMm", "OMm", "m", "OMm", "OMm", "m"),
    "meeting.schedule": ("OM", "OM", "", "", "", ""),
    "meeting.attendance": ("OM", "OM", "", "OM", "OM", ""),
}
LETTERS = {
    Standing.OWNER: "O",
    Standing.MODERATOR: "M",
    Standing.MEMBER: "m",
    Standing.VISITOR: "v",
    Standing.STRANGER: "-",
}
COLUMNS = {
    RoomKind.COURSE: 0,
    RoomKind.GROUP: 0,
    RoomKind.MEETING: 0,
    RoomKind.ANNOUNCEMENT: 1,
    RoomKind.DIRECT: 2,
}
EVERY_CASE = list(itertools.product(Action, Standing, RoomKind, [False, True]))

# role: standing as a non-member of (members-only, open, direct), then as a member of (group, direct)
STANDINGS = {
    "student": ("stranger", "visitor", "stranger", "member", "member"),
    "instructor": ("stranger", "visitor", "stranger", "member", "member"),
    "admin": ("owner", "owner", "stranger", "owner", "member"),
    "bot": ("stranger", "visitor", "stranger", "member", "member"),
    "guest": ("stranger", "stranger", "stranger", "member", "member"),
}

CREATES = {
    "student": {"direct"},
    "instructor": {"course", "group", "direct", "announcement", "meeting"},
    "admin": {"course", "group", "direct", "announcement", "meeting"},
    "bot": {"direct", "group"},
    "guest": set[str](),
}


def expected(action: Action, standing: Standing, kind: RoomKind, archived: bool) -> bool:
    return LETTERS[standing] in EXPECTED[action][COLUMNS[kind] + (3 if archived else 0)]


def test_every_action_standing_and_kind_is_as_the_table_by_hand_says() -> None:
    assert set(EXPECTED) == set(Action)
    differing = [
        case
        for case in EVERY_CASE
        if allows(case[0], case[1], case[2], archived=case[3]) is not expected(*case)
    ]
    assert differing == []


def test_a_refusal_is_not_found_for_strangers_archived_where_only_that_forbids_it_and_else_forbidden() -> (
    None
):
    for action, standing, kind, archived in EVERY_CASE:
        outcome: type[Exception] | None = None
        if not expected(Action.ROOM_VIEW, standing, kind, False):
            outcome = NotFound
        elif not expected(action, standing, kind, archived):
            outcome = Conflict if expected(action, standing, kind, False) else Forbidden
        if outcome is None:
            require(action, standing, kind, archived=archived)
            continue
        with pytest.raises(outcome):
            require(action, standing, kind, archived=archived)


def test_what_only_the_archive_forbids_has_its_own_code() -> None:
    with pytest.raises(Conflict) as caught:
        require(Action.MESSAGE_SEND, Standing.MEMBER, RoomKind.GROUP, archived=True)
    assert caught.value.wire_code is ErrorCode.ROOM_ARCHIVED


@pytest.mark.parametrize("role", SignInRole)
def test_standing_follows_sign_in_membership_kind_and_visibility(role: SignInRole) -> None:
    standings = (
        effective_role(role, None, RoomKind.GROUP, Visibility.MEMBERS),
        effective_role(role, None, RoomKind.GROUP, Visibility.OPEN),
        effective_role(role, None, RoomKind.DIRECT, Visibility.MEMBERS),
        effective_role(role, RoomRole.MEMBER, RoomKind.GROUP, Visibility.MEMBERS),
        effective_role(role, RoomRole.MEMBER, RoomKind.DIRECT, Visibility.MEMBERS),
    )
    assert standings == STANDINGS[role]


@pytest.mark.parametrize("role", [r for r in SignInRole if r is not SignInRole.ADMIN])
@pytest.mark.parametrize("membership", RoomRole)
@pytest.mark.parametrize("kind", [k for k in RoomKind if k is not RoomKind.DIRECT])
@pytest.mark.parametrize("visibility", Visibility)
def test_a_membership_counts_as_it_is_whatever_one_signed_in_as(
    role: SignInRole, membership: RoomRole, kind: RoomKind, visibility: Visibility
) -> None:
    assert effective_role(role, membership, kind, visibility) == membership.value


@pytest.mark.parametrize("role", SignInRole)
@pytest.mark.parametrize("visibility", Visibility)
def test_nobody_looks_into_a_direct_room_of_others(role: SignInRole, visibility: Visibility) -> None:
    standing = effective_role(role, None, RoomKind.DIRECT, visibility)
    assert [action for action in Action if allows(action, standing, RoomKind.DIRECT)] == []


@pytest.mark.parametrize("role", SignInRole)
def test_who_may_create_which_room_is_as_the_table_by_hand_says(role: SignInRole) -> None:
    assert {kind for kind in RoomKind if may_create(role, kind)} == CREATES[role]


def test_only_an_admin_revokes_and_everybody_but_a_guest_searches_for_people() -> None:
    assert {role for role in SignInRole if may(role, ServerAction.AUTH_REVOKE)} == {"admin"}
    searching = {role for role in SignInRole if may(role, ServerAction.PEOPLE_SEARCH)}
    assert searching == {"student", "instructor", "admin", "bot"}


@pytest.mark.parametrize(
    ("present", "wanted", "action"),
    [
        (None, RoomRole.MEMBER, Action.MEMBER_ADD),
        (None, RoomRole.MODERATOR, Action.MEMBER_ADD),
        (None, RoomRole.OWNER, Action.MEMBER_SET_OWNER),
        (RoomRole.MEMBER, RoomRole.MODERATOR, Action.MEMBER_SET_ROLE),
        (RoomRole.MODERATOR, RoomRole.MEMBER, Action.MEMBER_SET_ROLE),
        (RoomRole.MEMBER, RoomRole.OWNER, Action.MEMBER_SET_OWNER),
        (RoomRole.OWNER, RoomRole.MEMBER, Action.MEMBER_SET_OWNER),
        (RoomRole.MEMBER, None, Action.MEMBER_REMOVE),
        (RoomRole.MODERATOR, None, Action.MEMBER_REMOVE),
        (RoomRole.OWNER, None, Action.MEMBER_SET_OWNER),
    ],
)
def test_whatever_touches_an_owner_needs_the_leave_to_set_owners(
    present: RoomRole | None, wanted: RoomRole | None, action: Action
) -> None:
    assert member_action(present, wanted) is action


def test_every_permission_that_a_command_names_is_an_action() -> None:
    named = {spec.action for spec in COMMANDS.values() if spec.action is not None}
    assert named <= {str(action) for action in Action}


def test_the_printed_tables_hold_every_action_and_every_role() -> None:
    printed = table_markdown()
    for name in [*Action, *ServerAction, *SignInRole, *RoomRole]:
        assert str(name) in printed
    assert "| `message.send` | say something | yes | yes | – | – |" in printed  # announcement rooms
