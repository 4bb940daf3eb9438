"""The key cache against a real key server, with a clock that the test moves."""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web

from auth.claims import ClaimRules
from auth.jwks import FetchFailed, JwksCache, check_url, fetch_from
from auth.keys import Algorithm
from auth.tokens import TokenVerifier
from contract.errors import Unauthorized, Unavailable
from tests.auth.jwks_host import JwksHost, jwks_host
from tests.auth.tokens_by_hand import (
    AUDIENCE,
    ISSUER,
    NOW,
    EcSigner,
    EdSigner,
    MovableClock,
    RsaSigner,
    claims,
    dump,
    make,
)

OLD, NEW = EdSigner(), EdSigner()


class Lms:
    """The key server, the cache in front of it, and the clock of both."""

    def __init__(self, host: JwksHost) -> None:
        self.host = host
        self.clock = MovableClock()
        self.cache = JwksCache(fetch_from(host.url), self.clock)
        self._verifier = TokenVerifier(ClaimRules(ISSUER, AUDIENCE), self.clock, key_set=self.cache)
        host.keys = [OLD.jwk(kid="old")]

    async def verify(self, kid: str = "old", signer: EdSigner = OLD) -> str:
        payload = claims(exp=NOW + 10 * 86400)
        return (await self._verifier.verify(make(payload, {"kid": kid}, signer))).user_id

    async def refuses(self, kid: str = "unknown") -> None:
        with pytest.raises(Unauthorized):
            await self.verify(kid)

    async def renewed(self) -> None:
        """Waits for a renewal behind an answer."""
        for task in asyncio.all_tasks():
            if task.get_name() == "jwks-renewal":
                await task


@pytest_asyncio.fixture
async def lms() -> AsyncIterator[Lms]:
    async with jwks_host() as host:
        made = Lms(host)
        yield made
        await made.cache.close()


async def test_keys_are_fetched_once_and_used_many_times(lms: Lms) -> None:
    for _ in range(20):
        assert await lms.verify() == "ada"
    assert lms.host.fetches == 1


async def test_all_three_families_come_from_one_key_set(lms: Lms) -> None:
    rsa, ec = RsaSigner(), EcSigner()
    lms.host.keys = [rsa.jwk(kid="r"), ec.jwk(kid="e"), OLD.jwk(kid="old")]
    verifier = TokenVerifier(ClaimRules(ISSUER, AUDIENCE), lms.clock, key_set=lms.cache)
    for kid, signer in (("r", rsa), ("e", ec), ("old", OLD)):
        assert (await verifier.verify(make(header={"kid": kid}, signer=signer))).user_id == "ada"
    assert lms.host.fetches == 1


async def test_a_new_key_is_found_when_a_token_first_names_it_and_the_old_one_works_on(lms: Lms) -> None:
    await lms.verify()
    lms.host.keys = [OLD.jwk(kid="old"), NEW.jwk(kid="new")]
    lms.clock.advance(31)
    assert await lms.verify("new", NEW) == "ada"
    assert await lms.verify() == "ada"
    assert lms.host.fetches == 2


async def test_a_withdrawn_key_stops_working_after_the_next_renewal(lms: Lms) -> None:
    await lms.verify()
    lms.host.keys = [NEW.jwk(kid="new")]
    lms.clock.advance(601)
    assert await lms.verify() == "ada"  # answered at once, renewed behind it
    await lms.renewed()
    await lms.refuses("old")
    assert await lms.verify("new", NEW) == "ada"


async def test_unknown_key_ids_cause_one_fetch_in_thirty_seconds_however_many_come(lms: Lms) -> None:
    await lms.verify()
    for second in range(300):
        lms.clock.advance(1)
        await lms.refuses(f"kid-{second}")
        await lms.refuses(f"other-{second}")
    assert 2 <= lms.host.fetches <= 11


async def test_a_key_id_that_the_set_did_not_have_is_remembered_for_a_minute(lms: Lms) -> None:
    await lms.refuses("missing")
    assert lms.host.fetches == 1
    lms.clock.advance(45)
    await lms.refuses("missing")
    assert lms.host.fetches == 1
    lms.clock.advance(16)
    await lms.refuses("missing")
    assert lms.host.fetches == 2


async def test_a_key_published_late_is_found_after_all(lms: Lms) -> None:
    await lms.refuses("new")
    lms.host.keys = [OLD.jwk(kid="old"), NEW.jwk(kid="new")]
    lms.clock.advance(61)
    assert await lms.verify("new", NEW) == "ada"


async def test_a_key_id_refused_only_because_it_was_too_early_to_fetch_is_not_remembered(lms: Lms) -> None:
    await lms.verify()
    lms.host.keys = [NEW.jwk(kid="new")]
    lms.clock.advance(29)
    await lms.refuses("new")
    lms.clock.advance(2)
    assert await lms.verify("new", NEW) == "ada"


async def test_the_memory_of_unknown_key_ids_is_bounded(lms: Lms) -> None:
    for _ in range(1200):
        lms.clock.advance(31)
        assert await lms.cache.keys_for(Algorithm.EDDSA, f"{lms.clock.monotonic()}") == []
    assert len(lms.cache._unknown) == 1000  # what is bounded cannot be seen from outside


async def test_many_at_once_share_one_fetch(lms: Lms) -> None:
    lms.host.hold.clear()
    waiting = [asyncio.create_task(lms.verify()) for _ in range(50)]
    await lms.host.asked.wait()
    lms.host.hold.set()
    assert await asyncio.gather(*waiting) == ["ada"] * 50
    assert lms.host.fetches == 1


