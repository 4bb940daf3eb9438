"""What is sent to Microsoft Graph of a meeting: events, online meetings, subscriptions.

Sources: Graph v1.0 reference, resource types event, onlineMeeting, patternedRecurrence, subscription.
"""

import html
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import tz_win

from contract.meetings import Recording
from meetings.model import Slot
from meetings.provider import LinkSpec
from meetings.providers.teams.recurrence import Recurrence


def windows_zone(zone: str) -> str | None:
    """Outlook's name of an IANA zone (CLDR, windowsZones); None: it knows none, and instants are sent in UTC."""
    return tz_win.get(zone)


def event(spec: LinkSpec, recurrence: Recurrence | None) -> dict[str, Any]:
    """What may be sent again and again. Without attendees: people are invited by us, and once."""
    zone = windows_zone(spec.series.zone) if recurrence is not None else None
    body: dict[str, Any] = {
        "subject": spec.title,
        **times(spec.first, zone, original=recurrence is not None),
        "isReminderOn": False,
        "responseRequested": False,
    }
    if recurrence is not None and zone is not None:
        body["recurrence"] = recurrence.body(zone)
    return body


def new_event(spec: LinkSpec, recurrence: Recurrence | None) -> dict[str, Any]:
    """`transactionId` makes a repeated request the same event. The text is set this once: later it holds Teams' own part."""
    link = html.escape(spec.link)
    return {
        **event(spec, recurrence),
        "body": {"contentType": "html", "content": f'<p>Come in here: <a href="{link}">{link}</a></p>'},
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        "transactionId": spec.marker,
    }


def is_older(made: Mapping[str, Any], spec: LinkSpec, recurrence: Recurrence | None) -> bool:
    """Whether Graph has answered a repeated `transactionId` with an entry that was asked for otherwise."""
    wanted = spec.first.starts_at
    if recurrence is not None:
        wanted = datetime.fromisoformat(spec.first.key).replace(tzinfo=ZoneInfo(spec.series.zone))
    starts = read_instant(made.get("start"))
    return made.get("subject", spec.title) != spec.title or (starts is not None and starts != wanted)


def times(slot: Slot, zone: str | None, *, original: bool = False) -> dict[str, Any]:
    """Wall time with its zone where Outlook knows it, so that the clocks may change; else UTC.

    `original`: of the first occurrence as the rule has it, which may have been moved since.
    """
    if zone is None:
        return {"start": _utc(slot.starts_at), "end": _utc(slot.ends_at)}
    starts = datetime.fromisoformat(slot.key) if original else slot.starts
    ends = starts + slot.length
    return {
        "start": {"dateTime": starts.isoformat(timespec="seconds"), "timeZone": zone},
        "end": {"dateTime": ends.isoformat(timespec="seconds"), "timeZone": zone},
    }


def _utc(instant: datetime) -> dict[str, str]:
    return {
        "dateTime": instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds"),
        "timeZone": "UTC",
    }


def online_meeting(spec: LinkSpec) -> dict[str, Any]:
    """What createOrGet takes, and PATCH too."""
    return {
        "startDateTime": instant(spec.first.starts_at),
        "endDateTime": instant(spec.slots[-1].ends_at),
        "subject": spec.title,
    }


def options(spec: LinkSpec) -> dict[str, Any]:
    """How people come in, as an onlineMeeting holds it. Passcodes are Teams' own and cannot be changed later."""
    return {
        "lobbyBypassSettings": {"scope": "organizer" if spec.policy.lobby else "everyone"},
        "allowedPresenters": "organizer" if not spec.alternative_hosts else "roleIsPresenter",
        "allowAttendeeToEnableMic": True,
        "recordAutomatically": spec.policy.recording is Recording.CLOUD,
        "participants": {
            "attendees": [{"upn": address, "role": "coorganizer"} for address in spec.alternative_hosts]
        },
    }


def subscription(
    resource: str, change_type: str, address: str, client_state: str, expires_at: datetime
) -> dict[str, Any]:
    return {
        "changeType": change_type,
        "notificationUrl": address,
        "lifecycleNotificationUrl": address,
        "resource": resource,
        "expirationDateTime": instant(expires_at),
        "clientState": client_state,
    }


def instant(at: datetime) -> str:
    """An Edm.DateTimeOffset."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_instant(value: Mapping[str, Any] | str | None) -> datetime | None:
    """A dateTimeTimeZone in UTC, or an Edm.DateTimeOffset; Graph writes seven digits of a second."""
    if isinstance(value, Mapping):
        if value.get("timeZone") not in {"UTC", "Etc/UTC", "tzone://Microsoft/Utc"}:
            return None
        text = f"{value.get('dateTime', '')}Z"
    elif isinstance(value, str):
        text = value
    else:
        return None
    head, dot, rest = text.partition(".")
    if dot:
        digits = rest.rstrip("Zz")
        zone = "Z"
        for sign in "+-":
            if sign in digits:
                digits, zone = digits.split(sign)[0], sign + digits.split(sign)[1]
        text = f"{head}.{digits[:6]}{zone}" if digits[:6] else head + zone
    try:
        instant = datetime.fromisoformat(text.replace("ZZ", "Z"))
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
