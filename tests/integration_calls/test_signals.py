"""Descriptions and candidates: to the right peer only, in the sender's own name, within size and rate."""

import asyncio

import pytest

from contract.calls import MAX_DESCRIPTION
from tests.conftest import StartHomeroom
from tests.integration_calls.callers import OFFER, Caller, School

CANDIDATE = {"candidate": "candidate:1 1 UDP 2122252543 192.0.2.1 50000 typ host", "sdp_mid": "0"}


async def send(sender: Caller, target: Caller, **more: object) -> str:
    return await sender.try_to("signal", **{**sender.signal_to(target), **more})


async def test_a_signal_reaches_its_peer_alone_and_says_who_sent_it(school: School) -> None:
    noor, ada, ben = await school.call("ada", "ben")
    for sender, target in ((noor, ada), (ada, noor), (ben, ada), (ada, ben), (noor, ben)):
        before = len(target.heard("call.signal"))
        assert await send(sender, target, connection=3) == "ok"
        told = await target.hears("call.signal", before + 1)
        assert (told["from_peer"], told["from_session"]) == (sender.peer_id, sender.seat["session"])
        assert (told["connection"], told["description"], told["call_id"]) == (3, OFFER, noor.call_id)
    await asyncio.gather(*(caller.do("call:ice") for caller in (noor, ada, ben)))
    assert [len(caller.heard("call.signal")) for caller in (noor, ada, ben)] == [1, 2, 2]


async def test_candidates_and_wishes_for_offers_pass_as_they_are(school: School) -> None:
    noor, ada = await school.call("ada")
    for content in ({"candidate": CANDIDATE}, {"candidate": {"candidate": ""}}, {"wants_offer": True}):
        assert await noor.try_to("signal", **noor.signal_to(ada, **content)) == "ok"
    await ada.hears("call.signal", 3)
    first, second, third = ada.heard("call.signal")
    assert first["candidate"] == CANDIDATE
    assert second["candidate"] == {"candidate": ""}
    assert third["wants_offer"] is True
    assert "description" not in third


async def test_many_signals_arrive_in_their_order(school: School) -> None:
    noor, ada = await school.call("ada")
    payloads = [noor.signal_to(ada, candidate=CANDIDATE) for _ in range(150)]
    codes = await asyncio.gather(*(noor.try_to("signal", **payload) for payload in payloads))
    assert set(codes) == {"ok"}
    await ada.hears("call.signal", 150)
    assert [told["seq"] for told in ada.heard("call.signal")] == [payload["seq"] for payload in payloads]


async def test_nobody_hears_a_peer_before_hearing_of_it(school: School) -> None:
    """A newcomer's first offers, sent the moment that the answer has come, are not lost."""
    noor, ada = await school.call("ada")
    for number in range(10):
        newcomer = await school.caller(f"new{number}", node=number)
        await newcomer.join()
        await asyncio.gather(*(send(newcomer, target) for target in (noor, ada) for _ in range(3)))
        for target in (noor, ada):
            await target.signals_from(newcomer, 3)
            kinds = [
                "known" if event["type"] == "call.updated" else "signal"
                for event in target.events
                if newcomer.peer_id in str(event["data"])
            ]
            assert kinds[0] == "known"
        await newcomer.do("call:leave")


async def test_a_signal_for_a_session_that_is_over_is_refused(school: School) -> None:
    noor, ada = await school.call("ada")
    old = noor.signal_to(ada)
    await ada.drop()
    await ada.come_back(fresh=True)
    await noor.until(lambda: noor.sees(ada).get("session") == ada.seat["session"])
    assert await noor.try_to("signal", **old) == "conflict"
    assert await send(noor, ada) == "ok"
    await ada.hears("call.signal")
    assert len(ada.heard("call.signal")) == 1


async def test_a_signal_races_with_a_reload_and_never_reaches_the_new_session(school: School) -> None:
    noor, ada = await school.call("ada")
    for _ in range(5):
        payload = noor.signal_to(ada, candidate=CANDIDATE)
        already = len(ada.heard("call.signal"))
        await ada.drop()
        _, code = await asyncio.gather(ada.come_back(fresh=True), noor.try_to("signal", **payload))
        assert code in {"ok", "conflict", "not_found"}
        await noor.until(lambda: noor.sees(ada).get("session") == ada.seat["session"])
        assert await send(noor, ada) == "ok"
        told = await ada.hears("call.signal", already + 1)
        assert told["seq"] > payload["seq"], "only what was sent to this session arrived in it"


async def test_nobody_signals_to_themselves_to_strangers_or_to_who_has_left(school: School) -> None:
    noor, ada, ben = await school.call("ada", "ben")
    to_ben = ada.signal_to(ben)
    await ben.do("call:leave")
    await ada.sees_in("ada", "noor")
    assert await ada.try_to("signal", **to_ben) == "not_found"
    assert await send(ada, ada) == "not_found"
    assert await send(ada, noor, to="peer_unknown") == "not_found"


async def test_a_name_cannot_be_borrowed(school: School) -> None:
    noor, ada, ben = await school.call("ada", "ben")
    for forged in (
        {"from_peer": ben.peer_id},
        {"from_session": ben.seat["session"]},
        {"from_peer": ben.peer_id, "from_session": ben.seat["session"]},
        {"peer_id": ben.peer_id},
        {"user": {"id": "ben"}},
    ):
        assert await send(ada, noor, **forged) == "bad_request"
    await noor.do("call:ice")
    assert noor.heard("call.signal") == []


