"""Tokens at the door, tokens that run out or are taken back on a live connection, and keys of an LMS."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

import jwt
import pytest
import pytest_asyncio

from tests.auth.tokens_by_hand import EcSigner, EdSigner, RsaSigner, Signer, make
from tests.integration.keys import KeyServer, key_server
from tests.integration.people import Json, Person, Refused, Rest, School, fresh
from tests.services.homeroom import JWT_AUDIENCE, JWT_ISSUER, JWT_SECRET, HomeroomServer

_BETWEEN_FETCHES = 30
"""Seconds for which a node does not ask the key server again."""


class Keys:
    """An LMS that signs with keys of its own, a node that trusts its key server, and when that was last asked."""

    def __init__(self, host: KeyServer, node: HomeroomServer) -> None:
        self.host = host
        self.node = node
        self.signers: dict[str, Signer] = {"rsa": RsaSigner(), "ec": EcSigner(), "ed": EdSigner()}
        self.first_fetch = 0.0

    def token(self, kid: str, signer: Signer, **changes: object) -> str:
        now = int(time.time())
        claims = {
            "sub": fresh("u"), "name": "Ada Park", "role": "student", "iss": JWT_ISSUER, "aud": JWT_AUDIENCE,
            "iat": now, "exp": now + 600, **changes,
        }  # fmt: skip
        return make(claims, {"kid": kid}, signer)


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def lms(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Keys]:
    """Started with the first test, so that the time between two fetches has passed by the last."""
    with key_server() as host:
        folder = tmp_path_factory.mktemp("lms")
        async with HomeroomServer(folder, environment={"HOMEROOM_JWT_JWKS_URL": host.url}) as node:
            keys = Keys(host, node)
            host.keys = [
                signer.jwk(kid=kid, use="sig", alg=signer.alg)
                for kid, signer in keys.signers.items()
                if isinstance(signer, RsaSigner | EcSigner | EdSigner)
            ]
            await _signs_in(node, keys.token("rsa", keys.signers["rsa"]))
            keys.first_fetch = time.monotonic()
            yield keys


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def strict_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HomeroomServer]:
    """A node that forgives no wrong clock and waits two seconds for a fresh token."""
    settings = {"HOMEROOM_TOKEN_GRACE_SECONDS": "2", "HOMEROOM_JWT_LEEWAY_SECONDS": "0"}
    async with HomeroomServer(tmp_path_factory.mktemp("strict"), environment=settings) as server:
        yield server


@pytest_asyncio.fixture
async def strict_school(strict_node: HomeroomServer) -> AsyncIterator[School]:
    async with School(strict_node) as school:
        yield school


async def _signs_in(node: HomeroomServer, token: str) -> Person:
    person = Person(node, "u", token)
    await person.connect()
    await person.disconnect()
    return person


async def _refusal(node: HomeroomServer, token: object) -> Json:
    person = Person(node, "u", token)  # type: ignore[arg-type]  # anything may be sent as a token
    with pytest.raises(Refused) as refused:
        await person.connect()
    return refused.value.data


@dataclass(frozen=True)
class Bad:
    name: str
    claims: dict[str, object]
    code: str = "unauthorized"


_BAD = [
    Bad("expired", {"exp": 1_700_000_000}, "token_expired"),
    Bad("other audience", {"aud": "another-server"}),
    Bad("no audience", {"aud": None}),
    Bad("other issuer", {"iss": "https://evil.test"}),
    Bad("issuer with a tail", {"iss": JWT_ISSUER + "/"}),
    Bad("no expiry", {"exp": None}),
    Bad("not yet", {"nbf": 4_000_000_000}),
    Bad("unknown role", {"role": "root"}),
    Bad("no name", {"name": ""}),
    Bad("no subject", {"sub": ""}),
    Bad("rooms that are a list", {"rooms": ["algebra"]}),
    Bad("unknown role in a room", {"rooms": {"algebra": "emperor"}}),
]


@pytest.mark.parametrize("bad", _BAD, ids=lambda bad: bad.name)
async def test_a_bad_claim_is_refused_at_both_doors(lone_node: HomeroomServer, bad: Bad) -> None:
    token = _spoilt(lone_node.token("mallory"), bad.claims)
    at_socket = await _refusal(lone_node, token)
    assert at_socket["data"]["code"] == bad.code
    assert "request_id" in at_socket["data"]
    status, problem, _ = await Rest(lone_node, token).call("GET", "/api/v1/me")
    assert (status, problem["code"]) == (401, bad.code)


def _spoilt(token: str, changes: Mapping[str, object]) -> str:
    """Signed as before, with other claims; what is None is left out."""
    claims = {**jwt.decode(token, options={"verify_signature": False}), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, JWT_SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    "token", [None, "", "garbage", "a.b.c", 7, ["x"], {"token": "x"}, "é" * 100, "x" * 20_000]
)
async def test_what_is_no_token_is_refused(lone_node: HomeroomServer, token: object) -> None:
    refusal = await _refusal(lone_node, token)
    assert refusal["data"]["code"] == "unauthorized"
    assert refusal["message"]


async def test_a_token_signed_by_somebody_else_or_by_nobody_is_refused(lone_node: HomeroomServer) -> None:
    good = jwt.decode(lone_node.token("ada"), options={"verify_signature": False})
    for token in (
        jwt.encode(good, "another-secret-of-at-least-32-bytes!", algorithm="HS256"),
        jwt.encode(good, None, algorithm="none"),  # type: ignore[arg-type]  # that is the attack
    ):
        refusal = await _refusal(lone_node, token)
        assert refusal["data"]["code"] == "unauthorized"


async def test_a_token_in_the_address_or_the_header_does_not_sign_in(lone_node: HomeroomServer) -> None:
    person = Person(lone_node, "u", "")
    with pytest.raises(Exception, match=r".*"):
        await person.socket.connect(
            f"{lone_node.url}?token={lone_node.token('ada')}",
            headers={"Authorization": f"Bearer {lone_node.token('ada')}"},
            transports=["websocket"],
        )
    assert person.heard == []
    await person.disconnect()


async def test_only_a_refresh_is_heard_once_the_token_has_run_out(strict_school: School) -> None:
    student = await strict_school.person(seconds=2)
    expiring = await student.hears("auth.expiring")
    assert expiring["data"]["expires_at"] == student.heard[0]["data"]["expires_at"]
    expired = await student.hears("auth.expired")
    assert expired["data"]["cut_at"] > expired["data"]["expires_at"]
    for command, payload in (("room:list", {}), ("message:search", {"q": "x"}), ("nonsense", {})):
        assert (await student.refused(command, payload))["code"] == "token_expired"

    stranger = student.server.token(fresh("u"))
    assert (await student.refused("auth:refresh", {"token": stranger}))["code"] == "unauthorized"
    assert (await student.refused("auth:refresh", {"token": "garbage"}))["code"] == "unauthorized"
    assert (await student.refused("auth:refresh", {"token": student.token}))["code"] == "token_expired"
    assert (await student.refused("room:list", {}))["code"] == "token_expired"

    renewed = await student.do("auth:refresh", {"token": student.server.token(student.user, seconds=600)})
    assert renewed["expires_at"] > expired["data"]["cut_at"]
    assert (await student.do("room:list", {}))["items"] == []


async def test_a_refreshed_connection_outlives_the_old_token(strict_school: School) -> None:
    student = await strict_school.person(seconds=2)
    await student.do("auth:refresh", {"token": student.server.token(student.user, seconds=600)})
    silent = await strict_school.person(seconds=2)
    await asyncio.wait_for(silent.gone.wait(), 15)
    assert not student.gone.is_set()
    await student.do("room:list", {})


async def test_whoever_does_not_refresh_is_cut_off_after_the_grace(strict_school: School) -> None:
    student = await strict_school.person(seconds=1)
    error = await student.hears("connection.error")
    assert error["data"]["code"] == "token_expired"
    assert not error["data"]["reconnect"]
    await asyncio.wait_for(student.gone.wait(), 10)
    assert student.types() == ["connection.ok", "auth.expiring", "auth.expired", "connection.error"]


async def test_a_refresh_brings_the_new_tokens_rooms_and_role(strict_school: School) -> None:
    student = await strict_school.person(rooms={})
    key = fresh("algebra")
    assert (await student.refused("room:join", {"key": key}))["code"] == "not_found"
    promoted = student.server.token(student.user, role="instructor", rooms={key: "instructor"})
    assert (await student.do("auth:refresh", {"token": promoted}))["user"]["role"] == "instructor"
    assert (await student.do("room:join", {"key": key}))["me"]["role"] == "owner"
    await student.do("room:create", {"kind": "course", "title": "Geometry"})


async def test_a_revoked_token_is_cut_off_at_once_and_cannot_come_back(school: School) -> None:
    admin = await school.person(role="admin")
    one = await school.person(jti=fresh("jti"))
    other_device = await school.person(one.user, jti=fresh("jti"))
    rest = Rest(admin.server, admin.token)
    jti = jwt.decode(one.token, options={"verify_signature": False})["jti"]
    status, _, _ = await rest.call("POST", "/api/v1/revocations", json={"jti": jti})
    assert status == 200
    assert (await one.hears("connection.error"))["data"] | {"message": ""} == {
        "code": "revoked", "message": "", "reconnect": False,
    }  # fmt: skip
    await asyncio.wait_for(one.gone.wait(), 5)
    refusal = await _refusal(admin.server, one.token)
    assert refusal["data"]["code"] == "unauthorized"
    assert (await Rest(admin.server, one.token).call("GET", "/api/v1/me"))[0] == 401
    await other_device.do("room:list", {})


async def test_revoking_a_person_ends_all_their_connections(school: School) -> None:
    admin = await school.person(role="admin")
    devices = [await school.person("gone-girl") for _ in range(3)]
    rest = Rest(admin.server, admin.token)
    assert (await rest.call("POST", "/api/v1/revocations", json={"user_id": "gone-girl"}))[0] == 200
    for device in devices:
        assert (await device.hears("connection.error"))["data"]["code"] == "revoked"
        await asyncio.wait_for(device.gone.wait(), 5)
    later = admin.server.token("gone-girl", iat=int(time.time()) + 2)
    await _signs_in(admin.server, later)


@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
async def test_a_token_signed_with_the_lms_own_key_signs_in(lms: Keys, kid: str) -> None:
    token = lms.token(kid, lms.signers[kid])
    await _signs_in(lms.node, token)
    assert (await Rest(lms.node, token).call("GET", "/api/v1/me"))[0] == 200


async def test_a_token_of_a_known_key_id_and_another_key_is_refused(lms: Keys) -> None:
    for kid, forger in (("rsa", RsaSigner()), ("ec", EcSigner()), ("ed", EdSigner()), ("ed", RsaSigner())):
        refusal = await _refusal(lms.node, lms.token(kid, forger))
        assert refusal["data"]["code"] == "unauthorized"


async def test_unknown_key_ids_do_not_storm_the_key_server(lms: Keys) -> None:
    before = lms.host.asked
    forger = EdSigner()
    for _ in range(20):
        await _refusal(lms.node, lms.token(fresh("kid"), forger))
    assert lms.host.asked <= before + 1


async def test_a_rotated_key_is_found_without_a_restart_and_the_old_one_still_counts(lms: Keys) -> None:
    new = EdSigner()
    lms.host.keys.append(new.jwk(kid="next", use="sig", alg="EdDSA"))
    await asyncio.sleep(max(0.0, lms.first_fetch + _BETWEEN_FETCHES + 0.5 - time.monotonic()))
    await _signs_in(lms.node, lms.token("next", new))
    await _signs_in(lms.node, lms.token("rsa", lms.signers["rsa"]))


@pytest.fixture(autouse=True)
def _no_token_in_logs(lms: Keys, lone_node: HomeroomServer) -> Iterator[None]:
    """No node prints a signature, whatever was sent to it."""
    yield
    for node in (lms.node, lone_node):
        assert "eyJ" not in node.output()
