"""A provider's side of a meeting: made once, kept in line, told of when it fails, and taken away when nobody wants it."""

from dataclasses import replace

import pytest

from contract.errors import Conflict, Forbidden, NotFound
from contract.meetings import LinkState, Scope
from meetings.jobs.store import states
from meetings.model import LinkStatus
from meetings.provider import Layout, Trouble
from tests.meetings.scene import Scene
from tests.realtime.school import ADMIN, ANA, EVE
from tests.services.scripted_provider import AWAY, DROPPED, LOST


async def test_scheduling_answers_at_once_and_the_link_follows(scene: Scene) -> None:
    scene.vendor.standing = Trouble.RETRY
    detail = await scene.schedule()
    assert detail.meeting.provided.state is LinkState.PENDING
    assert detail.meeting.link.endswith(f"/m/{detail.meeting.id}")
    scene.vendor.standing = None
    await scene.work()
    after = await scene.get(detail.meeting.id)
    assert after.meeting.provided.state is LinkState.READY
    assert after.meeting.link == detail.meeting.link
    (thing,) = scene.vendor.things.values()
    assert (thing.title, thing.starts) == ("Algebra", (detail.occurrences[0].starts_at,))
    (event,) = await scene.told(detail.meeting.room_id)
    assert event.actor.id == "homeroom"
    assert event.data["meeting"]["provided"]["state"] == "ready"


async def test_a_meeting_in_our_own_room_needs_no_job(scene: Scene) -> None:
    detail = await scene.schedule(provider="builtin")
    assert detail.meeting.provided.state is LinkState.READY
    link = await scene.link(detail.meeting.id)
    assert (link.status, link.external_id) == (LinkStatus.READY, detail.meeting.room_id)
    async with scene.node.database.reading() as connection:
        assert await states(connection, [f"link:{link.id}"]) == {}


@pytest.mark.parametrize(("kind", "links"), [(Layout.SERIES, 1), (Layout.EACH, 3), (Layout.ROOM, 1)])
async def test_a_series_has_one_link_or_one_for_each_date(scene: Scene, kind: Layout, links: int) -> None:
    scene.provider.kind = kind
    detail = await scene.schedule(count=3)
    await scene.work()
    assert len(await scene.links(detail.meeting.id)) == len(scene.vendor.things) == links
    if kind is not Layout.ROOM:
        starts = sorted(start for thing in scene.vendor.things.values() for start in thing.starts)
        assert starts == [one.starts_at for one in detail.occurrences]


async def test_the_room_hears_of_many_links_once(scene: Scene) -> None:
    scene.provider.kind = Layout.EACH
    detail = await scene.schedule(count=5)
    await scene.work()
    assert len(await scene.told(detail.meeting.room_id)) == 1


@pytest.mark.parametrize("fault", [AWAY, LOST, DROPPED])
async def test_whatever_happens_to_a_request_there_is_one_meeting(scene: Scene, fault: str) -> None:
    scene.vendor.faults.extend([fault, fault])
    detail = await scene.schedule()
    await scene.pass_time(minutes=2)
    link = await scene.link(detail.meeting.id)
    assert link.status is LinkStatus.READY
    assert [link.external_id] == list(scene.vendor.things)
    assert scene.vendor.made == [link.id]


async def test_a_lost_answer_is_followed_by_a_search_not_by_a_second_meeting(scene: Scene) -> None:
    scene.vendor.faults.append(LOST)
    await scene.schedule()
    await scene.pass_time(minutes=1)
    assert [verb for verb, _ in scene.vendor.requests] == ["create", "find", "update"]


