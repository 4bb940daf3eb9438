"""Scheduling a meeting, seeing it and finding it."""

import asyncio

from tests.integration.people import School
from tests.integration_meetings.planner import keys, monday, planner, shifted


async def test_a_meeting_without_a_room_gets_one_of_its_own(either_school: School) -> None:
    teacher = await planner(either_school)
    student = await either_school.person()
    detail = await teacher.plans(people=[{"user_id": student.user}], title="Algebra")
    meeting = detail["meeting"]
    assert meeting["link"] == f"https://homeroom.test/m/{meeting['id']}"
    assert meeting["provided"] == {"provider": "builtin", "state": "ready"}
    assert (meeting["status"], meeting["sequence"]) == ("scheduled", 0)
    assert meeting["host"]["id"] == teacher.person.user
    assert meeting["next"]["key"] == monday()
    assert detail["may_change"]
    await student.hears(
        "room.added", lambda event: event["data"]["summary"]["room"]["id"] == meeting["room_id"]
    )
    joined = await student.joins(meeting["room_id"])
    assert joined["room"]["kind"] == "meeting"


async def test_the_room_is_told_of_a_meeting(school: School) -> None:
    teacher = await planner(school)
    student = await school.person()
    room_id = await school.room(teacher.person, student)
    detail = await teacher.plans(room_id=room_id, rule="FREQ=WEEKLY;COUNT=3")
    told = await student.hears("meeting.scheduled")
    assert told["data"]["meeting"] == detail["meeting"]
    assert told["actor"]["id"] == teacher.person.user
    assert keys(detail) == [monday(1), monday(2), monday(3)]


async def test_a_repeated_key_is_the_same_meeting(either_school: School) -> None:
    teacher = await planner(either_school)
    answers = await asyncio.gather(*(teacher.plans(key="once") for _ in range(5)))
    assert len({answer["meeting"]["id"] for answer in answers}) == 1
    assert len(await teacher.lists(until=f"{monday(3)}:00Z")) == 1
    other = await planner(either_school)
    assert (await other.plans(key="once"))["meeting"]["id"] != answers[0]["meeting"]["id"]


async def test_meetings_are_found_in_a_span(either_school: School) -> None:
    teacher = await planner(either_school)
    room_id = await either_school.room(teacher.person)
    series = await teacher.plans(room_id=room_id, rule="FREQ=WEEKLY;COUNT=4")
    single = await teacher.plans(room_id=room_id, starts=shifted(monday(2), minutes=120))
    items = await teacher.lists(since=f"{monday(2)[:10]}T00:00:00Z", until=f"{monday(3)[:10]}T00:00:00Z")
    assert [item["meeting"]["id"] for item in items] == [series["meeting"]["id"], single["meeting"]["id"]]
    assert [[one["key"] for one in item["occurrences"]] for item in items] == [
        [monday(2)],
        [shifted(monday(2), minutes=120)],
    ]
    assert items[0]["meeting"] == series["meeting"]
    stranger = await planner(either_school)
    assert await stranger.lists() == []
    assert await stranger.no(404, "GET", params={"room_id": room_id})


async def test_pages_of_meetings_follow_each_other(school: School) -> None:
    teacher = await planner(school)
    made = [
        (await teacher.plans(starts=shifted(monday(), minutes=100 * number)))["meeting"]["id"]
        for number in range(5)
    ]
    found: list[str] = []
    after = None
    while True:
        params = {"limit": "2", **({"after": after} if after is not None else {})}
        page = await teacher.ok("GET", params=params)
        found += [item["meeting"]["id"] for item in page["items"]]
        after = page.get("next")
        if not page["has_more"]:
            break
    assert found == made
