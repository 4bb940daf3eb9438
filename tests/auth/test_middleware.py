"""Bearer tokens over real HTTP, with raw requests where a client library would tidy them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from aiohttp.typedefs import Handler

from auth.claims import ClaimRules
from auth.errors import NoCredentials
from auth.keys import SharedSecret
from auth.middleware import IDENTITY, bearer, challenge
from auth.revocation import RevocationKind, Revocations, Revoked
from auth.sign_in import SignIn
from auth.tokens import TokenVerifier
from contract.errors import ErrorCode, Unauthorized
from tests.auth.tokens_by_hand import AUDIENCE, ISSUER, NOW, SECRET, START, MovableClock, claims, make


class Site:
    """A server with one public and one private page; refusals are answered as the problem renderer would."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.revocations = Revocations()
        verifier = TokenVerifier(ClaimRules(ISSUER, AUDIENCE), self.clock, secret=SharedSecret(SECRET))
        self.sign_in = SignIn(verifier, self.revocations, self.clock)
        self.url = ""

    def application(self) -> web.Application:
        guard = bearer(self.sign_in, lambda request: request.path == "/public")
        app = web.Application(middlewares=[_render, guard])
        app.router.add_get("/private", _private)
        app.router.add_get("/public", _public)
        return app

    async def get(self, path: str, *authorization: str) -> tuple[int, str, str]:
        """Status, body and WWW-Authenticate of the answer."""
        headers = [("Authorization", value) for value in authorization]
        async with ClientSession() as session, session.get(self.url + path, headers=headers) as response:
            return response.status, await response.text(), response.headers.get("WWW-Authenticate", "")


@web.middleware
async def _render(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Unauthorized as refusal:
        headers = {"WWW-Authenticate": challenge(refusal)}
        return web.Response(status=401, text=refusal.wire_code, headers=headers)


async def _private(request: web.Request) -> web.Response:
    return web.Response(text=request[IDENTITY].user_id)


async def _public(request: web.Request) -> web.Response:
    return web.Response(text=f"{IDENTITY in request}")


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    runner = web.AppRunner(made.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_token_in_the_header_signs_in(site: Site, scheme: str) -> None:
    assert await site.get("/private", f"{scheme} {make()}") == (200, "ada", "")


async def test_a_public_page_needs_no_token_and_reads_none(site: Site) -> None:
    assert await site.get("/public") == (200, "False", "")
    assert await site.get("/public", "Bearer junk") == (200, "False", "")


async def test_without_a_token_the_challenge_names_no_error(site: Site) -> None:
    assert await site.get("/private") == (401, "unauthorized", 'Bearer realm="homeroom"')


@pytest.mark.parametrize(
    "authorization",
    [
        [""],
        ["Bearer"],
        ["Bearer "],
        ["Basic YTpi"],
        [make()],
        [f"Bearer  {make()}"],
        [f"Bearer {make()} x"],
        [f"Bearer {make()},x"],
        [f"Bearer {make()}", f"Bearer {make()}"],
        ["Bearer junk"],
        ["Bearer é.é.é"],
        [f'Bearer "{make()}"'],
    ],
    ids=lambda value: "|".join(value)[:24],
)
async def test_a_header_is_refused(site: Site, authorization: list[str]) -> None:
    status, body, challenged = await site.get("/private", *authorization)
    assert (status, body) == (401, "unauthorized")
    assert challenged.startswith('Bearer realm="homeroom", error="invalid_token", error_description="')


async def test_a_token_in_the_address_or_a_cookie_does_not_count(site: Site) -> None:
    cookies = {"token": make(), "access_token": make(), "Authorization": f"Bearer {make()}"}
    async with (
        ClientSession(cookies=cookies) as session,
        session.get(f"{site.url}/private?token={make()}&access_token={make()}") as response,
    ):
        assert response.status == 401


async def test_an_expired_token_is_told_so(site: Site) -> None:
    status, body, challenged = await site.get("/private", f"Bearer {make(claims(exp=NOW - 60))}")
    assert (status, body) == (401, "token_expired")
    assert "expired" in challenged


async def test_a_revoked_token_is_refused_from_then_on(site: Site) -> None:
    header = f"Bearer {make()}"
    assert (await site.get("/private", header))[0] == 200
    site.revocations.apply(Revoked(RevocationKind.TOKEN, "token-1", START, "root"))
    status, body, challenged = await site.get("/private", header)
    assert (status, body) == (401, "unauthorized")
    assert "revoked" in challenged


@pytest.mark.parametrize("token", [None, ""])
async def test_no_token_is_not_a_wrong_one(site: Site, token: object) -> None:
    with pytest.raises(NoCredentials):
        await site.sign_in.identify(token)


@pytest.mark.parametrize("token", [1, True, [], {}, {"token": "x"}, b"bytes", 1.5, [make()]], ids=str)
async def test_whatever_a_socket_sends_as_a_token_is_refused(site: Site, token: object) -> None:
    with pytest.raises(Unauthorized):
        await site.sign_in.identify(token)


async def test_an_identity_stops_counting_when_it_expires(site: Site) -> None:
    identity = await site.sign_in.identify(make(claims(exp=NOW + 10)))
    site.clock.advance(9.9)
    site.sign_in.check_still_valid(identity)
    site.clock.advance(0.1)
    with pytest.raises(Unauthorized) as caught:
        site.sign_in.check_still_valid(identity)
    assert caught.value.wire_code is ErrorCode.TOKEN_EXPIRED


async def test_an_identity_stops_counting_when_it_is_revoked(site: Site) -> None:
    identity = await site.sign_in.identify(make())
    site.revocations.apply(Revoked(RevocationKind.USER, "ada", START + timedelta(seconds=5), "root"))
    with pytest.raises(Unauthorized) as caught:
        site.sign_in.check_still_valid(identity)
    assert caught.value.wire_code is ErrorCode.UNAUTHORIZED


def test_a_challenge_cannot_be_broken_out_of() -> None:
    assert challenge(Unauthorized('a "b" \\ c')).endswith("error_description=\"a 'b'  c\"")
