"""Who was in a class and how long: from stays to people, as a table and as CSV. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contract.after_class import Held, MeetingAttendance, Presence, Stay, StaySource
from contract.base import instant_text
from contract.people import Actor
from contract.schedule import Occurrence
from meetings.after.model import SessionRecord, StayRecord
from meetings.after.rules import counted

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet would run as a formula when a cell begins with it (OWASP, CSV injection)."""

_SAME_SECONDS = 60
"""Two sources that are no further apart than this tell the same."""

_HEAD = [
    "class", "starts_at", "user_id", "name", "email", "source", "joined_at", "left_at",
    "seconds", "minutes_in_class", "percent", "differs",
]  # fmt: skip

Span = tuple[datetime, datetime]


@dataclass
class _Person:
    user_id: str | None = None
    name: str = ""
    email: str | None = None
    stays: list[StayRecord] = field(default_factory=list)


def held(
    occurrence: Occurrence,
    sessions: Sequence[SessionRecord],
    stays: Iterable[StayRecord],
    people: Mapping[str, Actor],
    now: datetime,
) -> Held | None:
    """One class with those who were in it. None: it was not held. `people` are our users by id."""
    mine = counted(sessions, occurrence.starts_at)
    if not mine:
        return None
    spans = merged([(one.started_at, one.ended_at or max(now, one.started_at)) for one in mine])
    whole = exact(spans) or exact([(occurrence.starts_at, occurrence.ends_at)])
    reported = any(one.reported_at is not None for one in mine)
    ends = {one.id: one.ended_at for one in mine}
    found = persons(stay for stay in stays if stay.session_id in ends)
    return Held(
        occurrence=occurrence,
        started_at=min(one.started_at for one in mine),
        ended_at=None if None in ends.values() else max(end for end in ends.values() if end is not None),
        people=[_presence(one, ends, people, (whole, now, reported)) for one in found],
    )


def persons(stays: Iterable[StayRecord]) -> list[_Person]:
    """The stays of all sources, by person: ours by their id; others by address, or else by name; in the order of coming."""
    addresses = {}
    told = sorted(stays, key=lambda stay: stay.joined_at)
    for stay in told:
        if stay.user_id is not None and stay.email is not None:
            addresses[stay.email] = stay.user_id
    found: dict[tuple[str, str], _Person] = {}
    for stay in told:
        user_id = stay.user_id or addresses.get(stay.email or "")
        if user_id is not None:
            key = ("user", user_id)
        else:
            key = ("email", stay.email) if stay.email is not None else ("name", stay.name.casefold())
        one = found.setdefault(key, _Person(user_id=user_id, name=stay.name))
        one.email = one.email or stay.email
        one.stays.append(stay)
    return list(found.values())


def _presence(
    one: _Person,
    ends: Mapping[str, datetime | None],
    people: Mapping[str, Actor],
    class_: tuple[float, datetime, bool],
) -> Presence:
    whole, now, reported = class_
    user = people.get(one.user_id) if one.user_id is not None else None
    by_source = {source: _merged_stays(one.stays, source, ends, now) for source in StaySource}
    most = max(exact(spans) for spans, _ in by_source.values())
    seconds = {source: length(spans) for source, (spans, _) in by_source.items()}
    webhook = seconds[StaySource.WEBHOOK]
    report = seconds[StaySource.REPORT] if reported else None
    return Presence(
        user=user,
        name=user.name if user is not None else one.name,
        email=one.email,
        stays=[
            Stay(source=source, joined_at=start, left_at=None if end in goes_on else end)
            for source, (spans, goes_on) in by_source.items()
            for start, end in spans
        ],
        seconds=max(webhook, report or 0),
        webhook_seconds=webhook,
        report_seconds=report,
        percent=min(100, round(100 * most / whole)) if whole else 0,
        differs=report is not None and abs(webhook - report) > _SAME_SECONDS,
    )


def _merged_stays(
    stays: Iterable[StayRecord], source: StaySource, ends: Mapping[str, datetime | None], now: datetime
) -> tuple[list[Span], frozenset[datetime]]:
    """What one source tells, overlaps merged. An open stay ends with its session; the moments returned go on beyond now."""
    spans, goes_on = [], set()
    for stay in stays:
        if stay.source is not source:
            continue
        end = stay.left_at or ends[stay.session_id]
        if end is None:
            end = max(now, stay.joined_at)
            goes_on.add(end)
        spans.append((stay.joined_at, max(end, stay.joined_at)))
    return merged(spans), frozenset(goes_on)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps: two devices count once."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def length(spans: Iterable[Span]) -> int:
    """In whole seconds."""
    return round(exact(spans))


def exact(spans: Iterable[Span]) -> float:
    """In seconds."""
    return sum((end - start).total_seconds() for start, end in spans)


def as_csv(attendance: MeetingAttendance) -> str:
    """One line for each stay (RFC 4180). Instants are in UTC; `seconds` is the stay's, minutes and percent the person's."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEAD)
    for one in attendance.items:
        for person in one.people:
            for stay in person.stays:
                writer.writerow(_line(one, person, stay))
    return text.getvalue()


def _line(one: Held, person: Presence, stay: Stay) -> list[object]:
    left_at = stay.left_at
    return [
        _plain(one.occurrence.title),
        instant_text(one.occurrence.starts_at),
        _plain(person.user.id) if person.user is not None else "",
        _plain(person.name),
        _plain(person.email or ""),
        stay.source.value,
        instant_text(stay.joined_at),
        instant_text(left_at) if left_at is not None else "",
        length([(stay.joined_at, left_at)]) if left_at is not None else "",
        round(person.seconds / 60),
        person.percent,
        "yes" if person.differs else "no",
    ]


def _plain(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
