"""Zoom's webhooks: verified over the raw bytes, read with tolerance, told in our words."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from contract.errors import InvalidInput, Unauthorized
from meetings.provider import Delivery, What
from meetings.providers.zoom.webhooks import ZoomWebhooks
from tests.meetings.providers.zoom.conftest import WEBHOOKS

SECRET = "zoom-secret-token"
NOW = datetime.fromtimestamp(1760000000, UTC)
STARTED = (
    b'{"event":"meeting.started","event_ts":1626230691572,"payload":{"account_id":"AAAAAABBBB","object":{"id":"1234567890",'
    b'"uuid":"4444AAAiAAAAAiAiAiiAii==","host_id":"x1yCzABCDEfg23HiJKl4mN","host_email":"jchill@example.com",'
    b'"topic":"My Meeting","type":8,"start_time":"2021-07-13T21:44:51Z","timezone":"America/Los_Angeles","duration":60}}}'
)
SIGNATURE = "v0=9750c334a0092cea00156adba86a4687370c044d7ff00522b766cf4ad019ac92"
"""Of STARTED at 1760000000, computed from the documented algorithm."""


@pytest.fixture
def webhooks() -> ZoomWebhooks:
    return ZoomWebhooks(SecretStr(SECRET))


def signed(raw: bytes, stamp: str = "1760000000", secret: str = SECRET) -> Delivery:
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return Delivery({"x-zm-request-timestamp": stamp, "x-zm-signature": f"v0={digest}"}, {}, raw)


def sample(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((WEBHOOKS / f"{name}.json").read_text(encoding="utf-8"))
    return told


# --------------------------------------------------------------------------------------------------------------- verifying


async def test_a_signed_event_is_kept_under_a_key_of_its_bytes(webhooks: ZoomWebhooks) -> None:
    delivery = Delivery({"x-zm-request-timestamp": "1760000000", "x-zm-signature": SIGNATURE}, {}, STARTED)
    first, again = [await webhooks.receive(delivery, NOW) for _ in range(2)]
    assert first.status == 200
    assert first.key is not None
    assert first.key == again.key
    other = await webhooks.receive(signed(STARTED.replace(b"started", b"ended")), NOW)
    assert other.key != first.key


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery({}, {}, STARTED),
        Delivery({"x-zm-request-timestamp": "1760000000"}, {}, STARTED),
        Delivery({"x-zm-signature": SIGNATURE}, {}, STARTED),
        Delivery({"x-zm-request-timestamp": "1760000000", "x-zm-signature": SIGNATURE}, {}, STARTED + b" "),
        Delivery({"x-zm-request-timestamp": "1760000001", "x-zm-signature": SIGNATURE}, {}, STARTED),
        Delivery(
            {"x-zm-request-timestamp": "1760000000", "x-zm-signature": SIGNATURE[:-1] + "3"}, {}, STARTED
        ),
        Delivery({"x-zm-request-timestamp": "1760000000", "x-zm-signature": SIGNATURE[3:]}, {}, STARTED),
        Delivery({"x-zm-request-timestamp": "1760000000", "x-zm-signature": "v0=é\udcff"}, {}, STARTED),
        Delivery({"x-zm-request-timestamp": "\udcff\udcfe", "x-zm-signature": "v0=1"}, {}, STARTED),
        signed(STARTED, secret="another"),
        signed(STARTED, secret=""),
        signed(STARTED, stamp=""),
        signed(STARTED, stamp="soon"),
        signed(STARTED, stamp="9" * 40),
        signed(STARTED, stamp="١٧٦"),
        signed(STARTED, stamp="1759999699"),
        signed(STARTED, stamp="1760000301"),
    ],
)
async def test_what_is_not_from_zoom_or_too_old_is_refused(
    webhooks: ZoomWebhooks, delivery: Delivery
) -> None:
    with pytest.raises(Unauthorized):
        await webhooks.receive(delivery, NOW)


async def test_five_minutes_either_way_are_borne(webhooks: ZoomWebhooks) -> None:
    for apart in (-300, 300):
        receipt = await webhooks.receive(signed(STARTED), NOW + timedelta(seconds=apart))
        assert receipt.key is not None


@pytest.mark.parametrize("secret", [None, SecretStr("")])
async def test_without_a_secret_everything_is_refused(secret: SecretStr | None) -> None:
    with pytest.raises(Unauthorized):
        await ZoomWebhooks(secret).receive(signed(STARTED, secret=""), NOW)


async def test_bytes_beyond_ascii_are_verified_as_they_came(webhooks: ZoomWebhooks) -> None:
    raw = STARTED.replace(b"My Meeting", "Übung – 数学".encode())
    assert (await webhooks.receive(signed(raw), NOW)).key is not None


async def test_the_url_is_validated(webhooks: ZoomWebhooks) -> None:
    raw = b'{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}'
    receipt = await webhooks.receive(signed(raw), NOW)
    assert receipt.key is None
    assert json.loads(receipt.body) == {
        "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
        "encryptedToken": "d9e0d764a78494688ba3f2d5c0ed4ca311394b4834d959759213424d2df961e3",
    }


async def test_a_validation_of_a_plain_word_needs_no_signature(webhooks: ZoomWebhooks) -> None:
    raw = b'{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1654503849680,"event":"endpoint.url_validation"}'
    assert (await webhooks.receive(Delivery({}, {}, raw), NOW)).body == (
        await webhooks.receive(signed(raw), NOW)
    ).body
    with pytest.raises(Unauthorized):
        await webhooks.receive(Delivery({"x-zm-signature": "v0=00"}, {}, raw), NOW)
    with pytest.raises(Unauthorized):
        await ZoomWebhooks(None).receive(Delivery({}, {}, raw), NOW)


async def test_nobody_gets_a_signature_by_asking_for_a_validation(webhooks: ZoomWebhooks) -> None:
    raw = b'{"payload":{"plainToken":"v0:1760000000:{}"},"event":"endpoint.url_validation"}'
    with pytest.raises(Unauthorized):
        await webhooks.receive(Delivery({}, {}, raw), NOW)


async def test_events_that_we_do_not_know_are_answered_and_not_kept(webhooks: ZoomWebhooks) -> None:
    for name in ("meeting.sharing_started", "meeting.participant_joined_waiting_room"):
        receipt = await webhooks.receive(signed(json.dumps(sample(name)).encode()), NOW)
        assert (receipt.status, receipt.key) == (200, None)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
async def test_what_cannot_be_read_is_refused_as_such(webhooks: ZoomWebhooks, raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        await webhooks.receive(signed(raw), NOW)


# ----------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("name", "what", "number"),
    [
        ("meeting.started", What.STARTED, "1234567890"),
        ("meeting.ended", What.ENDED, "1234567890"),
        ("meeting.participant_joined", What.JOINED, "1234567890"),
        ("meeting.participant_left", What.LEFT, "1234567890"),
        ("meeting.updated", What.CHANGED, "94890226305"),
        ("meeting.deleted", What.DELETED, "98884753832"),
        ("meeting.permanently_deleted", What.CHANGED, "1234567890"),
        ("recording.completed", What.RECORDING_READY, "1234567890"),
        ("recording.transcript_completed", What.RECORDING_READY, "1234567890"),
    ],
)
def test_recorded_bodies_are_told_in_our_words(
    webhooks: ZoomWebhooks, name: str, what: What, number: str
) -> None:
    (told,) = webhooks.read(json.dumps(sample(name)).encode())
    assert (told.what, told.external_id) == (what, number)
    assert told.at.tzinfo is not None


@pytest.mark.parametrize(
    "name",
    [
        "endpoint.url_validation",
        "meeting.sharing_started",
        "meeting.participant_joined_waiting_room",
        "meeting.participant_joined_breakout_room",
    ],
)
def test_other_events_tell_nothing(webhooks: ZoomWebhooks, name: str) -> None:
    assert webhooks.read(json.dumps(sample(name)).encode()) == []


def test_whoever_comes_and_goes_is_named(webhooks: ZoomWebhooks) -> None:
    (came,) = webhooks.read(json.dumps(sample("meeting.participant_joined")).encode())
    (went,) = webhooks.read(json.dumps(sample("meeting.participant_left")).encode())
    assert came.person is not None
    assert went.person is not None
    assert (came.person.name, came.person.email) == ("Jill Chill", "jchill@example.com")
    assert came.person.external_id == went.person.external_id != ""
    assert came.at == datetime(2021, 7, 13, 21, 44, 51, tzinfo=UTC)
    assert came.session == "4444AAAiAAAAAiAiAiiAii=="
    assert (came.person.left_at, went.person.left_at) == (None, went.at)


def test_a_stranger_has_an_empty_address_and_a_number_may_be_a_number(webhooks: ZoomWebhooks) -> None:
    body = sample("meeting.participant_joined")
    found = body["payload"]["object"]
    found["id"] = 1234567890
    found["participant"] |= {"email": "", "news": [1]}
    body["tomorrow"] = {"a": 1}
    (told,) = webhooks.read(json.dumps(body).encode())
    assert told.external_id == "1234567890"
    assert told.person is not None
    assert told.person.email is None


def test_a_recording_comes_with_its_files_and_what_opens_them(webhooks: ZoomWebhooks) -> None:
    (told,) = webhooks.read(json.dumps(sample("recording.completed")).encode())
    assert [file.kind for file in told.files] == ["audio", "video"]
    assert {file.token for file in told.files} == {"abJhbGciOiJIUzUxMiJ9"}
    assert told.at == datetime(2021, 7, 13, 21, 44, 51, tzinfo=UTC)


def test_a_series_is_deleted_and_one_of_its_dates_is_a_change(webhooks: ZoomWebhooks) -> None:
    body = sample("meeting.permanently_deleted")
    body["event"] = "meeting.deleted"
    (one,) = webhooks.read(json.dumps(body).encode())
    body["payload"]["operation"] = "all"
    (every,) = webhooks.read(json.dumps(body).encode())
    assert (one.what, every.what) == (What.CHANGED, What.DELETED)


def test_a_time_that_is_missing_is_that_of_the_event(webhooks: ZoomWebhooks) -> None:
    body = sample("meeting.ended")
    body["event_ts"] = "1626230691572"
    for wrong in (None, "", "yesterday", 5):
        body["payload"]["object"]["end_time"] = wrong
        (told,) = webhooks.read(json.dumps(body).encode())
        assert told.at == datetime.fromtimestamp(1626230691.572, UTC)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
odd = st.sampled_from([float("inf"), "0001-01-01T00:00:00+10:00", 10**400, True, "\ud800"])
names = st.sampled_from(sorted(path.stem for path in WEBHOOKS.glob("*.json")))


@given(names, st.data())
def test_whatever_a_field_holds_reading_does_not_break(name: str, data: st.DataObject) -> None:
    body = sample(name)
    places: list[tuple[dict[str, Any], str]] = []

    def walk(part: object) -> None:
        if isinstance(part, dict):
            for key, inner in part.items():
                places.append((part, key))
                walk(inner)
        if isinstance(part, list):
            for inner in part:
                walk(inner)

    walk(body)
    place, key = data.draw(st.sampled_from(places))
    place[key] = data.draw(json_values | odd)
    for told in ZoomWebhooks(SecretStr(SECRET)).read(json.dumps(body).encode()):
        assert told.at.tzinfo is not None
        assert isinstance(told.external_id, str)
