"""Two nodes on Redis and PostgreSQL are one school: one order, one truth about who may hear what."""

import asyncio
import json
import pickle

import jwt
import pytest
import redis.asyncio

from realtime.bus.port import MAX_NOTICE_BYTES, PARTITIONS, partition_of
from tests.integration.people import Json, Person, Rest, School, fresh, metric
from tests.services.homeroom import HomeroomServer
from tests.services.redis import RedisServer

_WITHIN = 2.0
"""Seconds in which what was decided on one node counts on the other."""


async def _class(school: School) -> tuple[Person, Person, str]:
    """A teacher on the first node and a student on the second, in one room."""
    teacher = await school.person(role="instructor", on=0)
    student = await school.person(on=1)
    return teacher, student, await school.room(teacher, student)


async def test_what_is_said_on_one_node_is_heard_on_the_other(wide_school: School) -> None:
    teacher, student, room_id = await _class(wide_school)
    there = await teacher.says(room_id, "from the first")
    back = await student.says(room_id, "from the second")
    for person in (teacher, student):
        first, second = await person.hears_text("from the first"), await person.hears_text("from the second")
        assert (first["data"]["message"], second["data"]["message"]) == (there["message"], back["message"])
        assert second["seq"] == first["seq"] + 1
        assert first["epoch"] == second["epoch"]


async def test_all_hear_one_order_whoever_sends_where_and_how_fast(wide_school: School) -> None:
    teacher, student, room_id = await _class(wide_school)
    senders = [await wide_school.person(on=number % 2) for number in range(6)]
    for sender in senders:
        await teacher.do("member:add", {"room_id": room_id, "user_id": sender.user})
        await sender.joins(room_id)
    start = (await teacher.joins(room_id))["seq"]

    async def talk(sender: Person) -> list[int]:
        return [(await sender.says(room_id, f"{sender.user} {number}"))["seq"] for number in range(15)]

    acknowledged = await asyncio.gather(*map(talk, senders))
    sent = sorted(seq for seqs in acknowledged for seq in seqs)
    assert sent == list(range(start + 1, start + 91))
    assert all(seqs == sorted(seqs) for seqs in acknowledged)
    logs = []
    for person in (teacher, student, *senders):
        await person.hears("message.new", lambda event: event["seq"] == sent[-1])
        logs.append([event for event in person.log(room_id) if event["seq"] > start])
    assert all(log == logs[0] for log in logs)
    assert [event["seq"] for event in logs[0]] == sent


async def test_two_nodes_given_one_client_id_at_once_make_one_message(wide_school: School) -> None:
    teacher, student, room_id = await _class(wide_school)
    here = await wide_school.person(student.user, on=0)
    for turn in range(5):
        wish = {"room_id": room_id, "client_id": f"both-{turn}", "text": f"turn {turn}"}
        answers = await asyncio.gather(*(device.ask("message:send", wish) for device in (here, student) * 4))
        assert all(answer["ok"] for answer in answers)
        assert len({answer["data"]["seq"] for answer in answers}) == 1
    items = (await teacher.do("message:history", {"room_id": room_id}))["items"]
    assert [message["text"] for message in items] == [f"turn {turn}" for turn in range(5)]


async def test_nothing_is_heard_before_it_is_in_the_database(wide_school: School) -> None:
    teacher, student, room_id = await _class(wide_school)
    reader = Rest(wide_school.servers[0], teacher.token)
    for number in range(10):
        sending = asyncio.create_task(teacher.says(room_id, f"number {number}"))
        heard = await student.hears_text(f"number {number}")
        status, body, _ = await reader.call("GET", f"/api/v1/messages/{heard['data']['message']['id']}")
        assert (status, body["message"]) == (200, heard["data"]["message"])
        await sending


