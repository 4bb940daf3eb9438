"""What a token may say, and what comes of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from auth.claims import ClaimRules
from auth.keys import SharedSecret
from auth.tokens import TokenIssuer, TokenVerifier
from contract.errors import InvalidInput
from contract.people import RoomRole, SignInRole
from tests.auth.tokens_by_hand import ABSENT, AUDIENCE, ISSUER, NOW, SECRET, START, MovableClock, claims, make

GOOD: Mapping[str, tuple[dict[str, object], dict[str, object]]] = {
    "nothing but the required claims": ({"iat": ABSENT, "jti": ABSENT}, {}),
    "a picture": ({"picture": "https://lms.example/ada.png?size=64#face"}, {}),
    "no rooms in the map": ({"rooms": {}}, {}),
    "two hundred rooms": ({"rooms": {f"k{number}": "member" for number in range(200)}}, {}),
    "nothing said of calls": ({"call": {}}, {}),
    "one right in calls": ({"call": {"microphone": False}}, {}),
    "all rights in calls": ({"call": {"microphone": True, "camera": True, "screen": True}}, {}),
    "a list of audiences": ({"aud": ["other", AUDIENCE]}, {}),
    "a name of 120 characters in another script": ({"name": "अ" * 120}, {}),
    "a name with a joiner, as Persian and emoji need": ({"name": "می\u200cخواهم 👩\u200d🏫"}, {}),
    "an id of 128 characters": ({"sub": "x" * 128}, {}),
    "an id that is an address": ({"sub": "ada@school.example"}, {}),
    "an expiry with a fraction": ({"exp": NOW + 10.5}, {}),
    "an expiry of decades": ({"exp": NOW + 50 * 365 * 86400}, {}),
    "an expiry that passed within the leeway": ({"exp": NOW - 29}, {}),
    "a start within the leeway": ({"nbf": NOW + 30}, {}),
    "an issuing within the leeway": ({"iat": NOW + 30}, {}),
    "an address": ({"email": "ada.lovelace+homeroom@uni.example"}, {}),
    "an address in another script": ({"email": "अदा@विद्यालय.example"}, {}),
    "a time zone": ({"zoneinfo": "America/Argentina/Buenos_Aires"}, {}),
    "a time zone that is not known yet": ({"zoneinfo": "Moon/Tranquility"}, {}),
    "claims that we do not know": ({"phone": "+1", "deep": {"er": [1, None]}}, {}),
    "a type in lower case": ({}, {"typ": "jwt"}),
    "a type as a media type": ({}, {"typ": "application/JWT"}),
    "a key id that is a name": ({}, {"kid": "2026-03:a_b.c="}),
    "a thumbprint that we do not use": ({}, {"x5t": "abc"}),
}


def verifier(clock: MovableClock, leeway: float = 30) -> TokenVerifier:
    return TokenVerifier(ClaimRules(ISSUER, AUDIENCE, leeway), clock, secret=SharedSecret(SECRET))


@pytest.mark.parametrize("case", GOOD)
async def test_a_token_is_good_with(case: str) -> None:
    changes, header = GOOD[case]
    payload = claims(**changes)
    identity = await verifier(MovableClock()).verify(make(payload, header))
    assert (identity.user_id, identity.name) == (payload["sub"], payload["name"])


async def test_a_token_without_typ_is_good() -> None:
    token = make(claims(), b'{"alg":"HS256"}')
    assert (await verifier(MovableClock()).verify(token)).user_id == "ada"


async def test_the_identity_holds_what_the_token_says() -> None:
    token = make(claims(picture="https://lms.example/a.png", rooms={"math": "owner"}, role="bot"))
    identity = await verifier(MovableClock()).verify(token)
    assert identity.role is SignInRole.BOT
    assert identity.picture == "https://lms.example/a.png"
    assert identity.rooms == {"math": RoomRole.OWNER}
    assert (identity.jti, identity.issued_at) == ("token-1", START)
    assert identity.expires_at == START + timedelta(hours=1)


async def test_the_identity_holds_where_mail_goes_and_in_which_zone() -> None:
    identity = await verifier(MovableClock()).verify(
        make(claims(email="Ada@Uni.example", zoneinfo="Asia/Tokyo"))
    )
    assert (identity.email, identity.zone) == ("Ada@Uni.example", "Asia/Tokyo")


async def test_a_token_that_says_nothing_of_rooms_differs_from_one_that_says_there_are_none() -> None:
    verify = verifier(MovableClock()).verify
    assert (await verify(make(claims()))).rooms is None
    assert (await verify(make(claims(rooms={})))).rooms == {}


async def test_the_words_of_an_lms_are_understood_as_room_roles() -> None:
    said = {"a": "instructor", "b": "student", "c": "owner", "d": "moderator", "e": "member"}
    identity = await verifier(MovableClock()).verify(make(claims(rooms=said)))
    assert identity.rooms is not None
    assert [role.value for role in identity.rooms.values()] == [
        "owner",
        "member",
        "owner",
        "moderator",
        "member",
    ]


@pytest.mark.parametrize("role", SignInRole)
async def test_every_sign_in_role_is_read(role: SignInRole) -> None:
    assert (await verifier(MovableClock()).verify(make(claims(role=str(role))))).role is role


async def test_an_identity_let_in_by_the_leeway_lasts_until_its_end() -> None:
    identity = await verifier(MovableClock()).verify(make(claims(exp=NOW - 10)))
    assert identity.expires_at == START + timedelta(seconds=20)


async def test_the_expiry_of_a_good_token_is_its_own() -> None:
    identity = await verifier(MovableClock()).verify(make(claims(exp=NOW + 1)))
    assert identity.expires_at == START + timedelta(seconds=1)


@pytest.mark.parametrize("leeway", [-1.0, 61.0, float("nan")])
def test_a_leeway_outside_of_a_minute_is_refused(leeway: float) -> None:
    with pytest.raises(ValueError, match="leeway"):
        ClaimRules(ISSUER, AUDIENCE, leeway)


@pytest.mark.parametrize(("issuer", "audience"), [("", AUDIENCE), (ISSUER, "")])
def test_rules_without_an_issuer_or_audience_are_refused(issuer: str, audience: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        ClaimRules(issuer, audience)


def test_a_verifier_without_any_key_is_refused() -> None:
    with pytest.raises(ValueError, match="shared secret"):
        TokenVerifier(ClaimRules(ISSUER, AUDIENCE), MovableClock())


# ----------------------------------------------------------------------------------------------------------- issuing


def issuer(clock: MovableClock) -> TokenIssuer:
    return TokenIssuer(SECRET, ISSUER, AUDIENCE, clock, new_id=lambda: "fixed-id")


async def test_what_the_issuer_signs_the_verifier_reads_back() -> None:
    clock = MovableClock()
    token = issuer(clock).issue(
        "ada",
        "Ada",
        SignInRole.INSTRUCTOR,
        rooms={"math": RoomRole.OWNER},
        picture="https://a.example/p",
        email="ada@uni.example",
        ttl_seconds=60,
    )
    identity = await verifier(clock).verify(token)
    assert (identity.user_id, identity.name, identity.role) == ("ada", "Ada", SignInRole.INSTRUCTOR)
    assert (identity.rooms, identity.picture) == ({"math": RoomRole.OWNER}, "https://a.example/p")
    assert (identity.email, identity.zone) == ("ada@uni.example", None)
    assert (identity.jti, identity.issued_at) == ("fixed-id", START)
    assert identity.expires_at == datetime.fromtimestamp(NOW + 60, UTC)


def test_each_issued_token_has_an_id_of_its_own() -> None:
    sign = TokenIssuer(SECRET, ISSUER, AUDIENCE, MovableClock())
    assert sign.issue("a", "A", SignInRole.GUEST) != sign.issue("a", "A", SignInRole.GUEST)


@pytest.mark.parametrize(
    ("user_id", "name", "ttl"),
    [("", "Ada", 60), ("ada", " ", 60), ("a\n", "Ada", 60), ("ada", "x" * 121, 60), ("ada", "Ada", -60)],
)
def test_the_issuer_refuses_what_the_verifier_would_refuse(user_id: str, name: str, ttl: int) -> None:
    with pytest.raises(InvalidInput):
        issuer(MovableClock()).issue(user_id, name, SignInRole.STUDENT, ttl_seconds=ttl)


def test_the_issuer_refuses_a_token_that_grows_too_long() -> None:
    rooms = dict.fromkeys((f"{number:->200}" for number in range(200)), RoomRole.MEMBER)
    with pytest.raises(InvalidInput, match="longer"):
        issuer(MovableClock()).issue("ada", "Ada", SignInRole.STUDENT, rooms=rooms)


@pytest.mark.parametrize(
    ("said", "rights"),
    [
        ({}, (True, True, True)),
        ({"microphone": False}, (False, True, True)),
        ({"camera": False, "screen": True}, (True, False, True)),
        ({"microphone": False, "camera": False, "screen": False}, (False, False, False)),
    ],
)
async def test_what_a_token_does_not_forbid_in_calls_it_allows(
    said: dict[str, bool], rights: tuple[bool, bool, bool]
) -> None:
    found = (await verifier(MovableClock()).verify(make(claims(call=said)))).call_rights
    assert found is not None
    assert (found.microphone, found.camera, found.screen) == rights


async def test_a_token_without_a_word_on_calls_has_no_call_rights() -> None:
    assert (await verifier(MovableClock()).verify(make(claims()))).call_rights is None
