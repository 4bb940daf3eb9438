"""Every night what providers hold is compared with what we want, and put right."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contract.meetings import LinkState
from meetings.jobs.port import JobWish
from meetings.jobs.store import wish
from meetings.linking.comparing import differs
from meetings.model import LinkStatus
from meetings.provider import Layout, Seen, Trouble
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention
from tests.meetings.linking.specs import once, weekly
from tests.meetings.scene import Scene
from tests.services.scripted_provider import LOST, Kept


class Night(Intention[None]):
    """As the timetable wishes for it."""

    room_id = ""

    def __init__(self, day: str) -> None:
        self._day = day

    async def apply(self, transaction: Transaction) -> None:
        await wish(transaction, JobWish(f"reconcile:{self._day}", "reconcile", transaction.now))


class One(Intention[None]):
    """As when a provider says that something happened to a link."""

    room_id = ""

    def __init__(self, link_id: str) -> None:
        self._link_id = link_id

    async def apply(self, transaction: Transaction) -> None:
        payload = {"link_id": self._link_id}
        await wish(transaction, JobWish(f"reconcile:{self._link_id}", "reconcile", transaction.now, payload))


async def night(scene: Scene) -> None:
    scene.clock.move(24 * 3600)
    await scene.node.writer.submit(Night(scene.clock.now().date().isoformat()))
    await scene.work()


async def messages(scene: Scene, room_id: str) -> list[str]:
    return [event.data["message"] for event in await scene.told(room_id)]


async def test_what_is_as_it_should_be_is_left_alone(scene: Scene) -> None:
    detail = await scene.schedule(count=3)
    await scene.work()
    scene.vendor.requests.clear()
    await night(scene)
    assert [verb for verb, _ in scene.vendor.requests] == ["fetch", "held"]
    assert len(await scene.told(detail.meeting.room_id)) == 1


async def test_what_vanished_is_made_again_and_told_of(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    scene.vendor.delete(next(iter(scene.vendor.things)))
    await night(scene)
    link = await scene.link(detail.meeting.id)
    assert (link.status, [link.external_id]) == (LinkStatus.READY, list(scene.vendor.things))
    assert await messages(scene, detail.meeting.room_id) == [
        "The meeting's link is ready.",
        "The meeting was deleted on the provider's side; it is made again. Your link stays the same.",
        "The meeting's link works again.",
    ]


async def test_what_was_changed_there_is_put_right_and_told_of(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    scene.vendor.rename(next(iter(scene.vendor.things)), "Somebody else's title")
    await night(scene)
    assert [thing.title for thing in scene.vendor.things.values()] == ["Algebra"]
    assert "changed on the provider's side" in (await messages(scene, detail.meeting.room_id))[1]


async def test_what_a_provider_cannot_hold_is_not_put_right_every_night(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    thing_id = next(iter(scene.vendor.things))
    for _ in range(3):
        scene.vendor.rename(thing_id, "ALGEBRA")
        await night(scene)
    told = await messages(scene, detail.meeting.room_id)
    assert len([message for message in told if "changed" in message]) == 1


async def test_a_provider_that_says_that_one_changed_is_looked_at(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    link = await scene.link(detail.meeting.id)
    scene.vendor.rename(str(link.external_id), "Somebody else's title")
    await scene.node.writer.submit(One(link.id))
    await scene.work()
    assert [thing.title for thing in scene.vendor.things.values()] == ["Algebra"]


async def test_what_we_are_about_to_change_is_not_taken_for_somebody_elses_doing(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    link = await scene.link(detail.meeting.id)
    scene.vendor.standing = Trouble.RETRY
    await scene.change(detail.meeting.id, title="Geometry")
    await scene.work()
    scene.vendor.standing = None
    await scene.node.writer.submit(One(link.id))
    await scene.pass_time(minutes=1)
    assert [thing.title for thing in scene.vendor.things.values()] == ["Geometry"]
    assert len(await scene.told(detail.meeting.room_id)) == 1


async def test_what_is_over_is_not_looked_at(scene: Scene) -> None:
    await scene.schedule()
    await scene.work()
    scene.clock.move(30 * 24 * 3600)
    scene.vendor.requests.clear()
    await night(scene)
    assert [verb for verb, _ in scene.vendor.requests] == ["held"]


async def test_a_second_meeting_of_the_same_marker_is_deleted(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    link = await scene.link(detail.meeting.id)
    scene.vendor.things["77"] = Kept("77", link.id, "Algebra", 45, ())
    await night(scene)
    assert list(scene.vendor.things) == [link.external_id]


async def test_what_is_left_of_a_cancelled_meeting_is_deleted(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    (thing,) = scene.vendor.things.values()
    await scene.cancel(detail.meeting.id)
    await scene.work()
    scene.vendor.things[thing.id] = thing  # as if a backup had been put back there
    await night(scene)
    assert scene.vendor.things == {}


async def test_what_is_not_ours_is_left_alone(scene: Scene) -> None:
    await scene.schedule()
    await scene.work()
    scene.vendor.things["77"] = Kept("77", "link_of_another_installation", "Theirs", 45, ())
    await night(scene)
    assert "77" in scene.vendor.things


async def test_what_failed_for_want_of_a_permission_is_tried_again_by_night(scene: Scene) -> None:
    scene.vendor.standing = Trouble.SCOPE
    detail = await scene.schedule()
    await scene.work()
    scene.vendor.standing = None
    await night(scene)
    assert (await scene.get(detail.meeting.id)).meeting.provided.state is LinkState.READY


async def test_what_could_not_be_deleted_is_tried_again_by_night(scene: Scene) -> None:
    detail = await scene.schedule()
    await scene.work()
    scene.vendor.standing = Trouble.SCOPE
    await scene.cancel(detail.meeting.id)
    await scene.work()
    assert len(scene.vendor.things) == 1
    scene.vendor.standing = None
    await night(scene)
    assert scene.vendor.things == {}


async def test_one_provider_that_is_away_does_not_keep_the_others_from_being_looked_at(scene: Scene) -> None:
    here, there = await scene.schedule(), await scene.schedule(provider="spare")
    await scene.work()
    scene.vendor.delete(next(iter(scene.vendor.things)))
    scene.other.delete(next(iter(scene.other.things)))
    scene.vendor.standing = Trouble.RETRY
    await night(scene)
    assert (len(scene.vendor.things), len(scene.other.things)) == (0, 1)
    scene.vendor.standing = None
    await scene.pass_time(hours=2)
    assert len(scene.vendor.things) == 1
    for one in (here, there):
        assert (await scene.link(one.meeting.id)).status is LinkStatus.READY


async def test_a_link_that_waits_for_its_answer_is_no_orphan(scene: Scene) -> None:
    scene.vendor.faults.append(LOST)
    await scene.schedule()
    await scene.work()
    await night(scene)
    await scene.pass_time(minutes=5)
    assert len(scene.vendor.things) == 1
    assert scene.vendor.deleted == []


@pytest.mark.parametrize("kind", [Layout.EACH, Layout.SERIES])
async def test_a_whole_course_is_looked_at(scene: Scene, kind: Layout) -> None:
    scene.provider.kind = kind
    await scene.schedule(count=4)
    await scene.work()
    for thing_id in list(scene.vendor.things):
        scene.vendor.delete(thing_id)
    await night(scene)
    assert len(scene.vendor.things) == (4 if kind is Layout.EACH else 1)


# (what is seen, whether it differs). Written by hand.
SPEC = once(title="Algebra")
LATER = SPEC.first.starts_at + timedelta(hours=1)
SEEN = [
    (Seen(), False),
    (Seen(title="Algebra"), False),
    (Seen(title="  Algebra "), False),
    (Seen(title="Biology"), True),
    (Seen(starts_at=SPEC.first.starts_at), False),
    (Seen(starts_at=LATER), True),
    (Seen(minutes=45), False),
    (Seen(minutes=60), True),
    (Seen(slots={SPEC.first.starts_at: "1"}), False),
    (Seen(slots={}), True),
    (Seen(slots={SPEC.first.starts_at: "1", LATER: "2"}), True),
]


@pytest.mark.parametrize(("seen", "wanted"), SEEN)
def test_what_a_provider_tells_is_compared_and_what_it_does_not_tell_is_not(seen: Seen, wanted: bool) -> None:
    now = SPEC.first.starts_at - timedelta(days=1)
    assert differs(SPEC, seen, now) is wanted


def test_a_long_title_that_a_provider_cuts_is_the_same() -> None:
    spec = replace(SPEC, title="A" * 180)
    now = SPEC.first.starts_at - timedelta(days=1)
    assert not differs(spec, Seen(title="A" * 100), now)


def test_dates_that_are_over_are_not_compared() -> None:
    spec = weekly(3)
    now = spec.slots[1].starts_at + timedelta(hours=1)
    assert not differs(spec, Seen(slots={spec.slots[2].starts_at: "3"}), now)
