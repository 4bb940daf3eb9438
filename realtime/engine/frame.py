"""What is sent: messages encoded once, in the form that each transport takes."""

import struct
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from realtime.engine.quick_json import encode

SEPARATOR: Final = b"\x1e"
"""Between the packets of a polling payload."""

_TEXT_HEADS: Final = tuple(bytes((0x81, size)) for size in range(126))


def text_frame(body: bytes) -> bytes:
    """A WebSocket frame with a whole text message, as a server sends it (RFC 6455 section 5.2: unmasked)."""
    size = len(body)
    if size < 126:
        return _TEXT_HEADS[size] + body
    return _long_head(0x81, size) + body


def _binary_frame(body: bytes) -> bytes:
    size = len(body)
    return (bytes((0x82, size)) if size < 126 else _long_head(0x82, size)) + body


def _long_head(first: int, size: int) -> bytes:
    return struct.pack("!BBH", first, 126, size) if size < 65536 else struct.pack("!BBQ", first, 127, size)


class Frame:
    """One Engine.IO packet, shared by all its recipients: `frame` for WebSockets, `polled` for polling payloads."""

    __slots__ = ("frame", "polled")

    def __init__(self, encoded: bytes) -> None:
        """`encoded`: the packet's text in UTF-8."""
        self.polled = encoded
        self.frame = text_frame(encoded)

    @classmethod
    def binary(cls, data: bytes) -> "Frame":
        """A binary message."""
        made = cls.__new__(cls)
        made.polled = b"b" + b64encode(data)
        made.frame = _binary_frame(data)
        return made

    @property
    def encoded(self) -> bytes:
        """As it goes into a polling payload."""
        return self.polled

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return len(self.polled)


CLOSE: Final = Frame(b"1")
PING: Final = Frame(b"2")
PROBE_ANSWER: Final = Frame(b"3probe")
NOOP: Final = Frame(b"6")
DISCONNECT: Final = Frame(b"41")


def event(name: str, payload: object) -> Frame:
    """The frame of an event with one argument. Raises TypeError or ValueError when it is not JSON."""
    return Frame(b"42" + encode([name, payload]))


def opening(fields: Mapping[str, object]) -> Frame:
    """The handshake."""
    return Frame(b"0" + encode(fields))


def connected(sid: str) -> Frame:
    """The answer to CONNECT on the namespace "/"."""
    return Frame(b"40" + encode({"sid": sid}))


def connect_error(message: str, data: Mapping[str, object] | None = None, namespace: str = "/") -> Frame:
    body: dict[str, object] = {"message": message}
    if data is not None:
        body["data"] = dict(data)
    prefix = b"44" if namespace == "/" else b"44" + namespace.encode("utf-8", "replace") + b","
    return Frame(prefix + encode(body))


def acknowledgement(id: int, ack: Mapping[str, object]) -> bytes:
    """The text of an acknowledgement with one argument on the namespace "/"."""
    return b"43%d%b" % (id, encode([ack]))
