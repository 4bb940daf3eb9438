"""Moderation over real sockets: what staff does reaches everybody, and nobody else can do it."""

import asyncio

import pytest

from contract.calls import Moderation
from tests.integration_calls.callers import Refused, School


async def test_a_mute_silences_at_once_and_holds_until_staff_lifts_it(school: School) -> None:
    noor, ada, ben = await school.call("ada", "ben")
    track = await ada.publish("microphone")
    await ben.sees_loud(ada, "microphone")
    await noor.lead("mute", ada, source="microphone")
    for caller in (noor, ada, ben):
        await caller.sees_loud(ada)
    assert ada.sees(ada)["blocked"] == ["microphone"]
    assert await ada.try_to("track:mute", track_id=track, muted=False) == "forbidden"
    assert await ada.try_to("track:publish", source="microphone", stream_id="again") == "forbidden"
    await noor.lead("allow", ada, source="microphone")
    await ben.until(lambda: ben.sees(ada)["blocked"] == [])
    assert ben.loud(ada) == set(), "nobody is unmuted from afar"
    answer = await ada.do("track:mute", track_id=track, muted=False)
    assert answer["track"]["muted"] is False
    await ben.sees_loud(ada, "microphone")


async def test_a_silenced_person_stays_silenced_whatever_they_try(school: School) -> None:
    noor, ada = await school.call("ada")
    await ada.publish("microphone")
    await noor.lead("mute", ada, source="microphone")
    attempt = {"source": "microphone", "stream_id": "again"}

    await ada.drop()
    await ada.come_back()
    assert await ada.try_to("track:publish", **attempt) == "forbidden"
    await ada.drop()
    await ada.come_back(fresh=True)
    assert await ada.try_to("track:publish", **attempt) == "forbidden"
    phone = await school.caller("ada", node=1)
    await phone.join()
    assert await phone.try_to("track:publish", **attempt) == "forbidden"
    await phone.do("call:leave")
    await noor.sees_in("noor")
    await phone.join()
    assert await phone.try_to("track:publish", **attempt) == "forbidden"
    await noor.lead("allow", phone, source="microphone")
    await phone.publish("microphone")


async def test_everything_staff_can_do_is_refused_to_a_student(school: School) -> None:
    noor, ada, ben = await school.call("ada", "ben")
    track = await noor.publish("microphone")
    await noor.publish("screen")
    await ben.do("hand:raise")
    await ada.until(lambda: ada.state["hands"] == [ben.peer_id])  # type: ignore[index]  # there
    before = ada.state
    for action in Moderation:
        for whom in (noor, ben, ada):
            more = {"source": "microphone"} if action in {Moderation.MUTE, Moderation.ALLOW} else {}
            policy = {"policy": {"locked": True}} if action is Moderation.POLICY else {}
            code = await ada.try_to("call:moderate", action=action, peer_id=whom.peer_id, **more, **policy)
            assert code == "forbidden", (action, whom.name)
    assert await ada.try_to("call:moderate", action="mute", source="microphone") == "forbidden"
    assert await ada.try_to("call:end") == "forbidden"
    for command in ("track:unpublish", "track:mute"):
        muting = {"muted": True} if command == "track:mute" else {}
        assert await ada.try_to(command, track_id=track, **muting) == "not_found"
    for forged in ({"peer_id": ben.peer_id}, {"user_id": "ben"}, {"staff": True}):
        assert await ada.try_to("hand:lower", **forged) == "bad_request"
        assert await ada.try_to("track:publish", source="camera", stream_id="s", **forged) == "bad_request"
        assert await ada.code("call:join", room_id=ada.room_id, **forged) == "bad_request"
    await ada.do("call:ice")
    assert ada.state == before
    assert noor.state == before


async def test_staff_of_another_room_leads_nothing_here(school: School) -> None:
    noor, ada = await school.call("ada")
    omar = await school.caller("omar", role="instructor")
    await omar.join()
    assert await omar.try_to("call:moderate", action="remove", peer_id=ada.peer_id) == "forbidden"
    assert omar.sees(omar)["staff"] is False
    assert noor.sees(noor)["staff"] is True


async def test_a_policy_takes_the_right_and_what_was_published_with_it(school: School) -> None:
    noor, ada = await school.call("ada")
    for caller in (noor, ada):
        for source in ("microphone", "camera", "screen"):
            await caller.publish(source)
    await noor.lead("policy", policy={"microphone": "staff", "camera": "staff", "screen": "staff"})
    await ada.sees_loud(ada)
    await ada.hears("call.screen_stopped")
    assert ada.loud(noor) == {"microphone", "camera", "screen"}
    for source in ("microphone", "camera", "screen", "screen_audio"):
        assert await ada.try_to("track:publish", source=source, stream_id="s") == "forbidden"
    await noor.lead("give_floor", ada)
    await ada.publish("microphone")
    await noor.lead("take_floor", ada)
    await ada.sees_loud(ada)