async def test_one_who_goes_away_does_not_take_the_keys_from_the_others(lms: Lms) -> None:
    lms.host.hold.clear()
    leaving, staying = asyncio.create_task(lms.verify()), asyncio.create_task(lms.verify())
    await lms.host.asked.wait()
    leaving.cancel()
    lms.host.hold.set()
    assert await staying == "ada"
    assert leaving.cancelled()
    assert lms.host.fetches == 1


async def test_while_the_host_is_down_known_keys_work_for_a_day(lms: Lms) -> None:
    await lms.verify()
    lms.host.answer = web.Response(status=503)
    for _ in range(23):
        lms.clock.advance(3600)
        assert await lms.verify() == "ada"
        await lms.renewed()
    lms.clock.advance(3601)
    with pytest.raises(Unavailable):
        await lms.verify()


async def test_a_host_that_comes_back_is_noticed(lms: Lms) -> None:
    lms.host.answer = web.Response(status=503)
    with pytest.raises(Unavailable):
        await lms.verify()
    lms.host.answer = None
    with pytest.raises(Unavailable):
        await lms.verify()  # too early for another fetch
    lms.clock.advance(31)
    assert await lms.verify() == "ada"


async def test_nothing_listening_is_unavailable_and_not_unauthorized() -> None:
    async with jwks_host() as host:
        url = host.url
    cache = JwksCache(fetch_from(url), MovableClock())
    with pytest.raises(Unavailable) as caught:
        await cache.keys_for(Algorithm.RS256, "any")
    assert caught.value.retryable


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'{"keys":{}}',
        b'{"keys":1}',
        b"{}",
        b'{"keys":[],"keys":[]}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"keys":[' + b" " * 262_144 + b"]}",
    ],
    ids=str,
)
async def test_junk_changes_nothing(lms: Lms, body: bytes) -> None:
    await lms.verify()
    lms.host.answer = body
    lms.clock.advance(601)
    await lms.verify()
    await lms.renewed()
    assert lms.host.fetches == 2
    assert await lms.verify() == "ada"


@pytest.mark.parametrize("status", [301, 302, 307, 308, 204, 206, 304, 401, 404, 500])
async def test_only_a_plain_answer_counts_and_no_redirect_is_followed(lms: Lms, status: int) -> None:
    lms.host.answer = web.Response(
        status=status, headers={"Location": lms.host.url.replace("jwks.json", "evil.json")}
    )
    with pytest.raises(Unavailable):
        await lms.verify()
    assert (lms.host.fetches, lms.host.elsewhere) == (1, 0)


async def test_a_compressed_answer_is_not_unpacked(lms: Lms) -> None:
    lms.host.answer = web.Response(
        headers={"Content-Encoding": "gzip"}, body=gzip.compress(dump({"keys": [OLD.jwk(kid="old")]}))
    )
    with pytest.raises(Unavailable):
        await lms.verify()
    assert lms.host.headers[0]["Accept-Encoding"] == "identity"


async def test_an_answer_that_never_comes_is_given_up(lms: Lms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.jwks._FETCH_TIMEOUT", 0.2)
    lms.host.hold.clear()
    with pytest.raises(FetchFailed, match=r"no answer within 0\.2 s"):
        await fetch_from(lms.host.url)()


async def test_closing_ends_a_fetch_that_hangs(lms: Lms) -> None:
    lms.host.hold.clear()
    waiting = asyncio.create_task(lms.verify())
    await lms.host.asked.wait()
    await lms.cache.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_empty_key_set_withdraws_all_keys(lms: Lms) -> None:
    await lms.verify()
    lms.host.keys = []
    lms.clock.advance(601)
    await lms.verify()
    await lms.renewed()
    await lms.refuses("old")


async def test_a_key_without_an_id_serves_tokens_that_name_none(lms: Lms) -> None:
    lms.host.keys = [NEW.jwk(), OLD.jwk()]
    verifier = TokenVerifier(ClaimRules(ISSUER, AUDIENCE), lms.clock, key_set=lms.cache)
    assert (await verifier.verify(make(signer=OLD))).user_id == "ada"
    await lms.refuses("old")


async def test_of_very_many_keys_fifty_are_read(lms: Lms) -> None:
    lms.host.keys = [
        *(EdSigner().jwk(kid=f"k{n}") for n in range(49)),
        OLD.jwk(kid="old"),
        NEW.jwk(kid="new"),
    ]
    assert await lms.verify() == "ada"
    with pytest.raises(Unauthorized):
        await lms.verify("new", NEW)


async def test_the_log_names_the_trouble_but_no_token(lms: Lms, caplog: pytest.LogCaptureFixture) -> None:
    lms.host.answer = web.Response(status=503)
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable):
        await lms.verify()
    assert "status 503" in caplog.text
    assert "eyJ" not in caplog.text


@pytest.mark.parametrize(
    ("url", "development"),
    [
        ("https://lms.example/jwks.json", False),
        ("https://lms.example:8443/a?b=c", False),
        ("http://localhost:9/jwks.json", False),
        ("http://127.0.0.5/jwks.json", False),
        ("http://[::1]:80/jwks.json", False),
        ("http://lms.example/jwks.json", True),
    ],
)
def test_an_address_is_allowed(url: str, development: bool) -> None:
    check_url(url, development=development)
    assert callable(fetch_from(url, development=development))


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.example/jwks.json",
        "http://localhost.example/jwks.json",
        "http://10.0.0.1/jwks.json",
        "file:///etc/passwd",
        "ftp://lms.example/jwks.json",
        "https://",
        "jwks.json",
        "",
        "https://user:word@lms.example/jwks.json",
        "https://lms.example/jwks.json#part",
    ],
)
def test_an_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="JWKS URL"):
        fetch_from(url)