async def test_nothing_passes_to_or_from_the_lobby(school: School) -> None:
    noor, ada = await school.call("ada")
    await noor.lead("policy", policy={"lobby": True})
    ben = await school.caller("ben", node=1)
    assert (await ben.join())["seat"] == "lobby"
    assert "state" not in ben.seat
    await noor.until(lambda: noor.waiting == ["ben"])
    assert await send(ben, noor) == "not_found"
    assert await send(noor, ben) == "not_found"
    assert await send(ada, ben) == "not_found"
    for command, more in (
        ("call:state", {}),
        ("call:ice", {}),
        ("hand:raise", {}),
        ("reaction:send", {"emoji": "👏"}),
        ("track:publish", {"source": "camera", "stream_id": "s"}),
        ("call:moderate", {"action": "admit", "peer_id": ben.peer_id}),
        ("call:end", {}),
    ):
        assert await ben.try_to(command, **more) == "not_found"
    assert ben.waiting == ben.names == []
    assert ada.waiting == [], "the lobby is the staff's to see"
    await noor.lead("admit", ben)
    await ben.hears("call.admitted")
    await ben.sees_in("ada", "ben", "noor")
    assert await send(ben, noor) == "ok"


async def test_nothing_passes_from_one_call_to_another(large_school: School) -> None:
    noor, ada = await large_school.call("ada")
    other = School(large_school.nodes, f"{large_school.key}-other")
    try:
        omar, ben = await other.call("ben")
        stranger = ben.signal_to(noor)
        assert await ben.code("signal", call_id=noor.call_id, **stranger) == "not_found"
        assert await ben.code("signal", call_id=ben.call_id, **stranger) == "not_found"
        for command, more in (
            ("call:state", {}),
            ("call:ice", {}),
            ("call:end", {}),
            ("hand:raise", {}),
            ("hand:lower", {}),
            ("reaction:send", {"emoji": "👏"}),
            ("track:publish", {"source": "camera", "stream_id": "s"}),
            ("track:unpublish", {"track_id": "t"}),
            ("track:mute", {"track_id": "t", "muted": True}),
            ("call:moderate", {"action": "remove", "peer_id": ada.peer_id}),
        ):
            for intruder in (omar, ben):
                assert await intruder.code(command, call_id=noor.call_id, **more) == "not_found"
        assert await omar.code("call:leave", call_id=noor.call_id) == "ok", "there is nothing to leave"
        assert await omar.code("call:state", call_id="call_unknown") == "not_found"
        await omar.do("call:ice")
        assert sorted(noor.names) == ["ada", "noor"]
        assert noor.heard("call.signal") == ada.heard("call.signal") == []
    finally:
        await other.close()


async def test_a_signal_has_one_content_of_bounded_size(small_school: School) -> None:
    noor, ada = await small_school.call("ada")
    longest = "v=0" + "x" * (MAX_DESCRIPTION - 3)
    for content, code in (
        ({"description": {"type": "offer", "sdp": longest}}, "ok"),
        ({"description": {"type": "offer", "sdp": longest + "x"}}, "bad_request"),
        ({"description": {"type": "rollback", "sdp": "v=0"}}, "bad_request"),
        ({"description": {"type": "offer", "sdp": "<script>"}}, "bad_request"),
        ({"description": OFFER, "candidate": CANDIDATE}, "bad_request"),
        ({"description": None}, "bad_request"),
        ({"description": None, "candidate": {"candidate": "c" * 1001}}, "bad_request"),
        ({"description": None, "candidate": {"candidate": "a\nb"}}, "bad_request"),
        ({"description": None, "candidate": {**CANDIDATE, "sdp_m_line_index": -1}}, "bad_request"),
        ({"seq": -1}, "bad_request"),
        ({"seq": "1"}, "bad_request"),
        ({"connection": -1}, "bad_request"),
        ({"to": ""}, "bad_request"),
    ):
        assert await noor.try_to("signal", **{**noor.signal_to(ada), **content}) == code, content
    await ada.hears("call.signal")
    assert len(ada.heard("call.signal")) == 1


LINE = "a=rtcp-fb:96 goog-remb ä\r\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (LINE * 1000, "ok"),
        ("x" * MAX_DESCRIPTION, "ok"),
        ("\n" * MAX_DESCRIPTION, "bad_request"),
        ("€" * MAX_DESCRIPTION, "bad_request"),
    ],
    ids=["lines", "plain", "escapes", "wide"],
)
async def test_a_description_either_crosses_the_bus_or_is_refused(
    large_school: School, text: str, code: str
) -> None:
    noor, ada = await large_school.call("ada")
    longest = {"type": "offer", "sdp": ("v=0\r\n" + text)[:MAX_DESCRIPTION]}
    if code == "bad_request":
        longest["sdp"] = longest["sdp"][:10_000] if text[0] == "€" else longest["sdp"][:16_000]
    assert await noor.try_to("signal", **{**noor.signal_to(ada), "description": longest}) == code
    if code == "ok":
        assert (await ada.hears("call.signal"))["description"] == longest


async def test_a_flood_of_signals_is_slowed_down_and_others_are_not(start_homeroom: StartHomeroom) -> None:
    school = School([await start_homeroom()], "algebra")
    try:
        noor, ada = await school.call("ada")
        payloads = [ada.signal_to(noor, candidate=CANDIDATE) for _ in range(900)]
        codes = await asyncio.gather(*(ada.try_to("signal", **payload) for payload in payloads))
        assert set(codes) == {"ok", "rate_limited"}
        assert codes.count("ok") >= 400, "the burst that connecting needs"
        assert await send(noor, ada) == "ok"
    finally:
        await school.close()
