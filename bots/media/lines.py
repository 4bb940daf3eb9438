"""What a session description says of its media lines (RFC 8866, RFC 8829), and the little of it that we change. Text alone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MEDIA = re.compile(r"(?m)^(?=m=)")
_SENDING = frozenset({"sendrecv", "sendonly"})
_RECEIVING = frozenset({"sendrecv", "recvonly"})


@dataclass(frozen=True)
class MediaLine:
    """`direction` is from the view of whoever wrote it; `stream_id` is the msid's (RFC 8830)."""

    mid: str
    kind: str
    direction: str
    stream_id: str | None

    @property
    def sends(self) -> bool:
        return self.direction in _SENDING

    @property
    def receives(self) -> bool:
        return self.direction in _RECEIVING


def media_lines(sdp: str) -> Iterator[MediaLine]:
    """The audio and video lines that are in use."""
    for section in _MEDIA.split(sdp)[1:]:
        kind, port = section[2:].split(" ", 2)[:2]
        mid = _value(section, "mid")
        if kind in {"audio", "video"} and mid is not None and (port != "0" or _has(section, "bundle-only")):
            stream = (_value(section, "msid") or "-").split(" ")[0]
            yield MediaLine(mid, kind, _direction(section), None if stream == "-" else stream)


def ice_user(sdp: str) -> str | None:
    """The ICE user fragment; another one than before asks for an ICE restart (RFC 8839 section 4.4.1.1.1)."""
    return _value(sdp, "ice-ufrag")


def with_streams(sdp: str, streams: Mapping[str, str]) -> str:
    """The description with the msid stream of each media line as in `streams`, by mid; lines that are not in it lose theirs."""
    head, *sections = _MEDIA.split(sdp)
    return head + "".join(
        _with_stream(section, streams.get(_value(section, "mid") or "")) for section in sections
    )


def _with_stream(section: str, stream_id: str | None) -> str:
    if stream_id is None:
        return re.sub(r"(?m)^a=msid:.*\n", "", section)
    return re.sub(r"(?m)^a=msid:\S+", f"a=msid:{stream_id}", section)


def _value(section: str, name: str) -> str | None:
    match = re.search(rf"(?m)^a={name}:([^\r\n]*)", section)
    return match[1].strip() if match else None


def _has(section: str, name: str) -> bool:
    return re.search(rf"(?m)^a={name}\r?$", section) is not None


def _direction(section: str) -> str:
    match = re.search(r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)\r?$", section)
    return match[1] if match else "sendrecv"
