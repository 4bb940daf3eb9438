"""Attendance over HTTP: everybody's for staff, one's own for others, to the second."""

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta

from tests.integration_calls.callers import School

NEAR = timedelta(seconds=1)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_attendance_is_what_happened(school: School) -> None:
    script: dict[str, list[datetime]] = {"noor": [], "ada": [], "ben": []}
    noor = await school.lecturer()
    ada, ben = await school.caller("ada", node=1), await school.caller("ben")

    async def note(name: str, what: object) -> None:
        before = datetime.now(UTC)
        await what  # type: ignore[misc]  # an awaitable
        script[name].append(before + (datetime.now(UTC) - before) / 2)

    await note("noor", noor.join())
    await note("ada", ada.join())
    await asyncio.sleep(1.2)
    await note("ben", ben.join())
    await note("ada", ada.do("call:leave"))
    await asyncio.sleep(0.7)
    await note("ada", ada.join())
    await asyncio.sleep(0.5)
    await note("ben", noor.lead("remove", ben))
    await note("noor", noor.do("call:end"))
    script["ada"].append(script["noor"][-1])

    status, attendance = await noor.rest(f"/calls/{noor.call_id}/attendance")
    assert status == 200
    assert [one["user"]["id"] for one in attendance["attendees"]] == ["noor", "ada", "ben"]
    for one in attendance["attendees"]:
        told = [instant(stay[key]) for stay in one["intervals"] for key in ("joined_at", "left_at")]
        expected = script[one["user"]["id"]]
        assert len(told) == len(expected)
        assert all(abs(a - b) < NEAR for a, b in zip(told, expected, strict=True))
        stayed = sum(
            (instant(stay["left_at"]) - instant(stay["joined_at"])).total_seconds()
            for stay in one["intervals"]
        )
        assert one["seconds"] == round(stayed)
    reasons = {one["user"]["id"]: [s["reason"] for s in one["intervals"]] for one in attendance["attendees"]}
    assert reasons == {"noor": ["ended"], "ada": ["left", "ended"], "ben": ["removed"]}
    assert attendance["ended_at"] == attendance["attendees"][0]["intervals"][0]["left_at"]


async def test_everybody_sees_their_own_and_only_staff_sees_all(school: School) -> None:
    noor, ada, _ = await school.call("ada", "ben")
    path = f"/calls/{noor.call_id}/attendance"

    async def names(caller: object) -> list[str]:
        status, body = await caller.rest(path)  # type: ignore[attr-defined]  # a caller
        assert status == 200
        return [one["user"]["id"] for one in body["attendees"]]

    assert await names(noor) == ["noor", "ada", "ben"]
    assert await names(ada) == ["ada"]
    absent = await school.caller("cleo")
    assert await names(absent) == []
    omar = await school.caller("omar", node=1, room_role="moderator")
    assert await names(omar) == ["noor", "ada", "ben"]
    assert (await noor.rest("/calls/call_unknown/attendance"))[0] == 404
    status, text = await ada.rest(f"{path}.csv")
    assert status == 200
    assert "ben" not in text


async def test_the_file_is_for_a_spreadsheet(small_school: School) -> None:
    noor = await small_school.lecturer()
    await noor.join()
    evil = '=HYPERLINK("https://evil.example","Click, me")'
    ada = await small_school.caller("ada", token=small_school.token("ada", name=evil))
    await ada.join()
    await noor.do("call:end")
    status, text = await noor.rest(f"/calls/{noor.call_id}/attendance.csv")
    assert status == 200
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    assert head[:6] == ["user_id", "name", "role", "joined_at", "left_at", "reason"]
    assert [line[:3] for line in lines] == [["noor", "Noor", "instructor"], ["ada", f"'{evil}", "student"]]


async def test_calls_are_listed_the_newest_first_in_pages(school: School) -> None:
    noor = await school.lecturer()
    made = []
    for _ in range(5):
        await noor.join()
        made.append(noor.call_id)
        await noor.do("call:end")
    _, page = await noor.rest(f"/rooms/{noor.room_id}/calls?limit=3")
    assert [one["call"]["id"] for one in page["items"]] == made[:1:-1]
    assert (page["has_more"], page["next"]) == (True, made[2])
    assert all(one["people"] == 1 and one["ended_at"] for one in page["items"])
    _, rest = await noor.rest(f"/rooms/{noor.room_id}/calls?limit=3&before={page['next']}")
    assert ([one["call"]["id"] for one in rest["items"]], rest["has_more"]) == (made[1::-1], False)


async def test_a_call_ends_when_the_last_one_was_there(school: School) -> None:
    """Not when the one whose connection was lost before dropped."""
    noor, ada = await school.call("ada")
    await ada.drop()
    await noor.until(lambda: noor.sees(ada)["connected"] is False)
    await asyncio.sleep(0.3)
    await noor.do("call:leave")
    ended = await noor.hears("call.ended")
    _, attendance = await noor.rest(f"/calls/{noor.call_id}/attendance")
    left = {one["user"]["id"]: one["intervals"][0]["left_at"] for one in attendance["attendees"]}
    assert left["ada"] < left["noor"]
    assert ended["ended_at"] == attendance["ended_at"] == left["noor"]
