"""Socket.IO packets to and from Engine.IO messages: our own JSON, or a packet class of the library or the application."""

import json
from typing import Any, Protocol

import orjson

from realtime.engine.frame import Frame
from realtime.engine.packets import ACK, CONNECT, CONNECT_ERROR, DISCONNECT, EVENT, Packet, checked, read
from realtime.engine.quick_json import OPTIONS, refuse
from realtime.engine.reasons import ProtocolViolation


class Codec(Protocol):
    """Both directions. Messages of one packet follow each other without anything between them."""

    def encode(self, kind: int, namespace: str, id: int | None, data: Any) -> list[Frame]:
        """Raises TypeError or ValueError for what cannot be sent."""

    def read_text(self, message: str) -> Packet:
        """`message` begins with Engine.IO's "4". Raises ProtocolViolation."""

    def read_binary(self, message: bytes) -> Packet:
        """A binary message that is nobody's attachment. Raises ProtocolViolation."""


class JsonCodec:
    """The protocol's default parser."""

    def encode(self, kind: int, namespace: str, id: int | None, data: Any) -> list[Frame]:
        prefix = b"4%d" % kind
        where = (b"" if namespace == "/" else namespace.encode() + b",") + (b"" if id is None else b"%d" % id)
        if data is None:
            return [Frame(prefix + where)]
        try:
            return [Frame(prefix + where + orjson.dumps(data, refuse, OPTIONS))]
        except TypeError:
            pass
        body, attachments = _with_attachments(data)
        if not attachments:
            return [Frame(prefix + where + body)]
        prefix = b"4%d%d-" % (5 if kind == EVENT else 6, len(attachments))
        return [Frame(prefix + where + body), *(Frame.binary(data) for data in attachments)]

    def read_text(self, message: str) -> Packet:
        return read(message)

    def read_binary(self, message: bytes) -> Packet:
        raise ProtocolViolation("binary message without an event")


def plain_acknowledgement(id: int, data: list[Any]) -> bytes | None:
    """The text of an acknowledgement on "/"; None when it takes more than orjson to encode."""
    try:
        return b"43%d%b" % (id, orjson.dumps(data, refuse, OPTIONS))
    except TypeError:
        return None


def _with_attachments(data: Any) -> tuple[bytes, list[bytes]]:
    attachments: list[bytes] = []

    def collect(value: Any) -> Any:
        if not isinstance(value, bytes | bytearray):
            refuse(value)
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}

    try:
        return orjson.dumps(data, collect, OPTIONS), attachments
    except TypeError:
        attachments.clear()
        # Keys that are no strings, integers of more than 64 bits, lone surrogates, deep nesting.
        encoder = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=collect)
        return encoder.encode(data).encode(), attachments


class PacketClassCodec:
    """Whatever `serializer` or `json` the application has chosen."""

    def __init__(self, packet_class: type) -> None:
        self._packet_class: Any = packet_class

    def encode(self, kind: int, namespace: str, id: int | None, data: Any) -> list[Frame]:
        encoded = self._packet_class(kind, data=data, namespace=namespace, id=id).encode()
        return [_message(part) for part in (encoded if isinstance(encoded, list) else [encoded])]

    def read_text(self, message: str) -> Packet:
        return self._read(message[1:])

    def read_binary(self, message: bytes) -> Packet:
        if self._packet_class.uses_binary_events:
            raise ProtocolViolation("binary message without an event")
        return self._read(message)

    def _read(self, encoded: str | bytes) -> Packet:
        try:
            packet = self._packet_class(encoded_packet=encoded)
            kind, namespace, number = packet.packet_type, packet.namespace or "/", packet.id
        except Exception:
            raise ProtocolViolation("not a packet") from None
        fits = (
            isinstance(kind, int) and isinstance(namespace, str) and (number is None or type(number) is int)
        )
        if not fits or not isinstance(packet.attachment_count, int):
            raise ProtocolViolation("not a packet")
        return checked(Packet(kind, namespace, number, packet.data, packet.attachment_count))


def _message(part: str | bytes) -> Frame:
    return (
        Frame.binary(part) if isinstance(part, bytes) else Frame(b"4" + part.encode("utf-8", "surrogatepass"))
    )


__all__ = ["ACK", "CONNECT", "CONNECT_ERROR", "DISCONNECT", "EVENT", "Codec", "JsonCodec", "PacketClassCodec"]
