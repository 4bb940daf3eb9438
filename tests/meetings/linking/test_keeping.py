"""A provider looks after what it needs now and then, told what it holds of today and tomorrow."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from contract.meetings import Scope
from meetings.jobs.port import Again, Job
from meetings.linking.keeping import Keep, keepers
from meetings.provider import Booked, Layout, ProviderError, Trouble
from tests.meetings.scene import Scene


def job() -> Job:
    return Job("job_1", "keep:scripted:x", "keep", {"provider": "scripted"}, None, 1, datetime.min, "lease")  # noqa: DTZ901  # not looked at


def keep_of(scene: Scene, told: list[Sequence[Booked]]) -> Keep:
    async def keep(now: datetime, near: Sequence[Booked]) -> datetime:
        told.append(near)
        return now

    scene.provider.keep = keep  # type: ignore[attr-defined]  # a port that most providers do not have
    return Keep(scene.node.database, scene.parts.providers, scene.clock, "https://school.example")


@pytest.mark.parametrize("kind", [Layout.SERIES, Layout.EACH])
async def test_it_is_told_what_it_holds_of_today_and_tomorrow(scene: Scene, kind: Layout) -> None:
    scene.provider.kind = kind
    detail = await scene.schedule(count=4)
    await scene.work()
    told: list[Sequence[Booked]] = []
    keep = keep_of(scene, told)
    await keep(job())
    before = detail.occurrences[1].starts_at - timedelta(hours=20)
    await scene.pass_time(seconds=(before - scene.clock.now()).total_seconds())
    await keep(job())
    assert [len(near) for near in told] == [0, 1]
    assert told[1][0].spec.meeting_id == detail.meeting.id
    assert told[1][0].reference.external_id in {
        link.external_id for link in await scene.links(detail.meeting.id)
    }


async def test_a_cancelled_class_is_not_told(scene: Scene) -> None:
    detail = await scene.schedule(starts=scene.monday(0) + timedelta(days=2))
    await scene.work()
    await scene.cancel(detail.meeting.id, Scope.ALL)
    told: list[Sequence[Booked]] = []
    await keep_of(scene, told)(job())
    assert told == [[]]


async def test_what_failed_is_tried_again_when_the_provider_says(scene: Scene) -> None:
    later = scene.clock.now() + timedelta(minutes=7)

    async def keep(now: datetime, near: Sequence[Booked]) -> datetime:
        raise ProviderError(Trouble.RETRY, "It is busy.", retry_at=later)

    scene.provider.keep = keep  # type: ignore[attr-defined]  # as above
    with pytest.raises(Again) as caught:
        await Keep(scene.node.database, scene.parts.providers, scene.clock, "https://school.example")(job())
    assert (caught.value.message, caught.value.due_at) == ("It is busy.", later)


async def test_each_half_hour_has_one_job_for_each_provider_that_has_something_to_keep(scene: Scene) -> None:
    assert keepers(scene.parts.providers) == []
    keep_of(scene, [])
    (one,) = keepers(scene.parts.providers)
    now = scene.clock.now()
    keys = [one.wish_for(now + timedelta(minutes=minutes)).key for minutes in (0, 29, 30)]
    assert keys == ["keep:scripted:2030-01-01T00:00"] * 2 + ["keep:scripted:2030-01-01T00:30"]
