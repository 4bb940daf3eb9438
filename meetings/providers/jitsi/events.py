"""What the plugin event_sync tells of rooms and the people in them (jitsi-contrib/prosody-plugins, event_sync).

It gives its events no ids. Their key is made from what they are about, so that a repeated one is the same; and whoever
comes and goes is told once more when the room is destroyed, so that nothing is lost with a delivery.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from meetings.provider import Happening, Interval, What
from meetings.providers.jitsi.people import our_id, person_name, text_of
from meetings.providers.jitsi.rooms import bare_name

Json = Mapping[str, Any]

_KEY_FIELDS = ("event_name", "room_jid", "room_name", "breakout_room_id", "created_at", "destroyed_at")
_KEY_FIELDS_OF_PEOPLE = ("occupant_jid", "joined_at", "left_at")


def parse(raw: bytes) -> Json | None:
    """A JSON object; None for anything else."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def key_of(event: Json) -> str | None:
    """The same for the same event, however often and however written it comes. None: it tells nothing that we keep."""
    if not read_event(event):
        return None
    occupant = _object(event.get("occupant"))
    about = [_word(event.get(field)) for field in _KEY_FIELDS]
    about += [_word(occupant.get(field)) for field in _KEY_FIELDS_OF_PEOPLE]
    return "event:" + sha256(json.dumps(about).encode()).hexdigest()


def read_event(event: Json) -> Sequence[Happening]:
    """What happened. The breakout rooms of a class are part of it: people in them have not left, and it goes on as long as its
    main room is there.
    """
    room = bare_name(text_of(event.get("room_name")) or text_of(event.get("room_jid")).partition("@")[0])
    if not room:
        return ()
    breakout = event.get("is_breakout") is True
    match event.get("event_name"):
        case "muc-room-created":
            return () if breakout else tuple(_at(What.STARTED, room, event.get("created_at")))
        case "muc-room-destroyed":
            return (
                *_everybody(room, event),
                *(() if breakout else _at(What.ENDED, room, event.get("destroyed_at"))),
            )
        case "muc-occupant-joined":
            return tuple(_came(room, _object(event.get("occupant"))))
        case "muc-occupant-left":
            return tuple(_went(room, _object(event.get("occupant"))))
    return ()


def _everybody(room: str, event: Json) -> Iterator[Happening]:
    """Lua writes an empty list as an object. Whoever was still there went with the room."""
    everybody = event.get("all_occupants")
    for occupant in everybody if isinstance(everybody, list) else ():
        if isinstance(occupant, dict):
            yield from _came(room, occupant)
            yield from _went(room, {"left_at": event.get("destroyed_at"), **occupant})


def _came(room: str, occupant: Json) -> Iterator[Happening]:
    joined_at = moment(occupant.get("joined_at"))
    if joined_at is not None:
        yield Happening(What.JOINED, room, joined_at, person=_stay(occupant, joined_at, None))


def _went(room: str, occupant: Json) -> Iterator[Happening]:
    left_at = moment(occupant.get("left_at"))
    if left_at is not None:
        joined_at = moment(occupant.get("joined_at")) or left_at
        yield Happening(What.LEFT, room, left_at, person=_stay(occupant, min(joined_at, left_at), left_at))


def _at(what: What, room: str, seconds: object) -> Iterator[Happening]:
    at = moment(seconds)
    if at is not None:
        yield Happening(what, room, at)


def _stay(occupant: Json, joined_at: datetime, left_at: datetime | None) -> Interval:
    told_id = text_of(occupant.get("id"))
    return Interval(
        name=person_name(occupant.get("name")),
        joined_at=joined_at,
        left_at=left_at,
        email=text_of(occupant.get("email")) or None,
        user_id=our_id(told_id),
        external_id=told_id or text_of(occupant.get("occupant_jid")),
    )


def moment(seconds: object) -> datetime | None:
    """Seconds since 1970, as a number or in digits; None for what is no time."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | str):
        return None
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}
