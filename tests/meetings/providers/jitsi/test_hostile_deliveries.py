"""Whatever comes with the right secret, only the two refusals of the port are raised."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import InvalidInput, Unauthorized
from meetings.provider import Delivery, Happening, Webhooks
from meetings.providers.jaas.webhooks import JaasWebhooks
from meetings.providers.jitsi.provider import JitsiProvider
from tests.meetings.providers.jitsi.rig import NOW, Rig, sample
from tests.services.fake_jaas import APP, signature_of

SECRET = "a-secret-for-tests-of-at-least-32-bytes"
RIG = Rig()
JITSI = JitsiProvider("https://meet.school.example", "homeroom", SECRET, RIG.surroundings).webhooks
JAAS = JaasWebhooks("jaas", APP, SECRET, RIG.schedule)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
SEEDS: list[dict[str, Any]] = [
    sample("event-sync/muc-room-destroyed.json"),
    sample("event-sync/muc-occupant-left.json"),
    sample("jaas-webhooks/PARTICIPANT_LEFT.json"),
    sample("jaas-webhooks/RECORDING_UPLOADED.json"),
    {"fqn": f"{APP}/room"},
]


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A good event of which some fields, on top or below, are anything at all."""
    event = json.loads(json.dumps(draw(st.sampled_from(SEEDS))))
    for place in (event, event.get("occupant"), event.get("data")):
        if isinstance(place, dict):
            changed = draw(st.dictionaries(st.sampled_from(sorted(place)), VALUES, max_size=2))
            place.update(changed)
    return json.dumps(event).encode()


def told(webhooks: Webhooks | None, delivery: Delivery) -> list[Happening]:
    """Raises what is not allowed."""
    assert webhooks is not None
    found = list(webhooks.read(delivery.raw))
    try:
        receipt = asyncio.run(webhooks.receive(delivery, NOW))
    except (Unauthorized, InvalidInput):
        return found
    assert receipt.key is None or len(receipt.key) >= 1
    return found


@given(raw=spoilt() | st.binary(max_size=60), path=st.text(max_size=30))
@settings(max_examples=80, deadline=None)
def test_deliveries(raw: bytes, path: str) -> None:
    header = signature_of(raw, int(NOW.timestamp()), SECRET)
    happened = told(JAAS, Delivery({"x-jaas-signature": header}, {}, raw))
    shown = {"authorization": f"Bearer {SECRET}"}
    happened += told(JITSI, Delivery(shown, {}, raw, path))
    for one in happened:
        texts = [one.external_id, one.session, *([one.person.name] if one.person else [])]
        assert all("\x00" not in text and text.encode("utf-8") for text in texts if text)


@given(path=st.text(max_size=60), method=st.sampled_from(["GET", "POST", "DELETE", "PUT", ""]))
@settings(max_examples=60, deadline=None)
def test_questions_about_rooms(path: str, method: str) -> None:
    for rest in (path, quote(path, safe="")):
        told(
            JITSI,
            Delivery({"authorization": f"Bearer {SECRET}"}, {}, b"name=x", f"conference/{rest}", method),
        )


@given(header=st.text(max_size=80))
@settings(max_examples=80, deadline=None)
def test_headers(header: str) -> None:
    """Nothing is let in by anything but the secret."""
    assert JITSI is not None
    for webhooks, headers in ((JAAS, {"x-jaas-signature": header}), (JITSI, {"authorization": header})):
        with pytest.raises(Unauthorized):
            asyncio.run(webhooks.receive(Delivery(headers, {}, b"{}"), NOW))
