"""Classes in Teams: what stands in the tenant afterwards, and what is said when it does not."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contract.meetings import MeetingPolicy, Recording
from meetings.provider import Layout, Person, ProviderError, Trouble
from meetings.providers.teams.adapter import TeamsProvider
from tests.meetings.providers.teams.conftest import Memory, spec_of
from tests.services.fake_graph import EVERYTHING, FakeGraph

Provide = Callable[..., Awaitable[TeamsProvider]]
WEEKLY = "FREQ=WEEKLY;BYDAY=TU;COUNT=6"


async def refused(error: Awaitable[object]) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await error
    return caught.value


async def test_a_series_is_one_entry_in_the_calendar_at_the_same_wall_time_over_the_change_of_clocks(
    graph: FakeGraph, provide: Provide
) -> None:
    teams, spec = await provide(), spec_of("FREQ=WEEKLY;BYDAY=TU;COUNT=20")
    reference = await teams.create(spec)
    assert len(graph.events) == 1
    assert graph.held(reference.external_id) == [slot.starts_at for slot in spec.slots]
    hours = {at.hour for at in graph.held(reference.external_id)}
    assert hours == {7, 8}  # UTC: summer and winter


async def test_occurrences_that_are_cancelled_or_moved_are_so_in_the_calendar(
    graph: FakeGraph, provide: Provide
) -> None:
    teams = await provide()
    spec = spec_of(WEEKLY, without=("2026-12-15T09:00",), moved={"2026-12-22T09:00": "2026-12-23T14:00"})
    reference = await teams.create(spec)
    assert graph.held(reference.external_id) == sorted(slot.starts_at for slot in spec.slots)


async def test_an_update_changes_the_same_entry_in_every_part(graph: FakeGraph, provide: Provide) -> None:
    teams = await provide()
    reference = await teams.create(spec_of(WEEKLY))
    later = spec_of(
        "FREQ=WEEKLY;BYDAY=TH;COUNT=4", "2026-12-03T10:00", title="Geometry", without=("2026-12-10T10:00",)
    )
    assert await teams.update(reference, later) == reference
    assert graph.events[reference.external_id]["subject"] == "Geometry"
    assert graph.held(reference.external_id) == [slot.starts_at for slot in later.slots]
    assert len(graph.events) == 1


async def test_a_cancelled_class_is_gone_and_may_be_cancelled_again(
    graph: FakeGraph, provide: Provide
) -> None:
    teams, spec = await provide(), spec_of(WEEKLY)
    reference = await teams.create(spec)
    await teams.cancel(reference, spec)
    assert not graph.events
    await teams.cancel(reference, spec)
    assert await teams.fetch(reference, spec) is None


@pytest.mark.parametrize("mode", ["event", "meeting"])
async def test_a_lost_answer_makes_no_second_class(graph: FakeGraph, provide: Provide, mode: str) -> None:
    teams, spec = await provide(mode), spec_of()
    graph.lose = 1
    assert (await refused(teams.create(spec))).trouble is Trouble.UNKNOWN
    reference = await teams.find(spec) or await teams.create(spec)
    assert len(graph.meetings) == 1
    assert reference.values["join"] == next(iter(graph.meetings.values()))["joinWebUrl"]


@pytest.mark.parametrize("rule", [None, WEEKLY])
@pytest.mark.parametrize("starts", ["2027-02-02T09:00", "2026-11-26T09:00"])
async def test_a_class_whose_answer_got_lost_is_found_although_it_was_moved_meanwhile(
    graph: FakeGraph, provide: Provide, rule: str | None, starts: str
) -> None:
    teams = await provide()
    graph.lose = 1
    await refused(teams.create(spec_of(rule)))
    found = await teams.find(spec_of(rule, starts))
    assert found is not None
    assert list(graph.events) == [found.external_id]


async def test_an_entry_that_a_repeated_request_finds_is_brought_up_to_date(
    graph: FakeGraph, provide: Provide
) -> None:
    teams = await provide()
    await teams.create(spec_of(WEEKLY))
    later = spec_of(WEEKLY, "2026-12-15T10:00", title="Geometry")
    reference = await teams.create(later)
    assert len(graph.events) == 1
    assert graph.events[reference.external_id]["subject"] == "Geometry"
    assert graph.held(reference.external_id) == [slot.starts_at for slot in later.slots]


async def test_a_class_is_found_by_its_marker_among_many_pages(graph: FakeGraph, provide: Provide) -> None:
    teams = await provide()
    for number in range(8):
        await teams.create(spec_of(marker=f"link_{number}"))
    found = await teams.find(spec_of(marker="link_7"))
    assert found is not None
    assert graph.events[found.external_id]["transactionId"] == "link_7"
    assert await teams.find(spec_of(marker="link_99")) is None


async def test_a_stand_alone_meeting_has_no_entry_and_is_patched_and_deleted(
    graph: FakeGraph, provide: Provide
) -> None:
    teams = await provide("meeting")
    spec = spec_of(policy=MeetingPolicy(lobby=True, recording=Recording.CLOUD))
    reference = await teams.create(spec)
    meeting = graph.meetings[reference.external_id]
    assert not graph.events
    assert (meeting["lobbyBypassSettings"], meeting["recordAutomatically"]) == ({"scope": "organizer"}, True)
    await teams.update(reference, spec_of(starts="2026-12-02T11:00", title="Geometry"))
    assert (meeting["subject"], meeting["startDateTime"]) == ("Geometry", "2026-12-02T10:00:00Z")
    await teams.cancel(reference, spec)
    assert not graph.meetings


async def test_a_lobby_is_set_for_a_calendar_entry_too(graph: FakeGraph, provide: Provide) -> None:
    teams = await provide()
    await teams.create(spec_of(policy=MeetingPolicy(lobby=True)))
    assert next(iter(graph.meetings.values()))["lobbyBypassSettings"] == {"scope": "organizer"}


@pytest.mark.parametrize(
    ("rule", "zone", "layout"),
    [
        (WEEKLY, "Europe/Paris", Layout.SERIES),
        (None, "Europe/Paris", Layout.EACH),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=4", "Europe/Paris", Layout.EACH),
        (WEEKLY, "Antarctica/Troll", Layout.EACH),
    ],
)
async def test_what_outlook_cannot_repeat_is_held_one_by_one(
    provide: Provide, rule: str | None, zone: str, layout: Layout
) -> None:
    teams, spec = await provide(), spec_of(rule, zone=zone)
    assert teams.layout(spec.series, spec.slots) is layout
    assert bool(teams.notes(spec.series, spec.slots, spec.policy)) == (
        layout is Layout.EACH and rule is not None
    )


async def test_who_may_not_act_for_the_organizer_is_told_what_to_run(
    graph: FakeGraph, provide: Provide
) -> None:
    graph.policy = False
    error = await refused((await provide("meeting")).create(spec_of()))
    assert error.trouble is Trouble.SCOPE
    assert "Grant-CsApplicationAccessPolicy" in (error.hint or "")


async def test_a_missing_permission_is_named(graph: FakeGraph, provide: Provide) -> None:
    graph.granted = EVERYTHING - {"Calendars.ReadWrite"}
    error = await refused((await provide()).create(spec_of()))
    assert (error.trouble, "Calendars.ReadWrite" in error.message) == (Trouble.SCOPE, True)
    assert "admin consent" in (error.hint or "")


async def test_a_wrong_secret_is_said_without_telling_it(graph: FakeGraph, provide: Provide) -> None:
    teams = await provide(teams_client_secret="not-the-secret")
    error = await refused(teams.create(spec_of()))
    assert error.trouble is Trouble.CREDENTIALS
    assert "not-the-secret" not in f"{error.message}{error.hint}"
    assert [finding.good for finding in await teams.check()] == [False]


async def test_the_check_names_each_permission(graph: FakeGraph, provide: Provide) -> None:
    graph.granted = frozenset({"Calendars.ReadWrite"})
    findings = await (await provide()).check()
    assert [finding.good for finding in findings] == [True, True, False]
    assert "OnlineMeetings.ReadWrite.All" in findings[2].message


async def test_one_token_serves_until_it_is_refused(graph: FakeGraph, provide: Provide) -> None:
    teams = await provide()
    await teams.create(spec_of())
    await teams.create(spec_of(marker="link_2"))
    assert graph.tokens_given == 1
    graph.tokens_refused.add("token-1")
    await teams.create(spec_of(marker="link_3"))
    assert (graph.tokens_given, len(graph.events)) == (2, 3)


@pytest.mark.parametrize(
    ("told", "after"),
    [
        ({"Retry-After": "17"}, timedelta(seconds=17)),
        ({"Retry-After": "Sun, 22 Nov 2026 12:00:40 GMT"}, timedelta(seconds=40)),
        ({"Retry-After": "soon"}, timedelta(seconds=30)),
        ({}, timedelta(seconds=30)),
    ],
)
async def test_a_busy_graph_is_asked_again_when_it_says(
    graph: FakeGraph, provide: Provide, told: dict[str, str], after: timedelta
) -> None:
    teams = await provide()
    graph.busy = [(429, told)]
    error = await refused(teams.create(spec_of()))
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert (error.trouble, error.retry_at) == (Trouble.QUOTA, now + after)


async def test_what_vanished_or_was_moved_is_seen(graph: FakeGraph, provide: Provide) -> None:
    teams, spec = await provide(), spec_of(WEEKLY)
    reference = await teams.create(spec)
    seen = await teams.fetch(reference, spec)
    assert seen is not None
    assert (seen.title, seen.starts_at, seen.minutes) == ("Algebra", spec.first.starts_at, 50)
    assert set(seen.slots or ()) == {slot.starts_at for slot in spec.slots}
    graph.events.clear()
    assert await teams.fetch(reference, spec) is None


async def test_attendance_comes_from_all_reports_and_pages(graph: FakeGraph, provide: Provide) -> None:
    teams, spec = await provide(), spec_of()
    reference = await teams.create(spec)
    record = {
        "id": "r",
        "emailAddress": "ada@school.example",
        "identity": {"displayName": "Ada Park"},
        "attendanceIntervals": [
            {"joinDateTime": "2026-12-01T08:01:00.1234567Z", "leaveDateTime": "2026-12-01T08:40:00Z"},
            {"joinDateTime": "2026-12-01T08:42:00Z", "leaveDateTime": None},
        ],
    }
    meeting = next(iter(graph.meetings))
    graph.reports[meeting] = {"first": [record] * 5, "second": [record]}
    intervals = await teams.attendance(reference, spec, "")
    assert len(intervals) == 12
    assert (intervals[0].name, intervals[0].email) == ("Ada Park", "ada@school.example")
    assert intervals[0].joined_at == datetime(2026, 12, 1, 8, 1, 0, 123456, tzinfo=UTC)
    assert intervals[1].left_at is None
    assert len(await teams.attendance(reference, spec, "second")) == 2


async def test_recordings_are_fetched_from_graph_alone(graph: FakeGraph, provide: Provide) -> None:
    teams, spec = await provide(), spec_of()
    files = await teams.recordings(await teams.create(spec), spec, "")
    assert [file.url.startswith(graph.url) for file in files] == [True]
    assert files[0].token is not None
    assert teams.hosts == {"127.0.0.1", ".sharepoint.com"}


async def test_people_come_by_the_link_of_teams(provide: Provide) -> None:
    teams, spec = await provide(), spec_of()
    reference = await teams.create(spec)
    ada = Person("u-42", "Ada Park")
    now = spec.first.starts_at
    assert await teams.join_url(reference, spec, ada, now) == reference.values["join"]
    assert await teams.host_url(reference, spec, replace(ada, staff=True), now) == reference.values["join"]


async def test_the_subscription_is_made_renewed_and_made_anew(
    graph: FakeGraph, provide: Provide, memory: Memory
) -> None:
    teams, now = await provide(), datetime(2026, 11, 22, 12, tzinfo=UTC)
    await teams.keep(now, [])
    await teams.keep(now + timedelta(hours=1), [])
    assert len(graph.subscriptions) == 1
    graph.now = now + timedelta(days=2)
    await teams.keep(graph.now, [])
    (one,) = graph.subscriptions.values()
    assert one["expirationDateTime"] == "2026-11-27T12:00:00Z"
    graph.subscriptions.clear()
    graph.now = now + timedelta(days=4)
    await teams.keep(graph.now, [])
    assert len(graph.subscriptions) == 1


@pytest.mark.parametrize(
    "missing", ["teams_tenant_id", "teams_client_id", "teams_client_secret", "teams_organizer"]
)
async def test_half_a_configuration_names_what_is_missing(provide: Provide, missing: str) -> None:
    with pytest.raises(ValueError, match=f"HOMEROOM_{missing.upper()} is needed too"):
        await provide(**{missing: None})
