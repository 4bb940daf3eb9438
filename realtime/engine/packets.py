"""Reading Socket.IO packets strictly: the first thing that the protocol (revision 5) does not allow is an error."""

import json
import math
import re
from collections.abc import Callable
from typing import NoReturn

from socketio import packet as sio


class ProtocolViolation(Exception):
    """The client sent what the protocol does not allow. `str()` is a fixed phrase, never what was sent."""


_SHAPE = re.compile(r"([0-9])(?:(/[^,]*)(?:,|\Z))?([0-9]*)(.*)", re.DOTALL | re.ASCII)
_MAX_ID_DIGITS = 15
"""Keeps an acknowledgement id exact in a JavaScript number."""

_MAX_DEPTH = 64
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)

_RESERVED = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)


def _refuse_constant(name: str) -> NoReturn:
    raise ProtocolViolation("not a JSON number")


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ProtocolViolation("number out of range")
    return number


_JSON = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _connect_is_valid(data: object, id: int | None) -> bool:
    return id is None and (data is None or isinstance(data, dict))


def _disconnect_is_valid(data: object, id: int | None) -> bool:
    return id is None and data is None


def _event_is_valid(data: object, id: int | None) -> bool:
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in _RESERVED


def _ack_is_valid(data: object, id: int | None) -> bool:
    return id is not None and isinstance(data, list)


_VALID: dict[int, Callable[[object, int | None], bool]] = {
    sio.CONNECT: _connect_is_valid,
    sio.DISCONNECT: _disconnect_is_valid,
    sio.EVENT: _event_is_valid,
    sio.ACK: _ack_is_valid,
}


class StrictPacket(sio.Packet):  # type: ignore[misc]  # socketio ships no types
    """A packet as a client may send it: CONNECT, DISCONNECT, EVENT or ACK, without attachments."""

    def decode(self, encoded_packet: str) -> int:
        """Fill in this packet. Raises ProtocolViolation. Returns the number of attachments, always 0."""
        match = _SHAPE.fullmatch(encoded_packet)
        if match is None:
            raise ProtocolViolation("not a packet")
        kind, namespace, number, payload = match.groups()
        if len(number) > _MAX_ID_DIGITS:
            raise ProtocolViolation("acknowledgement id too long")
        self.packet_type = int(kind)
        self.namespace = (namespace or "/").partition("?")[0]
        self.id = int(number) if number else None
        self.data = _parse(payload) if payload else None
        valid = _VALID.get(self.packet_type)
        if valid is None:
            raise ProtocolViolation("packet type not accepted")
        if not valid(self.data, self.id):
            raise ProtocolViolation("wrong payload for the packet type")
        return 0


def _parse(payload: str) -> object:
    if payload.count("[") + payload.count("{") > _MAX_DEPTH and _depth(payload) > _MAX_DEPTH:
        raise ProtocolViolation("nested too deeply")
    try:
        return _JSON.decode(payload)
    except ValueError:
        raise ProtocolViolation("not JSON") from None


def _depth(payload: str) -> int:
    """How deep arrays and objects lie in each other, found without recursion."""
    depth = deepest = 0
    for piece in _STRING_OR_BRACKET.findall(payload):
        if piece in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif piece in "]}":
            depth -= 1
    return deepest
