"""Where mail to somebody goes: as their tokens said, kept from everybody else."""

import json

from contract.rooms import ListMembers
from realtime.log.transaction import Transaction
from realtime.rooms import store
from tests.realtime.school import ANA, BEN, TEACHER, Node, later


async def kept(node: Node) -> tuple[str | None, str | None]:
    async with node.database.reading() as connection:
        known = await store.known_by_token(connection, ANA.user_id)
    assert known is not None
    return known.email, known.zone


async def test_an_address_is_kept_as_the_last_token_that_named_one_has_it(node: Node) -> None:
    await node.admit(ANA)
    assert await kept(node) == (None, None)
    await node.admit(later(ANA, email="ana@a.example", zone="Asia/Tokyo"))
    assert await kept(node) == ("ana@a.example", "Asia/Tokyo")
    await node.admit(later(ANA, email="ana@b.example"), later(ANA, name="Ana Lin"))
    assert await kept(node) == ("ana@b.example", "Asia/Tokyo"), "a token without them leaves them"


async def test_nobody_is_told_of_an_address(node: Node) -> None:
    room_id = await node.room(TEACHER, later(ANA, email="ana@a.example", zone="Asia/Tokyo"), BEN)
    ben = await node.connect(BEN)
    await ben.asks("room:join", {"room_id": room_id})
    members = await node.rooms.members(BEN, room_id, ListMembers())
    told = [members.model_dump_json(), json.dumps(ben.received)]
    told += [event.model_dump_json() for event in await node.events(room_id)]
    assert "Ana" in told[0]
    assert not any("ana@a.example" in one or "Tokyo" in one for one in told)


async def test_what_follows_from_a_new_address_is_written_with_it(node: Node) -> None:
    moved: list[str] = []

    async def follower(transaction: Transaction) -> None:
        moved.extend(sorted(transaction.people))

    node.writer.follow(follower)
    await node.admit(later(ANA, email="ana@a.example"))
    await node.admit(later(ANA, email="ana@a.example"), later(ANA, email="ana@a.example", name="Ana Lin"))
    assert moved == ["ana"]
    await node.admit(later(ANA, email="ana@b.example"))
    assert moved == ["ana", "ana"]