async def test_membership_is_told_to_ones_connections_on_both_nodes(wide_school: School) -> None:
    teacher = await wide_school.person(role="instructor", on=0)
    devices = [await wide_school.person("wanderer", on=node) for node in (0, 1)]
    room_id = await wide_school.room(teacher, "wanderer")
    for device in devices:
        added = await device.hears("room.added")
        assert added["data"]["summary"]["room"]["id"] == room_id
        await device.joins(room_id)
    await teacher.says(room_id, "welcome")
    for device in devices:
        await device.hears_text("welcome")

    await teacher.do("member:remove", {"room_id": room_id, "user_id": "wanderer"})
    for device in devices:
        assert (await device.hears("room.removed"))["data"] == {"room_id": room_id}
    witness = await wide_school.person(on=1)
    await teacher.do("member:add", {"room_id": room_id, "user_id": witness.user})
    await witness.joins(room_id)
    await teacher.says(room_id, "now that they are gone")
    await teacher.do("typing:start", {"room_id": room_id})
    await witness.hears_text("now that they are gone")
    await witness.hears("typing.start")
    for device in devices:
        await device.caught_up()
        last = device.types(room_id)
        assert "typing.start" not in last
        assert last.count("message.new") == 1
        assert (await device.refused("room:join", {"room_id": room_id}))["code"] == "not_found"
        assert (await device.refused("message:history", {"room_id": room_id}))["code"] == "not_found"
        send = {"room_id": room_id, "client_id": fresh("c"), "text": "still here?"}
        assert (await device.refused("message:send", send))["code"] == "not_found"


async def test_typing_and_read_markers_cross_the_nodes(wide_school: School) -> None:
    teacher, student, room_id = await _class(wide_school)
    tablet = await wide_school.person(student.user, on=0)
    await tablet.joins(room_id)
    await student.do("typing:start", {"room_id": room_id})
    await teacher.hears("typing.start")
    seq = (await teacher.says(room_id, "read this"))["seq"]
    await student.do("read:mark", {"room_id": room_id, "seq": seq, "private": False})
    assert (await tablet.hears("message.read"))["data"] == {"user_id": student.user, "seq": seq, "unread": 0}
    assert (await teacher.hears("message.read"))["data"] == {"user_id": student.user, "seq": seq}
    await tablet.caught_up()
    assert "typing.start" not in tablet.types()


async def test_one_person_on_two_nodes_leaves_with_the_last_device(wide_school: School) -> None:
    teacher, student, room_id = await _class(wide_school)
    tablet = await wide_school.person(student.user, on=0)
    await tablet.joins(room_id)
    present = {person["user"]["id"] for person in (await teacher.joins(room_id))["present"]}
    assert present == {teacher.user, student.user}

    def changes() -> list[str]:
        return [event["data"]["status"] for event in teacher.heard if _is_about(event, student.user)]

    await student.disconnect()
    await tablet.do("presence:set", {"status": "away"})
    await teacher.hears("user.presence.changed", lambda event: changes()[-1:] == ["away"])
    assert "offline" not in changes()
    await tablet.disconnect()
    await teacher.hears("user.presence.changed", lambda event: changes()[-1:] == ["offline"])


def _is_about(event: Json, user: str) -> bool:
    return bool(event["type"] == "user.presence.changed" and event["data"]["user"]["id"] == user)


@pytest.mark.parametrize("by", ["jti", "user_id"])
async def test_revoking_on_one_node_cuts_the_connection_on_the_other(wide_school: School, by: str) -> None:
    admin = await wide_school.person(role="admin", on=0)
    victim = await wide_school.person(on=1, jti=fresh("jti"))
    value = (
        jwt.decode(victim.token, options={"verify_signature": False})["jti"] if by == "jti" else victim.user
    )
    status, _, _ = await Rest(admin.server, admin.token).call("POST", "/api/v1/revocations", json={by: value})
    assert status == 200
    error = await victim.hears("connection.error", seconds=_WITHIN)
    assert (error["data"]["code"], error["data"]["reconnect"]) == ("revoked", False)
    await asyncio.wait_for(victim.gone.wait(), _WITHIN)
    for node in wide_school.servers:
        assert (await Rest(node, victim.token).call("GET", "/api/v1/me"))[0] == 401


