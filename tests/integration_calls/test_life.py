"""A call from its start to its end, over real sockets."""

import asyncio

import pytest

from tests.integration_calls.callers import Refused, School


async def test_a_call_starts_people_come_and_go_and_it_ends(school: School) -> None:
    noor = await school.lecturer()
    ada = await school.caller("ada", node=1)
    assert await ada.ask("call:get", room_id=ada.room_id) == {"people": 0}

    seat = await noor.join()
    assert (seat["seat"], [peer["user"]["id"] for peer in seat["state"]["peers"]]) == ("in", ["noor"])
    started = await ada.hears("call.started")
    assert started["call"]["id"] == seat["call_id"]
    active = await ada.ask("call:get", room_id=ada.room_id)
    assert (active["call"], active["people"]) == (started["call"], 1)

    await ada.join()
    assert ada.names == ["ada", "noor"]
    await noor.sees_in("ada", "noor")
    ben = await school.caller("ben")
    await ben.join()
    for caller in (noor, ada, ben):
        await caller.sees_in("ada", "ben", "noor")

    await ada.do("call:leave")
    for caller in (noor, ben):
        await caller.sees_in("ben", "noor")
    assert [gone["reason"] for told in noor.heard("call.updated") for gone in told["gone"]] == ["left"]
    assert ada.heard("call.removed") == [], "who leaves knows it"
    assert await ada.try_to("call:state") == "not_found"

    await noor.do("call:end")
    assert (await ben.hears("call.removed"))["reason"] == "ended"
    ended = await ada.hears("call.ended")
    assert (ended["call_id"], ended["people"]) == (seat["call_id"], 3)
    assert await ada.ask("call:get", room_id=ada.room_id) == {"people": 0}


async def test_the_log_keeps_the_start_the_screens_and_the_end(school: School) -> None:
    noor, ada = await school.call("ada")
    screen = await ada.publish("screen")
    await ada.publish("screen_audio")
    started = await noor.hears("call.screen_started")
    assert (started["call_id"], started["user_id"]) == (noor.call_id, "ada")
    await ada.do("track:unpublish", track_id=screen)
    await noor.hears("call.screen_stopped")
    await noor.until(lambda: noor.sees(ada)["tracks"] == [])
    await ada.publish("screen")
    await noor.lead("stop_screen", ada)
    await noor.hears("call.screen_stopped", 2)
    await ada.publish("screen")
    await noor.do("call:end")
    await noor.hears("call.ended")
    history = await noor.ask(
        "sync:since", rooms={noor.room_id: {"epoch": await epoch(noor.events), "seq": 0}}
    )
    kept = [
        event["type"]
        for event in history["rooms"][noor.room_id]["events"]
        if event["type"].startswith("call.")
    ]
    assert kept == [
        "call.started",
        "call.screen_started",
        "call.screen_stopped",
        "call.screen_started",
        "call.screen_stopped",
        "call.screen_started",
        "call.screen_stopped",
        "call.ended",
    ]


async def epoch(events: list) -> str:  # type: ignore[type-arg]  # of whatever was heard
    return next(str(event["epoch"]) for event in events if "epoch" in event)


async def test_the_call_is_over_when_the_last_one_left(school: School) -> None:
    noor, ada = await school.call("ada")
    await noor.do("call:leave")
    await ada.sees_in("ada")
    await ada.do("call:leave")
    ended = await noor.hears("call.ended")
    assert ended["people"] == 2
    second = await ada.join()
    assert second["call_id"] != ended["call_id"]


async def test_a_late_joiner_finds_everything_in_the_snapshot(school: School) -> None:
    noor, ada = await school.call("ada")
    await noor.publish("camera")
    await ada.publish("microphone", muted=True)
    await ada.do("hand:raise")
    await noor.lead("policy", policy={"screen": "staff"})
    ben = await school.caller("ben", node=1)
    await ben.join()
    assert [track["source"] for track in ben.sees(noor)["tracks"]] == ["camera"]
    assert [(track["source"], track["muted"]) for track in ben.sees(ada)["tracks"]] == [("microphone", True)]
    assert ben.state is not None
    assert ben.state["hands"] == [ada.peer_id]
    assert ben.state["call"]["policy"]["screen"] == "staff"
    assert ben.sees(ben)["rights"] == {"microphone": True, "camera": True, "screen": False}


async def test_two_who_start_at_the_same_time_are_in_one_call(school: School) -> None:
    noor, ada = await school.lecturer(), await school.caller("ada", node=1)
    first, second = await asyncio.gather(noor.join(), ada.join())
    assert first["call_id"] == second["call_id"]
    for caller in (noor, ada):
        await caller.sees_in("ada", "noor")
    await asyncio.gather(noor.hears("call.started"), ada.hears("call.started"))
    assert len(noor.heard("call.started")) == 1


