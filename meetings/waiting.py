"""How long it still is, in words."""

from datetime import datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def not_yet(starts_at: datetime, now: datetime) -> str:
    """For somebody who is too early."""
    return f"Not yet: starts in {span(starts_at, now)}."


def span(until: datetime, now: datetime) -> str:
    """The time that is left, never told as less than it is: 12 minutes, 2 hours and 5 minutes, 3 days."""
    seconds = max(0.0, (until - now).total_seconds())
    minutes = max(1, -int(-seconds // _MINUTE))
    if minutes * _MINUTE < _HOUR:
        return _counted(minutes, "minute")
    if minutes * _MINUTE < _DAY:
        hours, rest = divmod(minutes, 60)
        return _counted(hours, "hour") + (f" and {_counted(rest, 'minute')}" if rest else "")
    return _counted(round(seconds / _DAY), "day")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
