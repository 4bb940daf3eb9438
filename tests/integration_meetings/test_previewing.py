"""What a schedule would come to, before it is saved; and what stands in its way."""

import asyncio
from collections.abc import Sequence

from tests.integration.people import Json, School
from tests.integration_meetings.planner import Planner, monday, planner, shifted, wished


async def preview(teacher: Planner, **wish: object) -> Json:
    wanted = wished(**wish)
    wanted.pop("title", None)
    return await teacher.ok("POST", "/preview", json=wanted)


async def test_a_rule_is_shown_as_it_would_be(school: School) -> None:
    teacher = await planner(school)
    seen = await preview(teacher, rule="FREQ=WEEKLY;COUNT=30", shown=3)
    assert [one["key"] for one in seen["occurrences"]] == [monday(1), monday(2), monday(3)]
    assert (seen["total"], seen["clashes"], seen["notes"]) == (30, [], [])
    assert seen["words"] == "Every Monday at 09:00 (Europe/Paris), 30 times"
    assert await teacher.lists() == []


async def test_what_the_clocks_do_and_what_is_over_is_noted(school: School) -> None:
    teacher = await planner(school)
    seen = await preview(teacher, starts="2027-03-28T02:30")
    (only,) = seen["occurrences"]
    assert (only["key"], only["starts"], only["adjustment"]) == (
        "2027-03-28T02:30",
        "2027-03-28T03:30",
        "skipped",
    )
    assert "skip 02:30" in seen["notes"][0]
    over = await preview(teacher, starts="2020-01-06T09:00")
    assert over["notes"] == ["All of it is over already."]


async def test_what_a_provider_cannot_do_is_noted(school: School) -> None:
    teacher = await planner(school)
    seen = await preview(teacher, policy={"passcode": True})
    assert any("passcode" in note for note in seen["notes"])


async def test_a_host_is_in_one_place_at_a_time(either_school: School) -> None:
    teacher = await planner(either_school)
    taken = (await teacher.plans(title="Geometry"))["meeting"]
    seen = await preview(teacher, starts=shifted(monday(), minutes=30))
    (clash,) = seen["clashes"]
    assert (clash["kind"], clash["meeting_id"], clash["title"]) == ("host", taken["id"], "Geometry")
    assert clash["key"] == shifted(monday(), minutes=30)
    refusal = await teacher.may_not_plan(409, starts=shifted(monday(), minutes=30))
    assert (refusal["code"], list(refusal["errors"])) == ("conflict", ["accept_clashes"])
    assert "Geometry" not in str(refusal)
    await teacher.plans(starts=shifted(monday(), minutes=60))
    await teacher.plans(starts=shifted(monday(), minutes=30), accept_clashes=True)


async def test_a_room_holds_one_meeting_at_a_time(school: School) -> None:
    teacher, colleague = await planner(school), await planner(school)
    room_id = await school.room(teacher.person)
    moderator = {"room_id": room_id, "user_id": colleague.person.user, "role": "moderator"}
    await teacher.person.do("member:add", moderator)
    await teacher.plans(room_id=room_id, title="Geometry")
    seen = await preview(colleague, room_id=room_id)
    assert [(clash["kind"], clash["title"]) for clash in seen["clashes"]] == [("room", "Geometry")]
    await colleague.may_not_plan(409, room_id=room_id)


async def test_who_may_not_see_a_room_is_not_told_what_is_in_the_way(school: School) -> None:
    teacher, colleague = await planner(school), await planner(school)
    room_id = await school.room(teacher.person)
    moderator = {"room_id": room_id, "user_id": colleague.person.user, "role": "moderator"}
    await teacher.person.do("member:add", moderator)
    course = await teacher.plans(room_id=room_id, starts=monday(2))
    await teacher.plans(title="Secret talks")
    asked = {"meeting_id": course["meeting"]["id"], "room_id": room_id}
    (clash,) = (await preview(colleague, **asked))["clashes"]
    assert clash["kind"] == "host"
    assert {"meeting_id", "title"}.isdisjoint(clash)
    path = f"/{course['meeting']['id']}"
    refusal = await colleague.no(409, "PATCH", path, json={"starts": monday()})
    assert "Secret" not in str(refusal)
    (told,) = (await preview(teacher, **asked))["clashes"]
    assert told["title"] == "Secret talks"


