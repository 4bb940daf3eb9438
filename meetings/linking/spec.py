"""What a provider shall hold for a link, told from the rows as they are now."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncConnection

from contract.errors import NotFound
from contract.schedule import OccurrenceStatus
from meetings import store
from meetings.model import LinkRecord, MeetingRecord, OccurrenceRecord, PartRecord, Series, Slot
from meetings.provider import LinkSpec, Person


async def spec_of(connection: AsyncConnection, link: LinkRecord, link_base: str) -> LinkSpec:
    """`link_base` is the address under which people reach this server.

    Raises:
        NotFound: the meeting is not there.
    """
    meeting = await store.load(connection, link.meeting_id)
    part = None if meeting is None else part_of(meeting, link.part_id)
    if meeting is None or part is None:
        raise NotFound
    occurrences = [
        one for one in await store.occurrences(connection, meeting.id) if one.part_id == link.part_id
    ]
    host = await store.person(connection, meeting.host_id)
    if host is None:
        host = Person(meeting.host_id, meeting.host_id, staff=True)
    spec = LinkSpec(
        marker=link.id,
        meeting_id=meeting.id,
        title=part.title,
        description=part.description,
        series=part.series,
        slots=_covered(occurrences, link.created_at),
        host=replace(host, staff=True),
        policy=part.policy,
        link=f"{link_base}/m/{meeting.id}",
        alternative_hosts=part.alternative_hosts,
        host_account=part.host_account,
    )
    if link.occurrence_id is None:
        return spec
    return _of_one(spec, next((one for one in occurrences if one.id == link.occurrence_id), None))


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


def _covered(occurrences: Sequence[OccurrenceRecord], since: datetime | None) -> Sequence[Slot]:
    """Those that are held: a link made in the middle of a series covers what was still to come then.

    When none of them is left, it is about to go, and is told of as it was.
    """
    held = [one for one in occurrences if one.status is not OccurrenceStatus.CANCELLED]
    to_come = [one for one in held if since is None or one.slot.ends_at > since]
    return tuple(one.slot for one in to_come or held or occurrences)


def _of_one(spec: LinkSpec, one: OccurrenceRecord | None) -> LinkSpec:
    if one is None:
        raise NotFound
    minutes = int(one.slot.length.total_seconds() // 60)
    return replace(
        spec,
        title=one.title or spec.title,
        description=spec.description if one.description is None else one.description,
        series=Series(one.slot.starts, one.slot.zone, minutes),
        slots=(one.slot,),
    )
