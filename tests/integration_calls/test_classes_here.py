"""Classes that are held as calls of our own: the calls' seats are the class, whoever dies in between."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from tests.integration_calls.callers import Caller, School

Start = Callable[..., Awaitable[Any]]


async def asked(caller: Caller, method: str, path: str, **options: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {caller.token}"}
    url = f"{caller.server.url}/api/v1{path}"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, url, **options) as answer,
    ):
        return answer.status, json.loads(await answer.text() or "null")


async def scheduled(noor: Caller, *, minutes_ago: int = 5, **wish: Any) -> str:
    """A class that goes on now; its meeting."""
    starts = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    body = {
        "title": "Algebra",
        "room_id": noor.room_id,
        "starts": starts.strftime("%Y-%m-%dT%H:%M"),
        "zone": "UTC",
        "minutes": 60,
        "accept_clashes": True,
        **wish,
    }
    status, made = await asked(noor, "POST", "/meetings", json=body)
    assert status == 201, made
    return str(made["meeting"]["id"])


async def held(caller: Caller, meeting_id: str) -> Any:
    status, body = await asked(caller, "GET", f"/meetings/{meeting_id}/attendance")
    assert status == 200
    return body["items"]


async def test_a_call_is_the_class_and_its_seats_are_who_came(school: School) -> None:
    noor, ada = await school.lecturer(), await school.caller("ada", node=1)
    meeting_id = await scheduled(noor)
    await noor.join()
    began = await ada.hears("meeting.started")
    assert (began["meeting_id"], began["occurrence"]["status"]) == (meeting_id, "live")
    await ada.join()
    await noor.hears("meeting.joined", 2)
    await ada.do("call:leave")
    left = await noor.hears("meeting.left")
    assert left["user"]["id"] == "ada"
    await ada.join()
    await noor.hears("meeting.joined", 3)
    await noor.do("call:end")
    over = await ada.hears("meeting.ended")
    assert (over["people"], over["occurrence"]["status"]) == (2, "ended")
    (one,) = await held(noor, meeting_id)
    assert [(each["user"]["id"], len(each["stays"])) for each in one["people"]] == [("noor", 1), ("ada", 2)]
    assert one["people"][0]["percent"] == 100
    assert [each["user"]["id"] for each in (await held(ada, meeting_id))[0]["people"]] == ["ada"]


async def test_a_class_that_breaks_off_goes_on_in_the_next_call(small_school: School) -> None:
    noor = await small_school.lecturer()
    meeting_id = await scheduled(noor)
    await noor.join()
    await noor.hears("meeting.joined")
    await noor.do("call:end")
    await noor.hears("meeting.ended")
    await noor.join()
    await noor.hears("meeting.started", 2)
    status, detail = await asked(noor, "GET", f"/meetings/{meeting_id}")
    assert (status, detail["meeting"]["status"]) == (200, "live")
    await noor.do("call:end")
    await noor.hears("meeting.ended", 2)
    assert len((await held(noor, meeting_id))[0]["people"][0]["stays"]) == 2


async def test_a_call_without_a_class_near_is_only_a_call(small_school: School) -> None:
    noor = await small_school.lecturer()
    tomorrow = await scheduled(noor, minutes_ago=-24 * 60)
    await noor.join()
    await noor.do("call:end")
    now = await scheduled(noor)
    await noor.join()
    assert (await noor.hears("meeting.started"))["meeting_id"] == now
    await noor.do("call:end")
    await noor.hears("meeting.ended")
    assert await held(noor, tomorrow) == []
    assert len(noor.heard("meeting.started")) == 1


async def test_a_class_may_be_scheduled_while_its_call_goes_on(small_school: School) -> None:
    noor = await small_school.lecturer()
    await noor.join()
    meeting_id = await scheduled(noor, minutes_ago=0)
    assert (await noor.hears("meeting.started"))["meeting_id"] == meeting_id
    (one,) = await held(noor, meeting_id)
    assert one["people"][0]["stays"][0].get("left_at") is None
    await noor.do("call:end")


async def test_a_class_with_a_lobby_lets_staff_open_the_door(small_school: School) -> None:
    noor, ada = await small_school.lecturer(), await small_school.caller("ada")
    await scheduled(noor, policy={"lobby": True})
    await noor.join()
    await noor.until(
        lambda: noor.state is not None and noor.state["call"]["policy"]["lobby"], "for the lobby"
    )
    assert (await ada.join())["seat"] == "lobby"
    await noor.hears("meeting.joined")
    await noor.lead("admit", ada)
    assert (await noor.hears("meeting.joined", 2))["user"]["id"] == "ada"
    await noor.do("call:end")


async def test_ending_the_class_ends_its_call(small_school: School) -> None:
    noor, ada = await small_school.lecturer(), await small_school.caller("ada")
    meeting_id = await scheduled(noor)
    await noor.join()
    await ada.join()
    await noor.hears("meeting.joined", 2)
    assert (await asked(ada, "POST", f"/meetings/{meeting_id}/end"))[0] == 403
    status, _ = await asked(noor, "POST", f"/meetings/{meeting_id}/end")
    assert status == 200
    await ada.until(lambda: ada.removed == "ended", "for the call to end")
    await noor.hears("meeting.ended")
    assert len(noor.heard("meeting.ended")) == 1


async def test_what_a_node_could_not_tell_before_it_was_killed_is_told_when_it_is_back(
    start_homeroom: Start,
) -> None:
    node = await start_homeroom(
        environment={
            "HOMEROOM_LIMITS": "off",
            "HOMEROOM_CALL_GRACE_SECONDS": "0.1",
            "HOMEROOM_NODE_ID": "alone",
        }
    )
    school = School([node], "algebra")
    noor = await school.lecturer()
    meeting_id = await scheduled(noor)
    await noor.join()
    await noor.hears("meeting.joined")
    ada = await school.caller("ada")
    await ada.join()
    await node.kill()
    await school.close()
    await node.start()
    again = School([node], "algebra")
    noor = await again.lecturer()

    async def ended() -> bool:
        _, detail = await asked(noor, "GET", f"/meetings/{meeting_id}")
        return bool(detail["meeting"]["status"] != "live")

    while not await ended():
        await noor.hears("meeting.ended")
    (one,) = await held(noor, meeting_id)
    assert [each["user"]["id"] for each in one["people"]] == ["noor", "ada"]
    assert all(stay.get("left_at") for each in one["people"] for stay in each["stays"])
    await again.close()