async def test_a_meeting_is_not_in_its_own_way(school: School) -> None:
    teacher = await planner(school)
    detail = await teacher.plans(rule="FREQ=WEEKLY;COUNT=3")
    seen = await preview(teacher, meeting_id=detail["meeting"]["id"])
    assert seen["clashes"] == []
    await teacher.ok("PATCH", f"/{detail['meeting']['id']}", json={"starts": shifted(monday(), minutes=15)})
    cancelled = await teacher.plans(starts=monday(5))
    await teacher.ok("DELETE", f"/{cancelled['meeting']['id']}")
    await teacher.plans(starts=monday(5))


async def test_of_two_that_want_the_same_hour_one_gets_it(either_school: School) -> None:
    teacher = await planner(either_school)
    answers = await asyncio.gather(*(teacher.call("POST", json=wished()) for _ in range(6)))
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409, 409, 409]


IMPOSSIBLE: Sequence[tuple[Json, str]] = [
    ({"rule": "FREQ=SECONDLY;COUNT=5"}, "rule"),
    ({"rule": "FREQ=DAILY;COUNT=1000000000"}, "rule"),
    ({"rule": "FREQ=DAILY;INTERVAL=0;COUNT=3"}, "rule"),
    ({"rule": "FREQ=DAILY;INTERVAL=2"}, "rule"),
    ({"rule": "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2;COUNT=10"}, "rule"),
    ({"rule": "FREQ=DAILY;UNTIL=20200101"}, "rule"),
    ({"rule": "FREQ=DAILY;UNTIL=21991231T235959Z"}, "rule"),
    ({"rule": "x" * 501}, "rule"),
    ({"zone": "../../etc/passwd"}, "zone"),
    ({"zone": "localtime"}, "zone"),
    ({"zone": "posixrules"}, "zone"),
    ({"zone": "europe/paris"}, "zone"),
    ({"zone": "Europe/Paris\x00"}, "zone"),
    ({"starts": "2020-01-06T09:00"}, "starts"),
    ({"starts": "2030-01-07T09:00:30"}, "starts"),
    ({"starts": "2030-01-07T09:00Z"}, "starts"),
    ({"starts": "2030-02-30T09:00"}, "starts"),
    ({"starts": "9999-12-31T23:59"}, "starts"),
    ({"minutes": 0}, "minutes"),
    ({"minutes": 1441}, "minutes"),
    ({"minutes": "60"}, "minutes"),
    ({"except_dates": ["2030-01-07T09:00"] * 401}, "except_dates"),
    ({"except_dates": ["tomorrow"]}, "except_dates.0"),
    ({"except_dates": [monday()]}, "except_dates"),
    ({"provider": "carrier-pigeon"}, "provider"),
    ({"title": " "}, "title"),
    ({"guests": ["not an address"]}, "guests.0"),
    ({"reminders": [-1]}, "reminders.0"),
    ({"unknown": 1}, "unknown"),
]


async def test_what_cannot_be_is_refused_by_name(school: School) -> None:
    teacher = await planner(school)
    for wish, field in IMPOSSIBLE:
        refusal = await teacher.may_not_plan(400, **wish)
        assert list(refusal["errors"]) == [field], wish
    assert await teacher.lists(until=f"{monday(20)}:00Z") == []


NO_SPANS: Sequence[tuple[dict[str, str], str]] = [
    ({"since": "2030-01-01T00:00:00"}, "since"),
    ({"since": "2030-01-01"}, "since"),
    ({"since": "2030-01-02T00:00:00Z", "until": "2030-01-01T00:00:00Z"}, "until"),
    ({"since": "2030-01-01T00:00:00Z", "until": "2032-01-01T00:00:00Z"}, "until"),
    ({"since": "9999-12-31T23:00:00Z"}, "since"),
    ({"since": "yesterday"}, "since"),
    ({"since": "0.5"}, "since"),
    ({"until": "1900000000"}, "until"),
    ({"limit": "0"}, "limit"),
    ({"limit": "201"}, "limit"),
    ({"from": "2030-01-01T00:00:00Z"}, "from"),
]


async def test_a_span_that_cannot_be_is_refused(school: School) -> None:
    teacher = await planner(school)
    for params, field in NO_SPANS:
        assert list((await teacher.no(400, "GET", params=params))["errors"]) == [field], params


async def test_spans_at_the_ends_of_time_are_no_mistake_of_ours(school: School) -> None:
    teacher = await planner(school)
    for since in ("0001-01-01T00:00:00%2B14:00", "0001-01-01T00:00:00Z", "9999-11-01T00:00:00Z"):
        status, body = await teacher.call("GET", f"?since={since}")
        assert status in {200, 400}, (since, status, body)
