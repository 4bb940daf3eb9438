"""ICE servers: what a caller is told, and that TURN credentials are bound to a person and a time."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.ice import IceSettings, ice_servers, parse_stun_url, parse_turn_url, turn_username

NOW = datetime(2026, 11, 2, 8, 0, 0, 700_000, tzinfo=UTC)
SECRET = "a-turn-secret-for-tests"
BOTH = IceSettings(("stun:turn.school.example",), ("turn:turn.school.example:3478",), SECRET)


def test_nothing_configured_means_no_servers() -> None:
    assert ice_servers(IceSettings(), "ada", NOW) == []


def test_stun_needs_no_credentials() -> None:
    (stun,) = ice_servers(IceSettings(stun_urls=("stun:a.example", "stun:b.example")), "ada", NOW)
    assert stun.urls == ["stun:a.example", "stun:b.example"]
    assert (stun.username, stun.credential, stun.expires_at) == (None, None, None)


def test_turn_credentials_are_those_that_coturn_computes() -> None:
    _stun, turn = ice_servers(BOTH, "ada", NOW)
    expires = int(NOW.timestamp()) + 4 * 3600
    assert turn.username == f"{expires}:ada"
    expected = base64.b64encode(
        hmac.new(SECRET.encode(), turn.username.encode(), hashlib.sha1).digest()
    ).decode()
    assert turn.credential == expected
    assert turn.expires_at == datetime.fromtimestamp(expires, UTC)
    assert NOW + timedelta(hours=4) - turn.expires_at < timedelta(seconds=1)


def test_turn_without_a_secret_is_left_out() -> None:
    assert ice_servers(IceSettings(turn_urls=("turn:turn.school.example",)), "ada", NOW) == []


def test_the_lifetime_is_the_configured_one() -> None:
    (turn,) = ice_servers(IceSettings((), ("turn:t.example",), SECRET, ttl_seconds=600), "ada", NOW)
    assert turn.username == f"{int(NOW.timestamp()) + 600}:ada"


def test_the_secret_does_not_show_in_a_repr() -> None:
    assert SECRET not in repr(BOTH)


@given(st.text(min_size=1, max_size=128))
def test_a_username_is_short_plain_and_splits_at_its_first_colon(user_id: str) -> None:
    expires, _, user = turn_username(user_id, 1_800_000_000).partition(":")
    assert expires == "1800000000"
    assert 1 <= len(user) <= 64
    assert ":" not in user
    assert user.isascii()
    assert user.isprintable()


@given(st.lists(st.text("ab~:@é ", min_size=1, max_size=70), min_size=2, max_size=8, unique=True))
def test_two_people_never_share_a_username(users: list[str]) -> None:
    assert len({turn_username(user, 1) for user in users}) == len(users)


@pytest.mark.parametrize(
    "url",
    [
        "stun:turn.school.example",
        "stun:turn.school.example:3478",
        "stuns:10.0.0.1:5349",
        "stun:[2001:db8::1]:3478",
        "stun:localhost",
    ],
)
def test_stun_addresses_that_are_understood(url: str) -> None:
    assert parse_stun_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "turn:turn.school.example",
        "turn:turn.school.example:3478?transport=udp",
        "turns:turn.school.example:443?transport=tcp",
        "turn:[::1]",
    ],
)
def test_turn_addresses_that_are_understood(url: str) -> None:
    assert parse_turn_url(url) == url


def test_scheme_and_host_are_told_in_lower_case() -> None:
    assert (
        parse_turn_url("TURN:Turn.School.Example?transport=UDP") == "turn:turn.school.example?transport=udp"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "turn",
        "turn:",
        "turn://turn.school.example",
        "turn:user:password@turn.school.example",
        "turn:turn.school.example:0",
        "turn:turn.school.example:65536",
        "turn:turn.school.example:",
        "turn:turn.school.example?transport=sctp",
        "turn:turn.school.example?transport=udp&x=1",
        "turn:-turn.example",
        "turn:turn..example",
        "turn:[::1",
        "turn:[fe80::1%eth0]",
        "turn:[turn.example]",
        "turn:turn example",
        "turn:turn.example\n",
        "stun:turn.school.example",
        "https://turn.school.example",
    ],
)
def test_anything_else_is_no_turn_address(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_turn_url(url)


@pytest.mark.parametrize(
    "url", ["stun:a.example?transport=udp", "turn:a.example", "stun:a.example/x", "stun:a_b"]
)
def test_anything_else_is_no_stun_address(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_stun_url(url)
