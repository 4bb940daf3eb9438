"""Binary values of an event: sent as messages of their own, with placeholders where they stood."""

from typing import Any

from realtime.engine.limits import Limits
from realtime.engine.packets import ACK, BINARY_EVENT, EVENT, Packet
from realtime.engine.reasons import ProtocolViolation


class Pending:
    """A binary packet whose attachments are still coming."""

    __slots__ = ("_bytes", "_limits", "_packet", "_received")

    def __init__(self, packet: Packet, limits: Limits) -> None:
        """Raises ProtocolViolation when there are to be too many, or the placeholders do not fit."""
        if packet.attachments > limits.max_attachments:
            raise ProtocolViolation("too many attachments")
        _check_placeholders(packet.data, packet.attachments)
        self._packet = packet
        self._limits = limits
        self._received: list[bytes] = []
        self._bytes = 0

    def add(self, data: bytes) -> Packet | None:
        """The whole packet, when this was its last attachment. Raises ProtocolViolation."""
        self._received.append(data)
        self._bytes += len(data)
        if self._bytes > self._limits.max_attachment_bytes:
            raise ProtocolViolation("attachments too large")
        if len(self._received) < self._packet.attachments:
            return None
        kind = EVENT if self._packet.kind == BINARY_EVENT else ACK
        return self._packet._replace(
            kind=kind, data=_filled(self._packet.data, self._received), attachments=0
        )


def _is_placeholder(value: dict[str, Any]) -> bool:
    return value.get("_placeholder") is True and "num" in value


def _check_placeholders(value: Any, count: int) -> None:
    if isinstance(value, list):
        for item in value:
            _check_placeholders(item, count)
    elif isinstance(value, dict):
        if not _is_placeholder(value):
            for item in value.values():
                _check_placeholders(item, count)
        elif type(value["num"]) is not int or not 0 <= value["num"] < count:
            raise ProtocolViolation("illegal attachment")


def _filled(value: Any, attachments: list[bytes]) -> Any:
    if isinstance(value, list):
        return [_filled(item, attachments) for item in value]
    if isinstance(value, dict):
        if _is_placeholder(value):
            return attachments[value["num"]]
        return {key: _filled(item, attachments) for key, item in value.items()}
    return value
