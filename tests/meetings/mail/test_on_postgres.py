"""The same on the other database: who is told of a change, of a cancellation, of coming and going."""

import pytest

from contract.meetings import Scope
from contract.rooms import NewMember
from tests.conformance.store_places import PostgresPlace
from tests.meetings.mail.postbox import ADA, BO, INES, Post, held


@pytest.fixture
def store_place(postgres_place: PostgresPlace) -> PostgresPlace:
    return postgres_place


async def test_calendars_follow_the_schedule(post: Post) -> None:
    room_id = await post.room(ADA)
    meeting_id = await post.planned(room_id, count=4, guests=["guest@g.test"])
    keys = [one.key for one in (await post.get(meeting_id)).occurrences]
    await post.cancel(meeting_id, Scope.THIS, keys[0])
    await post.work()
    await post.node.admit(BO)
    await post.node.rooms.add_member(INES, room_id, NewMember(user_id=BO.user_id))
    await post.pass_time(seconds=6)
    detail = await post.change(meeting_id, Scope.FOLLOWING, keys[2], title="Geometry")
    await post.work()
    for address in ("ana@a.test", "ben@b.test", "ines@school.test", "guest@g.test"):
        assert post.calendar(address) == held(detail)
    await post.node.rooms.remove_member(INES, room_id, BO.user_id)
    await post.pass_time(seconds=6)
    assert post.calendar("ben@b.test") == []


async def test_reminders_come_once(post: Post) -> None:
    room_id = await post.room(ADA)
    await post.planned(room_id, count=2, reminders=[60, 10])
    await post.pass_time(days=15)
    reminders = [one for one in post.letters("ana@a.test") if one.method is None]
    assert len(reminders) == len({str(one.message["Message-ID"]) for one in reminders}) == 4
    events = await post.node.events(room_id)
    assert sum(event.type == "meeting.reminder" for event in events) == 4
