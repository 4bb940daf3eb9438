"""People look at work that failed, and have it tried again: listJobs and retryJob."""

from typing import cast

import pytest
from prometheus_client import generate_latest

from auth.identity import Identity
from contract.after_class import JobPage, ListJobs
from contract.errors import Forbidden, NotFound
from contract.meetings import LinkState
from meetings.jobs.census import Census
from meetings.provider import Trouble
from tests.meetings.scene import Scene
from tests.realtime.school import ADMIN, ANA, EVE, TEACHER


async def jobs(scene: Scene, wanted: ListJobs, who: Identity = TEACHER) -> JobPage:
    return cast("JobPage", await scene.ask("listJobs", query=wanted, who=who))


async def failed_meeting(scene: Scene) -> str:
    """The id of one of the teacher's whose link was refused."""
    scene.vendor.standing = Trouble.SCOPE
    room_id = await scene.node.room(TEACHER, ANA)
    detail = await scene.schedule(room_id=room_id)
    await scene.work()
    return detail.meeting.id


async def test_staff_sees_what_failed_of_a_meeting_and_why(scene: Scene) -> None:
    meeting_id = await failed_meeting(scene)
    (job,) = (await jobs(scene, ListJobs(meeting_id=meeting_id))).items
    assert (job.kind, job.meeting_id, job.dead, job.error) == ("link", meeting_id, True, "Not now.")


async def test_what_is_done_is_in_no_list(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    assert (await jobs(scene, ListJobs(meeting_id=detail.meeting.id, dead=False))).items == []


async def test_what_is_tried_again_is_shown_when_asked_for(scene: Scene) -> None:
    scene.vendor.standing = Trouble.RETRY
    detail = await scene.schedule()
    await scene.work()
    assert (await jobs(scene, ListJobs(meeting_id=detail.meeting.id))).items == []
    (job,) = (await jobs(scene, ListJobs(meeting_id=detail.meeting.id, dead=False))).items
    assert (job.dead, job.error) == (False, "Not now.")
    assert job.due_at > scene.clock.now()


async def test_staff_has_a_job_tried_again(scene: Scene) -> None:
    meeting_id = await failed_meeting(scene)
    (job,) = (await jobs(scene, ListJobs(meeting_id=meeting_id))).items
    scene.vendor.standing = None
    await scene.retry_job(job.id, TEACHER)
    await scene.work()
    assert (await scene.get(meeting_id)).meeting.provided.state is LinkState.READY
    assert (await jobs(scene, ListJobs(meeting_id=meeting_id))).items == []


async def test_members_and_strangers_neither_see_nor_retry(scene: Scene) -> None:
    meeting_id = await failed_meeting(scene)
    (job,) = (await jobs(scene, ListJobs(meeting_id=meeting_id))).items
    for who, refusal in ((ANA, Forbidden), (EVE, NotFound)):
        with pytest.raises(refusal):
            await jobs(scene, ListJobs(meeting_id=meeting_id), who)
        with pytest.raises(refusal):
            await scene.retry_job(job.id, who)
    with pytest.raises(NotFound):
        await scene.retry_job("job_00000000000000000000000000", TEACHER)


async def test_all_that_failed_is_for_admins_page_by_page(scene: Scene) -> None:
    meetings = [await failed_meeting(scene) for _ in range(3)]
    with pytest.raises(Forbidden):
        await jobs(scene, ListJobs())
    first = await jobs(scene, ListJobs(limit=2), ADMIN)
    rest = await jobs(scene, ListJobs(limit=2, after=first.next), ADMIN)
    assert (first.has_more, rest.has_more) == (True, False)
    assert [job.meeting_id for job in [*first.items, *rest.items]] == meetings[::-1]


async def test_what_waits_and_what_is_dead_is_counted_and_so_is_what_was_asked_of_providers(
    scene: Scene,
) -> None:
    await failed_meeting(scene)
    node = scene.node
    await Census(node.database, node.writer, node.metrics, frozenset({"link"})).count()
    shown = generate_latest(node.metrics.registry).decode().splitlines()
    assert 'rtc_jobs{kind="link",state="dead"} 1.0' in shown
    assert 'rtc_jobs_ended_total{kind="link",result="dead"} 1.0' in shown
    assert 'rtc_provider_calls_total{call="create",provider="scripted",result="scope"} 1.0' in shown


async def test_what_was_refused_gets_another_chance_when_a_server_starts(scene: Scene) -> None:
    meeting_id = await failed_meeting(scene)
    scene.vendor.standing = None
    node = scene.node
    census = Census(node.database, node.writer, node.metrics, frozenset({"link"}))
    await census.start()
    await census.close()
    await scene.work()
    assert (await scene.get(meeting_id)).meeting.provided.state is LinkState.READY