async def test_idempotency_keys_count_on_both_nodes(wide_school: School) -> None:
    teacher, _, room_id = await _class(wide_school)
    answers = await asyncio.gather(
        *(
            Rest(node, teacher.token).call(
                "POST", path, json=body, headers={"Idempotency-Key": f"once-{room_id}"}
            )
            for node in wide_school.servers * 3
            for path, body in (
                (f"/api/v1/rooms/{room_id}/messages", {"text": "once"}),
                ("/api/v1/rooms", {"kind": "course", "title": "Once"}),
            )
        )
    )
    assert {status for status, _, _ in answers} == {201}
    assert len({body["message"]["id"] for _, body, _ in answers if "message" in body}) == 1
    assert len({body["summary"]["room"]["id"] for _, body, _ in answers if "summary" in body}) == 1


# What somebody who can write to Redis can do: nothing.


_ODD_BODIES: list[Json] = [{}, {"room": None}, {"user": [], "what": {}}, {"x": [[[]]]}, {"kind": "user"}]


def _channel(key: str) -> str:
    return f"homeroom:{{{partition_of(key, PARTITIONS)}}}"


def _notice(kind: str, key: str, body: Json) -> bytes:
    return json.dumps({"v": 1, "n": "node_evil", "k": kind, "y": key, "b": body}).encode()


async def test_garbage_on_the_channels_changes_nothing(
    wide_school: School, steady_redis: RedisServer
) -> None:
    teacher, student, room_id = await _class(wide_school)
    node = student.server
    garbage = [
        b"", b"\x00", b"\xff\xfe", b"null", b"[]", b"{}", b"NaN", b'{"v":1}', b'{"v":"1"}', b"[" * 100_000,
        pickle.dumps({"method": "emit", "event": "message.new", "data": "x", "room": room_id}),
        json.dumps({"method": "emit", "event": "message.new", "data": {"x": 1}, "room": room_id}).encode(),
        json.dumps({"v": 2, "n": "n", "k": "log", "y": room_id, "b": {"room": room_id, "seq": 9}}).encode(),
        b'{"v":1,"n":"n","k":"log","y":"r","b":{"room":"' + b"x" * MAX_NOTICE_BYTES + b'"}}',
        b"x" * 2_000_000,
        *(
            _notice(kind, room_id, body)
            for kind in ("log", "typing", "presence", "user", "read", "revoked", "nonsense", "")
            for body in _ODD_BODIES
        ),
    ]  # fmt: skip
    client = redis.asyncio.from_url(steady_redis.url)
    for number in range(PARTITIONS):
        for payload in garbage if number == partition_of(room_id) else garbage[:4]:
            await client.publish(f"homeroom:{{{number}}}", payload)
    await client.aclose()
    await teacher.says(room_id, "still here")
    await student.hears_text("still here")
    await student.caught_up()
    assert [event["type"] for event in student.log(room_id)] == ["message.new"]
    told = [
        event["data"]["user"]["id"] for event in student.heard if event["type"] == "user.presence.changed"
    ]
    assert set(told) <= {teacher.user, student.user}
    assert {"room.removed", "message.read", "typing.start", "connection.error"}.isdisjoint(student.types())
    assert await metric(node, "rtc_bus_garbage_total") > 0
    assert (await Rest(node, None).call("GET", "/readyz"))[0] == 200