async def test_a_change_reaches_the_provider_once(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    await scene.change(detail.meeting.id, title="Geometry")
    await scene.work()
    assert [thing.title for thing in scene.vendor.things.values()] == ["Geometry"]
    assert [verb for verb, _ in scene.vendor.requests] == ["create", "update"]
    assert len(await scene.told(detail.meeting.room_id)) == 1


async def test_a_change_of_what_the_provider_does_not_hold_asks_it_nothing(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    await scene.change(detail.meeting.id, reminders=[5])
    await scene.work()
    assert [verb for verb, _ in scene.vendor.requests] == ["create"]


async def test_a_change_before_the_meeting_is_made_is_made_with_it(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.change(detail.meeting.id, title="Geometry")
    await scene.work()
    assert [verb for verb, _ in scene.vendor.requests] == ["create"]
    assert [thing.title for thing in scene.vendor.things.values()] == ["Geometry"]


async def test_one_occurrence_that_moves_is_the_only_one_that_is_told_of(scene: Scene) -> None:
    scene.provider.kind = Layout.EACH
    detail = await scene.schedule(count=4)
    await scene.work()
    scene.vendor.requests.clear()
    key = detail.occurrences[1].key
    await scene.change(detail.meeting.id, Scope.THIS, key, starts=f"{key[:10]}T14:00")
    await scene.work()
    assert [verb for verb, _ in scene.vendor.requests] == ["update"]
    assert len(scene.vendor.made) == 4


async def test_what_is_cancelled_is_deleted_at_the_provider(scene: Scene) -> None:
    detail = await scene.schedule(count=3)
    await scene.work()
    await scene.cancel(detail.meeting.id)
    await scene.work()
    assert scene.vendor.things == {}
    (link,) = await scene.links(detail.meeting.id)
    assert (link.wanted, link.status) == (False, LinkStatus.CANCELLED)


async def test_one_cancelled_date_leaves_the_others(scene: Scene) -> None:
    scene.provider.kind = Layout.EACH
    detail = await scene.schedule(count=3)
    await scene.work()
    await scene.cancel(detail.meeting.id, Scope.THIS, detail.occurrences[1].key)
    await scene.work()
    kept = sorted(start for thing in scene.vendor.things.values() for start in thing.starts)
    assert kept == [detail.occurrences[0].starts_at, detail.occurrences[2].starts_at]


async def test_what_is_cancelled_before_it_was_made_is_never_made(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.cancel(detail.meeting.id)
    await scene.work()
    assert scene.vendor.requests == []
    (link,) = await scene.links(detail.meeting.id)
    assert link.status is LinkStatus.CANCELLED


async def test_what_is_cancelled_while_the_answer_is_lost_is_found_and_deleted(scene: Scene) -> None:
    scene.vendor.faults.append(LOST)
    detail = await scene.schedule()
    await scene.work()
    assert len(scene.vendor.things) == 1
    await scene.cancel(detail.meeting.id)
    await scene.pass_time(minutes=1)
    assert scene.vendor.things == {}
    assert scene.vendor.made == [(await scene.links(detail.meeting.id))[0].id]


async def test_what_appears_at_the_provider_after_it_was_cancelled_is_deleted_too(scene: Scene) -> None:
    scene.vendor.faults.append(LOST)
    detail = await scene.schedule()
    await scene.work()
    (late,) = scene.vendor.things.values()
    del scene.vendor.things[late.id]  # as if the service had not got round to it
    await scene.cancel(detail.meeting.id)
    await scene.work()
    scene.vendor.things[late.id] = late
    await scene.pass_time(minutes=2)
    assert scene.vendor.things == {}
    assert (await scene.links(detail.meeting.id))[0].status is LinkStatus.CANCELLED


async def test_moving_to_another_provider_keeps_the_link_of_people(scene: Scene) -> None:
    detail = await scene.schedule(count=3)
    await scene.work()
    moved = await scene.change(detail.meeting.id, provider="spare")
    await scene.work()
    assert moved.meeting.link == detail.meeting.link
    assert moved.meeting.room_id == detail.meeting.room_id
    assert (scene.vendor.things, len(scene.other.things)) == ({}, 1)
    back = await scene.change(detail.meeting.id, provider="builtin")
    assert back.meeting.provided.state is LinkState.READY
    await scene.work()
    assert (scene.vendor.things, scene.other.things) == ({}, {})


async def test_what_was_scheduled_in_spite_of_a_clash_is_moved_without_asking_again(scene: Scene) -> None:
    await scene.schedule(title="Geometry")
    clashing = await scene.schedule()
    moved = await scene.change(clashing.meeting.id, provider="builtin")
    assert moved.meeting.provided.provider == "builtin"
    with pytest.raises(Conflict):
        await scene.change(clashing.meeting.id, minutes=50)


async def test_this_and_following_of_single_meetings_keeps_each_of_them(scene: Scene) -> None:
    scene.provider.kind = Layout.EACH
    detail = await scene.schedule(count=4)
    await scene.work()
    before = dict(scene.vendor.things)
    await scene.change(detail.meeting.id, Scope.FOLLOWING, detail.occurrences[2].key, title="Geometry")
    await scene.work()
    assert scene.vendor.things.keys() == before.keys()
    titles = [thing.title for thing in sorted(scene.vendor.things.values(), key=lambda one: one.starts)]
    assert titles == ["Algebra"] * 2 + ["Geometry"] * 2
    assert len(scene.vendor.made) == 4
    assert len(await scene.links(detail.meeting.id)) == 4


async def test_this_and_following_of_a_series_makes_two_of_it(scene: Scene) -> None:
    detail = await scene.schedule(count=4)
    await scene.work()
    (first,) = scene.vendor.things
    await scene.change(detail.meeting.id, Scope.FOLLOWING, detail.occurrences[2].key, title="Geometry")
    await scene.work()
    starts = [one.starts_at for one in detail.occurrences]
    assert {thing.title: list(thing.starts) for thing in scene.vendor.things.values()} == {
        "Algebra": starts[:2],
        "Geometry": starts[2:],
    }
    assert scene.vendor.things[first].title == "Algebra"


async def test_another_rule_deletes_what_it_leaves_out_and_makes_what_it_adds(scene: Scene) -> None:
    scene.provider.kind = Layout.EACH
    detail = await scene.schedule(count=4)
    await scene.work()
    changed = await scene.change(detail.meeting.id, rule="FREQ=WEEKLY;INTERVAL=2;COUNT=3")
    await scene.work()
    starts = sorted(start for thing in scene.vendor.things.values() for start in thing.starts)
    assert starts == [one.starts_at for one in changed.occurrences if one.status != "cancelled"]
    assert len(starts) == 3


@pytest.mark.parametrize("kind", [Layout.SERIES, Layout.EACH])
async def test_a_class_that_has_begun_is_moved_but_nobody_who_is_there_is_cut_off(
    scene: Scene, kind: Layout
) -> None:
    scene.provider.kind = kind
    detail = await scene.schedule(count=3)
    await scene.work()
    begun = detail.occurrences[0]
    scene.clock.move((begun.starts_at - scene.clock.now()).total_seconds() + 600)
    await scene.change(detail.meeting.id, provider="spare")
    await scene.work()
    there = [start for thing in scene.vendor.things.values() for start in thing.starts]
    moved = [start for thing in scene.other.things.values() for start in thing.starts]
    assert (begun.starts_at in there, begun.starts_at in moved) == (True, True)
    await scene.pass_time(hours=1)
    assert scene.vendor.things == {}
    assert sorted(moved) == [one.starts_at for one in detail.occurrences]


async def test_classes_that_were_held_keep_what_the_provider_has_of_them(scene: Scene) -> None:
    scene.provider.kind = Layout.EACH
    detail = await scene.schedule(count=3)
    await scene.work()
    scene.clock.move((detail.occurrences[0].ends_at - scene.clock.now()).total_seconds() + 60)
    await scene.cancel(detail.meeting.id)
    await scene.work()
    assert [thing.starts for thing in scene.vendor.things.values()] == [(detail.occurrences[0].starts_at,)]


# --------------------------------------------------------------------------------------------------- when it goes wrong


async def test_staff_is_told_in_the_room_after_repeated_failure_and_when_it_works_again(scene: Scene) -> None:
    scene.vendor.standing = Trouble.RETRY
    detail = await scene.schedule()
    await scene.work()
    room_id, meeting_id = detail.meeting.room_id, detail.meeting.id
    assert await scene.told(room_id) == []
    await scene.pass_time(minutes=15)
    assert (await scene.link(meeting_id)).status is LinkStatus.FAILED
    (failed,) = await scene.told(room_id)
    assert failed.data["meeting"]["provided"]["state"] == "failed"
    assert "your link stays the same" in failed.data["message"]
    shown = await scene.get(meeting_id)
    (problem,) = shown.problems
    assert (problem.code, problem.attempts > 1, problem.retry_at is not None) == ("retry", True, True)
    scene.vendor.standing = None
    await scene.pass_time(hours=2)
    assert (await scene.link(meeting_id)).status is LinkStatus.READY
    assert [event.data["message"] for event in await scene.told(room_id)][1:] == [
        "The meeting's link works again."
    ]
    assert (await scene.get(meeting_id)).problems == []


@pytest.mark.parametrize("trouble", [Trouble.CREDENTIALS, Trouble.SCOPE, Trouble.REFUSED])
async def test_what_cannot_be_helped_is_told_at_once_with_what_to_do(scene: Scene, trouble: Trouble) -> None:
    scene.vendor.standing = trouble
    detail = await scene.schedule()
    await scene.work()
    (problem,) = (await scene.get(detail.meeting.id)).problems
    assert (problem.code, problem.retry_at) == (trouble.value, None)
    assert trouble is Trouble.REFUSED or problem.hint == "Grant meetings:write in the service's console."
    assert (await scene.get(detail.meeting.id)).meeting.provided.state is LinkState.FAILED
    assert len(await scene.told(detail.meeting.room_id)) == 1
    await scene.pass_time(hours=3)
    assert len(scene.vendor.requests) == 1


async def test_students_do_not_see_what_is_wrong(scene: Scene) -> None:
    scene.vendor.standing = Trouble.SCOPE
    room_id = await scene.node.room(ADMIN, ANA)
    detail = await scene.schedule(who=ADMIN, room_id=room_id)
    await scene.work()
    assert (await scene.get(detail.meeting.id, ADMIN)).problems
    assert (await scene.get(detail.meeting.id, ANA)).problems == []


async def test_staff_can_have_it_tried_again_at_once(scene: Scene) -> None:
    scene.vendor.standing = Trouble.CREDENTIALS
    detail = await scene.schedule()
    await scene.work()
    scene.vendor.standing = None
    again = await scene.retry(detail.meeting.id)
    assert again.meeting.provided.state is LinkState.PENDING
    await scene.work()
    assert (await scene.get(detail.meeting.id)).meeting.provided.state is LinkState.READY
    messages = [event.data["message"] for event in await scene.told(detail.meeting.room_id)]
    assert messages[1:] == ["The meeting's link is tried again.", "The meeting's link works again."]


async def test_a_retry_that_fails_again_is_told_again(scene: Scene) -> None:
    scene.vendor.standing = Trouble.CREDENTIALS
    detail = await scene.schedule()
    await scene.work()
    await scene.retry(detail.meeting.id)
    await scene.work()
    assert len(await scene.told(detail.meeting.room_id)) == 3


async def test_only_staff_may_have_it_tried_again(scene: Scene) -> None:
    room_id = await scene.node.room(ADMIN, ANA)
    detail = await scene.schedule(who=ADMIN, room_id=room_id)
    with pytest.raises(Forbidden):
        await scene.retry(detail.meeting.id, ANA)
    with pytest.raises(NotFound):
        await scene.retry(detail.meeting.id, EVE)


async def test_a_failed_meeting_can_be_moved_and_nothing_of_it_stays_behind(scene: Scene) -> None:
    scene.vendor.faults.append(LOST)
    detail = await scene.schedule()
    await scene.work()
    scene.vendor.standing = Trouble.RETRY
    await scene.pass_time(minutes=15)
    moved = await scene.change(detail.meeting.id, provider="builtin")
    assert moved.meeting.provided.state is LinkState.READY
    scene.vendor.standing = None
    await scene.pass_time(hours=2)
    assert scene.vendor.things == {}


async def test_a_limit_that_opens_in_time_worries_nobody(scene: Scene) -> None:
    scene.vendor.standing = Trouble.QUOTA
    detail = await scene.schedule()
    await scene.work()
    (problem,) = (await scene.get(detail.meeting.id)).problems
    assert problem.code == "quota"
    assert problem.retry_at is not None
    assert await scene.told(detail.meeting.room_id) == []
    scene.vendor.standing = None
    await scene.pass_time(hours=1, minutes=5)
    assert (await scene.link(detail.meeting.id)).status is LinkStatus.READY


async def test_a_limit_that_opens_too_late_is_told_of(scene: Scene) -> None:
    scene.vendor.standing = Trouble.QUOTA
    starts = scene.clock.now().replace(tzinfo=None, minute=0)
    detail = await scene.schedule(starts=starts, zone="UTC", minutes=120)
    await scene.work()
    assert len(await scene.told(detail.meeting.room_id)) == 1


async def test_a_provider_that_is_away_is_left_alone_and_jobs_stay_queued(scene: Scene) -> None:
    scene.vendor.standing = Trouble.RETRY
    scene.provider.kind = Layout.EACH
    detail = await scene.schedule(count=8)
    await scene.work()
    assert not scene.parts.providers.healthy("scripted")
    asked = len(scene.vendor.requests)
    await scene.pass_time(minutes=10)
    assert len(scene.vendor.requests) - asked < 20
    scene.vendor.standing = None
    await scene.pass_time(minutes=40)
    assert scene.parts.providers.healthy("scripted")
    assert len(scene.vendor.things) == 8
    assert sorted(scene.vendor.made) == sorted(link.id for link in await scene.links(detail.meeting.id))
    assert len(await scene.told(detail.meeting.room_id)) == 2


async def test_an_update_that_is_refused_leaves_people_their_way_in(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    scene.vendor.standing = Trouble.SCOPE
    await scene.change(detail.meeting.id, title="Geometry")
    await scene.work()
    shown = await scene.get(detail.meeting.id)
    assert shown.meeting.provided.state is LinkState.READY
    assert [problem.code for problem in shown.problems] == ["scope"]
    assert len(await scene.told(detail.meeting.room_id)) == 2
    scene.vendor.standing = None
    await scene.retry(detail.meeting.id)
    await scene.work()
    assert [thing.title for thing in scene.vendor.things.values()] == ["Geometry"]
    assert (await scene.get(detail.meeting.id)).problems == []


async def test_what_vanished_there_is_made_again_when_it_is_next_told_of(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    scene.vendor.delete(next(iter(scene.vendor.things)))
    await scene.change(detail.meeting.id, title="Geometry")
    await scene.work()
    assert [thing.title for thing in scene.vendor.things.values()] == ["Geometry"]
    assert (await scene.link(detail.meeting.id)).status is LinkStatus.READY
    messages = [event.data["message"] for event in await scene.told(detail.meeting.room_id)]
    assert "deleted on the provider's side" in messages[1]
    assert messages[2] == "The meeting's link works again."


async def test_a_provider_that_is_not_configured_any_more_is_told_of(scene: Scene) -> None:
    detail = await scene.schedule()
    without = Scene(scene.node, scene.vendor)
    without.parts.providers._by_name = {}  # as after a restart with other settings
    await without.work()
    (problem,) = (await scene.get(detail.meeting.id)).problems
    assert problem.code == "refused"
    assert problem.hint is not None
    await scene.retry(detail.meeting.id)
    await scene.work()
    assert (await scene.link(detail.meeting.id)).status is LinkStatus.READY


async def test_two_workers_that_do_the_same_end_with_one_meeting(scene: Scene) -> None:
    """The first is held up beyond its lease right after it has asked; the second finds what the first one made."""
    detail = await scene.schedule()
    slow = Scene(scene.node, scene.vendor)

    async def lease_runs_out(verb: str) -> None:
        if verb == "create":
            scene.vendor.after = None
            scene.clock.move(60)
            await scene.work()

    scene.vendor.after = lease_runs_out
    await slow.work()
    link = await scene.link(detail.meeting.id)
    assert link.status is LinkStatus.READY
    assert list(scene.vendor.things) == [link.external_id]


async def test_a_run_that_was_too_slow_takes_back_what_it_made(scene: Scene) -> None:
    """The first is held up before its request arrives; by then the second has found nothing, and made one."""
    detail = await scene.schedule()
    slow = Scene(scene.node, scene.vendor)

    async def lease_runs_out(verb: str) -> None:
        if verb == "create":
            scene.vendor.before = None
            scene.clock.move(60)
            await scene.work()

    scene.vendor.before = lease_runs_out
    await slow.work()
    link = await scene.link(detail.meeting.id)
    assert len(scene.vendor.made) == 2
    assert list(scene.vendor.things) == [link.external_id]
    assert replace(link, attempts=0) == link
