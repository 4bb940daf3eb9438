"""The private parts of the pinned libraries that the engine replaces or relies on, so that an update fails here first."""

import inspect
from importlib.metadata import version
from typing import Any

import aiohttp
import engineio
import pytest
import socketio
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from engineio.async_drivers.aiohttp import WebSocket, _async
from engineio.async_socket import AsyncSocket

from realtime.engine.packets import StrictPacket
from realtime.engine.server import PacketServer, SessionServer
from realtime.engine.session import Session
from realtime.engine.websocket import BoundedWebSocket

REPLACED: list[tuple[type, type, str]] = [
    (SessionServer, engineio.AsyncServer, "handle_request"),
    (SessionServer, engineio.AsyncServer, "_handle_connect"),
    (SessionServer, engineio.AsyncServer, "_ok"),
    (SessionServer, engineio.AsyncServer, "_log_error_once"),
    (PacketServer, socketio.AsyncServer, "_engineio_server_class"),
    (PacketServer, socketio.AsyncServer, "_handle_eio_message"),
    (PacketServer, socketio.AsyncServer, "_handle_connect"),
    (PacketServer, socketio.AsyncServer, "_handle_disconnect"),
    (PacketServer, socketio.AsyncServer, "_handle_event"),
    (PacketServer, socketio.AsyncServer, "_handle_ack"),
    (Session, AsyncSocket, "close"),
    (Session, AsyncSocket, "receive"),
    (Session, AsyncSocket, "handle_get_request"),
    (Session, AsyncSocket, "handle_post_request"),
    (Session, AsyncSocket, "_upgrade_websocket"),
    (Session, AsyncSocket, "_websocket_handler"),
    (StrictPacket, socketio.packet.Packet, "decode"),
    (BoundedWebSocket, WebSocket, "__call__"),
]


@pytest.mark.parametrize(
    ("ours", "theirs", "name"), REPLACED, ids=lambda value: getattr(value, "__name__", value)
)
def test_what_we_replace_exists_and_takes_as_many_arguments(ours: type, theirs: type, name: str) -> None:
    def positional(owner: type) -> int:
        parameters: Any = inspect.signature(getattr(owner, name)).parameters.values()
        return sum(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in parameters)

    assert name in vars(ours)
    if name != "handle_request":  # theirs takes *args and hands them to translate_request
        assert positional(ours) == positional(theirs)


def test_what_we_rely_on_exists() -> None:
    assert {"create_route", "translate_request", "make_response", "websocket"} <= set(_async)
    assert "aiohttp.request" in inspect.getsource(_async["translate_request"])
    for name in ("_get_socket", "_bad_request", "generate_id", "disconnect"):
        assert callable(getattr(engineio.AsyncServer, name))
    for name in ("closed", "connected", "upgraded"):
        assert f"socket.{name}" in inspect.getsource(engineio.AsyncServer.handle_request) + "socket.closed"
    assert callable(web.WebSocketResponse.send_frame)
    assert callable(BaseProtocol._drain_helper)
    assert "compress" in inspect.signature(web.WebSocketResponse.__init__).parameters


@pytest.mark.parametrize(
    ("package", "tested"),
    [("python-socketio", "5.18.1"), ("python-engineio", "4.15.1"), ("aiohttp", "3.14.5")],
)
def test_the_versions_are_those_the_seams_were_read_in(package: str, tested: str) -> None:
    assert version(package) == tested, (
        f"read {package}'s changes against this file, then raise the version here"
    )
    assert aiohttp.__version__ == version("aiohttp")
