"""What Zoom knows after a class: who took part, and what was recorded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from meetings.provider import ProviderError, Reference, Trouble
from meetings.providers.zoom.adapter import ZoomProvider, recording_hosts
from tests.meetings.providers.zoom.conftest import spec_of
from tests.services.fake_zoom import EVERYTHING, FakeZoom, Fault

SESSION = "/a//b+c=="
MEETING = Reference("97763643886")
PAST = "GET /past_meetings/{meetingId}/participants"
REPORT = "GET /report/meetings/{meetingId}/participants"


def one(name: str, duration: int = 259, **more: Any) -> dict[str, Any]:
    return {
        "id": "30R7kT7bTIKSNUFEuH_Qlg",
        "name": name,
        "user_id": "27423744",
        "user_email": "",
        "join_time": "2026-11-20T06:58:09Z",
        "leave_time": "2026-11-20T07:02:28Z",
        "duration": duration,
        "status": "in_meeting",
        **more,
    }


async def test_who_took_part_is_read_from_all_pages(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.page = 2
    zoom.participants[SESSION] = [
        one(f"P{number}", user_email="p@x.org" if number == 1 else "") for number in range(5)
    ]
    told = await provider.attendance(MEETING, spec_of(), SESSION)
    assert [stay.name for stay in told] == ["P0", "P1", "P2", "P3", "P4"]
    assert [stay.email for stay in told][:2] == [None, "p@x.org"]
    assert told[0].joined_at == datetime(2026, 11, 20, 6, 58, 9, tzinfo=UTC)
    assert told[0].left_at == datetime(2026, 11, 20, 7, 2, 28, tzinfo=UTC)
    assert zoom.count(PAST) == 3
    assert zoom.count(REPORT) == 0
    assert "%252Fa%252F%252Fb%252Bc%253D%253D" in zoom.asked[-1].path


async def test_the_waiting_room_is_not_the_class(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.participants[SESSION] = [one("In"), one("Out", status="in_waiting_room"), one("?", join_time=None)]
    assert [stay.name for stay in await provider.attendance(MEETING, spec_of(), SESSION)] == ["In"]


async def test_the_report_stands_in_for_the_list(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.report[SESSION] = [one("Noor"), one("Amina")]
    assert len(await provider.attendance(MEETING, spec_of(), SESSION)) == 2
    zoom.granted = EVERYTHING - {"meeting:read:list_past_participants:admin"}
    assert len(await provider.attendance(MEETING, spec_of(), SESSION)) == 2


async def test_without_either_the_first_refusal_is_told(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.granted = EVERYTHING - {"meeting:read:list_past_participants:admin"}
    with pytest.raises(ProviderError) as told:
        await provider.attendance(MEETING, spec_of(), SESSION)
    assert told.value.trouble is Trouble.SCOPE
    zoom.faults.append(Fault(REPORT, status=503))
    with pytest.raises(ProviderError) as away:
        await provider.attendance(MEETING, spec_of(), SESSION)
    assert away.value.trouble is Trouble.RETRY


async def test_durations_of_nought_are_still_being_counted(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.participants[SESSION] = [one("Noor", 0), one("Amina", 0)]
    zoom.now = datetime(2026, 11, 20, 7, 10, tzinfo=UTC)
    with pytest.raises(ProviderError) as counting:
        await provider.attendance(MEETING, spec_of(), SESSION)
    assert counting.value.trouble is Trouble.RETRY
    assert counting.value.retry_at == zoom.now + timedelta(minutes=5)
    zoom.now += timedelta(hours=2)
    stays = await provider.attendance(MEETING, spec_of(), SESSION)
    assert [stay.left_at for stay in stays] == [datetime(2026, 11, 20, 7, 2, 28, tzinfo=UTC)] * 2


async def test_recordings_come_with_what_opens_them(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.recorded[SESSION] = {
        "id": "6840331990",
        "recording_files": [
            {
                "id": f"file-{kind}",
                "file_type": kind,
                "file_size": 7220,
                "download_url": f"https://zoom.us/rec/download/{kind}",
                "recording_start": "2026-11-20T06:58:09Z",
                "recording_end": "2026-11-20T07:02:28Z",
                "status": "completed",
            }
            for kind in ("MP4", "M4A", "CHAT", "TRANSCRIPT", "TIMELINE")
        ]
        + [
            {"id": "not-yet", "file_type": "MP4", "download_url": "https://zoom.us/x", "status": "processing"}
        ],
    }
    told = await provider.recordings(MEETING, spec_of(), SESSION)
    assert [file.kind for file in told] == ["video", "audio", "chat", "transcript", "other"]
    assert {file.token for file in told} == {"dl-token"}
    assert told[0].bytes == 7220
    assert told[0].content_type == "video/mp4"


async def test_no_recording_is_no_trouble(provider: ZoomProvider) -> None:
    assert await provider.recordings(MEETING, spec_of(), "none==") == []


def test_recordings_are_fetched_from_zoom_s_own_hosts_alone() -> None:
    assert recording_hosts("https://api.zoom.us/v2") == {"zoom.us", ".zoom.us"}
    assert recording_hosts("https://api.zoomgov.com/v2") == {
        "zoom.us",
        ".zoom.us",
        "zoomgov.com",
        ".zoomgov.com",
    }
    assert recording_hosts("http://127.0.0.1:8080/v2") == {"zoom.us", ".zoom.us", "127.0.0.1"}
