"""Who is not, or no longer, of the room is not in its call, and learns nothing of it."""

import aiohttp
import pytest

from tests.integration_calls.callers import Caller, Refused, School


async def everything_is_refused(caller: Caller, call_id: str) -> None:
    for command, more in (
        ("call:state", {}),
        ("call:ice", {}),
        ("call:end", {}),
        ("hand:raise", {}),
        ("hand:lower", {}),
        ("reaction:send", {"emoji": "👏"}),
        ("track:publish", {"source": "camera", "stream_id": "s"}),
        ("track:unpublish", {"track_id": "t"}),
        ("track:mute", {"track_id": "t", "muted": False}),
        ("call:moderate", {"action": "mute", "source": "microphone"}),
        ("signal", {"to": "p", "to_session": "s", "seq": 1, "wants_offer": True}),
    ):
        assert await caller.code(command, call_id=call_id, **more) == "not_found", command


async def test_a_stranger_learns_nothing_of_a_call(school: School) -> None:
    noor, _ = await school.call("ada")
    eve = await school.caller(
        "eve", node=1, token=school.token("eve", rooms={"elsewhere": "owner"}), enters=False
    )
    eve.room_id = noor.room_id
    assert await eve.code("call:get", room_id=noor.room_id) == "not_found"
    with pytest.raises(Refused, match="not_found"):
        await eve.join()
    with pytest.raises(Refused, match="not_found"):
        await eve.join(resume={"peer_id": noor.peer_id, "secret": noor.seat["secret"]})
    await everything_is_refused(eve, noor.call_id)
    for path in (
        f"/calls/{noor.call_id}/attendance",
        f"/calls/{noor.call_id}/attendance.csv",
        f"/rooms/{noor.room_id}/calls",
    ):
        assert (await eve.rest(path))[0] == 404
    assert [event for event in eve.events if event["type"].startswith("call.")] == []


async def test_a_member_who_is_not_in_the_call_can_do_nothing_in_it(school: School) -> None:
    noor, _ = await school.call("ada")
    ben = await school.caller("ben", node=1)
    await everything_is_refused(ben, noor.call_id)


async def test_a_visitor_of_an_open_room_does_not_come_in(small_school: School) -> None:
    noor, _ = await small_school.call("ada")
    await noor.ask("room:update", room_id=noor.room_id, visibility="open")
    eve = await small_school.caller("eve", token=small_school.token("eve", rooms={}), enters=False)
    eve.room_id = noor.room_id
    assert (await eve.ask("call:get", room_id=noor.room_id))["people"] == 2
    with pytest.raises(Refused, match="forbidden"):
        await eve.join()


async def test_another_persons_seat_cannot_be_resumed(school: School) -> None:
    noor, ada = await school.call("ada")
    ben = await school.caller("ben", node=1)
    for resume in (
        {"peer_id": ada.peer_id, "secret": ada.seat["secret"]},
        {"peer_id": ada.peer_id, "secret": "guessed"},
        {"peer_id": "peer_unknown", "secret": ada.seat["secret"]},
    ):
        with pytest.raises(Refused, match="not_found"):
            await ben.join(resume=resume)
    phone = await school.caller("ada", node=1)
    with pytest.raises(Refused, match="not_found"):
        await phone.join(resume={"peer_id": ada.peer_id, "secret": noor.seat["secret"]})
    await noor.sees_in("ada", "noor")
    assert noor.sees(ada)["session"] == ada.seat["session"]


async def test_secrets_are_told_to_nobody_else(school: School) -> None:
    noor, ada = await school.call("ada")
    told = repr(noor.events) + repr(noor.state) + repr(await noor.rest(f"/calls/{noor.call_id}/attendance"))
    assert ada.seat["secret"] not in told


async def test_who_is_removed_from_the_room_is_out_of_the_call(school: School) -> None:
    noor, ada, ben = await school.call("ada", "ben")
    await noor.ask("member:remove", room_id=noor.room_id, user_id="ada")
    assert (await ada.hears("call.removed"))["reason"] == "removed"
    for caller in (noor, ben):
        await caller.sees_in("ben", "noor")
    await everything_is_refused(ada, noor.call_id)
    with pytest.raises(Refused, match="not_found"):
        await ada.join()
    with pytest.raises(Refused, match="not_found"):
        await ada.join(resume={"peer_id": ada.peer_id, "secret": ada.seat["secret"]})


async def test_who_never_listened_to_the_room_is_out_as_well(school: School) -> None:
    """Being told of it must not hang on having joined the room's log."""
    noor = await school.lecturer()
    await noor.join()
    ada = await school.caller("ada", node=1, enters=False)
    ada.room_id = noor.room_id
    await ada.join()
    await noor.sees_in("ada", "noor")
    await noor.ask("member:remove", room_id=noor.room_id, user_id="ada")
    assert (await ada.hears("call.removed"))["reason"] == "removed"
    await noor.sees_in("noor")


async def test_who_leaves_the_room_leaves_its_call(school: School) -> None:
    noor, ada = await school.call("ada")
    await ada.ask("room:leave", room_id=ada.room_id)
    await noor.sees_in("noor")


async def test_a_token_without_the_room_ends_the_seat(school: School) -> None:
    noor, ada = await school.call("ada")
    await ada.ask("auth:refresh", token=school.token("ada", rooms={"elsewhere": "member"}))
    await noor.sees_in("noor")
    assert await ada.try_to("hand:raise") == "not_found"


async def test_whose_token_is_revoked_is_out_at_once_without_grace(school: School) -> None:
    noor, _ = await school.call("rhea")
    admin = await school.caller("root", role="admin", enters=False, token=school.token("root", role="admin"))
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {admin.token}"}) as session:
        answer = await session.post(f"{school.nodes[0].url}/api/v1/revocations", json={"user_id": "rhea"})
        assert answer.status == 200, await answer.text()
    await noor.sees_in("noor")
    assert [gone["reason"] for told in noor.heard("call.updated") for gone in told["gone"]] == ["removed"]
    assert not any(
        peer["connected"] is False for told in noor.heard("call.updated") for peer in told["peers"]
    )


async def test_an_archived_room_has_no_call(school: School) -> None:
    noor, ada = await school.call("ada")
    await noor.ask("room:update", room_id=noor.room_id, archived=True)
    assert await ada.try_to("track:publish", source="camera", stream_id="s") in {"room_archived", "not_found"}
    assert await noor.try_to("call:moderate", action="mute", source="camera") in {
        "room_archived",
        "not_found",
    }
    for caller in (noor, ada):
        assert (await caller.hears("call.removed"))["reason"] == "ended"
    await ada.hears("call.ended")
    with pytest.raises(Refused, match="room_archived"):
        await ada.join()
    with pytest.raises(Refused, match="room_archived"):
        await noor.join()
    status, attendance = await noor.rest(f"/calls/{noor.call_id}/attendance")
    assert (status, len(attendance["attendees"])) == (200, 2)
