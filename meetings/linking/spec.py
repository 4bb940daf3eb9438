"""What a provider shall hold for a link, told from the rows as they are now."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from contract.errors import NotFound
from contract.schedule import OccurrenceStatus, wall_text
from meetings import store
from meetings.model import LinkRecord, MeetingRecord, OccurrenceRecord, PartRecord, Series, Slot
from meetings.provider import LinkSpec, Person
from meetings.views import link_of


async def spec_of(connection: AsyncConnection, link: LinkRecord, link_base: str) -> LinkSpec:
    """`link_base` is the address under which people reach this server.

    Raises:
        NotFound: the meeting is not there.
    """
    meeting = await store.load(connection, link.meeting_id)
    part = None if meeting is None else part_of(meeting, link.part_id)
    if meeting is None or part is None:
        raise NotFound
    occurrences = await _occurrences_of(connection, link)
    host = await store.person(connection, meeting.host_id)
    if host is None:
        host = Person(meeting.host_id, meeting.host_id)
    spec = LinkSpec(
        marker=link.id,
        meeting_id=meeting.id,
        title=part.title,
        description=part.description,
        series=part.series,
        slots=_covered(occurrences, link.created_at) or (_first_of(part.series),),
        host=replace(host, staff=True),
        policy=part.policy,
        link=link_of(link_base, meeting.id),
        alternative_hosts=part.alternative_hosts,
        host_account=part.host_account,
    )
    return spec if link.occurrence_id is None or not occurrences else _of_one(spec, occurrences[0])


def part_of(meeting: MeetingRecord, part_id: str) -> PartRecord | None:
    return next((one for one in meeting.parts if one.id == part_id), None)


def fingerprint(spec: LinkSpec) -> str:
    """The same for specs that say the same to a provider: what is kept of the one that it was told last."""
    said = asdict(spec)
    del said["marker"], said["meeting_id"]
    said["host"] = {"id": spec.host.id, "email": spec.host.email, "name": spec.host.name}
    said["policy"] = spec.policy.model_dump(mode="json")
    said["series"]["except_keys"] = sorted(spec.series.except_keys)
    return sha256(json.dumps(said, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def _occurrences_of(connection: AsyncConnection, link: LinkRecord) -> Sequence[OccurrenceRecord]:
    """One that the rule has no longer is still told of, to whoever has to delete it."""
    if link.occurrence_id is not None:
        found = await store.occurrence_by_id(connection, link.occurrence_id)
        return [] if found is None else [found]
    present = await store.occurrences(connection, link.meeting_id)
    return [one for one in present if one.part_id == link.part_id]


def _covered(occurrences: Sequence[OccurrenceRecord], since: datetime | None) -> tuple[Slot, ...]:
    """Those that are held: a link made in the middle of a series covers what was still to come then.

    When none of them is left, it is about to go, and is told of as it was.
    """
    held = [one for one in occurrences if one.status is not OccurrenceStatus.CANCELLED]
    to_come = [one for one in held if since is None or one.slot.ends_at > since]
    return tuple(one.slot for one in to_come or held or occurrences)


def _first_of(series: Series) -> Slot:
    """Of a series that has lost all its occurrences."""
    starts_at = series.starts.replace(tzinfo=ZoneInfo(series.zone)).astimezone(UTC)
    ends_at = starts_at + timedelta(minutes=series.minutes)
    return Slot(wall_text(series.starts), series.starts, series.zone, starts_at, ends_at)


def _of_one(spec: LinkSpec, one: OccurrenceRecord) -> LinkSpec:
    minutes = int(one.slot.length.total_seconds() // 60)
    return replace(
        spec,
        title=one.title or spec.title,
        description=spec.description if one.description is None else one.description,
        series=Series(one.slot.starts, one.slot.zone, minutes),
        slots=(one.slot,),
    )
