"""What JaaS tells (developer.8x8.com/jaas, "Payload structure"). Events may come twice and in any order: `timestamp` counts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from meetings.provider import Happening, Interval, RecordedFile, What
from meetings.providers.jitsi.people import our_id, person_name, text_of

Json = Mapping[str, Any]

_ROOMS: Final = {"ROOM_CREATED": What.STARTED, "ROOM_DESTROYED": What.ENDED}
_PEOPLE: Final = {"PARTICIPANT_JOINED": What.JOINED, "PARTICIPANT_LEFT": What.LEFT}
"""Those who wait in a lobby have not come yet: their events are others."""

_FILES: Final = {
    "RECORDING_UPLOADED": "video",
    "TRANSCRIPTION_UPLOADED": "transcript",
    "CHAT_UPLOADED": "chat",
}


def read_event(event: Json, app_id: str) -> Sequence[Happening]:
    """What happened in a room of ours; of other apps, and of events that we do not know, nothing is told."""
    app, _, room = text_of(event.get("fqn")).partition("/")
    at = moment(event.get("timestamp"))
    if app != app_id or not room or at is None:
        return ()
    kind, session = text_of(event.get("eventType")), text_of(event.get("sessionId"))
    return tuple(_happenings(kind, Happening(What.CHANGED, room.lower(), at, session), event))


def _happenings(kind: str, blank: Happening, event: Json) -> Iterator[Happening]:
    """`blank` says where and when."""
    for data in _parts(event.get("data")):
        breakout = data.get("isBreakout") is True or data.get("isBreakout") == "true"
        if kind in _ROOMS and not breakout:
            yield _as(blank, _ROOMS[kind])
        elif kind in _PEOPLE:
            yield _as(blank, _PEOPLE[kind], person=_stay(kind, blank.at, data))
        elif kind in _FILES:
            file = _file(_FILES[kind], data, blank)
            if file is not None:
                yield _as(blank, What.RECORDING_READY, files=(file,))


def _as(blank: Happening, what: What, **more: Any) -> Happening:
    return Happening(what, blank.external_id, blank.at, blank.session, **more)


def _stay(kind: str, at: datetime, data: Json) -> Interval:
    """When somebody who left had come is not told."""
    told_id = text_of(data.get("id"))
    return Interval(
        name=person_name(data.get("name")),
        joined_at=at,
        left_at=at if _PEOPLE[kind] is What.LEFT else None,
        email=text_of(data.get("email")) or None,
        user_id=our_id(told_id),
        external_id=told_id or text_of(data.get("participantJid")) or text_of(data.get("participantId")),
    )


def _file(kind: str, data: Json, blank: Happening) -> RecordedFile | None:
    """The link holds for a day. One file is told once for each delivery, so it is known by what it is."""
    url = text_of(data.get("preAuthenticatedLink"))
    if not url:
        return None
    named = text_of(data.get("recordingSessionId")) or f"{blank.session}:{url.rpartition('/')[2]}"
    return RecordedFile(
        external_id=f"{kind}:{sha256(named.encode(errors='surrogatepass')).hexdigest()[:40]}",
        kind=kind,
        url=url,
        starts_at=moment(data.get("startTimestamp")),
        ends_at=moment(data.get("endTimestamp")),
    )


def moment(milliseconds: object) -> datetime | None:
    """Milliseconds since 1970, as a number or in digits; None for what is no time."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float | str):
        return None
    try:
        return datetime.fromtimestamp(float(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _parts(data: object) -> Sequence[Json]:
    """One object, or a list of them."""
    found = data if isinstance(data, list) else [data]
    return [one for one in found if isinstance(one, dict)]
