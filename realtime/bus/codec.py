"""A notice as bytes: compact JSON with a version tag. Never pickle: whoever can write to Redis must not run code here."""

import json
from collections.abc import Mapping
from typing import NoReturn

from realtime.bus.port import MAX_NOTICE_BYTES, Notice

VERSION = 1
"""Raised when the envelope changes. A node ignores notices of a version it does not know."""


class Unsendable(ValueError):
    """The notice is larger than MAX_NOTICE_BYTES or its body is not JSON."""


def encode(notice: Notice) -> bytes:
    """The notice on the wire. Raises Unsendable."""
    envelope = {"v": VERSION, "n": notice.node, "k": notice.kind, "y": notice.key, "b": notice.body}
    try:
        text = json.dumps(
            envelope, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain
        )
        payload = text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as problem:
        raise Unsendable(f"a notice of kind {notice.kind} is not JSON ({type(problem).__name__})") from None
    if len(payload) > MAX_NOTICE_BYTES:
        raise Unsendable(f"a notice of kind {notice.kind} weighs {len(payload)} bytes")
    return payload


def decode(payload: object) -> Notice | None:
    """The notice in `payload`, or None for anything this version did not write."""
    if not isinstance(payload, bytes) or len(payload) > MAX_NOTICE_BYTES:
        return None
    try:
        envelope = json.loads(payload.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(envelope, dict) or type(envelope.get("v")) is not int or envelope["v"] != VERSION:
        return None
    node, kind, key, body = (envelope.get(name) for name in ("n", "k", "y", "b"))
    if not (
        isinstance(node, str) and isinstance(kind, str) and isinstance(key, str) and isinstance(body, dict)
    ):
        return None
    return Notice(kind=kind, key=key, node=node, body=body)


def _plain(value: object) -> object:
    """Let any read-only mapping stand where JSON has an object."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
