"""Notifications of Graph: only ours are believed, and what they tell."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as sealing
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from contract.errors import InvalidInput, Unauthorized
from meetings.provider import Delivery, Happening, What
from meetings.providers.teams.sealed import Seal, new_seal
from meetings.providers.teams.webhooks import SEAL, SUBSCRIPTION, GraphNotifications, called, client_state
from tests.meetings.providers.teams.conftest import Memory

RESOURCE = "/users/5e0f/events"
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.fixture
def notifications(memory: Memory) -> GraphNotifications:
    return GraphNotifications("the-secret", [RESOURCE], memory)


def delivery(*items: dict[str, Any], state: str | None = client_state("the-secret", RESOURCE)) -> Delivery:
    value = [{**item, **({} if state is None else {"clientState": state})} for item in items]
    return Delivery({}, {}, json.dumps({"value": value}).encode())


def changed(kind: str = "updated", **more: Any) -> dict[str, Any]:
    return {
        "subscriptionId": "sub-1",
        "subscriptionExpirationDateTime": "2026-12-03T22:11:09.9521234Z",
        "changeType": kind,
        "resource": "Users/5e0f/Events/AAMk1",
        "resourceData": {"@odata.etag": 'W/"1"', "id": "AAMk1"},
        **more,
    }


async def test_the_handshake_is_answered_in_plain_text(notifications: GraphNotifications) -> None:
    receipt = await notifications.receive(Delivery({}, {"validationToken": "Validation: 7 <b>"}, b""), NOW)
    assert (receipt.status, receipt.body, receipt.content_type, receipt.key) == (
        200,
        b"Validation: 7 <b>",
        "text/plain",
        None,
    )
    with pytest.raises(InvalidInput, match="validationToken"):
        await notifications.receive(Delivery({}, {"validationToken": "x" * 5000}, b""), NOW)


@pytest.mark.parametrize(
    "state", [None, "", "guessed", "\ud800", client_state("the-secret", "/users/else/events")]
)
async def test_without_our_client_state_it_is_not_believed(
    notifications: GraphNotifications, state: str | None
) -> None:
    with pytest.raises(Unauthorized):
        await notifications.receive(delivery(changed(), state=state), NOW)


async def test_one_strange_notification_spoils_the_delivery(notifications: GraphNotifications) -> None:
    good = json.loads(delivery(changed()).raw)["value"][0]
    raw = json.dumps({"value": [good, {**good, "clientState": "guessed"}]}).encode()
    with pytest.raises(Unauthorized):
        await notifications.receive(Delivery({}, {}, raw), NOW)


async def test_without_a_subscription_nothing_is_believed(memory: Memory) -> None:
    with pytest.raises(Unauthorized):
        await GraphNotifications("the-secret", [], memory).receive(delivery(changed()), NOW)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"value": 1}', b'{"value": ["x"]}', b"[" * 100_000])
async def test_what_is_no_collection_is_refused(notifications: GraphNotifications, raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        await notifications.receive(Delivery({}, {}, raw), NOW)


async def test_a_repeated_delivery_has_the_same_key_and_another_change_has_not(
    notifications: GraphNotifications,
) -> None:
    first = await notifications.receive(delivery(changed()), NOW)
    again = await notifications.receive(delivery(changed()), NOW)
    later = changed(resourceData={"@odata.etag": 'W/"2"', "id": "AAMk1"})
    other = await notifications.receive(delivery(later), NOW)
    assert first.status == 202
    assert first.key == again.key != other.key


@pytest.mark.parametrize(("kind", "what"), [("updated", What.CHANGED), ("deleted", What.DELETED)])
def test_a_change_in_the_calendar_is_told(notifications: GraphNotifications, kind: str, what: What) -> None:
    (told,) = notifications.read(delivery(changed(kind)).raw)
    assert (told.what, told.external_id) == (what, "AAMk1")


@pytest.mark.parametrize("event", ["subscriptionRemoved", "reauthorizationRequired"])
async def test_a_lost_subscription_is_made_anew(
    notifications: GraphNotifications, memory: Memory, event: str
) -> None:
    memory.kept[SUBSCRIPTION] = '{"id": "sub-1"}'
    await notifications.receive(delivery({"subscriptionId": "sub-1", "lifecycleEvent": event}), NOW)
    assert memory.kept[SUBSCRIPTION] == ""


def test_what_is_unknown_tells_nothing(notifications: GraphNotifications) -> None:
    strange = [{}, changed("exploded"), changed(resourceData=None), changed(resourceData={"id": ""})]
    assert notifications.read(delivery(*strange).raw) == []


def seal(content: dict[str, Any], certificate: str) -> dict[str, str]:
    """As Graph seals content for a certificate (DER in base64)."""
    public = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    key = bytes(range(32))
    padder = padding.PKCS7(128).padder()
    padded = padder.update(json.dumps(content).encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    data = encryptor.update(padded) + encryptor.finalize()
    oaep = sealing.OAEP(sealing.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303  # as Graph seals
    sealed = public.encrypt(key, oaep)
    parts = {"data": data, "dataKey": sealed, "dataSignature": hmac.new(key, data, hashlib.sha256).digest()}
    return {name: base64.b64encode(value).decode() for name, value in parts.items()}


def call(event: str, **more: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#Microsoft.Graph.onlineMeeting",
        "eventType": f"Microsoft.Communication.{event}",
        "eventDateTime": "2026-12-01T08:01:02.1234567Z",
        "state": "active",
        **more,
    }


@pytest.fixture
def kept(memory: Memory) -> Seal:
    made = new_seal(NOW)
    memory.kept |= {SEAL: made.kept(), called("sub-9"): "AAMk1"}
    return made


async def opened(
    notifications: GraphNotifications, content: dict[str, str], subscription: str = "sub-9"
) -> list[Happening]:
    item = {"subscriptionId": subscription, "changeType": "updated", "encryptedContent": content}
    receipt = await notifications.receive(delivery(item), NOW)
    assert receipt.kept is not None
    return [*notifications.read(receipt.kept)]


@pytest.mark.parametrize(("event", "what"), [("CallStarted", What.STARTED), ("CallEnded", What.ENDED)])
async def test_a_sealed_notification_tells_of_the_call(
    notifications: GraphNotifications, kept: Seal, event: str, what: What
) -> None:
    (told,) = await opened(notifications, seal(call(event), kept.public))
    assert (told.what, told.external_id, told.at.second) == (what, "AAMk1", 2)


async def test_who_comes_and_goes_is_told_by_name(notifications: GraphNotifications, kept: Seal) -> None:
    roster = call(
        "CallRosterUpdate",
        **{
            "activeParticipants@joined": [
                {
                    "id": "User",
                    "identity": {"User": {"Id": "guid-1", "DisplayName": "Ada Park", "TenantId": "t"}},
                }
            ],
            "activeParticipants@exited": [{"id": "x", "identity": None}, "nobody"],
        },
    )
    told = await opened(notifications, seal(roster, kept.public))
    assert [(one.what, one.person.name if one.person else "") for one in told] == [
        (What.JOINED, "Ada Park"),
        (What.LEFT, "Somebody"),
    ]


async def test_what_was_altered_or_is_not_for_us_tells_nothing(
    notifications: GraphNotifications, kept: Seal
) -> None:
    good = seal(call("CallStarted"), kept.public)
    altered = {**good, "data": base64.b64encode(b"x" * 64).decode()}
    foreign = seal(call("CallStarted"), new_seal(NOW).public)
    for content in (altered, foreign, {}, {"data": "!", "dataKey": "!", "dataSignature": "!"}):
        assert await opened(notifications, content) == []
    assert await opened(notifications, good, "sub-unknown") == []
