"""The one dispatcher: an ack for everything, and nothing of what people said in a log."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auth.revocation import RevocationKind
from contract.registry import COMMANDS
from contract.rooms import RoomChanges
from realtime.bus.memory import MemoryExchange
from realtime.dispatch import Dispatcher
from realtime.engine import Refused
from server.logs import JsonLines
from tests.realtime.school import ADMIN, ANA, EVE, TEACHER, Client, Node, later, running


async def error_of(client: Client, name: str, *arguments: object) -> dict[str, Any]:
    reply = await client.node.gateway.on_command(client.as_connection, name, arguments)
    assert reply.ack["ok"] is False
    error: Any = reply.ack["error"]
    assert str(error["request_id"]).startswith("req_")
    return dict(error)


async def test_an_unknown_command_is_refused(node: Node) -> None:
    client = await node.connect(ANA)
    for name in ("message:shout", "", "connect", "__class__", "message:send "):
        assert (await error_of(client, name, {}))["code"] == "bad_request"


@pytest.mark.parametrize(
    "arguments",
    [(), ({}, {}), ("text",), (None,), ([],), (1,), ({"room_id": "r"}, "more")],
    ids=["none", "two", "text", "null", "list", "number", "extra"],
)
async def test_a_command_takes_exactly_one_object(node: Node, arguments: tuple[object, ...]) -> None:
    client = await node.connect(ANA)
    assert (await error_of(client, "room:get", *arguments))["code"] == "bad_request"


async def test_fields_that_are_wrong_missing_or_unknown_are_named(node: Node) -> None:
    client = await node.connect(ANA)
    error = await error_of(client, "message:send", {"room_id": 7, "text": "", "colour": "red"})
    assert error["code"] == "bad_request"
    assert set(error["fields"]) == {"room_id", "text", "colour", "client_id"}
    assert error["retryable"] is False


async def test_a_good_command_is_answered_with_its_data(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    client = await node.connect(ANA)
    data = await client.asks("message:send", {"room_id": room_id, "text": "hi", "client_id": "c1"})
    assert (data["message"]["text"], data["seq"]) == ("hi", 4)
    assert "edited_at" not in data["message"]


async def test_with_an_expired_token_only_the_refresh_is_heard(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    client = await node.connect(ANA)
    client.context.identity = later(ANA, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    for name in COMMANDS:
        if name != "auth:refresh":
            assert (await error_of(client, name, {}))["code"] == "token_expired"
    assert (await error_of(client, "auth:refresh", {"token": "rubbish"}))["code"] == "unauthorized"
    assert (await error_of(client, "auth:refresh", {"token": node.token(EVE)}))["code"] == "unauthorized"
    signed_in = await client.asks("auth:refresh", {"token": node.token(ANA)})
    assert signed_in["user"]["id"] == "ana"
    await client.asks("room:get", {"room_id": room_id})


async def test_a_revoked_person_is_cut_off_on_every_node(two_nodes: tuple[Node, Node]) -> None:
    here, there = two_nodes
    clients = [await node.connect(later(ANA, issued_at=None)) for node in two_nodes]
    eve = await there.connect(EVE)
    await there.upkeep.start()
    try:
        await here.trust.revocation.revoke(ADMIN, RevocationKind.USER, "ana")
        for client in clients:
            await client.is_closed()
            assert client.closed == [("revoked", True)]
            assert (await error_of(client, "room:list", {}))["code"] == "unauthorized"
    finally:
        await there.upkeep.close()
    assert eve.closed == []


class Watching(logging.Handler):
    """What the server's own log lines would say."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(JsonLines().format(record))


