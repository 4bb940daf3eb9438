"""Changing one class, it and all that follow, or all to come; cancelling; and who is told."""

import asyncio

from tests.integration.people import School
from tests.integration_meetings.planner import keys, monday, planner, shifted, statuses

WEEKLY = "FREQ=WEEKLY;COUNT=4"
WEEKS = [monday(number) for number in (1, 2, 3, 4)]


async def test_one_class_is_moved_and_keeps_its_key(either_school: School) -> None:
    teacher = await planner(either_school)
    student = await either_school.person()
    room_id = await either_school.room(teacher.person, student)
    made = await teacher.plans(room_id=room_id, rule=WEEKLY)
    path = f"/{made['meeting']['id']}"
    params = {"scope": "this", "occurrence": WEEKS[1]}
    changes = {"starts": shifted(WEEKS[1], days=1), "minutes": 90, "reason": "Holiday"}
    detail = await teacher.ok("PATCH", path, params=params, json=changes)
    assert keys(detail) == WEEKS
    moved = detail["occurrences"][1]
    assert (moved["starts"], moved["changed"]) == (shifted(WEEKS[1], days=1), True)
    assert [one["changed"] for one in detail["occurrences"]] == [False, True, False, False]
    assert detail["meeting"]["sequence"] == 1
    told = await student.hears("meeting.updated")
    assert told["data"] == {"meeting": detail["meeting"], "scope": "this", "key": WEEKS[1]}
    history = (await teacher.ok("GET", f"{path}/history"))["items"]
    assert [line["what"] for line in history] == ["moved", "created"]
    assert (history[0]["reason"], history[0]["key"]) == ("Holiday", WEEKS[1])
    assert history[0]["actor"]["id"] == teacher.person.user
    assert "now 90 minutes long" in history[0]["words"]


async def test_a_series_is_split_and_stays_one_meeting(either_school: School) -> None:
    teacher = await planner(either_school)
    made = await teacher.plans(rule=WEEKLY)
    path = f"/{made['meeting']['id']}"
    params = {"scope": "following", "occurrence": WEEKS[2]}
    later = {"starts": shifted(WEEKS[2], minutes=60), "title": "Geometry"}
    detail = await teacher.ok("PATCH", path, params=params, json=later)
    assert keys(detail) == [*WEEKS[:2], shifted(WEEKS[2], minutes=60), shifted(WEEKS[3], minutes=60)]
    assert [one["title"] for one in detail["occurrences"]] == ["Algebra", "Algebra", "Geometry", "Geometry"]
    assert detail["meeting"]["link"] == made["meeting"]["link"]
    assert detail["meeting"]["schedule"]["rule"] == "FREQ=WEEKLY;COUNT=2"


async def test_all_to_come_are_moved(school: School) -> None:
    teacher = await planner(school)
    made = await teacher.plans(rule=WEEKLY)
    path = f"/{made['meeting']['id']}"
    changes = {"starts": shifted(WEEKS[0], minutes=30), "zone": "America/Santiago"}
    detail = await teacher.ok("PATCH", path, json=changes)
    assert keys(detail) == [shifted(week, minutes=30) for week in WEEKS]
    assert {one["zone"] for one in detail["occurrences"]} == {"America/Santiago"}
    unchanged = await teacher.ok("PATCH", path, json={"title": "Algebra", "rule": WEEKLY})
    assert unchanged["meeting"]["sequence"] == 1


async def test_cancelling_one_following_and_all(either_school: School) -> None:
    teacher = await planner(either_school)
    student = await either_school.person()
    room_id = await either_school.room(teacher.person, student)
    made = await teacher.plans(room_id=room_id, rule=WEEKLY)
    path = f"/{made['meeting']['id']}"
    one = await teacher.ok("DELETE", path, params={"scope": "this", "occurrence": WEEKS[0], "reason": "Ill"})
    assert statuses(one) == ["cancelled", "scheduled", "scheduled", "scheduled"]
    told = await student.hears("meeting.cancelled")
    assert (told["data"]["scope"], told["data"]["key"], told["data"]["reason"]) == ("this", WEEKS[0], "Ill")
    again = await teacher.ok("DELETE", path, params={"scope": "this", "occurrence": WEEKS[0]})
    assert again["meeting"]["sequence"] == 1
    rest = await teacher.ok("DELETE", path, params={"scope": "following", "occurrence": WEEKS[2]})
    assert statuses(rest) == ["cancelled", "scheduled", "cancelled", "cancelled"]
    gone = await teacher.ok("DELETE", path)
    assert set(statuses(gone)) == {"cancelled"}
    assert (gone["meeting"]["status"], gone["may_change"]) == ("cancelled", False)
    assert (await teacher.no(409, "PATCH", path, json={"title": "Again"}))["code"] == "conflict"
    assert (await teacher.ok("DELETE", path))["meeting"]["sequence"] == gone["meeting"]["sequence"]


async def test_concurrent_changes_follow_each_other(either_school: School) -> None:
    teacher = await planner(either_school)
    made = await teacher.plans(rule=WEEKLY)
    path = f"/{made['meeting']['id']}"
    await asyncio.gather(
        *(
            teacher.ok(
                "PATCH",
                path,
                params={"scope": "this", "occurrence": week},
                json={"starts": shifted(week, days=1), "accept_clashes": True},
            )
            for week in WEEKS
        )
    )
    detail = await teacher.sees(made["meeting"]["id"])
    assert detail["meeting"]["sequence"] == 4
    assert [one["starts"] for one in detail["occurrences"]] == [shifted(week, days=1) for week in WEEKS]
    assert keys(detail) == WEEKS


async def test_only_staff_changes_a_meeting(school: School) -> None:
    teacher, student = await planner(school), await planner(school, role="student")
    room_id = await school.room(teacher.person, student.person)
    made = await teacher.plans(room_id=room_id)
    path = f"/{made['meeting']['id']}"
    assert (await student.no(403, "PATCH", path, json={"title": "Mine"}))["code"] == "forbidden"
    await student.no(403, "DELETE", path)
    await student.no(403, "GET", f"{path}/history")
    await student.may_not_plan(403)
    await student.may_not_plan(403, room_id=room_id)
    seen = await student.sees(made["meeting"]["id"])
    assert (seen["may_change"], seen["guests"], seen["reminders"]) == (False, [], [])
    stranger = await planner(school)
    assert (await stranger.no(404, "GET", path))["code"] == "not_found"
    await stranger.no(404, "PATCH", path, json={"title": "Mine"})
    await stranger.may_not_plan(404, room_id=room_id)
