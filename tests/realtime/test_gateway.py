"""Sign-in for the HTTP door: what a token says of its owner counts, and is not compared again and again."""

import pytest

from contract.errors import Unauthorized
from contract.people import RoomRole
from contract.rooms import ListRooms
from realtime import gateway
from realtime.gateway import ADMITTED_SECONDS, AdmittingSignIn
from tests.realtime.clocks import ManualClock
from tests.realtime.school import ANA, Node, later


async def keys_of(node: Node) -> list[str | None]:
    return [line.room.key for line in (await node.rooms.list(ANA, ListRooms())).items]


async def test_a_token_s_rooms_are_taken_over_at_first_sight_and_again_after_a_while(node: Node) -> None:
    clock = ManualClock()
    sign_in = AdmittingSignIn(node.trust.sign_in, node.rooms, clock)
    token = node.token(later(ANA, rooms={"math": RoomRole.MEMBER}))
    assert (await sign_in.identify(token)).user_id == "ana"
    (line,) = (await node.rooms.list(ANA, ListRooms())).items
    await node.rooms.leave(ANA, line.room.id)
    await sign_in.identify(token)
    assert await keys_of(node) == []
    clock.move(ADMITTED_SECONDS)
    await sign_in.identify(token)
    assert await keys_of(node) == ["math"]


async def test_another_token_of_the_same_person_counts_at_once(node: Node) -> None:
    sign_in = AdmittingSignIn(node.trust.sign_in, node.rooms, ManualClock())
    await sign_in.identify(node.token(later(ANA, rooms={"math": RoomRole.MEMBER})))
    await sign_in.identify(node.token(later(ANA, rooms={"art": RoomRole.MEMBER})))
    assert await keys_of(node) == ["art"]


async def test_a_bad_token_is_refused_every_time(node: Node) -> None:
    sign_in = AdmittingSignIn(node.trust.sign_in, node.rooms, ManualClock())
    for _ in range(2):
        with pytest.raises(Unauthorized):
            await sign_in.identify("rubbish")


async def test_tokens_seen_are_remembered_in_a_bounded_number(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "_MOST_SEEN", 3)
    sign_in = AdmittingSignIn(node.trust.sign_in, node.rooms, ManualClock())
    for _ in range(6):
        await sign_in.identify(node.token(ANA))
    assert len(sign_in._seen) == 3
