"""What must be so after a week of faults: no meeting is there twice, too many or missing; no reminder was missed or given twice."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from contract.events import LogEvent
from contract.schedule import OccurrenceStatus
from meetings import store
from meetings.linking.spec import spec_of
from meetings.model import LinkRecord, LinkStatus, MeetingRecord, OccurrenceRecord
from meetings.reminders.tables import ReminderRow
from tests.faults.week import Week
from tests.services.scripted_provider import ScriptedVendor

_LATE = timedelta(minutes=3)
"""What a worker's death may cost."""


async def complaints(week: Week) -> list[str]:
    """Sentences; none when all is well."""
    wrong: list[str] = []
    links: list[LinkRecord] = []
    async with week.node.database.reading() as connection:
        for meeting_id in week.meetings:
            meeting = await store.load(connection, meeting_id)
            assert meeting is not None
            occurrences = await store.occurrences(connection, meeting_id)
            mine = await store.links(connection, meeting_id)
            links += mine
            wrong += await _of_links(week, connection, mine, occurrences)
            wrong += await _of_history(connection, meeting_id)
            events = await week.node.events(meeting.room_id)
            settled = await _settled(connection, occurrences)
            wrong += _of_reminders(week, meeting, occurrences, events, settled)
    for vendor in week.vendors.values():
        wrong += [f"duplicate: {marker} was made while it was there" for marker in vendor.doubled]
        wrong += _of_vendor(vendor, {link.id: link for link in links})
    wrong += _of_mails(week)
    return wrong


async def _of_history(connection: Any, meeting_id: str) -> list[str]:
    """Reconciliation must have found nothing to delete: what it deletes was left behind by somebody."""
    lines = await store.changes(connection, meeting_id, None, 1000)
    return [f"orphan: {line.words} {meeting_id}" for line in lines if line.what == "link_orphan_deleted"]


async def _of_links(
    week: Week, connection: Any, links: Sequence[LinkRecord], occurrences: Sequence[OccurrenceRecord]
) -> list[str]:
    """Whatever is still to come can be entered, and the provider knows it as it is."""
    wrong = []
    to_come = {one.id for one in _to_come(occurrences, week)}
    for link in links:
        covered = {one.id for one in occurrences if one.part_id == link.part_id}
        covered &= {link.occurrence_id} if link.occurrence_id is not None else covered
        if not link.wanted or not covered & to_come or link.provider == "builtin":
            continue
        thing = week.vendors[link.provider].things.get(link.external_id or "")
        if link.status is not LinkStatus.READY or thing is None:
            wrong.append(f"lost: {link.id} of {link.meeting_id} is {link.status}, {link.problem}")
            continue
        spec = await spec_of(connection, link, "http://127.0.0.1:8000")
        if thing.title != spec.title or list(thing.starts) != [slot.starts_at for slot in spec.slots]:
            wrong.append(f"differs: {link.id} of {link.meeting_id}: {thing} is not {spec.title}")
    wrong += [
        f"lost: {one.slot.key} of {one.meeting_id} has no link"
        for one in _to_come(occurrences, week)
        if not any(_carries(link, one) for link in links)
    ]
    return wrong


def _carries(link: LinkRecord, one: OccurrenceRecord) -> bool:
    return link.wanted and (
        link.occurrence_id == one.id or (link.occurrence_id is None and link.part_id == one.part_id)
    )


def _of_vendor(vendor: ScriptedVendor, links: dict[str, LinkRecord]) -> list[str]:
    wrong = [
        f"duplicate: {marker} is there {count} times"
        for marker, count in Counter(thing.marker for thing in vendor.things.values()).items()
        if count > 1
    ]
    for thing in vendor.things.values():
        link = links.get(thing.marker)
        if link is None or not link.wanted or link.external_id != thing.id:
            wrong.append(f"orphan: {thing} of {link}")
    return wrong


async def _settled(connection: Any, occurrences: Iterable[OccurrenceRecord]) -> set[tuple[str, str, int]]:
    """Reminders that were not to be given, because they came to be too late."""
    keys = {one.id: one.slot.key for one in occurrences}
    rows = await connection.execute(
        select(ReminderRow.occurrence_id, ReminderRow.starts_at, ReminderRow.minutes).where(
            ReminderRow.given.is_(False), ReminderRow.occurrence_id.in_(keys)
        )
    )
    return {(keys[row.occurrence_id], _plain(row.starts_at.isoformat()), row.minutes) for row in rows}


def _of_reminders(
    week: Week,
    meeting: MeetingRecord,
    occurrences: Sequence[OccurrenceRecord],
    events: Sequence[LogEvent],
    settled: set[tuple[str, str, int]],
) -> list[str]:
    given = [event for event in events if event.type == "meeting.reminder" and _is_of(event, meeting)]
    counted = Counter(_mark(event) for event in given)
    wrong = [
        f"doubled: {mark} of {meeting.id}, {count} times" for mark, count in counted.items() if count > 1
    ]
    for event in given:
        mark, due_at = _mark(event), _due_at(event)
        if mark in settled:
            wrong.append(f"not to be given: {mark} of {meeting.id}")
        if not timedelta(0) <= event.ts - due_at <= _LATE:
            wrong.append(f"at the wrong time: {mark} of {meeting.id}, due {due_at}, given {event.ts}")
    for one in occurrences:
        for minutes in meeting.reminders:
            due_at = one.slot.starts_at - timedelta(minutes=minutes)
            mark = (one.slot.key, _plain(one.slot.starts_at.isoformat()), minutes)
            is_due = one.status is not OccurrenceStatus.CANCELLED and due_at <= week.clock.now()
            if is_due and mark not in counted and mark not in settled:
                wrong.append(f"missed: {mark} of {meeting.id}")
    return wrong


def _of_mails(week: Week) -> list[str]:
    """The same mail may come twice when a worker dies between the server's answer and its own note of it, but as the same."""
    counted = Counter((mail.to, mail.message_id) for mail in week.post.mails)
    doubled = [mail for mail, count in counted.items() if count > 1]
    return [f"doubled: {mail}" for mail in doubled] if len(doubled) > week.kills else []


def _to_come(occurrences: Iterable[OccurrenceRecord], week: Week) -> list[OccurrenceRecord]:
    return [
        one
        for one in occurrences
        if one.status is OccurrenceStatus.SCHEDULED and one.slot.starts_at > week.clock.now()
    ]


def _is_of(event: LogEvent, meeting: MeetingRecord) -> bool:
    return bool(event.data["meeting_id"] == meeting.id)


def _mark(event: LogEvent) -> tuple[str, str, int]:
    one = event.data["occurrence"]
    return one["key"], _plain(one["starts_at"]), int(event.data["minutes"])


def _due_at(event: LogEvent) -> datetime:
    starts_at = datetime.fromisoformat(event.data["occurrence"]["starts_at"])
    return starts_at - timedelta(minutes=int(event.data["minutes"]))


def _plain(instant: str) -> str:
    return instant[:16]
