"""Socket.IO packets as the bytes of Engine.IO messages, on the namespace "/"."""

import json
from collections.abc import Mapping
from typing import Final

_dumps = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=True
).encode
_dumps_ascii = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=True).encode

CLOSE: Final = b"1"
PING: Final = b"2"
PROBE_ANSWER: Final = b"3probe"
NOOP: Final = b"6"
DISCONNECT: Final = b"41"
SEPARATOR: Final = b"\x1e"
"""Between the packets of a polling payload."""


class Frame:
    """One event, encoded once and shared by all its recipients."""

    __slots__ = ("encoded",)

    def __init__(self, encoded: bytes) -> None:
        self.encoded = encoded

    @property
    def size(self) -> int:
        """Bytes on the wire, without the WebSocket header."""
        return len(self.encoded)


def event(name: str, payload: object) -> Frame:
    """The frame of an event with one argument. Raises TypeError or ValueError when it is not JSON (NaN is not)."""
    return Frame(b"42" + _encode([name, payload]))


def opening(sid: str, upgrades: list[str], settings_ms: tuple[int, int], max_payload: int) -> bytes:
    """The handshake; `settings_ms` is the ping interval and the ping timeout in milliseconds."""
    interval, timeout = settings_ms
    return b"0" + _encode(
        {
            "sid": sid,
            "upgrades": upgrades,
            "pingInterval": interval,
            "pingTimeout": timeout,
            "maxPayload": max_payload,
        }
    )


def connected(sid: str) -> bytes:
    return b"40" + _encode({"sid": sid})


def connect_error(message: str, data: Mapping[str, object] | None = None, namespace: str = "/") -> bytes:
    body: dict[str, object] = {"message": message}
    if data is not None:
        body["data"] = dict(data)
    prefix = b"44" if namespace == "/" else b"44" + namespace.encode("utf-8", "replace") + b","
    return prefix + _encode(body)


def acknowledgement(id: int, ack: Mapping[str, object]) -> bytes:
    return b"43" + str(id).encode() + _encode([ack])


def _encode(value: object) -> bytes:
    try:
        return _dumps(value).encode()
    except UnicodeEncodeError:
        return _dumps_ascii(value).encode()  # a lone surrogate has no UTF-8, but JSON can escape it
