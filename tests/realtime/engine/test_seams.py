"""Every private part of the pinned libraries that the engine replaces or relies on, so that an update fails here first."""

import asyncio
import inspect
from importlib.metadata import version
from typing import Any

import aiohttp
import engineio
import pytest
import socketio
from aiohttp import web
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.web_protocol import RequestHandler
from engineio.async_drivers.aiohttp import _async
from socketio.async_pubsub_manager import AsyncPubSubManager

from realtime.engine import EngineServer, SocketServer
from realtime.engine.rooms import RoomIndex
from realtime.engine.websocket import Handshake, Inbox

REPLACED: list[tuple[type, type, str]] = [
    (EngineServer, engineio.AsyncServer, "attach"),
    (EngineServer, engineio.AsyncServer, "handle_request"),
    (EngineServer, engineio.AsyncServer, "send"),
    (EngineServer, engineio.AsyncServer, "send_packet"),
    (EngineServer, engineio.AsyncServer, "disconnect"),
    (EngineServer, engineio.AsyncServer, "shutdown"),
    (SocketServer, socketio.AsyncServer, "_engineio_server_class"),
    (SocketServer, socketio.AsyncServer, "attach"),
    (SocketServer, socketio.AsyncServer, "call"),
    (SocketServer, socketio.AsyncServer, "disconnect"),
    (SocketServer, socketio.AsyncServer, "shutdown"),
    (SocketServer, socketio.AsyncServer, "get_session"),
    (SocketServer, socketio.AsyncServer, "save_session"),
    (SocketServer, socketio.AsyncServer, "transport"),
    (RoomIndex, socketio.AsyncManager, "emit"),
    (RoomIndex, socketio.AsyncManager, "trigger_callback"),
    (RoomIndex, socketio.AsyncManager, "_generate_ack_id"),
    (RoomIndex, socketio.AsyncManager, "basic_disconnect"),
    (RoomIndex, socketio.AsyncManager, "basic_enter_room"),
    (RoomIndex, socketio.AsyncManager, "basic_leave_room"),
    (RoomIndex, socketio.AsyncManager, "basic_close_room"),
    (RoomIndex, socketio.AsyncManager, "connect"),
    (RoomIndex, socketio.AsyncManager, "eio_sid_from_sid"),
    (RoomIndex, socketio.AsyncManager, "get_namespaces"),
    (RoomIndex, socketio.AsyncManager, "get_participants"),
    (RoomIndex, socketio.AsyncManager, "get_rooms"),
    (RoomIndex, socketio.AsyncManager, "is_connected"),
    (RoomIndex, socketio.AsyncManager, "is_pre_connected"),
    (RoomIndex, socketio.AsyncManager, "is_sid_room"),
    (RoomIndex, socketio.AsyncManager, "pre_connect"),
    (RoomIndex, socketio.AsyncManager, "pre_disconnect"),
    (RoomIndex, socketio.AsyncManager, "sid_from_eio_sid"),
    (Handshake, web.WebSocketResponse, "_post_start"),
    (Handshake, web.WebSocketResponse, "write_eof"),
    (Inbox, WebSocketDataQueue, "feed_data"),
    (Inbox, WebSocketDataQueue, "feed_eof"),
    (Inbox, WebSocketDataQueue, "set_exception"),
]

CALLED: list[tuple[Any, str]] = [
    (engineio.AsyncServer, "_cors_allowed_origins"),
    (engineio.AsyncServer, "_cors_headers"),
    (engineio.AsyncServer, "_generate_sid_cookie"),
    (engineio.AsyncServer, "generate_id"),
    (socketio.AsyncServer, "_get_event_handler"),
    (socketio.AsyncServer, "_get_namespace_handler"),
    (socketio.AsyncServer, "_trigger_event"),
    (socketio.packet.Packet, "decode"),
    (socketio.packet.Packet, "uses_binary_events"),
    (AsyncPubSubManager, "can_disconnect"),
    (BaseProtocol, "_drain_helper"),
    (RequestHandler, "_force_close"),
    (RequestHandler, "_manager"),
    (RequestHandler, "_message_tail"),
    (RequestHandler, "_parser"),
    (RequestHandler, "keep_alive"),
    (WebSocketReader, "feed_data"),
    (asyncio.tasks, "_PyTask"),
    (asyncio.tasks, "_enter_task"),
    (asyncio.tasks, "_leave_task"),
    (asyncio.tasks, "_register_task"),
    (asyncio.futures, "_PyFuture"),
]


@pytest.mark.parametrize(
    ("ours", "theirs", "name"), REPLACED, ids=lambda value: getattr(value, "__name__", value)
)
def test_what_we_replace_exists_and_can_be_called_as_before(ours: type, theirs: type, name: str) -> None:
    assert name in vars(ours)
    if name in {"handle_request", "feed_data", "feed_eof", "set_exception"}:
        assert callable(getattr(theirs, name))  # compiled, or taking *args that it hands on
        return
    mine = inspect.signature(getattr(ours, name)).parameters
    anything = any(parameter.kind is parameter.VAR_KEYWORD for parameter in mine.values())
    missing = [
        parameter.name
        for parameter in inspect.signature(getattr(theirs, name)).parameters.values()
        if parameter.name not in mine and not anything
    ]
    assert missing == []


@pytest.mark.parametrize(("owner", "name"), CALLED, ids=lambda value: getattr(value, "__name__", value))
def test_what_we_rely_on_exists(owner: Any, name: str) -> None:
    assert hasattr(owner, name)


def test_the_reader_takes_what_we_give_it() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    inbox = Inbox(loop)
    reader = WebSocketReader(inbox, 100, False, True)
    reader.feed_data(b"\x81\x82\x00\x00\x00\x00hi\x82\x81\x00\x00\x00\x00!")
    assert [tuple(message)[:2] for message in inbox.take()] == [
        (aiohttp.WSMsgType.TEXT, "hi"),
        (aiohttp.WSMsgType.BINARY, b"!"),
    ]
    reader.feed_data(b"\x81\xfe\xff\xff\x00\x00\x00\x00")
    kind, error, _ = inbox.take()[0]
    assert kind is aiohttp.WSMsgType.ERROR
    assert error.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


def test_an_environ_is_made_from_a_request() -> None:
    assert {"create_route", "translate_request", "make_response", "websocket"} <= set(_async)
    assert "aiohttp.request" in inspect.getsource(_async["translate_request"])


@pytest.mark.parametrize(
    ("package", "tested"),
    [("python-socketio", "5.18.1"), ("python-engineio", "4.15.1"), ("aiohttp", "3.14.5")],
)
def test_the_versions_are_those_the_seams_were_read_in(package: str, tested: str) -> None:
    assert version(package) == tested, (
        f"read {package}'s changes against this file, then raise the version here"
    )
    assert aiohttp.__version__ == version("aiohttp")