async def test_a_handler_that_fails_answers_internal_and_no_word_of_it_is_logged(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await node.connect(ANA)
    dispatcher: Dispatcher = node.gateway._dispatcher

    async def fail(session: object, wish: Any) -> None:
        raise ValueError(f"cannot store {wish.text}")

    monkeypatch.setattr(dispatcher, "_handlers", {**dispatcher._handlers, "message:send": fail})
    watching = Watching()
    logging.getLogger().addHandler(watching)
    try:
        error = await error_of(
            client, "message:send", {"room_id": "room_x", "text": "my secret diary", "client_id": "c-secret"}
        )
    finally:
        logging.getLogger().removeHandler(watching)
    assert (error["code"], error["retryable"]) == ("internal", True)
    assert "diary" not in str(error)
    (line,) = watching.lines
    assert error["request_id"] in line
    assert "message:send" in line
    assert "ValueError" in line
    assert "diary" not in line
    assert "c-secret" not in line


async def test_every_command_has_one_handler_and_no_other(node: Node) -> None:
    dispatcher: Dispatcher = node.gateway._dispatcher
    assert dispatcher._handlers.keys() == COMMANDS.keys()
    with pytest.raises(ValueError, match="room:list"):
        Dispatcher(
            {name: handler for name, handler in dispatcher._handlers.items() if name != "room:list"},
            node.classroom.services.limiter,
            node.trust.sign_in,
            clock=node.clock,
            ids=node.ids,
            observer=node.metrics,
        )


async def test_commands_that_are_refused_cost_as_much_as_good_ones(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node.classroom.services.limiter, "_enabled", True)
    client = await node.connect(ANA)
    codes = [(await error_of(client, "message:search", {"q": ""}))["code"] for _ in range(16)]
    assert codes == ["bad_request"] * 15 + ["rate_limited"]
    error = await error_of(client, "message:search", {"q": ""})
    assert 0 < error["retry_after_ms"] <= 1000
    assert error["retryable"]


# ------------------------------------------------------------------------------------------------------ connecting


@pytest.mark.parametrize("auth", [{}, {"token": ""}, {"token": None}, {"token": 7}, {"token": "rubbish"}])
async def test_without_a_good_token_nobody_connects(node: Node, auth: dict[str, object]) -> None:
    client = Client(node, "sid")
    with pytest.raises(Refused) as refused:
        await node.gateway.on_connect(client.as_connection, auth)
    assert refused.value.code == "unauthorized"
    assert client.received == []
    assert len(node.sessions) == 0
    await client.disconnect()


async def test_the_first_event_greets(node: Node) -> None:
    client = await node.connect(ANA)
    greeting = client.received[0]
    assert greeting["type"] == "connection.ok"
    assert greeting["data"]["user"] == {"id": "ana", "name": "Ana", "role": "student"}
    assert greeting["data"]["max_text"] == 8000


async def test_a_node_whose_database_is_away_lets_nobody_in_and_says_so(tmp_path: Path) -> None:
    away = Node("postgresql+asyncpg://homeroom@127.0.0.1:1/none", tmp_path)
    client = Client(away, "sid")
    with pytest.raises(Refused) as refused:
        await away.gateway.on_connect(client.as_connection, {"token": away.token(ANA)})
    assert refused.value.code == "unavailable"
    assert refused.value.details["retryable"] is True


async def test_a_connection_that_leaves_is_forgotten_everywhere(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    client = await node.connect(ANA)
    await client.asks("room:join", {"room_id": room_id})
    await client.disconnect()
    assert node.delivery.room_ids == []
    assert node.sessions.of("ana") == []


async def test_typing_wants_the_room_joined(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    client = await node.connect(ANA)
    assert (await error_of(client, "typing:start", {"room_id": room_id}))["code"] == "not_joined"
    await client.asks("room:join", {"room_id": room_id})
    await client.asks("typing:start", {"room_id": room_id})
    await client.asks("room:unsubscribe", {"room_id": room_id})
    assert (await error_of(client, "typing:start", {"room_id": room_id}))["code"] == "not_joined"


# --------------------------------------------------------------------------------------------------------- upkeep


async def test_a_membership_that_ended_unheard_is_found_by_the_upkeep(
    database_url: str, tmp_path: Path
) -> None:
    exchange = MemoryExchange()
    here, there = (Node(database_url, tmp_path / name, exchange, name) for name in ("a", "b"))
    async with running(here, there):
        room_id = await here.room(TEACHER, ANA)
        client = await there.connect(ANA)
        await client.asks("room:join", {"room_id": room_id})
        there.bus.go_down()
        await here.rooms.remove_member(TEACHER, room_id, "ana")
        assert client.of_type("room.removed") == []
        await there.upkeep.check_rest()
        assert client.of_type("room.removed")[0]["data"] == {"room_id": room_id}
        assert there.delivery.rooms_of(client.sid) == []


async def test_a_revocation_unheard_is_found_by_the_upkeep(two_nodes: tuple[Node, Node]) -> None:
    here, there = two_nodes
    client = await there.connect(ANA)
    there.bus.go_down()
    await here.trust.revocation.revoke(ADMIN, RevocationKind.USER, "ana")
    assert client.closed == []
    await there.upkeep.check_rest()
    await client.is_closed()
    assert client.closed == [("revoked", True)]


async def test_a_bus_that_comes_back_makes_the_upkeep_look_at_once(two_nodes: tuple[Node, Node]) -> None:
    here, there = two_nodes
    room_id = await here.room(TEACHER, ANA)
    client = await there.connect(ANA)
    await client.asks("room:join", {"room_id": room_id})
    await there.upkeep.start()
    try:
        there.bus.go_down()
        await here.chat.send(TEACHER, room_id, "hello", "c1")
        there.bus.reconnect()
        there.bus.announce_return()
        await client.hears("message.new")
    finally:
        await there.upkeep.close()


async def test_a_role_that_changes_counts_at_once(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    client = await node.connect(ANA)
    await client.asks("room:join", {"room_id": room_id})
    await node.rooms.update(TEACHER, room_id, RoomChanges(archived=True))
    assert (await error_of(client, "typing:start", {"room_id": room_id}))["code"] == "room_archived"
