"""Links of people on Zoom: made at the click, each person's own."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contract.meetings import MeetingPolicy
from meetings.provider import LinkSpec, Person, ProviderError, Reference, Trouble
from meetings.providers.zoom.adapter import ZoomProvider
from tests.meetings.providers.zoom.conftest import Memory, spec_of
from tests.services.fake_zoom import EVERYTHING, FakeZoom, Fault

NOW = datetime(2026, 12, 1, 7, 55, tzinfo=UTC)
AMINA = Person("s-1", "Amina El Fassi", "amina@school.example")
REGISTER = "POST /meetings/{meetingId}/registrants"
LOOK_UP = "GET /meetings/{meetingId}/registrants/{registrantId}"
INVITE = "POST /meetings/{meetingId}/invite_links"


def registered() -> LinkSpec:
    return spec_of(policy=MeetingPolicy(registration=True))


async def join(provider: ZoomProvider, reference: Reference, spec: LinkSpec, person: Person = AMINA) -> str:
    return await provider.join_url(reference, spec, person, NOW)


async def test_the_host_gets_a_fresh_link_at_each_click(provider: ZoomProvider, zoom: FakeZoom) -> None:
    spec = spec_of()
    reference = await provider.create(spec)
    links = {await provider.host_url(reference, spec, spec.host, NOW) for _ in range(2)}
    assert len(links) == 2
    assert all("zak=" in link for link in links)
    assert not any("zak=" in value for value in reference.values.values())


async def test_a_person_gets_a_link_with_their_name(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reference = await provider.create(spec_of())
    assert (await join(provider, reference, spec_of())).endswith("tk=Amina-El-Fassi")
    assert zoom.bodies(INVITE) == [{"attendees": [{"name": "Amina El Fassi"}], "ttl": 7200}]


async def test_a_name_is_cut_and_nobody_is_nameless(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reference = await provider.create(spec_of())
    await join(provider, reference, spec_of(), replace(AMINA, name="x" * 100))
    await join(provider, reference, spec_of(), replace(AMINA, name=" "))
    assert [body["attendees"][0]["name"] for body in zoom.bodies(INVITE)] == ["x" * 64, "Guest"]


async def test_whoever_registers_keeps_one_link_and_is_registered_once(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    reference = await provider.create(registered())
    links = {await join(provider, reference, registered()) for _ in range(5)}
    assert len(links) == 1
    assert zoom.bodies(REGISTER) == [
        {"email": "amina@school.example", "first_name": "Amina", "last_name": "El Fassi"}
    ]
    assert zoom.count(LOOK_UP) == 4


async def test_whom_zoom_registers_no_more_today_is_looked_up(
    provider: ZoomProvider, zoom: FakeZoom, memory: Memory
) -> None:
    zoom.page = 1
    reference = await provider.create(registered())
    await join(provider, reference, registered(), Person("s-2", "Ben", "ben@school.example"))
    links = set()
    for _ in range(5):
        links.add(await join(provider, reference, registered()))
        memory.kept.clear()
    assert len(links) == 1
    assert zoom.count("GET /meetings/{meetingId}/registrants") > 1


async def test_without_the_scope_to_look_up_they_are_registered_again(
    provider: ZoomProvider, zoom: FakeZoom
) -> None:
    zoom.granted = EVERYTHING - {"meeting:read:registrant:admin"}
    reference = await provider.create(registered())
    links = {await join(provider, reference, registered()) for _ in range(2)}
    assert len(links) == 1
    assert zoom.count(REGISTER) == 2


async def test_whoever_has_no_address_gets_the_meeting_s_link(provider: ZoomProvider) -> None:
    reference = await provider.create(registered())
    link = await join(provider, reference, registered(), replace(AMINA, email=None))
    assert link == reference.values["join_url"]


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_a_disturbance_keeps_nobody_out(provider: ZoomProvider, zoom: FakeZoom, status: int) -> None:
    reference = await provider.create(spec_of())
    zoom.faults.append(Fault(INVITE, status=status, body={"code": 3000}, headers={"Retry-After": "60"}))
    assert await join(provider, reference, spec_of()) == reference.values["join_url"]


async def test_a_meeting_that_vanished_has_no_link(provider: ZoomProvider, zoom: FakeZoom) -> None:
    reference = await provider.create(spec_of())
    zoom.meetings.clear()
    with pytest.raises(ProviderError) as gone:
        await join(provider, reference, spec_of())
    assert gone.value.trouble is Trouble.GONE


async def test_what_was_found_without_a_link_is_asked_for_it(provider: ZoomProvider) -> None:
    reference = await provider.create(registered())
    bare = Reference(reference.external_id)
    assert (
        await join(provider, bare, registered(), replace(AMINA, email=None)) == reference.values["join_url"]
    )
