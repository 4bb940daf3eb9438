"""What we send, against a public description of Zoom's API: an older one, so what is newer is named here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema

from contract.meetings import MeetingPolicy, Recording
from meetings.provider import Person
from meetings.providers.zoom.adapter import ZoomProvider
from tests.meetings.providers.zoom.conftest import spec_of
from tests.services.fake_zoom import FakeZoom

PATHS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "data" / "zoom" / "openapi-2021.json").read_text(encoding="utf-8")
)["paths"]
NEWER = {
    "email_notification",
    "registrants_confirmation_email",
}
RENAMED = {"/past_meetings/{meetingId}/participants": "/past_meetings/{meetingUUID}/participants"}
LATER = {"/meetings/{meetingId}/invite_links", "/meetings/{meetingId}/registrants/{registrantId}"}
TYPES: dict[str, Callable[[str], object]] = {
    "integer": int,
    "string": str,
    "boolean": lambda text: {"true": True, "false": False}[text],
}


def amended(schema: dict[str, Any]) -> dict[str, Any]:
    """Strict about names; and with what the texts of the reference say and its schema does not: weekly_days may be several."""
    schema = dict(schema)
    if "properties" in schema:
        schema["properties"] = {name: amended(one) for name, one in schema["properties"].items()}
        if "weekly_days" in schema["properties"]:
            schema["properties"]["weekly_days"] = {"type": "string", "pattern": "^[1-7](,[1-7])*$"}
        if "mute_upon_entry" in schema["properties"]:
            schema["properties"] |= {name: {"type": "boolean"} for name in NEWER}
        schema["additionalProperties"] = False
    return schema


async def everything(provider: ZoomProvider, zoom: FakeZoom) -> None:
    policy = MeetingPolicy(
        lobby=True, passcode=True, registration=True, recording=Recording.CLOUD, opens_minutes=5
    )
    once = spec_of(policy=policy, alternative_hosts=("a@school.example",))
    series = spec_of("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=9", without=("2026-12-08T09:00",), marker="link_2")
    monthly = spec_of("FREQ=MONTHLY;BYDAY=1TU;COUNT=9", marker="link_3")
    first = await provider.create(once)
    await provider.update(first, once)
    await provider.find(once)
    await provider.fetch(first, once)
    await provider.join_url(first, once, Person("s-1", "Amina El Fassi", "amina@school.example"), zoom.now)
    await provider.end(first, once)
    for spec in (series, monthly):
        reference = await provider.create(spec)
        await provider.fetch(reference, spec)
        await provider.update(
            reference, spec_of(spec.series.rule, moved={"2026-12-01T09:00": "2026-12-01T11:00"})
        )
        await provider.cancel(reference, spec)
    zoom.participants["s=="], zoom.recorded["s=="] = [], {"recording_files": []}
    await provider.attendance(first, once, "s==")
    await provider.recordings(first, once, "s==")


async def test_what_we_send_fits_the_description(provider: ZoomProvider, zoom: FakeZoom) -> None:
    await everything(provider, zoom)
    checked = set()
    for asked in zoom.asked:
        method, _, path = asked.operation.partition(" ")
        if asked.operation == "token" or path in LATER:
            continue
        described = PATHS[RENAMED.get(path, path)][method.lower()]
        known = {one["name"]: one["schema"] for one in described["parameters"] if one["in"] == "query"}
        for name, value in asked.query.items():
            jsonschema.validate(TYPES[known[name]["type"]](value), known[name])
        if asked.body:
            content = described["requestBody"]["content"]["application/json"]
            jsonschema.validate(asked.body, amended(content["schema"]))
        checked.add(asked.operation)
    assert len(checked) >= 9
    assert zoom.mistakes == []
