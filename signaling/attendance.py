"""Who was in a call, and when: from stays to people, as a table and as CSV. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from contract.attendance import Attendance, Attendee, Interval
from contract.base import instant_text
from contract.calls import LeaveReason
from contract.people import Actor

Stay = tuple[Actor, datetime, datetime | None, LeaveReason | None]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet would run as a formula when a cell begins with it (OWASP, CSV injection)."""


def attendees_of(stays: Iterable[Stay], now: datetime) -> list[Attendee]:
    """One entry for each person, in the order in which they first came. Overlapping stays on two devices count once."""
    people: dict[str, Actor] = {}
    intervals: dict[str, list[Interval]] = {}
    for user, joined_at, left_at, reason in stays:
        people[user.id] = user
        intervals.setdefault(user.id, []).append(
            Interval(joined_at=joined_at, left_at=left_at, reason=reason)
        )
    return [
        Attendee(user=people[user_id], intervals=found, seconds=_seconds(found, now))
        for user_id, found in intervals.items()
    ]


def as_csv(attendance: Attendance) -> str:
    """One line for each stay (RFC 4180). Instants are in UTC; `seconds` is the stay's, `seconds_in_call` the person's."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["user_id", "name", "role", "joined_at", "left_at", "reason", "seconds", "seconds_in_call"]
    )
    for one in attendance.attendees:
        for interval in one.intervals:
            writer.writerow(
                [
                    _plain(one.user.id),
                    _plain(one.user.name),
                    one.user.role.value,
                    instant_text(interval.joined_at),
                    instant_text(interval.left_at) if interval.left_at is not None else "",
                    interval.reason.value if interval.reason is not None else "",
                    _seconds([interval], interval.left_at) if interval.left_at is not None else "",
                    one.seconds,
                ]
            )
    return text.getvalue()


def _seconds(intervals: Sequence[Interval], now: datetime) -> int:
    total = 0.0
    covered: datetime | None = None
    for interval in sorted(intervals, key=lambda one: one.joined_at):
        start = interval.joined_at if covered is None else max(interval.joined_at, covered)
        end = interval.left_at or now
        if end > start:
            total += (end - start).total_seconds()
        covered = end if covered is None else max(covered, end)
    return round(total)


def _plain(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
