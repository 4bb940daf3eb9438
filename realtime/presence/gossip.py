"""What nodes say to each other about presence, as bodies of bus notices of kind `presence`.

All of a node's notices carry its id as their key, so that they keep their order. Anything of another shape reads as None.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from realtime.presence.people import PresentPerson
from realtime.presence.rules import Place

KIND: Final = "presence"

CHUNK_BYTES: Final = 24 * 1024
"""Of entries in one notice; the envelope and the frame around them fit beside it."""

_MOST_PARTS: Final = 4096

Body = dict[str, object]
Entries = Mapping[Place, PresentPerson]


@dataclass(frozen=True)
class Delta:
    version: int
    put: Entries
    gone: Sequence[Place]


@dataclass(frozen=True)
class Beat:
    version: int


@dataclass(frozen=True)
class Digest:
    version: int
    index: int
    total: int
    entries: Entries


@dataclass(frozen=True)
class Ask:
    """Please send a digest; `node` None asks everybody."""

    node: str | None


@dataclass(frozen=True)
class Goodbye:
    pass


Message = Delta | Beat | Digest | Ask | Goodbye


def to_body(message: Message) -> Body:
    match message:
        case Delta(version, put, gone):
            return {"t": "delta", "v": version, "put": _rows(put), "gone": [list(place) for place in gone]}
        case Beat(version):
            return {"t": "beat", "v": version}
        case Digest(version, index, total, entries):
            return {"t": "digest", "v": version, "part": [index, total], "entries": _rows(entries)}
        case Ask(node):
            return {"t": "ask", "node": node}
        case Goodbye():
            return {"t": "bye"}


def from_body(body: Mapping[str, object]) -> Message | None:
    try:
        return _read(body)
    except (KeyError, TypeError, ValueError):
        return None


def _read(body: Mapping[str, object]) -> Message | None:
    match body.get("t"):
        case "delta":
            return Delta(
                _count(body["v"]), _entries(body["put"]), [_place(row) for row in _list(body["gone"])]
            )
        case "beat":
            return Beat(_count(body["v"]))
        case "digest":
            index, total = (_count(number) for number in _list(body["part"]))
            if not index < total <= _MOST_PARTS:
                return None
            return Digest(_count(body["v"]), index, total, _entries(body["entries"]))
        case "ask":
            node = body.get("node")
            return Ask(None if node is None else _text(node))
        case "bye":
            return Goodbye()
        case _:
            return None


def chunks(entries: Entries) -> list[dict[Place, PresentPerson]]:
    """`entries` in pieces of at most CHUNK_BYTES on the wire; at least one piece, which may be empty."""
    pieces: list[dict[Place, PresentPerson]] = [{}]
    weight = 0
    for place, entry in entries.items():
        size = len(json.dumps(_row(place, entry), ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if weight + size > CHUNK_BYTES and pieces[-1]:
            pieces.append({})
            weight = 0
        pieces[-1][place] = entry
        weight += size
    return pieces


def digests(version: int, entries: Entries) -> Iterator[Digest]:
    pieces = chunks(entries)
    for index, piece in enumerate(pieces):
        yield Digest(version, index, len(pieces), piece)


def deltas(version: int, put: Entries, gone: Iterable[Place]) -> Iterator[Delta]:
    """The change as deltas of `version`, `version` + 1 …, each small enough."""
    absent = list(gone)
    for piece in chunks(put) if put else []:
        yield Delta(version, piece, [])
        version += 1
    step = 100  # Two ids of at most 128 characters each.
    for start in range(0, len(absent), step):
        yield Delta(version, {}, absent[start : start + step])
        version += 1


def _rows(entries: Entries) -> list[object]:
    return [_row(place, entry) for place, entry in entries.items()]


def _row(place: Place, entry: PresentPerson) -> list[object]:
    return [place[0], entry.id, entry.name, entry.role, entry.picture, entry.status]


def _entries(rows: object) -> dict[Place, PresentPerson]:
    entries = {}
    for row in _list(rows):
        room_id, user_id, name, role, picture, status = _list(row)
        if status not in {"online", "away"}:
            raise ValueError(status)
        known = None if picture is None else _text(picture)
        person = PresentPerson(_text(user_id), _text(name), _text(role), known, status)
        entries[_text(room_id), person.id] = person
    return entries


def _place(row: object) -> Place:
    room_id, user_id = _list(row)
    return _text(room_id), _text(user_id)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(type(value).__name__)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(type(value).__name__)
    return value