async def test_what_the_token_forbids_no_staff_can_give(school: School) -> None:
    noor = await school.lecturer()
    await noor.join()
    ada = await school.caller("ada", node=1, call={"camera": False, "screen": False})
    await ada.join()
    assert ada.sees(ada)["rights"] == {"microphone": True, "camera": False, "screen": False}
    await ada.publish("microphone")
    await noor.lead("give_floor", ada)
    await noor.lead("allow", ada, source="camera")
    for source in ("camera", "screen", "screen_audio"):
        assert await ada.try_to("track:publish", source=source, stream_id="s") == "forbidden"


async def test_a_fresh_token_changes_the_rights_in_mid_call(school: School) -> None:
    noor, ada = await school.call("ada")
    await ada.publish("camera")
    poorer = school.token("ada", call={"camera": False})
    await ada.ask("auth:refresh", token=poorer)
    await noor.until(lambda: noor.sees(ada)["rights"]["camera"] is False)
    assert noor.loud(ada) == set()


async def test_a_removed_person_is_out_and_comes_back_only_through_the_lobby(school: School) -> None:
    noor, ada, ben = await school.call("ada", "ben")
    await noor.lead("remove", ada)
    assert (await ada.hears("call.removed"))["reason"] == "removed"
    for caller in (noor, ben):
        await caller.sees_in("ben", "noor")
    assert await ada.try_to("call:state") == "not_found"
    assert await noor.try_to("signal", **noor.signal_to(ada)) == "not_found"
    with pytest.raises(Refused, match="not_found"):
        await ada.join(resume={"peer_id": ada.peer_id, "secret": ada.seat["secret"]})
    assert (await ada.join())["seat"] == "lobby"
    await ada.do("call:leave")
    phone = await school.caller("ada", node=1)
    assert (await phone.join())["seat"] == "lobby"
    await noor.lead("policy", policy={"locked": False})
    await noor.until(lambda: noor.waiting == ["ada"])
    await noor.lead("admit", phone)
    await phone.hears("call.admitted")
    await ben.sees_in("ada", "ben", "noor")


async def test_whoever_is_denied_hears_it(school: School) -> None:
    noor = await school.lecturer()
    await noor.join()
    await noor.lead("policy", policy={"lobby": True})
    ada = await school.caller("ada", node=1)
    assert (await ada.join())["seat"] == "lobby"
    await noor.until(lambda: noor.waiting == ["ada"])
    await noor.lead("deny", ada)
    assert (await ada.hears("call.removed"))["reason"] == "denied"
    await noor.until(lambda: noor.waiting == [])


async def test_a_closed_lobby_admits_who_waits(school: School) -> None:
    noor = await school.lecturer()
    await noor.join()
    await noor.lead("policy", policy={"lobby": True})
    ada, ben = await school.caller("ada", node=1), await school.caller("ben")
    await asyncio.gather(ada.join(), ben.join())
    await noor.until(lambda: noor.waiting == ["ada", "ben"])
    await noor.lead("policy", policy={"lobby": False})
    for caller in (ada, ben):
        await caller.hears("call.admitted")
        await caller.sees_in("ada", "ben", "noor")


async def test_a_locked_call_lets_nobody_new_in(school: School) -> None:
    noor, ada = await school.call("ada")
    await noor.lead("policy", policy={"locked": True})
    ben = await school.caller("ben", node=1)
    with pytest.raises(Refused, match="forbidden"):
        await ben.join()
    await ada.drop()
    await ada.come_back()
    omar = await school.lecturer("omar", node=1)
    await omar.join()
    await noor.sees_in("ada", "noor", "omar")


async def test_who_is_made_or_unmade_a_moderator_is_so_in_the_call_at_once(school: School) -> None:
    noor, ada, ben = await school.call("ada", "ben")
    member = {"room_id": noor.room_id, "user_id": "ada"}
    await noor.ask("member:update", **member, role="moderator")
    await ada.lead("mute", ben, source="camera")
    await noor.until(lambda: noor.sees(ben)["blocked"] == ["camera"])
    await noor.until(lambda: noor.sees(ada)["staff"] is True)
    await noor.ask("member:update", **member, role="member")
    assert (
        await ada.try_to("call:moderate", action="allow", peer_id=ben.peer_id, source="camera") == "forbidden"
    )
    await noor.until(lambda: noor.sees(ada)["staff"] is False)


async def test_who_is_no_longer_staff_no_longer_sees_the_lobby(school: School) -> None:
    noor, ada = await school.call("ada")
    member = {"room_id": noor.room_id, "user_id": "ada"}
    await noor.lead("policy", policy={"lobby": True})
    ben = await school.caller("ben")
    await ben.join()
    await noor.until(lambda: noor.waiting == ["ben"])
    await noor.ask("member:update", **member, role="moderator")
    await ada.until(lambda: ada.waiting == ["ben"])
    await noor.ask("member:update", **member, role="member")
    await ada.until(lambda: ada.waiting == [])


async def test_a_full_call_says_so(small_school: School) -> None:
    callers = await small_school.call("ada", "ben", "cleo", "dan", "eve", "fay", "gus")
    late = await small_school.caller("hal")
    with pytest.raises(Refused, match="conflict"):
        await late.join()
    await callers[1].do("call:leave")
    await late.join()
