"""Meetings on Zoom: made once, changed wholly, taken away, and looked for."""

from meetings.model import Slot
from meetings.provider import Layout
from meetings.providers.zoom.adapter import ZoomProvider
from tests.meetings.providers.zoom.conftest import Clock, spec_of
from tests.services.fake_zoom import HOST, FakeZoom


async def test_a_single_meeting_is_told_in_wall_time_with_its_zone(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    spec = spec_of()
    assert provider.layout(spec.series, spec.slots) is Layout.EACH
    reference = await provider.create(spec)
    (body,) = zoom.bodies("POST /users/{userId}/meetings")
    assert body["start_time"] == "2026-12-01T09:00:00"
    assert body["timezone"] == "Europe/Paris"
    assert body["type"] == 2
    assert zoom.starts(reference.external_id) == [spec.first.starts_at]
    assert zoom.mistakes == []


async def test_a_series_with_exceptions_is_one_meeting(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of(
        "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10",
        without=("2026-12-08T09:00",),
        moved={"2026-12-10T09:00": "2026-12-11T15:00"},
    )
    assert provider.layout(spec.series, spec.slots) is Layout.SERIES
    reference = await provider.create(spec)
    assert zoom.starts(reference.external_id) == sorted(slot.starts_at for slot in spec.slots)
    assert len(zoom.meetings) == 1
    assert zoom.mistakes == []
