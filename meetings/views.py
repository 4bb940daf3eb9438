"""What goes over the wire, told from records. Pure, save for `view_in`, which reads inside a transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from contract.errors import NotFound
from contract.meetings import LinkProblem, LinkState, Meeting, MeetingStatus, Provided
from contract.people import Actor
from contract.schedule import Occurrence, OccurrenceStatus, Schedule
from meetings import store
from meetings.model import LinkRecord, LinkStatus, MeetingRecord, OccurrenceRecord, PartRecord
from realtime.log.transaction import Transaction

BUILTIN = "builtin"


def occurrence_view(record: OccurrenceRecord, part: PartRecord) -> Occurrence:
    """One class, with the part's title where it has none of its own."""
    slot = record.slot
    return Occurrence.model_construct(
        key=slot.key,
        starts=slot.starts,
        zone=slot.zone,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        title=record.title if record.title is not None else part.title,
        status=record.status,
        changed=record.changed,
        adjustment=slot.adjustment,
    )


def occurrence_views(record: MeetingRecord, occurrences: Iterable[OccurrenceRecord]) -> list[Occurrence]:
    parts = {part.id: part for part in record.parts}
    return [occurrence_view(one, parts[one.part_id]) for one in occurrences]


def meeting_view(
    record: MeetingRecord,
    occurrences: Sequence[OccurrenceRecord],
    links: Sequence[LinkRecord],
    host: Actor,
    *,
    link_base: str,
    now: datetime,
) -> Meeting:
    """A meeting as everybody who may see its room sees it. Of the occurrences only the next one has to be there."""
    upcoming = next_of(occurrences, now)
    part = current_part(record, upcoming)
    return Meeting.model_construct(
        id=record.id,
        room_id=record.room_id,
        title=part.title,
        description=part.description,
        schedule=schedule_view(part),
        host=host,
        provided=Provided(provider=part.provider, state=state_of(part, links)),
        policy=part.policy,
        status=status_of(record, upcoming),
        sequence=record.sequence,
        link=link_of(link_base, record.id),
        next=occurrence_views(record, [upcoming])[0] if upcoming is not None else None,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def link_of(link_base: str, meeting_id: str) -> str:
    """The one link that stays."""
    return f"{link_base}/m/{meeting_id}"


def next_of(occurrences: Sequence[OccurrenceRecord], now: datetime) -> OccurrenceRecord | None:
    """The one that is live, or the first to come."""
    live = [one for one in occurrences if one.status is OccurrenceStatus.LIVE]
    to_come = [
        one for one in occurrences if one.status is OccurrenceStatus.SCHEDULED and one.slot.ends_at > now
    ]
    return min(live or to_come, key=lambda one: one.slot.starts_at, default=None)


def current_part(record: MeetingRecord, upcoming: OccurrenceRecord | None) -> PartRecord:
    """The part that the meeting is shown by: that of the next occurrence, else the last one that was not replaced."""
    if upcoming is not None:
        return next(part for part in record.parts if part.id == upcoming.part_id)
    left = [part for part in record.parts if not part.ended]
    return (left or record.parts)[-1]


def schedule_view(part: PartRecord) -> Schedule:
    series = part.series
    return Schedule.model_construct(
        starts=series.starts,
        zone=series.zone,
        minutes=series.minutes,
        rule=series.rule,
        except_dates=sorted(series.except_keys),
    )


def status_of(record: MeetingRecord, upcoming: OccurrenceRecord | None) -> MeetingStatus:
    """Where the meeting as a whole stands; a class that is being held goes before all else."""
    if upcoming is not None and upcoming.status is OccurrenceStatus.LIVE:
        return MeetingStatus.LIVE
    if record.cancelled_at is not None:
        return MeetingStatus.CANCELLED
    return MeetingStatus.SCHEDULED if upcoming is not None else MeetingStatus.ENDED


_STATES = {
    LinkStatus.FAILED: LinkState.FAILED,
    LinkStatus.GONE: LinkState.GONE,
    LinkStatus.PENDING: LinkState.PENDING,
    LinkStatus.CREATING: LinkState.PENDING,
}
"""From the worst to the best; all others are as good as ready."""


def state_of(part: PartRecord, links: Sequence[LinkRecord]) -> LinkState:
    """How far the provider's side of a part is: as far as the worst of its links."""
    mine = [one for one in links if one.part_id == part.id and one.provider == part.provider and one.wanted]
    for status, state in _STATES.items():
        if any(one.status is status for one in mine):
            return state
    return LinkState.READY if mine or part.ended or part.provider == BUILTIN else LinkState.PENDING


def problems_of(links: Iterable[LinkRecord], occurrences: Iterable[OccurrenceRecord]) -> list[LinkProblem]:
    """What staff has to know of links that are wanted and do not stand."""
    keys = {one.id: one.slot.key for one in occurrences}
    return [
        LinkProblem(
            key=keys.get(one.occurrence_id) if one.occurrence_id is not None else None,
            code=one.problem_code,
            message=one.problem or "The provider did not say why.",
            hint=one.hint,
            attempts=one.attempts,
            retry_at=one.retry_at,
        )
        for one in links
        if one.problem_code is not None and one.wanted
    ]


async def view_in(transaction: Transaction, meeting_id: str, link_base: str) -> Meeting:
    """The meeting as it is by now in the transaction, for events.

    Raises:
        NotFound: there is none.
    """
    await transaction.flush()
    connection = transaction.connection
    record = await store.load(connection, meeting_id)
    if record is None:
        raise NotFound
    return meeting_view(
        record,
        await store.occurrences(connection, meeting_id),
        await store.links(connection, meeting_id),
        await store.actor(connection, record.host_id),
        link_base=link_base,
        now=transaction.now,
    )
