"""Our specs as the bodies of Zoom's requests. Field names are those of its API reference; nothing else is ever sent."""

import secrets
import string
from datetime import datetime
from typing import Any, Final

from contract.meetings import MeetingPolicy, Recording
from meetings.model import Slot
from meetings.provider import LinkSpec
from meetings.providers.zoom.recurrence import Held, minutes_of
from meetings.providers.zoom.zones import listed_zone, wall_of

Json = dict[str, Any]

ONCE: Final = 2
SERIES: Final = 8
_TOPIC: Final = 200
_AGENDA: Final = 2000
_EARLY: Final = (5, 10, 15)


def mark(spec: LinkSpec) -> str:
    """Stands first in the agenda: lists of meetings show no more than its first 250 characters."""
    return f"[{spec.marker}]"


def described(spec: LinkSpec) -> Json:
    """What does not depend on times: the same for a meeting and for a series, new or changed."""
    agenda = f"{mark(spec)}\n{spec.link}\n\n{spec.description}".rstrip()
    return {
        "topic": topic(spec),
        "agenda": agenda[:_AGENDA],
        "settings": settings(spec.policy) | {"alternative_hosts": ";".join(spec.alternative_hosts)},
    }


def topic(spec: LinkSpec) -> str:
    return spec.title[:_TOPIC]


def settings(policy: MeetingPolicy) -> Json:
    """Mails are ours to send, so Zoom sends none. With a lobby Zoom lets nobody in before the host."""
    early = next((minutes for minutes in _EARLY if minutes >= policy.opens_minutes), 0)
    told: Json = {
        "waiting_room": policy.lobby,
        "join_before_host": not policy.lobby,
        "mute_upon_entry": policy.mute_on_entry,
        "auto_recording": "cloud" if policy.recording is Recording.CLOUD else "none",
        "approval_type": 0 if policy.registration else 2,
        "email_notification": False,
        "alternative_hosts_email_notification": False,
        "registrants_email_notification": False,
        "registrants_confirmation_email": False,
    }
    if not policy.lobby:
        told["jbh_time"] = early
    if policy.registration:
        told["registration_type"] = 1  # once, for all occurrences
    return told


def once(spec: LinkSpec, after: datetime) -> Json:
    """A single meeting. A start that has passed is left out: given, it would be taken for now, or ignored with all else."""
    slot = spec.first
    body = described(spec)
    body["settings"]["use_pmi"] = False  # the host's own room is the same for all classes
    times: Json = {"type": ONCE, "duration": minutes_of(slot)}
    return body | times | (start(slot) if slot.starts_at > after else {})


def series(spec: LinkSpec, held: Held, first: datetime, times: int) -> Json:
    """A series from the wall time `first` on, which lies in the future."""
    return described(spec) | {
        "type": SERIES,
        "start_time": _wall(first),
        "timezone": held.zone,
        "duration": spec.series.minutes,
        "recurrence": held.pattern.body(times),
    }


def start(slot: Slot) -> Json:
    """Wall time with its zone, so that Zoom shows what our people see; in UTC where Zoom has no such zone."""
    zone = listed_zone(slot.zone, [slot.starts]) or "UTC"
    return {"start_time": _wall(wall_of(slot.starts_at, zone)), "timezone": zone}


def _wall(wall: datetime) -> str:
    """yyyy-MM-ddTHH:mm:ss: without a Z it is the time in `timezone`."""
    return wall.strftime("%Y-%m-%dT%H:%M:%S")


def moved(slot: Slot) -> Json:
    return start(slot) | {"duration": minutes_of(slot)}


def registrant(name: str, email: str) -> Json:
    first, _, last = name.strip().partition(" ")
    body = {"email": email, "first_name": (first or email)[:64]}
    return body | ({"last_name": last.strip()[:64]} if last.strip() else {})


def passcode() -> str:
    """Eight characters with what an account's rules may ask for, a letter and a digit; easy to tell on the telephone."""
    digits = "".join(secrets.choice(string.digits) for _ in range(7))
    return secrets.choice("abcdefhkmnpqrstwxyz") + digits