async def test_forged_notices_of_the_log_are_only_hints(
    wide_school: School, steady_redis: RedisServer
) -> None:
    teacher, student, room_id = await _class(wide_school)
    client = redis.asyncio.from_url(steady_redis.url)
    genuine: asyncio.Queue[bytes] = asyncio.Queue()
    async with client.pubsub() as listening:
        await listening.subscribe(_channel(room_id))
        await teacher.says(room_id, "the genuine one")
        async with asyncio.timeout(10):
            while genuine.empty():
                heard = await listening.get_message(ignore_subscribe_messages=True, timeout=1)
                if heard is not None and b"the genuine one" in heard["data"]:
                    genuine.put_nowait(heard["data"])
    await student.hears_text("the genuine one")
    envelope = json.loads(genuine.get_nowait())
    body = envelope["b"]
    event = json.loads(body["events"])[0]
    next_seq = event["seq"] + 1
    forged = event | {"seq": next_seq, "id": "evt_forged"}
    forged["data"] = {"message": event["data"]["message"] | {"text": "forged", "seq": next_seq}}
    bodies: list[Json] = [
        body | {"events": body["events"].replace("the genuine one", "forged")},
        body | {"events": json.dumps([forged]), "seq": next_seq},
        {"room": room_id, "seq": next_seq, "events": json.dumps([forged])},
        {"room": room_id, "seq": next_seq, "events": json.dumps([forged]), "mac": "0" * 64},
        {"room": room_id, "seq": 2**53},
        {"room": room_id, "seq": -5},
        {"room": "room_nowhere", "seq": 3},
        body,
    ]
    for one in bodies:
        await client.publish(_channel(room_id), json.dumps(envelope | {"n": "node_evil", "b": one}))
    for what in ("added", "removed"):
        await client.publish(
            _channel(student.user),
            _notice("user", student.user, {"user": student.user, "room": room_id, "what": what}),
        )
    await client.aclose()
    assert (await teacher.says(room_id, "after the forgeries"))["seq"] == next_seq
    await student.hears_text("after the forgeries")
    await student.caught_up()
    assert "forged" not in str(student.heard)
    assert "room.removed" not in student.types()
    assert [event["seq"] for event in student.log(room_id)] == [event["seq"], next_seq]


async def test_a_forged_revocation_cuts_nobody_off(wide_school: School, steady_redis: RedisServer) -> None:
    victim = await wide_school.person(on=1)
    revoked = {
        "kind": "user", "value": victim.user, "by": "root", "revoked_at": "2099-01-01T00:00:00+00:00",
        "expires_at": None,
    }  # fmt: skip
    client = redis.asyncio.from_url(steady_redis.url)
    await client.publish(_channel(victim.user), _notice("revoked", victim.user, revoked))
    admin = await wide_school.person(role="admin", on=0)
    other = await wide_school.person(on=1)
    rest = Rest(admin.server, admin.token)
    assert (await rest.call("POST", "/api/v1/revocations", json={"user_id": other.user}))[0] == 200
    await client.aclose()
    await other.hears("connection.error")
    await victim.caught_up()
    assert "connection.error" not in victim.types()


async def test_a_node_that_redis_cut_off_listens_again(
    wide_school: School, steady_redis: RedisServer
) -> None:
    teacher, student, room_id = await _class(wide_school)
    for number in range(3):
        await steady_redis.cli("CLIENT", "KILL", "TYPE", "pubsub")
        await teacher.says(room_id, f"cut {number}")
        await student.hears_text(f"cut {number}", seconds=6)
    seqs = [event["seq"] for event in student.log(room_id)]
    assert seqs == list(range(seqs[0], seqs[0] + 3))


async def test_a_huge_message_crosses_the_nodes_though_no_notice_carries_it(wide_school: School) -> None:
    teacher, student, room_id = await _class(wide_school)
    text = '"\\' * 4000  # each weighs four bytes in JSON inside of JSON
    await teacher.says(room_id, text)
    heard = await student.hears("message.new")
    assert heard["data"]["message"]["text"] == text


async def test_flushing_redis_loses_nothing(wide_school: School, steady_redis: RedisServer) -> None:
    teacher, student, room_id = await _class(wide_school)
    before = await teacher.says(room_id, "before")
    await steady_redis.cli("FLUSHALL")
    after = await teacher.says(room_id, "after")
    assert after["seq"] == before["seq"] + 1
    assert after["epoch"] == before["epoch"]
    await student.hears_text("after")


async def test_both_nodes_are_ready(two_nodes: tuple[HomeroomServer, HomeroomServer]) -> None:
    for node in two_nodes:
        status, body, _ = await Rest(node, None).call("GET", "/readyz")
        assert status == 200, body
        assert {"database", "migrations", "bus"} <= set(str(body).replace("'", " ").split())