async def test_deltas_lead_everybody_to_the_snapshot(school: School) -> None:
    """Staff, pupils and late joiners, while everybody does things at once."""
    noor, ada, ben = await school.call("ada", "ben")
    dan = await school.caller("dan", node=1)

    async def busy(caller: object) -> None:
        for _ in range(6):
            track = await caller.publish("microphone")  # type: ignore[attr-defined]  # a caller
            await caller.do("track:mute", track_id=track, muted=True)  # type: ignore[attr-defined]  # a caller
            await caller.do("hand:raise")  # type: ignore[attr-defined]  # a caller
            await caller.do("hand:lower")  # type: ignore[attr-defined]  # a caller

    await asyncio.gather(busy(ada), busy(ben), busy(noor), dan.join())
    eve = await school.caller("eve")
    snapshot = (await eve.join())["state"]
    for caller in (noor, ada, ben, dan):
        await caller.reaches(snapshot["version"])
        assert caller.state == snapshot
        assert caller.gaps == 0


async def test_commands_right_after_the_answer_find_the_seat(school: School) -> None:
    noor = await school.lecturer()
    await noor.join()
    for number in range(8):
        ada = await school.caller(f"ada{number}", node=number)
        await ada.join()
        codes = await asyncio.gather(
            ada.try_to("track:publish", source="microphone", stream_id="s"),
            ada.try_to("signal", **ada.signal_to(noor)),
            ada.try_to("call:ice"),
            ada.try_to("hand:raise"),
        )
        assert set(codes) == {"ok"}
        await ada.do("call:leave")


async def test_reactions_reach_everybody_in_the_call_and_nobody_else(school: School) -> None:
    noor, ada = await school.call("ada")
    outsider = await school.caller("ben", node=1)
    await ada.do("reaction:send", emoji="👏")
    for caller in (noor, ada):
        assert await caller.hears("call.reaction") == {
            "call_id": noor.call_id,
            "peer_id": ada.peer_id,
            "emoji": "👏",
        }
    await outsider.ask("call:get", room_id=outsider.room_id)
    assert outsider.heard("call.reaction") == []


async def test_hands_are_a_queue_that_staff_works_through(school: School) -> None:
    noor, ada, ben, cleo = await school.call("ada", "ben", "cleo")
    for caller in (cleo, ada, ben):
        await caller.do("hand:raise")
    queue = [cleo.peer_id, ada.peer_id, ben.peer_id]
    for caller in (noor, ada, ben, cleo):
        await caller.sees_hands(*queue)
    await noor.lead("give_floor", cleo)
    await ada.until(lambda: ada.sees(cleo)["floor"] and ada.state["hands"] == queue[1:])  # type: ignore[index]  # there
    await noor.lead("give_floor", ada)
    await ben.until(lambda: ben.sees(ada)["floor"] and not ben.sees(cleo)["floor"])
    await ben.do("hand:lower")
    await noor.until(lambda: noor.state["hands"] == [])  # type: ignore[index]  # there
    await noor.lead("take_floor", ada)
    await ben.until(lambda: not ben.sees(ada)["floor"])


async def test_two_people_call_each_other_in_a_direct_room(school: School) -> None:
    ada = await school.caller("ada", role="instructor")
    ben = await school.caller("ben", node=1)
    room = await ada.ask("room:create", kind="direct", title="Ada and Ben", members=[{"user_id": "ben"}])
    for caller in (ada, ben):
        caller.room_id = room["summary"]["room"]["id"]
        await caller.ask("room:join", room_id=caller.room_id)
    await ada.join()
    await ben.join()
    await ada.sees_in("ada", "ben")
    assert [peer["staff"] for peer in ada.peers.values()] == [False, False]
    assert (
        await ada.try_to("call:moderate", action="mute", source="microphone", peer_id=ben.peer_id)
        == "forbidden"
    )
    assert await ada.try_to("call:end") == "forbidden"
    cleo = await school.caller("cleo")
    cleo.room_id = ada.room_id
    with pytest.raises(Refused, match="not_found"):
        await cleo.join()
    await ben.do("call:leave")
    await ada.sees_in("ada")
    await ada.do("call:end")
    assert (await ada.hears("call.ended"))["people"] == 2


async def test_an_announcement_room_is_started_by_its_staff_alone(small_school: School) -> None:
    noor = await small_school.lecturer()
    room = await noor.ask(
        "room:create", kind="announcement", title="News", members=[{"user_id": "ada", "role": "member"}]
    )
    ada = await small_school.caller("ada")
    ada.room_id = noor.room_id = room["summary"]["room"]["id"]
    with pytest.raises(Refused, match="forbidden"):
        await ada.join()
    await noor.join()
    await ada.join()
    await noor.sees_in("ada", "noor")


async def test_ice_servers_come_with_the_seat_and_again_when_asked(small_school: School) -> None:
    noor = await small_school.lecturer()
    seat = await noor.join()
    assert (await noor.do("call:ice"))["ice_servers"] == seat["ice_servers"]
    assert seat["grace_ms"] == 3000
