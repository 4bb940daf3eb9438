"""Notifications of Graph: only ours are believed, and what they tell."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.errors import InvalidInput, Unauthorized
from meetings.provider import Delivery, What
from meetings.providers.teams.webhooks import SUBSCRIPTION, GraphNotifications, client_state
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


@pytest.mark.parametrize("state", [None, "", "guessed", client_state("the-secret", "/users/else/events")])
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
