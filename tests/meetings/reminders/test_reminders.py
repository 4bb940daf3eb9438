"""Reminders: each once, in the room and by mail, whatever becomes of the class, of the job and of the server."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.errors import Unavailable
from contract.events import LogEvent
from contract.meetings import MeetingReminder, Scope
from contract.rooms import NewMember
from meetings.jobs.claims import Finish
from tests.meetings.mail.postbox import ADA, BASE, BO, INES, Letter, Post
from tests.meetings.scene import Scene
from tests.realtime.school import Node

ANA_AT, BEN_AT = "ana@a.test", "ben@b.test"
MONDAY = datetime(2030, 1, 7, 8, 0, tzinfo=UTC)
"""Nine in Paris."""


async def given(node: Node, room_id: str) -> list[tuple[datetime, int]]:
    """When the room was reminded, and how many minutes before the start."""
    found: list[LogEvent] = [one for one in await node.events(room_id) if one.type == "meeting.reminder"]
    return [(one.ts, MeetingReminder.model_validate(one.data).minutes) for one in found]


def mailed(post: Post, address: str = ANA_AT) -> list[Letter]:
    return [one for one in post.letters(address) if one.method is None]


async def test_the_room_and_everybody_are_reminded_at_each_offset(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, reminders=[1440, 10])
    await post.until(MONDAY - timedelta(minutes=1440))
    await post.until(MONDAY - timedelta(minutes=10))
    await post.until(MONDAY + timedelta(hours=1))
    assert await given(post.node, room_id) == [
        (MONDAY - timedelta(minutes=1440), 1440),
        (MONDAY - timedelta(minutes=10), 10),
    ]
    first, second = mailed(post)
    assert first.subject == "Reminder: Algebra, Monday 7 January 2030, 09:00"
    assert "Algebra starts in 1 day" in first.text
    assert "Algebra starts in 10 minutes" in second.text
    assert "For you: Monday 7 January 2030, 03:00 to 03:45 (America/New_York)" in second.text
    assert f"{BASE}/m/{meeting_id}" in second.text
    assert second.message["Message-ID"] != first.message["Message-ID"]


async def test_each_class_of_a_series_is_reminded_of(post: Post) -> None:
    room_id = await post.room()
    await post.planned(room_id, count=3, reminders=[10])
    await post.pass_time(days=25)
    assert [minutes for _, minutes in await given(post.node, room_id)] == [10, 10, 10]
    assert len(mailed(post, "ines@school.test")) == 3


async def test_without_a_mail_server_the_room_is_reminded_all_the_same(scene: Scene) -> None:
    room_id = await scene.node.room(INES)
    await scene.schedule(room_id=room_id, reminders=[10])
    await scene.pass_time(days=8)
    assert len(await given(scene.node, room_id)) == 1


async def test_nobody_is_reminded_of_a_cancelled_class(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=2, reminders=[10])
    key = (await post.get(meeting_id)).occurrences[0].key
    await post.cancel(meeting_id, Scope.THIS, key)
    await post.until(MONDAY + timedelta(hours=2))
    assert (await given(post.node, room_id), mailed(post)) == ([], [])
    await post.cancel(meeting_id)
    await post.pass_time(days=20)
    assert (await given(post.node, room_id), mailed(post)) == ([], [])


async def test_a_class_that_moves_is_reminded_of_at_its_new_time_alone(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, reminders=[60])
    await post.change(meeting_id, starts="2030-01-08T09:00")
    await post.until(MONDAY + timedelta(days=2))
    assert await given(post.node, room_id) == [(MONDAY + timedelta(days=1, minutes=-60), 60)]
    assert len(mailed(post)) == 1


async def test_a_class_that_moves_after_its_reminder_is_reminded_of_again(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, reminders=[60])
    await post.until(MONDAY - timedelta(minutes=60))
    await post.change(meeting_id, starts="2030-01-08T09:00")
    await post.until(MONDAY - timedelta(minutes=30))
    await post.change(meeting_id, starts="2030-01-07T09:00")
    await post.until(MONDAY + timedelta(days=2))
    assert await given(post.node, room_id) == [(MONDAY - timedelta(minutes=60), 60)], (
        "and not twice for one time"
    )


async def test_what_was_over_when_it_was_scheduled_is_not_made_up_for(post: Post) -> None:
    room_id = await post.room(ADA)
    soon = (post.clock.now() + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M")
    await post.planned(room_id, starts=datetime.fromisoformat(soon), zone="Etc/UTC", reminders=[1440, 60, 10])
    await post.pass_time(hours=1)
    assert [minutes for _, minutes in await given(post.node, room_id)] == [10]
    assert len(mailed(post)) == 1


async def test_other_offsets_take_the_place_of_those_chosen_before(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, reminders=[60])
    await post.change(meeting_id, reminders=[30, 0])
    await post.until(MONDAY + timedelta(hours=2))
    assert [minutes for _, minutes in await given(post.node, room_id)] == [30, 0]


async def test_a_worker_that_was_away_gives_them_late_as_long_as_the_class_goes_on(post: Post) -> None:
    room_id = await post.room(ADA)
    await post.planned(room_id, count=2, reminders=[10])
    post.clock.move((MONDAY + timedelta(minutes=5) - post.clock.now()).total_seconds())
    await post.work()
    assert len(await given(post.node, room_id)) == 1
    assert "Algebra has begun" in mailed(post)[0].text
    post.clock.move(timedelta(days=8).total_seconds())
    await post.work()
    assert len(await given(post.node, room_id)) == 1, "and not when it is over"


async def test_a_node_that_dies_after_its_commit_gives_none_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id = await post.room(ADA)
    await post.planned(room_id, reminders=[60, 10])
    submit, dying = post.node.writer.submit, True

    async def dies(intention: Any) -> Any:
        if dying and isinstance(intention, Finish):
            raise Unavailable
        return await submit(intention)

    monkeypatch.setattr(post.node.writer, "submit", dies)
    await post.until(MONDAY - timedelta(minutes=60))
    assert len(await given(post.node, room_id)) == 1
    dying = False
    await post.until(MONDAY + timedelta(minutes=20))
    assert [minutes for _, minutes in await given(post.node, room_id)] == [60, 10]
    told = [str(one.message["Message-ID"]) for one in mailed(post)]
    assert len(set(told)) == 2, "a mail that came twice is the same mail"


async def test_the_job_run_twice_gives_none_twice(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, reminders=[10])
    await post.until(MONDAY - timedelta(minutes=10))
    await post.change(meeting_id, reminders=[10, 5])
    await post.work()
    await post.change(meeting_id, reminders=[10])
    await post.until(MONDAY + timedelta(minutes=20))
    assert len(await given(post.node, room_id)) == 1
    assert len(mailed(post)) == 1


async def test_who_has_left_meanwhile_gets_no_mail(post: Post) -> None:
    room_id = await post.room(ADA, BO)
    await post.planned(room_id, reminders=[10])
    await post.node.rooms.remove_member(INES, room_id, BO.user_id)
    await post.until(MONDAY)
    assert (len(mailed(post)), len(mailed(post, BEN_AT))) == (1, 0)


async def test_who_came_later_gets_one(post: Post) -> None:
    room_id = await post.room(ADA)
    await post.planned(room_id, reminders=[10])
    await post.node.admit(BO)
    await post.node.rooms.add_member(INES, room_id, NewMember(user_id=BO.user_id))
    await post.until(MONDAY)
    assert len(mailed(post, BEN_AT)) == 1


async def test_a_guest_comes_in_by_the_reminder(post: Post) -> None:
    room_id = await post.room()
    await post.planned(room_id, reminders=[10], guests=["guest@g.test"])
    await post.until(MONDAY)
    (letter,) = mailed(post, "guest@g.test")
    assert post.letters("guest@g.test")[0].events[0]["LOCATION"] in letter.text


async def test_a_reminder_that_the_mail_server_holds_up_is_dropped_when_the_class_is_over(post: Post) -> None:
    room_id = await post.room(ADA)
    await post.planned(room_id, reminders=[10])
    await post.until(MONDAY - timedelta(minutes=11))
    post.server.refused = dict.fromkeys(["Ana@A.test", "ines@school.test"], "451 busy")
    await post.until(MONDAY + timedelta(minutes=50))
    post.server.refused = {}
    await post.until(MONDAY + timedelta(hours=5))
    assert mailed(post) == []
    assert len(await given(post.node, room_id)) == 1
