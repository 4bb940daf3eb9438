"""Reading Socket.IO packets strictly: the first thing that the protocol (revision 5) does not allow is an error."""

import re
from typing import Any, Final, NamedTuple

from realtime.engine.quick_json import decode
from realtime.engine.reasons import ProtocolViolation

CONNECT: Final = 0
DISCONNECT: Final = 1
EVENT: Final = 2
ACK: Final = 3
CONNECT_ERROR: Final = 4
BINARY_EVENT: Final = 5
BINARY_ACK: Final = 6

_SHAPE = re.compile(r"4([0-9])(?:([0-9]{1,10})-)?(?:(/[^,]*)(?:,|\Z))?([0-9]*)(.*)", re.DOTALL | re.ASCII)
_MAX_ID_DIGITS = 15
"""Keeps an acknowledgement id exact in a JavaScript number."""

_MAX_DEPTH = 64
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)

RESERVED: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)


class Packet(NamedTuple):
    """What a client said; `attachments` is how many binary messages still belong to it."""

    kind: int
    namespace: str
    id: int | None
    data: Any
    attachments: int


def read(text: str) -> Packet:
    """The packet in an Engine.IO message (`text` begins with its "4"). Raises ProtocolViolation."""
    if text.startswith("42"):
        event = read_event(text)
        if event is not None:
            return Packet(EVENT, "/", event[0], event[1], 0)
    return _read_any(text)


def read_event(text: str) -> tuple[int | None, Any] | None:
    """The id and the arguments of a plain event on "/", the packet that comes most; None if it is another one.

    Raises ProtocolViolation.
    """
    start = text.find("[")
    if start == 2:
        return None, _event(_parse(text[2:]))
    number = text[2:start]
    if start > 2 and len(number) <= _MAX_ID_DIGITS and number.isdecimal() and number.isascii():
        return int(number), _event(_parse(text[start:]))
    return None


def _read_any(text: str) -> Packet:
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ProtocolViolation("not a packet")
    kind, attachments, namespace, number, payload = match.groups()
    if len(number) > _MAX_ID_DIGITS:
        raise ProtocolViolation("acknowledgement id too long")
    return checked(
        Packet(
            int(kind),
            (namespace or "/").partition("?")[0],
            int(number) if number else None,
            _parse(payload) if payload else None,
            int(attachments or 0),
        )
    )


def checked(packet: Packet) -> Packet:
    """The packet, if a client may send such a one. Raises ProtocolViolation."""
    kind, _, number, data, attachments = packet
    is_binary = kind in {BINARY_EVENT, BINARY_ACK}
    if is_binary != (attachments > 0):
        raise ProtocolViolation("wrong number of attachments")
    if kind in {EVENT, BINARY_EVENT}:
        _event(data)
    elif kind in {ACK, BINARY_ACK}:
        if number is None or not isinstance(data, list):
            raise ProtocolViolation("wrong payload for the packet type")
    elif kind not in {CONNECT, DISCONNECT}:
        raise ProtocolViolation("packet type not accepted")
    elif number is not None or not (data is None or (kind == CONNECT and isinstance(data, dict))):
        raise ProtocolViolation("wrong payload for the packet type")
    return packet


def _event(data: Any) -> Any:
    if type(data) is not list or not data or type(data[0]) is not str or data[0] in RESERVED:
        raise ProtocolViolation("wrong payload for the packet type")
    return data


def _parse(payload: str) -> Any:
    if payload.count("[") + payload.count("{") > _MAX_DEPTH and _depth(payload) > _MAX_DEPTH:
        raise ProtocolViolation("nested too deeply")
    try:
        return decode(payload)
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
