"""Jitsi as a Service: signed links out, signed deliveries in."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from contract.errors import InvalidInput, Unauthorized
from contract.meetings import Recording
from meetings.provider import Delivery, Receipt, What
from meetings.providers.jaas import build
from meetings.providers.jaas.provider import JaasProvider
from meetings.providers.jaas.settings import JaasSettings
from tests.meetings.providers.jitsi.rig import (
    NAMELESS,
    NOW,
    PUPIL,
    SAMPLES,
    TEACHER,
    Rig,
    conforms,
    sample,
    spec,
)
from tests.services.fake_jaas import APP, FakeJaas, NotAllowed, signature_of

ROOM = "testroom2"
VECTOR: Mapping[str, str] = json.loads((SAMPLES / "jaas-signature-vector.json").read_text())["jaas"]
VECTOR_NOW = datetime.fromtimestamp(1760000000, UTC)


@pytest.fixture(scope="module")
def jaas() -> FakeJaas:
    return FakeJaas.new()


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def built(jaas: FakeJaas, rig: Rig, folder: Path, **changes: Any) -> JaasProvider:
    given: dict[str, Any] = {
        "jaas_app_id": APP,
        "jaas_key_id": jaas.key_id,
        "jaas_private_key_file": jaas.write_key(folder / "key.pem"),
        "jaas_webhook_secret": SecretStr(jaas.secret),
    }
    provider = build(JaasSettings(**given | changes), rig.surroundings)
    assert provider is not None
    return provider


@pytest.fixture(scope="module")
def provider(jaas: FakeJaas, rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> JaasProvider:
    """One for all: it keeps no state, and reading its key takes a while."""
    return built(jaas, rig, tmp_path_factory.mktemp("jaas"))


async def receive(
    provider: JaasProvider, raw: bytes, signature: str | None, now: datetime = NOW, **more: str
) -> Receipt:
    headers = {"content-type": "application/json", **more}
    if signature is not None:
        headers["x-jaas-signature"] = signature
    assert provider.webhooks is not None
    return await provider.webhooks.receive(Delivery(headers, {}, raw), now)


async def signed(provider: JaasProvider, jaas: FakeJaas, event: object) -> Receipt:
    raw = json.dumps(event).encode()
    return await receive(provider, raw, jaas.sign(raw, NOW))


# --------------------------------------------------------------------------------------------------------------- links


async def test_links_are_as_8x8_wants_them(provider: JaasProvider, jaas: FakeJaas) -> None:
    wanted = spec()
    reference = await provider.create(wanted)
    header, host = jaas.admit(await provider.host_url(reference, wanted, TEACHER, NOW), NOW)
    _, pupil = jaas.admit(await provider.join_url(reference, wanted, PUPIL, NOW), NOW)
    conforms(header, "jaasJwtHeader")
    for claims in (host, pupil):
        conforms(claims, "jaasJwtPayload")
        assert "nbfTime" not in claims
    assert host["context"]["user"]["moderator"] == "true"
    assert host["context"]["features"]["recording"] is True
    assert pupil["context"]["user"]["moderator"] is False
    assert not any(pupil["context"]["features"].values())
    assert host["context"]["room"] == {"regex": False}


async def test_nothing_is_null_and_a_link_is_for_one_room_and_some_minutes(
    provider: JaasProvider, jaas: FakeJaas
) -> None:
    wanted = spec()
    reference = await provider.create(wanted)
    address = await provider.join_url(reference, wanted, NAMELESS, NOW)
    _, claims = jaas.admit(address, NOW)
    assert claims["context"]["user"] == {"id": "u-3", "name": "Cleo", "moderator": False}
    with pytest.raises(NotAllowed, match="room"):
        jaas.admit(address.replace(reference.external_id, "other"), NOW)
    with pytest.raises(NotAllowed, match="now"):
        jaas.admit(address, NOW + timedelta(minutes=11))


async def test_the_key_may_be_named_whole_or_in_part(jaas: FakeJaas, rig: Rig, tmp_path: Path) -> None:
    whole = built(jaas, rig, tmp_path, jaas_key_id=f"{APP}/{jaas.key_id}")
    wanted = spec()
    address = await whole.join_url(await whole.create(wanted), wanted, PUPIL, NOW)
    header, _ = jaas.admit(address, NOW)
    assert header["kid"] == f"{APP}/{jaas.key_id}"


def test_half_a_configuration_names_what_is_missing(jaas: FakeJaas, rig: Rig, tmp_path: Path) -> None:
    assert build(JaasSettings(), rig.surroundings) is None
    for missing in ("jaas_app_id", "jaas_key_id", "jaas_private_key_file"):
        with pytest.raises(ValueError, match=f"HOMEROOM_{missing.upper()}"):
            built(jaas, rig, tmp_path, **{missing: None})
    with pytest.raises(ValueError, match="HOMEROOM_JAAS_KEY_ID"):
        built(jaas, rig, tmp_path, jaas_key_id="vpaas-magic-cookie-00000000000000000000000000000000/1")


def test_a_key_that_is_none_is_refused_without_repeating_it(jaas: FakeJaas, rig: Rig, tmp_path: Path) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    contents = {
        "nonsense": b"nonsense that is secret",
        "curve": curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "empty": b"",
    }
    for name, content in contents.items():
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(ValueError, match="HOMEROOM_JAAS_PRIVATE_KEY_FILE") as refused:
            built(jaas, rig, tmp_path, jaas_private_key_file=file)
        assert "secret" not in str(refused.value)
    with pytest.raises(ValueError, match="HOMEROOM_JAAS_PRIVATE_KEY_FILE cannot be read"):
        built(jaas, rig, tmp_path, jaas_private_key_file=tmp_path / "missing")


# ----------------------------------------------------------------------------------------------------------- signatures


async def test_the_documented_signature_is_good(provider: JaasProvider) -> None:
    raw = VECTOR["body"].encode()
    for header in (
        VECTOR["X-Jaas-Signature"],
        VECTOR["X-Jaas-Signature"].replace(",", ", "),
        "v0=x," + VECTOR["X-Jaas-Signature"] + ",v1=b2xk",  # a second one, while a secret is being changed
    ):
        receipt = await receive(provider, raw, header, VECTOR_NOW)
        assert receipt.key == "45892714-7bf6-49b8-8c6a-856a92ff6d8a"


async def test_altered_old_and_foreign_deliveries_are_refused(provider: JaasProvider, jaas: FakeJaas) -> None:
    raw = json.dumps(sample("jaas-webhooks/PARTICIPANT_JOINED.json")).encode()
    good = jaas.sign(raw, NOW)
    stamp = int(NOW.timestamp())
    digest = good.partition("v1=")[2]
    altered = [
        None,
        "",
        "t=,v1=",
        good.replace("v1=", "v0="),
        f"v1={digest}",
        f"t={stamp}",
        f"t={stamp + 1},v1={digest}",
        f"t={stamp},t={stamp},v1={digest}",
        f"t={stamp}.0,v1={digest}",
        f"t={stamp},v1={digest[:-1]}",
        f"t={stamp},v1={digest[:-4]}AAA=",
        f"t={stamp},v1=\udcff",
        jaas.sign(raw + b" ", NOW),
        jaas.sign(raw, NOW, "another secret"),
        jaas.sign(raw, NOW - timedelta(seconds=301)),
        jaas.sign(raw, NOW + timedelta(seconds=301)),
    ]
    for header in altered:
        with pytest.raises(Unauthorized):
            await receive(provider, raw, header)
    assert (await receive(provider, raw, jaas.sign(raw, NOW - timedelta(seconds=299)))).key


@pytest.mark.parametrize("secret", [None, SecretStr("")])
async def test_without_a_secret_nothing_is_believed(
    jaas: FakeJaas, rig: Rig, tmp_path: Path, secret: SecretStr | None
) -> None:
    provider = built(jaas, rig, tmp_path, jaas_webhook_secret=secret)
    raw = json.dumps(sample("jaas-webhooks/SETTINGS_PROVISIONING.request.json")).encode()
    for header in (signature_of(raw, int(NOW.timestamp()), ""), None):
        for authorization in ("", "Bearer "):
            with pytest.raises(Unauthorized):
                await receive(provider, raw, header, authorization=authorization)
    assert not (await provider.check())[-1].good


async def test_the_body_counts_as_it_came_whatever_its_letters(
    provider: JaasProvider, jaas: FakeJaas
) -> None:
    event = sample("jaas-webhooks/PARTICIPANT_JOINED.json")
    event["data"]["name"] = "Zoë Ångström 日本"
    raw = json.dumps(event, ensure_ascii=False, indent=1).encode()
    assert (await receive(provider, raw, jaas.sign(raw, NOW))).key == event["idempotencyKey"]
    assert provider.webhooks is not None
    (happening,) = provider.webhooks.read(raw)
    assert happening.person is not None
    assert happening.person.name == "Zoë Ångström 日本"


# --------------------------------------------------------------------------------------------------------------- events


def read(provider: JaasProvider, event: object) -> list[Any]:
    assert provider.webhooks is not None
    return list(provider.webhooks.read(json.dumps(event).encode()))


async def test_every_documented_event_is_read(provider: JaasProvider, jaas: FakeJaas) -> None:
    expected = {
        "CHAT_UPLOADED": What.RECORDING_READY,
        "PARTICIPANT_JOINED": What.JOINED,
        "PARTICIPANT_JOINED_LOBBY": None,
        "PARTICIPANT_LEFT": What.LEFT,
        "PARTICIPANT_LEFT_LOBBY": None,
        "RECORDING_ENDED": None,
        "RECORDING_STARTED": None,
        "RECORDING_UPLOADED": What.RECORDING_READY,
        "ROOM_CREATED": None,  # both samples are of breakout rooms
        "ROOM_DESTROYED": None,
        "TRANSCRIPTION_UPLOADED": What.RECORDING_READY,
    }
    for name, what in expected.items():
        event = sample(f"jaas-webhooks/{name}.json")
        conforms(event, "jaasWebhook")
        receipt = await signed(provider, jaas, event)
        assert receipt.status == 200, name
        assert [one.what for one in read(provider, event)] == ([what] if what else []), name
        assert receipt.key == (event["idempotencyKey"] if what else None), name


async def test_a_class_begins_and_ends_with_its_main_room(provider: JaasProvider) -> None:
    for name, what in (("ROOM_CREATED", What.STARTED), ("ROOM_DESTROYED", What.ENDED)):
        event = sample(f"jaas-webhooks/{name}.json")
        event["data"]["isBreakout"] = False
        (happening,) = read(provider, event)
        assert (happening.what, happening.external_id) == (what, ROOM)
        assert happening.session == "c3348153-1027-4382-afad-5ae91b433c26"
        assert happening.at == datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        del event["data"]["isBreakout"]
        assert len(read(provider, event)) == 1


async def test_people_come_and_go(provider: JaasProvider) -> None:
    (joined,) = read(provider, sample("jaas-webhooks/PARTICIPANT_JOINED.json"))
    (left,) = read(provider, sample("jaas-webhooks/PARTICIPANT_LEFT.json"))
    assert joined.person.user_id == left.person.user_id == "uniqueUserIdentifier"
    assert joined.person.external_id == left.person.external_id
    assert (joined.person.left_at, left.person.left_at) == (None, left.at)
    assert joined.person.email == "john.dow@company.com"


async def test_a_recording_is_to_be_fetched_from_the_vendors_hosts(provider: JaasProvider) -> None:
    event = sample("jaas-webhooks/RECORDING_UPLOADED.json")
    (file,) = read(provider, event)[0].files
    assert file.kind == "video"
    assert file.url == event["data"]["preAuthenticatedLink"]
    assert (file.starts_at, file.ends_at) == (
        datetime.fromtimestamp(1612175247.396, UTC),
        datetime.fromtimestamp(1612175263, UTC),
    )
    assert ".oraclecloud.com" in provider.hosts
    event["idempotencyKey"] = "another"
    assert read(provider, event)[0].files[0].external_id == file.external_id
    kinds = [
        read(provider, sample(f"jaas-webhooks/{name}_UPLOADED.json"))[0].files[0].kind
        for name in ("CHAT", "TRANSCRIPTION")
    ]
    assert kinds == ["chat", "transcript"]


async def test_readers_are_tolerant(provider: JaasProvider, jaas: FakeJaas) -> None:
    event = sample("jaas-webhooks/PARTICIPANT_JOINED.json")
    event |= {"timestamp": str(event["timestamp"]), "sessionId": 17, "new": {"x": [1]}}
    event["data"] = [event["data"] | {"id": 42, "moderator": True}]
    (one,) = read(provider, event)
    assert (one.session, one.person.user_id) == ("17", "42")
    del event["idempotencyKey"]
    first, again = await signed(provider, jaas, event), await signed(provider, jaas, event)
    assert first.key == again.key
    assert first.key is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"fqn": "vpaas-magic-cookie-00000000000000000000000000000000/testroom2"},
        {"fqn": "testroom2"},
        {"fqn": None},
        {"timestamp": None},
        {"timestamp": 1e30},
        {"data": None},
        {"eventType": "USAGE", "data": [{"deviceId": "x"}]},
        {"eventType": 3},
    ],
)
async def test_what_tells_nothing_is_answered_and_not_kept(
    provider: JaasProvider, jaas: FakeJaas, changes: dict[str, Any]
) -> None:
    event = sample("jaas-webhooks/PARTICIPANT_JOINED.json") | changes
    receipt = await signed(provider, jaas, event)
    assert (receipt.status, receipt.key) == (200, None)
    assert read(provider, event) == []


@pytest.mark.parametrize("raw", [b"", b"[]", b"nonsense", b"\xff", b"[" * 100_000])
async def test_what_is_no_object_is_refused(provider: JaasProvider, jaas: FakeJaas, raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        await receive(provider, raw, jaas.sign(raw, NOW))
    assert provider.webhooks is not None
    assert provider.webhooks.read(raw) == ()


# ------------------------------------------------------------------------------------------------------------- settings


async def test_how_a_meeting_is_to_be_set_up_is_answered_at_once(
    provider: JaasProvider, jaas: FakeJaas, rig: Rig
) -> None:
    wanted = spec(lobby=True)
    reference = await provider.create(wanted)
    rig.schedule.book("jaas", reference, wanted)
    fqn = f"{APP}/{reference.external_id}"
    envelope = sample("jaas-webhooks/ROOM_CREATED.json") | {"eventType": "SETTINGS_PROVISIONING", "fqn": fqn}
    for question in ({"fqn": fqn}, envelope):
        receipt = await signed(provider, jaas, question)
        assert receipt.key is None
        assert receipt.content_type == "application/json"
        assert json.loads(receipt.body) == {"lobbyEnabled": True, "lobbyType": "WAIT_FOR_APPROVAL"}
    raw = json.dumps({"fqn": fqn}).encode()
    for authorization in (jaas.secret, f"Bearer {jaas.secret}"):
        shown = await receive(provider, raw, None, authorization=authorization)
        assert json.loads(shown.body)["lobbyEnabled"] is True


async def test_an_open_class_has_no_lobby_and_a_cancelled_one_is_behind_it(
    provider: JaasProvider, jaas: FakeJaas, rig: Rig
) -> None:
    wanted = spec()
    reference = await provider.create(wanted)
    rig.schedule.booked.clear()
    question = {"fqn": f"{APP}/{reference.external_id}"}
    assert json.loads((await signed(provider, jaas, question)).body) == {}  # not one of ours
    for cancelled in (False, True):
        rig.schedule.book("jaas", reference, wanted, cancelled=cancelled)
        told = json.loads((await signed(provider, jaas, question)).body)
        assert told["lobbyEnabled"] is cancelled


async def test_a_header_in_place_of_a_signature_serves_for_that_question_alone(
    provider: JaasProvider, jaas: FakeJaas
) -> None:
    raw = json.dumps(sample("jaas-webhooks/PARTICIPANT_JOINED.json")).encode()
    with pytest.raises(Unauthorized):
        await receive(provider, raw, None, authorization=f"Bearer {jaas.secret}")


async def test_who_starts_a_recording_is_said_before(provider: JaasProvider) -> None:
    wanted = spec(recording=Recording.CLOUD)
    (note,) = provider.notes(wanted.series, wanted.slots, wanted.policy)
    assert note == "A moderator starts the recording in the class."
