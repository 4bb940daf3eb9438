"""Development mode: sign-in by name, and the links in the terminal."""

from urllib.parse import parse_qs, urlsplit

import pytest

from auth.claims import ClaimRules
from auth.keys import SharedSecret
from auth.tokens import TokenIssuer, TokenVerifier
from contract.clock import SystemClock
from contract.errors import InvalidInput
from contract.people import RoomRole, SignInRole
from contract.rest import DevelopmentSignIn
from server.development import DevelopmentDoor, user_id_of

SECRET = b"a-secret-of-more-than-thirty-two-bytes"
CLOCK = SystemClock()


@pytest.fixture
def door() -> DevelopmentDoor:
    return DevelopmentDoor(TokenIssuer(SECRET, "homeroom", "homeroom", CLOCK), CLOCK)


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(ClaimRules("homeroom", "homeroom"), CLOCK, secret=SharedSecret(SECRET))


@pytest.mark.parametrize(
    ("role", "room_role"),
    [
        (SignInRole.INSTRUCTOR, RoomRole.OWNER),
        (SignInRole.ADMIN, RoomRole.OWNER),
        (SignInRole.STUDENT, RoomRole.MEMBER),
        (SignInRole.GUEST, RoomRole.MEMBER),
    ],
)
async def test_a_name_and_a_role_are_taken_at_their_word(
    door: DevelopmentDoor, verifier: TokenVerifier, role: SignInRole, room_role: RoomRole
) -> None:
    answer = await door.sign_in(DevelopmentSignIn(name="Anna", role=role))
    who = await verifier.verify(answer.token)
    assert (who.user_id, who.name, who.role) == ("dev-anna", "Anna", role)
    assert answer.user.id == who.user_id
    assert who.rooms == {"demo": room_role}
    assert 0 <= (who.expires_at - answer.expires_at).total_seconds() <= 1


async def test_somebody_may_say_where_their_mail_goes(door: DevelopmentDoor, verifier: TokenVerifier) -> None:
    answer = await door.sign_in(DevelopmentSignIn(name="Anna", email="anna@uni.example"))
    assert (await verifier.verify(answer.token)).email == "anna@uni.example"
    assert "anna@uni.example" not in answer.user.model_dump_json()


def test_one_name_is_one_person_and_two_names_are_two() -> None:
    names = ["Anna", "anna b", "Anna B", "Anna-B", "Änna", "李明", "李娜", "!!!", "x" * 120, "x" * 119]
    ids = [user_id_of(name) for name in names]
    assert ids == [user_id_of(name) for name in names]
    assert len(set(ids)) == len(ids)
    assert all(user_id.startswith("dev-") and user_id.isascii() and len(user_id) <= 128 for user_id in ids)


async def test_a_name_that_no_token_may_carry_is_refused(door: DevelopmentDoor) -> None:
    with pytest.raises(InvalidInput, match="name"):
        await door.sign_in(DevelopmentSignIn(name="Anna\u202ennA"))


async def test_the_links_sign_in_one_instructor_and_two_students(
    door: DevelopmentDoor, verifier: TokenVerifier
) -> None:
    links = [line for line in door.banner("http://localhost:8000").splitlines() if "#" in line]
    secrets = [parse_qs(urlsplit(link).fragment) for link in links]
    people = [await verifier.verify(secret["token"][0]) for secret in secrets]
    assert [person.role for person in people] == [
        SignInRole.INSTRUCTOR,
        SignInRole.STUDENT,
        SignInRole.STUDENT,
    ]
    assert len({person.user_id for person in people}) == 3
    assert all(link.startswith("http://localhost:8000/#token=") for link in links)
    assert all(secret["room"] == ["demo"] for secret in secrets)
