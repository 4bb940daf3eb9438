"""The reservation API that a Jitsi's Prosody asks before it opens a room (jitsi/handbook, docs/devops-guide/reservation.md).

Prosody takes our word for how long the room may stay, and shows the `message` of a refusal to whoever wanted in. What it
reads of an answer is stricter than what is documented: `name` and `mail_owner` must come back as they were sent
(jitsi/jitsi-meet, resources/prosody-plugins/mod_reservations.lua).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, quote, unquote

from contract.base import instant_text
from meetings.model import Slot
from meetings.provider import Booked, Delivery, Lookup, ProviderMemory, Receipt
from meetings.providers.jitsi.rooms import bare_name, is_ours
from meetings.waiting import not_yet

OVERRUN: Final = timedelta(minutes=15)
"""How long a class may go on after its end before Prosody closes the room."""

_MOST_FIELDS = 20
_LONGEST_NAME = 300
_UNKNOWN = "There is no such class."


@dataclass(frozen=True)
class Conference:
    """A room that is, or may be, open for one occurrence."""

    room: str
    booked: Booked
    slot: Slot

    @property
    def id(self) -> str:
        """Names room and occurrence; nothing in it has to be escaped in a path."""
        return f"{self.room}-{self.slot.key.replace(':', '').replace('-', '')}"

    @property
    def closes_at(self) -> datetime:
        return self.slot.ends_at + OVERRUN

    @property
    def opens_at(self) -> datetime:
        return self.slot.starts_at - timedelta(minutes=self.booked.spec.policy.opens_minutes)


class Reservations:
    """Answers by the schedule; remembers only which rooms are open."""

    def __init__(self, provider: str, lookup: Lookup, memory: ProviderMemory) -> None:
        self._provider = provider
        self._lookup = lookup
        self._memory = memory

    async def answer(self, delivery: Delivery, rest: str, now: datetime) -> Receipt:
        """`rest` is what follows `conference` in the path, without slashes around it."""
        match delivery.method, rest:
            case "POST", "":
                return await self._open(delivery.raw, now)
            case "GET", conference_id if conference_id:
                return await self._tell(unquote(conference_id))
            case "DELETE", conference_id if conference_id:
                return await self._close(unquote(conference_id), now)
        return _refused(HTTPStatus.METHOD_NOT_ALLOWED, "This is not part of the reservation API.")

    async def _open(self, raw: bytes, now: datetime) -> Receipt:
        form = _form(raw)
        name = form.get("name", "").strip()
        if not name or len(name) > _LONGEST_NAME:
            return _refused(HTTPStatus.BAD_REQUEST, "The room's name is missing.")
        room = bare_name(name)
        booked = await self._booked(room)
        if booked is None:
            return _refused(HTTPStatus.NOT_FOUND, _UNKNOWN)
        if booked.cancelled:
            return _refused(HTTPStatus.FORBIDDEN, "This class was cancelled.")
        conference = _at(room, booked, now)
        if conference is None:
            return _refused(HTTPStatus.FORBIDDEN, _why_not(room, booked, now))
        if await self._memory.get(_key(conference)):
            return _answered(HTTPStatus.CONFLICT, {"conflict_id": conference.id})
        kept = {"name": name, "mail_owner": form.get("mail_owner", "")}
        await self._memory.put(_key(conference), json.dumps(kept), conference.closes_at + timedelta(hours=1))
        return _answered(HTTPStatus.CREATED, _told(conference, kept))

    async def _tell(self, conference_id: str) -> Receipt:
        conference = await self._find(conference_id)
        if conference is None:
            return _refused(HTTPStatus.NOT_FOUND, _UNKNOWN)
        kept = json.loads(await self._memory.get(_key(conference)) or "{}")
        return _answered(HTTPStatus.OK, _told(conference, {"name": conference.room, "mail_owner": ""} | kept))

    async def _close(self, conference_id: str, now: datetime) -> Receipt:
        """The room is gone. One that was gone already is no error: Prosody repeats what it got no answer to."""
        conference = await self._find(conference_id)
        if conference is None:
            return _refused(HTTPStatus.NOT_FOUND, _UNKNOWN)
        await self._memory.put(_key(conference), "", now)
        return _answered(HTTPStatus.OK, {})

    async def _booked(self, room: str) -> Booked | None:
        return await self._lookup(self._provider, room) if is_ours(room) else None

    async def _find(self, conference_id: str) -> Conference | None:
        room = conference_id.partition("-")[0]
        booked = await self._booked(room)
        if booked is None:
            return None
        possible = (Conference(room, booked, slot) for slot in booked.spec.slots)
        return next((one for one in possible if one.id == conference_id), None)


def _at(room: str, booked: Booked, now: datetime) -> Conference | None:
    """The occurrence that is held now; where one overruns into the next, the next."""
    possible = [Conference(room, booked, slot) for slot in booked.spec.slots]
    return next((one for one in reversed(possible) if one.opens_at <= now < one.closes_at), None)


def _why_not(room: str, booked: Booked, now: datetime) -> str:
    to_come = (Conference(room, booked, slot) for slot in booked.spec.slots)
    coming = next((one for one in to_come if one.opens_at > now), None)
    return not_yet(coming.slot.starts_at, now) if coming is not None else "This class is over."


def _told(conference: Conference, kept: Mapping[str, str]) -> Mapping[str, object]:
    length = conference.closes_at - conference.slot.starts_at
    return {
        "id": conference.id,
        "name": kept["name"],
        "mail_owner": kept["mail_owner"],
        "start_time": instant_text(conference.slot.starts_at),
        "duration": int(length.total_seconds()),
        "lobby": conference.booked.spec.policy.lobby,
    }


def _key(conference: Conference) -> str:
    return f"conference:{quote(conference.id, safe='-')}"


def _form(raw: bytes) -> Mapping[str, str]:
    """The first value of each field; what cannot be read has none."""
    try:
        fields = parse_qs(raw.decode("utf-8"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _refused(status: HTTPStatus, message: str) -> Receipt:
    return _answered(status, {"message": message})


def _answered(status: HTTPStatus, body: Mapping[str, object]) -> Receipt:
    return Receipt(int(status), json.dumps(body).encode())
