"""Ending a class, the services that hold one, and what only staff may see."""

from tests.integration.people import Rest, School
from tests.integration_meetings.planner import planner


async def test_without_a_class_there_is_nothing_to_end(school: School) -> None:
    teacher, student = await planner(school), await planner(school, role="student")
    room_id = await school.room(teacher.person, student.person)
    detail = await teacher.plans(room_id=room_id)
    path = f"/{detail['meeting']['id']}/end"
    assert (await teacher.no(409, "POST", path))["code"] == "conflict"
    await student.no(403, "POST", path)


async def test_the_services_are_listed_for_whoever_is_signed_in(school: School) -> None:
    teacher = await planner(school)
    status, body, _ = await Rest(teacher.person.server, teacher.person.token).call("GET", "/api/v1/providers")
    assert status == 200
    first = body["items"][0]
    assert (first["name"], first["healthy"]) == ("builtin", True)
    status, _, _ = await Rest(teacher.person.server, None).call("GET", "/api/v1/providers")
    assert status == 401


async def test_pages_of_the_history_follow_each_other(school: School) -> None:
    teacher = await planner(school)
    path = f"/{(await teacher.plans())['meeting']['id']}"
    for number in range(4):
        await teacher.ok("PATCH", path, json={"title": f"Algebra {number}"})
    first = await teacher.ok("GET", f"{path}/history", params={"limit": "3"})
    rest = await teacher.ok("GET", f"{path}/history", params={"limit": "3", "before": first["next"]})
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert [line["what"] for line in (*first["items"], *rest["items"])] == [*["changed"] * 4, "created"]
    assert first["items"][0]["words"] == "Changed title."
