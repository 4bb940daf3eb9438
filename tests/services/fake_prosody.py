"""A Jitsi's Prosody, as far as others meet it: it reads tokens, asks before it opens a room, and tells who comes and goes.

It refuses what the modules of jitsi/jitsi-meet refuse: `luajwtjitsi.lib.lua` and `token/util.lib.lua` (tokens),
`mod_token_affiliation.lua` (moderators), `mod_reservations.lua` (answers); and what it tells is `event_sync` of
jitsi-contrib/prosody-plugins. Tokens are read by hand, so that nothing of what signs them checks them.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

Json = dict[str, Any]
Call = Callable[[str, str, bytes, Mapping[str, str]], Awaitable[tuple[int, bytes]]]
"""Method, path below the prefix, body and headers to status and body."""

_STAFF = ("owner", "moderator", "teacher")


class NotAllowed(Exception):
    """Somebody is not let in; the text is shown to them."""


@dataclass(frozen=True)
class Occupant:
    """Somebody who was let in."""

    room: str
    user: Mapping[str, str]
    features: Mapping[str, object]
    moderator: bool
    claims: Mapping[str, Any]


@dataclass
class FakeProsody:
    """Of one virtual host, with `asap_accepted_audiences` and domain verification as Debian's packages set them up."""

    domain: str
    app_id: str
    secret: str
    audiences: tuple[str, ...] = ("jitsi",)
    call: Call | None = None
    reservations: dict[str, Json] = field(default_factory=dict)

    def admit(self, address: str, now: datetime) -> Occupant:
        """Opens a link as a browser would. Raises NotAllowed."""
        parts = urlsplit(address)
        if parts.hostname != self.domain:
            raise NotAllowed("another server")
        room = parts.path.strip("/").lower()
        claims = self._claims(parse_qs(parts.query)["jwt"][0], now.timestamp())
        self._check_room(claims, room)
        user = claims["context"]["user"]
        if not all(isinstance(value, str) for value in user.values()):
            raise NotAllowed("an exception in mod_presence_identity: not a string")
        moderator = user.get("affiliation") in _STAFF or user.get("moderator") == "true"
        return Occupant(room, user, claims["context"]["features"], moderator, claims)

    def _claims(self, token: str, now: float) -> Json:
        signed, _, signature = token.rpartition(".")
        header, body = (json.loads(_decoded(part)) for part in signed.split("."))
        if header.get("typ") != "JWT" or header.get("alg") != "HS256":
            raise NotAllowed("Invalid or incorrect alg")
        wanted = hmac.new(self.secret.encode(), signed.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(_decoded(signature), wanted):
            raise NotAllowed("Invalid signature")
        for claim in ("exp", "nbf"):
            if isinstance(body[claim], bool) or not isinstance(body[claim], int | float):
                raise NotAllowed(f"{claim} must be number")
        if now >= body["exp"] or now < body["nbf"]:
            raise NotAllowed("Not acceptable by exp or nbf")
        if body.get("iss") != self.app_id:
            raise NotAllowed("invalid 'iss' claim")
        if body.get("aud") not in self.audiences:
            raise NotAllowed("invalid 'aud' claim")
        claims: Json = body
        return claims

    def _check_room(self, claims: Json, room: str) -> None:
        if claims.get("room") in {None, "*"}:
            raise NotAllowed("token_no_wildcard")
        if room != claims["room"].lower() or room != claims["room"]:
            raise NotAllowed("Room and token mismatched")
        if claims.get("sub") not in {"*", self.domain}:
            raise NotAllowed("Domain and token mismatched")

    # --------------------------------------------------------------------------------------------------- reservations

    async def opens(self, room: str, now: datetime, owner: str = "u1@guest") -> Json:
        """What happens when the first person comes into a room. Raises NotAllowed with what they are shown."""
        form = {"name": room, "start_time": f"{now:%Y-%m-%dT%H:%M:%S}.000Z", "mail_owner": owner}
        status, body = await self._ask("POST", "conference", urlencode(form).encode())
        if status in {200, 201}:
            return self._reserved(room, body)
        if status == 409:
            conflict = json.loads(body)["conflict_id"]
            status, body = await self._ask("GET", f"conference/{conflict}", b"")
            if status == 200:
                return self._reserved(room, body)
        raise NotAllowed(_message(body))

    async def closes(self, room: str) -> int:
        """What happens when the last one left: the status of the answer, at which Prosody does not look."""
        reservation = self.reservations.pop(room)
        status, _ = await self._ask("DELETE", f"conference/{reservation['id']}", b"")
        return status

    def _reserved(self, room: str, body: bytes) -> Json:
        data = json.loads(body)
        if str(data.get("name", "")).lower() != room.lower():
            raise NotAllowed("Missing or mismatching room name")
        for needed in ("id", "mail_owner"):
            if data.get(needed) is None:
                raise NotAllowed(f"Missing {needed}")
        float(data["duration"])
        datetime.fromisoformat(data["start_time"])
        self.reservations[room] = data
        return dict(data)

    async def _ask(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        assert self.call is not None
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return await self.call(method, path, body, headers)

    # ------------------------------------------------------------------------------------------------------ event_sync

    async def tells(self, path: str, event: Json) -> int:
        """Sends an event; the status of the answer. From 500 on Prosody would send it again."""
        assert self.call is not None
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        status, _ = await self.call("POST", f"events/{path}", json.dumps(event).encode(), headers)
        return status


def room_event(domain: str, name: str, room: str, **more: Any) -> Json:
    """An event about a room."""
    where = {"room_name": room, "room_jid": f"{room}@conference.{domain}", "is_breakout": False}
    return {"event_name": name, **where, **more}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body).get("message", "Rejected by reservation server"))
    except (ValueError, AttributeError):
        return "Rejected by reservation server"
