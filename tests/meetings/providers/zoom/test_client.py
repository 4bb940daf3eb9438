"""Asking Zoom: signing in, limits, and refusals in our words."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from meetings.provider import ProviderError, Trouble
from meetings.providers.zoom.adapter import ZoomProvider
from meetings.providers.zoom.client import base_address, segment
from meetings.providers.zoom.limits import Bucket, next_midnight, retry_at
from meetings.providers.zoom.scopes import NEEDS
from meetings.providers.zoom.tokens import token_endpoint
from tests.meetings.providers.zoom.conftest import Clock, Memory, spec_of
from tests.services.fake_zoom import EVERYTHING, FakeZoom, Fault

CREATE = "POST /users/{userId}/meetings"
GET = "GET /meetings/{meetingId}"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def refused(awaitable: object) -> ProviderError:
    with pytest.raises(ProviderError) as told:
        await awaitable  # type: ignore[misc]  # any coroutine
    return told.value


# -------------------------------------------------------------------------------------------------------------- signing in


async def test_many_at_once_fetch_one_token(provider: ZoomProvider, zoom: FakeZoom) -> None:
    await asyncio.gather(*(provider.create(spec_of(marker=f"link_{n}")) for n in range(12)))
    assert zoom.count("token") == 1


async def test_a_token_is_renewed_before_it_ends(
    provider: ZoomProvider, zoom: FakeZoom, clock: Clock
) -> None:
    reference = await provider.create(spec_of())
    clock.move(timedelta(minutes=58))
    await provider.fetch(reference, spec_of())
    assert zoom.count("token") == 1
    clock.move(timedelta(seconds=61))
    await provider.fetch(reference, spec_of())
    assert zoom.count("token") == 2
    assert zoom.count(GET) == 2


async def test_a_token_refused_before_its_time_is_renewed_once_for_all(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    reference = await provider.create(spec_of())
    zoom.revoke_tokens()
    seen = await asyncio.gather(*(provider.fetch(reference, spec_of()) for _ in range(8)))
    assert all(one is not None for one in seen)
    assert zoom.count("token") == 2


async def test_a_token_that_is_refused_again_is_a_matter_of_credentials(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    zoom.faults.append(
        Fault(CREATE, times=9, status=401, body={"code": 124, "message": "Invalid access token."})
    )
    told = await refused(provider.create(spec_of()))
    assert told.trouble is Trouble.CREDENTIALS
    assert zoom.count("token") == 2
    assert zoom.count(CREATE) == 2


async def test_wrong_credentials_are_named_with_the_settings_to_mend(
    provide: Callable[..., ZoomProvider],
) -> None:
    told = await refused(provide(zoom_client_secret="wrong").create(spec_of()))
    assert told.trouble is Trouble.CREDENTIALS
    assert "Invalid client_id or client_secret" in told.message
    assert "HOMEROOM_ZOOM_CLIENT_SECRET" in (told.hint or "")
    assert "wrong" not in f"{told.message} {told.hint}"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_sign_in_that_is_away_is_tried_again(
    provider: ZoomProvider, zoom: FakeZoom, status: int
) -> None:
    zoom.faults.append(Fault("token", status=status))
    assert (await refused(provider.create(spec_of()))).trouble is Trouble.RETRY
    await provider.create(spec_of())


async def test_a_sign_in_without_a_token_is_no_token(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.faults.append(Fault("token", status=200, body={"error": "?"}))
    assert (await refused(provider.create(spec_of()))).trouble is Trouble.RETRY
    assert zoom.count(CREATE) == 0


@pytest.mark.parametrize("level", [logging.DEBUG])
async def test_neither_tokens_nor_secrets_are_logged(
    provider: ZoomProvider, zoom: FakeZoom, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    with caplog.at_level(level):
        reference = await provider.create(spec_of())
        zoom.revoke_tokens()
        await provider.host_url(reference, spec_of(), spec_of().host, NOW)
    told = " ".join(record.getMessage() for record in caplog.records)
    assert "token-" not in told
    assert "the-client-secret" not in told
    assert "zak" not in told


def test_addresses_may_be_hosts() -> None:
    assert token_endpoint("https://zoom.us") == "https://zoom.us/oauth/token"
    assert token_endpoint("https://zoom.us/oauth/token") == "https://zoom.us/oauth/token"
    assert base_address("https://api.zoom.us") == "https://api.zoom.us/v2"
    assert base_address("https://api.zoom.us/v2") == "https://api.zoom.us/v2"


async def test_the_sign_in_may_be_told_as_a_host(
    provide: Callable[..., ZoomProvider], zoom: FakeZoom
) -> None:
    await provide(zoom_oauth_url=zoom.url, zoom_api_url=zoom.url).create(spec_of())
    assert len(zoom.meetings) == 1


def test_half_a_configuration_is_refused_by_name(provide: Callable[..., ZoomProvider]) -> None:
    with pytest.raises(ValueError, match="HOMEROOM_ZOOM_CLIENT_SECRET"):
        provide(zoom_client_secret=None)


# ------------------------------------------------------------------------------------------------------------------ scopes


async def test_a_missing_scope_is_named_with_the_place_to_grant_it(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    zoom.granted = EVERYTHING - {"meeting:write:meeting:admin"}
    told = await refused(provider.create(spec_of()))
    assert told.trouble is Trouble.SCOPE
    assert "meeting:write:meeting:admin" in told.message
    assert "marketplace.zoom.us" in (told.hint or "")


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.scope)
async def test_the_check_names_every_missing_scope(
    provider: ZoomProvider, zoom: FakeZoom, need: object
) -> None:
    scope = need.scope  # type: ignore[attr-defined]  # pytest gives objects
    zoom.granted = EVERYTHING - {scope}
    told = [finding for finding in await provider.check() if scope in finding.message]
    assert len(told) == 1
    assert "Add Scopes" in (told[0].hint or "")


async def test_the_check_is_content_with_all_scopes_or_with_the_classic_ones(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    assert all(finding.good for finding in await provider.check())
    zoom.granted = frozenset(
        {"meeting:write:admin", "meeting:read:admin", "report:read:admin", "recording:read:admin"}
    )
    assert all(finding.good for finding in await provider.check())


async def test_the_check_sees_what_was_granted_a_moment_ago(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.granted = frozenset({"meeting:read:admin"})
    assert not all(finding.good for finding in await provider.check())
    zoom.granted = EVERYTHING
    assert all(finding.good for finding in await provider.check())


async def test_the_check_tells_wrong_credentials(provide: Callable[..., ZoomProvider]) -> None:
    (told,) = await provide(zoom_account_id="another").check()
    assert not told.good
    assert told.hint is not None


# ------------------------------------------------------------------------------------------------------------------ limits


async def test_a_second_s_limit_is_waited_for(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reset = str(int(NOW.timestamp()))
    zoom.faults += [
        Fault(
            CREATE,
            status=429,
            body={"code": 429},
            headers={"X-RateLimit-Type": "QPS", "X-RateLimit-Reset": reset},
        ),
        Fault(CREATE, status=429, body={"code": 429}, headers={"Retry-After": "0"}),
    ]
    await provider.create(spec_of())
    assert zoom.count(CREATE) == 3


async def test_a_longer_limit_is_for_later(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.faults.append(Fault(CREATE, status=429, headers={"Retry-After": "30"}))
    told = await refused(provider.create(spec_of()))
    assert (told.trouble, told.retry_at) == (Trouble.RETRY, NOW + timedelta(seconds=30))
    assert zoom.count(CREATE) == 1


async def test_the_day_s_limit_is_kept_without_asking(
    provider: ZoomProvider, zoom: FakeZoom, clock: Clock
) -> None:
    for number in range(100):
        await provider.create(spec_of(marker=f"link_{number}"))
        clock.seconds += 1
    told = await refused(provider.create(spec_of()))
    assert (told.trouble, told.retry_at) == (Trouble.QUOTA, next_midnight(NOW))
    assert zoom.count(CREATE) == 100
    await provider.create(spec_of(host_account="other@school.example"))
    clock.move(timedelta(days=1))
    await provider.create(spec_of())


async def test_the_day_s_limit_is_shared_with_other_nodes(
    provide: Callable[..., ZoomProvider], zoom: FakeZoom, memory: Memory
) -> None:
    await provide().create(spec_of())
    (key,) = (key for key in memory.kept if key.startswith("changed:"))
    memory.kept[key] = "100"
    assert (await refused(provide().create(spec_of()))).trouble is Trouble.QUOTA
    assert zoom.count(CREATE) == 1


async def test_what_was_not_done_does_not_count(
    provider: ZoomProvider, zoom: FakeZoom, memory: Memory
) -> None:
    reference = await provider.create(spec_of())
    zoom.faults.append(Fault("PATCH", times=3, status=503))
    for _ in range(3):
        await refused(provider.update(reference, spec_of()))
    assert [value for key, value in memory.kept.items() if key.startswith("changed:")] == ["1"]


@pytest.mark.parametrize(
    ("status", "headers", "message"),
    [
        (429, {"X-RateLimit-Type": "Daily-limit", "Retry-After": "2026-11-23T00:00:00Z"}, ""),
        (
            429,
            {"Retry-After": "Mon, 23 Nov 2026 00:00:00 GMT"},
            "You have reached the maximum daily rate limit.",
        ),
        (300, {}, "A maximum of 100 meetings can be created/updated for a single user in one day."),
    ],
)
async def test_a_full_day_is_believed_and_remembered(
    provider: ZoomProvider, zoom: FakeZoom, status: int, headers: dict[str, str], message: str
) -> None:
    zoom.faults.append(
        Fault(CREATE, status=status, headers=headers, body={"code": status, "message": message})
    )
    for _ in range(2):
        told = await refused(provider.create(spec_of()))
        assert (told.trouble, told.retry_at) == (Trouble.QUOTA, datetime(2026, 11, 23, tzinfo=UTC))
    assert zoom.count(CREATE) == 1


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"Retry-After": "5"}, NOW + timedelta(seconds=5)),
        ({"Retry-After": "0.5"}, NOW + timedelta(seconds=0.5)),
        ({"Retry-After": "2026-11-23T00:00:00Z"}, datetime(2026, 11, 23, tzinfo=UTC)),
        ({"Retry-After": "2026-11-23T00:00:00"}, datetime(2026, 11, 23, tzinfo=UTC)),
        ({"Retry-After": "2026-11-23T02:00:00+02:00"}, datetime(2026, 11, 23, tzinfo=UTC)),
        ({"Retry-After": "Mon, 23 Nov 2026 00:00:00 GMT"}, datetime(2026, 11, 23, tzinfo=UTC)),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "1795392000"}, datetime(2026, 11, 23, tzinfo=UTC)),
        ({"Retry-After": "-5"}, NOW),
        ({"Retry-After": "nan"}, None),
        ({}, None),
    ],
)
def test_when_to_come_back_is_read_in_every_form(headers: dict[str, str], at: datetime | None) -> None:
    assert retry_at(headers, NOW) == at


async def test_requests_are_spread_over_the_seconds() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(round(seconds, 3))

    bucket = Bucket(4, Clock(FakeZoom()), sleep)
    for _ in range(6):
        await bucket.take()
    assert waits == [0.25, 0.5]
    bucket.learn({"X-RateLimit-Type": "QPS", "X-RateLimit-Limit": "80"})
    await bucket.take()
    assert waits[-1] == 0.512


async def test_deletions_of_one_host_do_not_overlap(provider: ZoomProvider, zoom: FakeZoom) -> None:
    specs = [spec_of(marker=f"link_{number}") for number in range(6)]
    made = [await provider.create(spec) for spec in specs]
    await asyncio.gather(*(provider.cancel(one, spec) for one, spec in zip(made, specs, strict=True)))
    assert zoom.meetings == {}
    assert zoom.count("DELETE /meetings/{meetingId}") == 6


# ---------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"code": 3161, "message": "not allowed"}, (Trouble.REFUSED, "may not schedule")),
        (400, {"code": 200, "message": "Only available for paid account"}, (Trouble.REFUSED, "plan")),
        (400, {"code": 3000, "message": "You cannot schedule"}, (Trouble.REFUSED, "You cannot schedule")),
        (400, {"code": 300, "message": "Passcode\ntoo weak"}, (Trouble.REFUSED, "Passcode too weak")),
        (404, {"code": 1001, "message": "User does not exist: x."}, (Trouble.REFUSED, "no such user")),
        (404, None, (Trouble.RETRY, "not Zoom's API")),
        (302, {}, (Trouble.REFUSED, "302")),
        (500, {}, (Trouble.UNKNOWN, "HTTP 500")),
    ],
)
async def test_refusals_are_told_in_plain_words(
    provider: ZoomProvider,
    zoom: FakeZoom,
    status: int,
    body: dict[str, object] | None,
    expected: tuple[Trouble, str],
) -> None:
    zoom.faults.append(Fault(CREATE, status=status, body=body))
    told = await refused(provider.create(spec_of()))
    assert told.trouble is expected[0]
    assert expected[1] in told.message


@pytest.mark.parametrize(
    ("uuid", "encoded"),
    [
        ("4444AAAiAAAAAiAiAiiAii==", "4444AAAiAAAAAiAiAiiAii%3D%3D"),
        ("a/b+c==", "a%2Fb%2Bc%3D%3D"),
        ("/abc==", "%252Fabc%253D%253D"),
        ("ab//c==", "ab%252F%252Fc%253D%253D"),
        ("noor@school.example", "noor@school.example"),
    ],
)
def test_parts_of_a_path_are_encoded_and_some_uuids_twice(uuid: str, encoded: str) -> None:
    assert segment(uuid) == encoded
