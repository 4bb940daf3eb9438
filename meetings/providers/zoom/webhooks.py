"""What Zoom sends: verified over its raw bytes, read with tolerance for what we do not know."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import SecretStr

from contract.errors import InvalidInput, Unauthorized
from meetings.provider import Delivery, Happening, Interval, Receipt, What
from meetings.providers.zoom.afterwards import files, moment_of

_WINDOW: Final = timedelta(minutes=5)
_VALIDATION: Final = "endpoint.url_validation"
_STAMP: Final = "x-zm-request-timestamp"
_SIGNATURE: Final = "x-zm-signature"
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
_WHATS: Final = {
    "meeting.started": What.STARTED,
    "meeting.ended": What.ENDED,
    "meeting.participant_joined": What.JOINED,
    "meeting.participant_left": What.LEFT,
    "meeting.updated": What.CHANGED,
    "meeting.recovered": What.CHANGED,
    "meeting.deleted": What.DELETED,
    "meeting.permanently_deleted": What.DELETED,
    "recording.completed": What.RECORDING_READY,
    "recording.transcript_completed": What.RECORDING_READY,
}
"""Whoever is in the waiting room or in a breakout room has neither come nor gone: those events are not among them."""
_TIMES: Final = {
    What.STARTED: "start_time",
    What.ENDED: "end_time",
    What.JOINED: "join_time",
    What.LEFT: "leave_time",
    What.RECORDING_READY: "start_time",
}
"""Of a recording, when the class began: it may be ready long after."""


class ZoomWebhooks:
    """developers.zoom.us/docs/api/webhooks: header x-zm-signature is v0=HMAC-SHA256(secret, "v0:timestamp:body") in hex."""

    def __init__(self, secret: SecretStr | None) -> None:
        self._secret = secret.get_secret_value().encode() if secret is not None else b""

    async def receive(self, delivery: Delivery, now: datetime) -> Receipt:
        """The URL's validation is also answered without a signature, but for plain words alone: it signs what it is given with
        the same secret, and what a webhook's signature covers begins with "v0:".
        """
        if _SIGNATURE not in delivery.headers and _STAMP not in delivery.headers and self._secret:
            asked = _unsigned(delivery.raw)
            if asked is not None and _WORD.fullmatch(asked):
                return self._validated(asked)
        self._verify(delivery, now)
        told = _object(delivery.raw)
        event = told.get("event")
        if event == _VALIDATION:
            asked = _validation(delivery.raw)
            if asked is None:
                raise InvalidInput.of("payload.plainToken", "must be a string")
            return self._validated(asked)
        known = isinstance(event, str) and event in _WHATS
        key = hashlib.sha256(delivery.raw).hexdigest() if known else None
        return Receipt(key=key)

    def read(self, raw: bytes) -> Sequence[Happening]:
        told = _object(raw)
        told_of = told.get("payload")
        payload = told_of if isinstance(told_of, Mapping) else {}
        found = payload.get("object")
        what = _WHATS.get(str(told.get("event")))
        if what is None or not isinstance(found, Mapping) or not str(found.get("id") or "").isdigit():
            return []
        if what is What.DELETED and payload.get("operation") == "single" and found.get("occurrences"):
            what = What.CHANGED  # of a series, one date was taken away
        happening = _happening(what, told, found)
        return [] if happening is None else [happening]

    def _verify(self, delivery: Delivery, now: datetime) -> None:
        stamp = delivery.headers.get(_STAMP, "")
        signature = delivery.headers.get(_SIGNATURE, "")
        if not self._secret:
            raise Unauthorized("There is no secret to verify this with.")
        digest = hmac.new(
            self._secret,
            b"v0:" + stamp.encode(errors="surrogateescape") + b":" + delivery.raw,
            hashlib.sha256,
        ).hexdigest()
        if not hmac.compare_digest(f"v0={digest}".encode(), signature.encode(errors="surrogateescape")):
            raise Unauthorized("The signature does not fit.")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise Unauthorized("The time of signing is missing.")
        if abs(now - datetime.fromtimestamp(int(stamp), UTC)) > _WINDOW:
            raise Unauthorized("It was signed too long ago.")

    def _validated(self, plain: str) -> Receipt:
        encrypted = hmac.new(self._secret, plain.encode(), hashlib.sha256).hexdigest()
        return Receipt(body=json.dumps({"plainToken": plain, "encryptedToken": encrypted}).encode())


def _validation(raw: bytes) -> str | None:
    """The word to sign, if that is what it asks for. Raises InvalidInput."""
    told = _object(raw)
    payload = told.get("payload")
    plain = payload.get("plainToken") if isinstance(payload, Mapping) else None
    return plain if told.get("event") == _VALIDATION and isinstance(plain, str) else None


def _unsigned(raw: bytes) -> str | None:
    """As `_validation`; what cannot be read is nobody's."""
    try:
        return _validation(raw)
    except InvalidInput:
        return None


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise InvalidInput.of("body", "must be JSON") from None
    if not isinstance(told, Mapping):
        raise InvalidInput.of("body", "must be an object")
    return told


def _happening(what: What, told: Mapping[str, Any], found: Mapping[str, Any]) -> Happening | None:
    participant = found.get("participant")
    timed = participant if isinstance(participant, Mapping) else found
    at = moment_of(timed.get(_TIMES[what])) if what in _TIMES else None
    at = at or _stamp(told.get("event_ts")) or moment_of(found.get("start_time"))
    if at is None:
        return None
    person = _person(what, timed, at) if what in {What.JOINED, What.LEFT} else None
    token = told.get("download_token")
    return Happening(
        what=what,
        external_id=str(found["id"]),
        at=at,
        session=str(found.get("uuid") or ""),
        person=person,
        files=files(found, token if isinstance(token, str) else None) if what is What.RECORDING_READY else (),
    )


def _person(what: What, one: Mapping[str, Any], at: datetime) -> Interval:
    """`user_id` is that of one stay, `participant_uuid` that of the person in this meeting. Strangers have an empty e-mail."""
    return Interval(
        name=str(one.get("user_name") or ""),
        joined_at=at,
        left_at=at if what is What.LEFT else None,
        email=str(one.get("email") or "") or None,
        external_id=str(one.get("participant_uuid") or one.get("user_id") or ""),
    )


def _stamp(value: object) -> datetime | None:
    """Milliseconds since 1970, as a number or as a string of digits."""
    try:
        return datetime.fromtimestamp(int(str(value)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
