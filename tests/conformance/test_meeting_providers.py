"""What every provider of meetings keeps, whoever it is. See `provider_places` for how an adapter joins."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from contract.meetings import Capabilities, MeetingPolicy
from meetings.model import Series, Slot
from meetings.provider import Layout, LinkSpec, Person, ProviderError, Reference, Trouble
from tests.conformance.provider_places import OFFLINE, OPENERS, ProviderPlace

ONLINE = sorted(OPENERS.keys() - OFFLINE)
PARIS = "Europe/Paris"
HOST = Person("teacher", "Tara Teacher", "tara@school.example", staff=True)
STUDENT = Person("ana", "Ana", "ana@school.example")


@pytest_asyncio.fixture(params=sorted(OPENERS))
async def place(request: pytest.FixtureRequest) -> AsyncIterator[ProviderPlace]:
    """Any provider."""
    async with OPENERS[request.param]() as opened:
        yield opened


@pytest_asyncio.fixture(params=ONLINE)
async def online(request: pytest.FixtureRequest) -> AsyncIterator[ProviderPlace]:
    """One that asks its service when a meeting is made."""
    async with OPENERS[request.param]() as opened:
        yield opened


def next_monday(place: ProviderPlace, weeks: int = 1) -> datetime:
    """A wall time, at nine in the morning."""
    today = place.clock.now().astimezone(UTC).replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)
    return today + timedelta(days=7 * weeks - today.weekday())


def slot_at(starts: datetime, zone: str = PARIS, minutes: int = 45, key: datetime | None = None) -> Slot:
    starts_at = starts.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    name = (key or starts).strftime("%Y-%m-%dT%H:%M")
    return Slot(name, starts, zone, starts_at, starts_at + timedelta(minutes=minutes))


def weekly(
    place: ProviderPlace, count: int, *, title: str = "Algebra", marker: str = "link_weekly"
) -> LinkSpec:
    """Every Monday, across a change of the clocks if `count` is above 30."""
    first = next_monday(place)
    series = Series(first, PARIS, 45, f"FREQ=WEEKLY;BYDAY=MO;COUNT={count}")
    slots = [slot_at(first + timedelta(weeks=week)) for week in range(count)]
    return replace(once(place, title=title, marker=marker), series=series, slots=tuple(slots))


def once(
    place: ProviderPlace, *, title: str = "Algebra", marker: str = "link_once", weeks: int = 1
) -> LinkSpec:
    first = next_monday(place, weeks)
    return LinkSpec(
        marker=marker,
        meeting_id="meet_1",
        title=title,
        description="What we shall do: <b>rings</b> & fields – ümlaut.",
        series=Series(first, PARIS, 45),
        slots=(slot_at(first),),
        host=HOST,
        policy=MeetingPolicy(),
        link="https://homeroom.example/m/meet_1",
        host_account=place.host_account,
    )


def in_pieces(place: ProviderPlace, spec: LinkSpec) -> list[LinkSpec]:
    """As many specs as the provider makes things of it."""
    if place.provider.layout(spec.series, spec.slots) is not Layout.EACH:
        return [spec]
    return [
        replace(
            spec,
            marker=f"{spec.marker}_{number}",
            series=Series(slot.starts, slot.zone, spec.series.minutes),
            slots=(slot,),
        )
        for number, slot in enumerate(spec.slots)
    ]


def starts_of(place: ProviderPlace) -> list[datetime]:
    return sorted(start for thing in place.things() for start in thing.starts)


def holds_times(place: ProviderPlace, spec: LinkSpec) -> bool:
    return place.provider.layout(spec.series, spec.slots) is not Layout.ROOM


async def trouble_of(place: ProviderPlace, spec: LinkSpec) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        await place.provider.create(spec)
    return raised.value


# ------------------------------------------------------------------------------------------------------- of any provider


async def test_it_says_what_it_is(place: ProviderPlace) -> None:
    provider = place.provider
    assert provider.name.islower()
    assert provider.title
    assert isinstance(provider.capabilities, Capabilities)
    assert provider.concurrent is None or provider.concurrent > 0
    assert all(host == host.lower() and "/" not in host for host in provider.hosts)


async def test_what_it_makes_of_a_series_is_one_of_three(place: ProviderPlace) -> None:
    spec = weekly(place, 4)
    layout = place.provider.layout(spec.series, spec.slots)
    assert isinstance(layout, Layout)
    assert layout is not Layout.SERIES or place.provider.capabilities.recurrence
    notes = place.provider.notes(spec.series, spec.slots, spec.policy)
    assert all(notes)


async def test_a_meeting_that_is_made_is_there(place: ProviderPlace) -> None:
    spec = once(place)
    reference = await place.provider.create(spec)
    assert reference.external_id
    seen = await place.provider.fetch(reference, spec)
    assert seen is not None
    assert seen.title in {None, spec.title}
    assert seen.starts_at in {None, spec.first.starts_at}
    assert seen.minutes in {None, 45}


async def test_a_reference_is_fit_to_be_stored(place: ProviderPlace) -> None:
    spec = once(place)
    reference = await place.provider.create(spec)
    stored = Reference(reference.external_id, json.loads(json.dumps(dict(reference.values))))
    assert len(reference.external_id) <= 400
    assert all(isinstance(value, str) for value in reference.values.values())
    assert await place.provider.fetch(stored, spec) is not None


async def test_addresses_are_made_at_the_click_and_stored_nowhere(place: ProviderPlace) -> None:
    spec, now = once(place), place.clock.now()
    reference = await place.provider.create(spec)
    staff_url = await place.provider.host_url(reference, spec, HOST, now)
    url = await place.provider.join_url(reference, spec, STUDENT, now)
    assert staff_url.startswith(("https://", "http://", "/"))
    assert url.startswith(("https://", "http://", "/"))
    assert staff_url == url or staff_url not in reference.values.values()
    if place.provider.capabilities.personal_links:
        other = await place.provider.join_url(reference, spec, replace(STUDENT, id="ben", name="Ben"), now)
        assert other != url


async def test_cancelling_twice_is_no_error(place: ProviderPlace) -> None:
    spec = once(place)
    reference = await place.provider.create(spec)
    await place.provider.cancel(reference, spec)
    await place.provider.cancel(reference, spec)
    assert place.things() == []


async def test_two_meetings_are_two(place: ProviderPlace) -> None:
    one = await place.provider.create(once(place, marker="link_a"))
    other = await place.provider.create(once(place, marker="link_b", title="Biology"))
    assert one.external_id != other.external_id


async def test_a_place_that_works_has_nothing_to_complain_of(place: ProviderPlace) -> None:
    findings = await place.provider.check()
    assert findings
    assert [finding for finding in findings if not finding.good] == []


# ------------------------------------------------------------------------------------- of those that have a service behind


async def test_the_service_holds_what_was_asked_for_and_nothing_else(online: ProviderPlace) -> None:
    spec = once(online)
    reference = await online.provider.create(spec)
    (thing,) = online.things()
    assert (thing.external_id, thing.title) == (reference.external_id, "Algebra")
    if holds_times(online, spec):
        assert thing.starts == (spec.first.starts_at,)


@pytest.mark.parametrize("count", [3, 40])
async def test_a_series_keeps_its_wall_time_when_the_clocks_change(online: ProviderPlace, count: int) -> None:
    spec = weekly(online, count)
    for piece in in_pieces(online, spec):
        await online.provider.create(piece)
    if holds_times(online, spec):
        assert starts_of(online) == [slot.starts_at for slot in spec.slots]


async def test_occurrences_that_are_left_out_are_not_held(online: ProviderPlace) -> None:
    whole = weekly(online, 5)
    left = tuple(slot for number, slot in enumerate(whole.slots) if number != 2)
    series = replace(whole.series, except_keys=frozenset({whole.slots[2].key}))
    spec = replace(whole, series=series, slots=left)
    for piece in in_pieces(online, spec):
        await online.provider.create(piece)
    if holds_times(online, spec):
        assert starts_of(online) == [slot.starts_at for slot in left]


async def test_an_occurrence_that_is_moved_moves_alone(online: ProviderPlace) -> None:
    spec = weekly(online, 4)
    moved = slot_at(spec.slots[1].starts + timedelta(hours=2), key=spec.slots[1].starts)
    after = replace(spec, slots=(spec.slots[0], moved, *spec.slots[2:]))
    references = [await online.provider.create(piece) for piece in in_pieces(online, spec)]
    for reference, piece in zip(references, in_pieces(online, after), strict=True):
        await online.provider.update(reference, piece)
    if holds_times(online, spec):
        assert starts_of(online) == sorted(slot.starts_at for slot in after.slots)


async def test_occurrences_that_are_cancelled_later_go(online: ProviderPlace) -> None:
    spec = weekly(online, 4)
    if online.provider.layout(spec.series, spec.slots) is Layout.EACH:
        pieces = in_pieces(online, spec)
        references = [await online.provider.create(piece) for piece in pieces]
        await online.provider.cancel(references[2], pieces[2])
    else:
        reference = await online.provider.create(spec)
        await online.provider.update(reference, replace(spec, slots=(*spec.slots[:2], spec.slots[3])))
    if holds_times(online, spec):
        wanted = [slot.starts_at for number, slot in enumerate(spec.slots) if number != 2]
        assert starts_of(online) == wanted


async def test_an_update_changes_the_thing_that_is_there(online: ProviderPlace) -> None:
    spec = once(online)
    reference = await online.provider.create(spec)
    first = next_monday(online, 2)
    later = replace(spec, title="Geometry", series=Series(first, PARIS, 45), slots=(slot_at(first),))
    updated = await online.provider.update(reference, later)
    assert updated.external_id == reference.external_id
    (thing,) = online.things()
    assert thing.title == "Geometry"
    if holds_times(online, spec):
        assert thing.starts == (later.first.starts_at,)


async def test_an_update_puts_right_what_was_changed_there(online: ProviderPlace) -> None:
    spec = once(online)
    reference = await online.provider.create(spec)
    online.rename(reference.external_id, "Somebody else's title")
    await online.provider.update(reference, spec)
    assert [thing.title for thing in online.things()] == ["Algebra"]


async def test_what_was_never_made_is_not_found(online: ProviderPlace) -> None:
    await online.provider.create(once(online, marker="link_other"))
    assert await online.provider.find(once(online, marker="link_mine")) is None


async def test_what_was_made_is_found_by_its_marker(online: ProviderPlace) -> None:
    spec = once(online)
    reference = await online.provider.create(spec)
    await online.provider.create(once(online, marker="link_other"))
    found = await online.provider.find(spec)
    assert found is not None
    assert found.external_id == reference.external_id


async def test_what_was_made_is_found_though_the_answer_got_lost(online: ProviderPlace) -> None:
    spec = once(online)
    online.lose_answer()
    error = await trouble_of(online, spec)
    assert error.trouble is Trouble.UNKNOWN
    found = await online.provider.find(spec)
    assert found is not None
    assert [thing.external_id for thing in online.things()] == [found.external_id]


async def test_a_service_that_is_away_has_done_nothing(online: ProviderPlace) -> None:
    spec = once(online)
    online.be_away()
    error = await trouble_of(online, spec)
    assert error.trouble in {Trouble.RETRY, Trouble.UNKNOWN, Trouble.QUOTA}
    assert online.things() == []
    assert (await online.provider.create(spec)).external_id


@pytest.mark.parametrize("trouble", [Trouble.CREDENTIALS, Trouble.SCOPE])
async def test_missing_permission_is_told_with_what_to_do(online: ProviderPlace, trouble: Trouble) -> None:
    online.refuse_all(trouble)
    error = await trouble_of(online, once(online))
    assert error.trouble is trouble
    assert error.message
    assert trouble is not Trouble.SCOPE or error.hint
    findings = [finding for finding in await online.provider.check() if not finding.good]
    assert findings
    assert any(finding.hint for finding in findings)


async def test_a_limit_says_when_it_opens_again(online: ProviderPlace) -> None:
    online.refuse_all(Trouble.QUOTA)
    error = await trouble_of(online, once(online))
    assert error.trouble is Trouble.QUOTA
    assert error.retry_at is not None
    assert error.retry_at > online.clock.now()


async def test_what_was_deleted_there_is_gone(online: ProviderPlace) -> None:
    spec = once(online)
    reference = await online.provider.create(spec)
    online.delete(reference.external_id)
    assert await online.provider.fetch(reference, spec) is None
    with pytest.raises(ProviderError) as raised:
        await online.provider.update(reference, replace(spec, title="Geometry"))
    assert raised.value.trouble is Trouble.GONE
    await online.provider.cancel(reference, spec)
    assert online.things() == []
