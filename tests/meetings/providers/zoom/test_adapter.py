"""Meetings on Zoom: made once, changed wholly, taken away, and looked for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.meetings import MeetingPolicy, Recording
from meetings.provider import Layout, ProviderError, Trouble
from meetings.providers.zoom.adapter import ZoomProvider
from tests.meetings.providers.zoom.conftest import Clock, Memory, spec_of
from tests.services.fake_zoom import HOST, FakeZoom, Fault
from tests.services.process import free_port

CREATE = "POST /users/{userId}/meetings"
UPDATE = "PATCH /meetings/{meetingId}"
DELETE = "DELETE /meetings/{meetingId}"
LIST = "GET /users/{userId}/meetings"
TUESDAYS = "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10"


@pytest.fixture(autouse=True)
def no_mistakes(zoom: FakeZoom) -> object:
    """Nothing was asked that Zoom takes for something else, and nothing that its reference does not know."""
    yield
    assert zoom.mistakes == []


async def test_a_single_meeting_is_told_in_wall_time_with_its_zone(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    spec = spec_of()
    assert provider.layout(spec.series, spec.slots) is Layout.EACH
    reference = await provider.create(spec)
    (body,) = zoom.bodies(CREATE)
    assert (body["start_time"], body["timezone"]) == ("2026-12-01T09:00:00", "Europe/Paris")
    assert (body["type"], body["duration"], body["topic"]) == (2, 50, "Algebra")
    assert zoom.starts(reference.external_id) == [spec.first.starts_at]


@pytest.mark.parametrize(
    ("zone", "told", "wall"),
    [
        ("Europe/Kyiv", "Europe/Kiev", "2026-12-01T09:00:00"),
        ("America/Toronto", "America/Montreal", "2026-12-01T09:00:00"),
        ("America/Detroit", None, "2026-12-01T09:00:00"),
        ("Australia/Lord_Howe", "UTC", "2026-11-30T22:00:00"),
        ("Asia/Kathmandu", "Asia/Kathmandu", "2026-12-01T09:00:00"),
    ],
)
async def test_a_zone_that_zoom_does_not_list_is_told_as_one_with_the_same_clocks(
    provider: ZoomProvider, zoom: FakeZoom, zone: str, told: str | None, wall: str
) -> None:
    spec = spec_of(zone=zone)
    reference = await provider.create(spec)
    (body,) = zoom.bodies(CREATE)
    assert body["start_time"] == wall
    assert told is None or body["timezone"] == told
    assert zoom.starts(reference.external_id) == [spec.first.starts_at]


async def test_the_policy_becomes_settings(provider: ZoomProvider, zoom: FakeZoom) -> None:
    policy = MeetingPolicy(
        lobby=True, passcode=True, registration=True, recording=Recording.CLOUD, mute_on_entry=False
    )
    await provider.create(spec_of(policy=policy, alternative_hosts=("a@school.example", "b@school.example")))
    (body,) = zoom.bodies(CREATE)
    settings = body["settings"]
    assert len(body["password"]) == 8
    assert settings["waiting_room"] is True
    assert settings["join_before_host"] is False
    assert settings["approval_type"] == 0
    assert settings["auto_recording"] == "cloud"
    assert settings["mute_upon_entry"] is False
    assert settings["use_pmi"] is False
    assert settings["alternative_hosts"] == "a@school.example;b@school.example"
    assert "jbh_time" not in settings


async def test_long_words_are_cut_and_the_marker_stays_first(provider: ZoomProvider, zoom: FakeZoom) -> None:
    await provider.create(spec_of(title="x" * 300, description="y" * 4000))
    (body,) = zoom.bodies(CREATE)
    assert len(body["topic"]) == 200
    assert len(body["agenda"]) == 2000
    assert body["agenda"].startswith("[link_1]\nhttps://school.example/m/meet_1\n")


async def test_a_series_with_exceptions_is_one_meeting(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of(TUESDAYS, without=("2026-12-08T09:00",), moved={"2026-12-10T09:00": "2026-12-11T15:00"})
    assert provider.layout(spec.series, spec.slots) is Layout.SERIES
    reference = await provider.create(spec)
    assert zoom.starts(reference.external_id) == sorted(slot.starts_at for slot in spec.slots)
    assert len(zoom.meetings) == 1
    (body,) = zoom.bodies(CREATE)
    assert body["recurrence"] == {"type": 2, "repeat_interval": 1, "end_times": 10, "weekly_days": "3,5"}


async def test_a_series_keeps_its_wall_time_when_the_clocks_change(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    spec = spec_of("FREQ=WEEKLY;COUNT=8", starts="2027-03-10T09:00")
    reference = await provider.create(spec)
    starts = zoom.starts(reference.external_id)
    assert starts == [slot.starts_at for slot in spec.slots]
    assert {at.hour for at in starts} == {7, 8}


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/London",
        "America/New_York",
        "America/Santiago",
        "Africa/Cairo",
        "Australia/Sydney",
        "Pacific/Auckland",
        "Asia/Jerusalem",
    ],
)
async def test_in_every_zone_a_year_of_classes_is_held_at_its_wall_time(
    provider: ZoomProvider, zoom: FakeZoom, zone: str
) -> None:
    spec = spec_of("FREQ=WEEKLY;COUNT=52", zone=zone)
    reference = await provider.create(spec)
    assert zoom.starts(reference.external_id) == [slot.starts_at for slot in spec.slots]
    assert len({at.hour for at in zoom.starts(reference.external_id)}) == 2
    assert zoom.count(UPDATE) == 0


async def test_what_has_begun_already_is_made_without_a_start(
    provider: ZoomProvider, zoom: FakeZoom, clock: Clock
) -> None:
    spec = spec_of()
    zoom.now = spec.first.starts_at + timedelta(minutes=5)
    await provider.create(spec)
    (body,) = zoom.bodies(CREATE)
    assert "start_time" not in body


async def test_what_is_over_is_not_made(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of()
    zoom.now = spec.first.ends_at
    with pytest.raises(ProviderError) as refused:
        await provider.create(spec)
    assert refused.value.trouble is Trouble.REFUSED
    assert zoom.meetings == {}


async def test_a_series_in_its_middle_is_made_from_its_next_date_on(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    spec = spec_of(TUESDAYS)
    zoom.now = datetime(2026, 12, 10, 12, tzinfo=UTC)
    reference = await provider.create(spec)
    assert zoom.starts(reference.external_id) == [
        slot.starts_at for slot in spec.slots if slot.starts_at > zoom.now
    ]


async def test_without_a_host_nothing_is_asked(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of()
    nameless = replace(spec, host=replace(spec.host, email=None))
    with pytest.raises(ProviderError) as refused:
        await provider.create(nameless)
    assert refused.value.hint is not None
    assert zoom.asked == []


async def test_the_host_account_comes_before_the_hosts_address(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    reference = await provider.create(spec_of(host_account="other@school.example"))
    assert zoom.meetings[int(reference.external_id)].host == "other@school.example"


async def test_a_host_whom_zoom_does_not_know_is_named_as_the_trouble(provider: ZoomProvider) -> None:
    with pytest.raises(ProviderError) as refused:
        await provider.create(spec_of(host_account="nobody@school.example"))
    assert refused.value.trouble is Trouble.REFUSED
    assert "no such user" in refused.value.message


# --------------------------------------------------------------------------------------------------------- lost answers


async def test_a_lost_answer_is_unknown_and_the_meeting_is_found_by_its_marker(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    zoom.faults.append(Fault(CREATE, lose=True))
    spec = spec_of()
    with pytest.raises(ProviderError) as lost:
        await provider.create(spec)
    assert lost.value.trouble is Trouble.UNKNOWN
    found = await provider.find(spec)
    assert found is not None
    assert int(found.external_id) in zoom.meetings
    assert len(zoom.meetings) == 1


async def test_a_server_error_on_making_is_unknown_and_on_reading_is_not(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    reference = await provider.create(spec_of())
    zoom.faults += [Fault(CREATE, status=502), Fault("GET /meetings", status=502)]
    with pytest.raises(ProviderError) as making:
        await provider.create(spec_of())
    with pytest.raises(ProviderError) as reading:
        await provider.fetch(reference, spec_of())
    assert (making.value.trouble, reading.value.trouble) == (Trouble.UNKNOWN, Trouble.RETRY)


async def test_whoever_cannot_be_reached_was_not_asked(provide: Callable[..., ZoomProvider]) -> None:
    provider = provide(zoom_api_url=f"http://127.0.0.1:{free_port()}/v2")
    with pytest.raises(ProviderError) as away:
        await provider.create(spec_of())
    assert away.value.trouble is Trouble.RETRY


async def test_a_long_list_is_searched_to_its_end(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.page = 2
    for number in range(7):
        await provider.create(spec_of(marker=f"link_{number}x"))
    found = await provider.find(spec_of(marker="link_6x"))
    assert found is not None
    assert await provider.find(spec_of(marker="link_6")) is None
    assert zoom.count(LIST) == 8


async def test_nothing_is_not_said_while_a_page_is_missing(provider: ZoomProvider, zoom: FakeZoom) -> None:
    zoom.faults.append(Fault(LIST, status=500))
    with pytest.raises(ProviderError) as away:
        await provider.find(spec_of())
    assert away.value.trouble is Trouble.RETRY


async def test_a_meeting_is_found_under_the_host_who_was_asked_first(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    zoom.faults.append(Fault(CREATE, lose=True))
    with pytest.raises(ProviderError):
        await provider.create(spec_of())
    found = await provider.find(spec_of(host_account="other@school.example"))
    assert found is not None
    assert found.values["host"] == HOST


async def test_a_host_who_was_mistyped_holds_nothing(provider: ZoomProvider, zoom: FakeZoom) -> None:
    with pytest.raises(ProviderError):
        await provider.create(spec_of(host_account="noor@schol.example"))
    assert await provider.find(spec_of()) is None


async def test_a_list_without_agendas_is_looked_into(
    provider: ZoomProvider, zoom: FakeZoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_of()
    reference = await provider.create(spec)
    await provider.create(spec_of(marker="link_2"))
    listed = FakeZoom._listed
    monkeypatch.setattr(
        FakeZoom, "_listed", lambda self, one: {k: v for k, v in listed(self, one).items() if k != "agenda"}
    )
    found = await provider.find(spec)
    assert found is not None
    assert found.external_id == reference.external_id


async def test_dates_that_zoom_lacks_are_written_down(
    provider: ZoomProvider, zoom: FakeZoom, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    expanded = FakeZoom._expanded
    monkeypatch.setattr(FakeZoom, "_expanded", lambda self, one: expanded(self, one)[:-2])
    await provider.create(spec_of(TUESDAYS))
    assert "lacks 2 dates" in caplog.text


async def test_a_series_that_was_left_half_made_is_finished(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of(TUESDAYS, without=("2026-12-08T09:00", "2026-12-15T09:00"))
    zoom.faults.append(Fault(DELETE, status=503))
    with pytest.raises(ProviderError) as half:
        await provider.create(spec)
    assert half.value.trouble is Trouble.UNKNOWN
    found = await provider.find(spec)
    assert found is not None
    await provider.update(found, spec)
    assert zoom.starts(found.external_id) == [slot.starts_at for slot in spec.slots]
    assert len(zoom.meetings) == 1


# -------------------------------------------------------------------------------------------------------------- changing


async def test_a_change_tells_all_of_it(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reference = await provider.create(spec_of())
    changed = spec_of(
        title="Geometry",
        starts="2026-12-02T10:30",
        zone="America/New_York",
        minutes=90,
        description="Bring rulers.",
    )
    assert await provider.update(reference, changed) == reference
    meeting = zoom.meetings[int(reference.external_id)].body
    assert meeting["topic"] == "Geometry"
    assert meeting["agenda"].endswith("Bring rulers.")
    assert (meeting["start_time"], meeting["timezone"]) == (changed.first.starts_at, "America/New_York")
    assert meeting["duration"] == 90
    (told,) = zoom.bodies(UPDATE)
    assert told["settings"]["alternative_hosts"] == ""


async def test_a_passcode_is_made_once(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of(policy=MeetingPolicy(passcode=True))
    reference = await provider.create(spec_of())
    await provider.update(reference, spec)
    await provider.update(reference, spec)
    assert ["password" in body for body in zoom.bodies(UPDATE)] == [True, False]


async def test_a_start_that_has_passed_is_not_told_again(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of()
    reference = await provider.create(spec)
    zoom.now = spec.first.starts_at + timedelta(minutes=10)
    await provider.update(reference, replace(spec, title="Geometry"))
    assert zoom.meetings[int(reference.external_id)].body["topic"] == "Geometry"
    (told,) = zoom.bodies(UPDATE)
    assert "start_time" not in told


async def test_another_rule_is_given_to_the_same_meeting(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reference = await provider.create(spec_of(TUESDAYS))
    zoom.now = datetime(2026, 12, 10, 12, tzinfo=UTC)
    changed = spec_of(
        "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=12", starts="2026-12-14T11:00", without=("2026-12-21T11:00",)
    )
    await provider.update(reference, changed)
    assert [at for at in zoom.starts(reference.external_id) if at > zoom.now] == [
        slot.starts_at for slot in changed.slots
    ]
    assert len(zoom.meetings) == 1


async def test_one_class_is_moved_and_one_taken_away_without_touching_the_others(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    reference = await provider.create(spec_of(TUESDAYS))
    changed = spec_of(TUESDAYS, without=("2026-12-08T09:00",), moved={"2026-12-10T09:00": "2026-12-11T15:00"})
    await provider.update(reference, changed)
    assert zoom.starts(reference.external_id) == sorted(slot.starts_at for slot in changed.slots)
    assert not any("recurrence" in body for body in zoom.bodies(UPDATE))


async def test_a_class_comes_back_after_it_was_taken_away(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reference = await provider.create(spec_of(TUESDAYS, without=("2026-12-08T09:00",)))
    whole = spec_of(TUESDAYS)
    await provider.update(reference, whole)
    assert zoom.starts(reference.external_id) == [slot.starts_at for slot in whole.slots]


async def test_a_class_moved_from_a_date_that_has_passed_stays_in_the_series(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    spec = spec_of(TUESDAYS, moved={"2026-12-01T09:00": "2026-12-12T10:00"})
    zoom.now = datetime(2026, 12, 2, 12, tzinfo=UTC)
    reference = await provider.create(spec)
    assert zoom.starts(reference.external_id) == sorted(slot.starts_at for slot in spec.slots)


async def test_another_host_gets_another_meeting_and_the_first_one_goes(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    first = await provider.create(spec_of())
    zoom.faults.append(Fault(DELETE, status=503))
    other = spec_of(host_account="other@school.example")
    with pytest.raises(ProviderError):
        await provider.update(first, other)
    second = await provider.update(first, other)
    (meeting,) = zoom.meetings.values()
    assert (str(meeting.id), meeting.host) == (second.external_id, "other@school.example")


async def test_what_vanished_is_gone_when_it_is_changed(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reference = await provider.create(spec_of())
    zoom.meetings.clear()
    with pytest.raises(ProviderError) as gone:
        await provider.update(reference, spec_of())
    assert gone.value.trouble is Trouble.GONE
    assert await provider.fetch(reference, spec_of()) is None


# ------------------------------------------------------------------------------------------------------------ taking away


async def test_a_meeting_that_is_gone_already_is_cancelled(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of()
    reference = await provider.create(spec)
    await provider.cancel(reference, spec)
    await provider.cancel(reference, spec)
    assert zoom.meetings == {}
    assert zoom.count(DELETE) == 2


async def test_a_meeting_that_is_being_held_is_cancelled_later(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    reference = await provider.create(spec_of())
    zoom.meetings[int(reference.external_id)].status = "started"
    with pytest.raises(ProviderError) as later:
        await provider.cancel(reference, spec_of())
    assert later.value.trouble is Trouble.RETRY


async def test_what_zoom_holds_is_told_with_its_times(provider: ZoomProvider) -> None:
    spec = spec_of(TUESDAYS)
    reference = await provider.create(spec)
    seen = await provider.fetch(reference, spec)
    assert seen is not None
    assert (seen.title, seen.minutes) == ("Algebra", 50)
    assert seen.slots is not None
    assert list(seen.slots) == [slot.starts_at for slot in spec.slots]


async def test_a_meeting_is_ended(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reference = await provider.create(spec_of())
    await provider.end(reference, spec_of())
    assert zoom.bodies("PUT /meetings/{meetingId}/status") == [{"action": "end"}]


async def test_notes_say_when_a_rule_becomes_many_meetings(provider: ZoomProvider) -> None:
    held, expanded = spec_of(TUESDAYS), spec_of("FREQ=DAILY;COUNT=120")
    assert provider.notes(held.series, held.slots, held.policy) == []
    told = provider.notes(expanded.series, expanded.slots, expanded.policy)
    assert "120 meetings" in told[0]
    assert len(told) == 2


async def test_the_memory_holds_no_links(provider: ZoomProvider, memory: Memory) -> None:
    reference = await provider.create(spec_of())
    spec = spec_of()
    await provider.host_url(reference, spec, spec.host, datetime.now(UTC))
    kept = " ".join([*memory.kept.values(), *reference.values.values()])
    assert "zak" not in kept
    assert "/s/" not in kept
