"""People, not sockets: drops, resumes, reloads, second devices."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import StartHomeroom
from tests.integration_calls.callers import Caller, Refused, School
from tests.integration_calls.conftest import GRACE_SECONDS


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def intervals(lecturer: Caller, name: str) -> list[dict[str, str]]:
    _, attendance = await lecturer.rest(f"/calls/{lecturer.call_id}/attendance")
    found = {one["user"]["id"]: one["intervals"] for one in attendance["attendees"]}
    return list(found[name])


async def test_a_dropped_connection_keeps_its_seat_and_resumes_without_a_second_joining(
    school: School,
) -> None:
    noor, ada = await school.call("ada")
    await ada.publish("camera")
    await ada.do("hand:raise")
    before = ada.seat
    await ada.drop()
    await noor.until(lambda: noor.sees(ada).get("connected") is False)
    assert noor.names == ["ada", "noor"]
    after = await ada.come_back()
    assert (after["peer_id"], after["session"], after["secret"]) == (
        before["peer_id"],
        before["session"],
        before["secret"],
    )
    await noor.until(lambda: noor.sees(ada)["connected"] is True)
    assert [track["source"] for track in ada.sees(ada)["tracks"]] == ["camera"]
    assert ada.state is not None
    assert ada.state["hands"] == [ada.peer_id]
    (only,) = await intervals(noor, "ada")
    assert "left_at" not in only
    assert [gone for told in noor.heard("call.updated") for gone in told["gone"]] == []


async def test_a_resume_on_the_other_node_keeps_the_seat(large_school: School) -> None:
    noor, ada = await large_school.call("ada")
    session = ada.seat["session"]
    await ada.drop()
    await ada.come_back(server=large_school.nodes[0])
    assert ada.seat["session"] == session
    await noor.until(lambda: noor.sees(ada)["connected"] is True)
    assert await noor.try_to("signal", **noor.signal_to(ada)) == "ok"
    await ada.hears("call.signal")
    assert len(await intervals(noor, "ada")) == 1


async def test_a_resume_overtakes_the_end_of_the_old_connection(school: School) -> None:
    """The server still believes in the old connection when the new one resumes."""
    noor, ada = await school.call("ada")
    second = await school.caller("ada", node=0)
    second.seat = ada.seat
    await second.join(resume={"peer_id": ada.peer_id, "secret": ada.seat["secret"]}, fresh=False)
    assert (await ada.hears("call.removed"))["reason"] == "taken_over"
    assert await ada.try_to("hand:raise") == "not_found"
    await ada.drop()
    await second.do("hand:raise")
    await noor.until(lambda: noor.state["hands"] == [second.peer_id])  # type: ignore[index]  # there
    assert noor.sees(second)["connected"] is True
    assert len(await intervals(noor, "ada")) == 1


async def test_the_grace_ends_with_the_connection_lost_at_the_time_of_the_drop(school: School) -> None:
    noor, ada = await school.call("ada")
    dropped = datetime.now(UTC)
    await ada.drop()
    await noor.sees_in("noor")
    gone = [one for told in noor.heard("call.updated") for one in told["gone"]]
    assert [one["reason"] for one in gone] == ["connection_lost"]
    (only,) = await intervals(noor, "ada")
    assert only["reason"] == "connection_lost"
    assert abs(instant(only["left_at"]) - dropped) < timedelta(seconds=GRACE_SECONDS * 0.9)
    await ada.connect()
    with pytest.raises(Refused, match="not_found"):
        await ada.join(resume={"peer_id": ada.peer_id, "secret": ada.seat["secret"]})
    await ada.join()
    assert len(await intervals(noor, "ada")) == 2


async def test_dropping_again_within_the_first_grace_starts_a_new_one(school: School) -> None:
    noor, ada = await school.call("ada")
    for _ in range(3):
        await ada.drop()
        await noor.until(lambda: noor.sees(ada)["connected"] is False)
        await asyncio.sleep(GRACE_SECONDS * 0.6)
        await ada.come_back()
        await noor.until(lambda: noor.sees(ada)["connected"] is True)
    assert len(await intervals(noor, "ada")) == 1


async def test_a_reload_is_a_new_session_of_the_same_stay(school: School) -> None:
    noor, ada = await school.call("ada")
    await ada.publish("screen")
    session = ada.seat["session"]
    await ada.drop()
    await ada.come_back(fresh=True)
    assert ada.seat["session"] != session
    await noor.until(lambda: noor.sees(ada)["session"] == ada.seat["session"])
    assert noor.sees(ada)["tracks"] == []
    await noor.hears("call.screen_stopped")
    assert len(await intervals(noor, "ada")) == 1


async def test_a_second_device_takes_over(school: School) -> None:
    noor, ada = await school.call("ada")
    phone = await school.caller("ada", node=0)
    await phone.join()
    assert (await ada.hears("call.removed"))["reason"] == "taken_over"
    await noor.until(lambda: set(noor.peers) == {noor.peer_id, phone.peer_id})
    assert await ada.try_to("hand:raise") == "not_found"
    first, second = await intervals(noor, "ada")
    assert first["reason"] == "taken_over"
    assert first["left_at"] == second["joined_at"]
    await ada.drop()
    await phone.do("call:ice")
    assert noor.names == ["ada", "noor"]


async def test_a_dropped_device_that_joins_anew_leaves_no_ghost(school: School) -> None:
    """Nor does the end of the first seat's grace disturb the second, or anybody else's commands."""
    noor, ada = await school.call("ada")
    old = ada.peer_id
    await ada.drop()
    await noor.until(lambda: noor.sees(ada)["connected"] is False)
    await ada.connect()
    await ada.join()
    await noor.until(lambda: old not in noor.peers and ada.peer_id in noor.peers)
    for _ in range(int(GRACE_SECONDS * 10) + 10):
        assert await noor.try_to("hand:raise") == "ok"
        assert await noor.try_to("hand:lower") == "ok"
        await asyncio.sleep(0.1)
    assert noor.names == ["ada", "noor"]


async def test_one_connection_that_joins_twice_has_one_seat(school: School) -> None:
    noor, ada = await school.call("ada")
    first = ada.peer_id
    await ada.join()
    assert ada.peer_id != first
    assert await ada.try_to("track:publish", source="camera", stream_id="s") == "ok"
    await noor.until(lambda: set(noor.peers) == {noor.peer_id, ada.peer_id})


async def test_a_second_device_has_a_seat_of_its_own_where_the_operator_wants_it_so(
    start_homeroom: StartHomeroom,
) -> None:
    node = await start_homeroom(environment={"HOMEROOM_CALL_SECOND_DEVICE": "seat", "HOMEROOM_LIMITS": "off"})
    school = School([node], "algebra")
    try:
        noor, ada = await school.call("ada")
        phone = await school.caller("ada")
        await phone.join()
        await noor.until(lambda: noor.names == ["ada", "ada", "noor"])
        assert ada.removed is None
        assert await phone.try_to("signal", **phone.signal_to(ada)) == "ok"
        await noor.lead("mute", phone, source="microphone")
        assert await ada.try_to("track:publish", source="microphone", stream_id="s") == "forbidden"
        active = await noor.ask("call:get", room_id=noor.room_id)
        assert active["people"] == 2
        await noor.lead("remove", ada)
        await noor.sees_in("noor")
        assert (await phone.hears("call.removed"))["reason"] == "removed"
        _, attendance = await noor.rest(f"/calls/{noor.call_id}/attendance")
        found = next(one for one in attendance["attendees"] if one["user"]["id"] == "ada")
        assert len(found["intervals"]) == 2
        begun = min(instant(one["joined_at"]) for one in found["intervals"])
        ended = max(instant(one["left_at"]) for one in found["intervals"])
        assert found["seconds"] == round((ended - begun).total_seconds())
    finally:
        await school.close()


async def test_who_waits_in_the_lobby_keeps_the_place_over_a_drop(school: School) -> None:
    noor = await school.lecturer()
    await noor.join()
    await noor.lead("policy", policy={"lobby": True})
    ada = await school.caller("ada", node=1)
    await ada.join()
    await noor.until(lambda: noor.waiting == ["ada"])
    await ada.drop()
    await noor.until(lambda: noor.sees(ada)["connected"] is False)
    assert (await ada.come_back())["seat"] == "lobby"
    await noor.lead("admit", ada)
    await ada.hears("call.admitted")
    await ada.sees_in("ada", "noor")
