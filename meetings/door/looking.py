"""What the door reads before it answers: who comes, which class is meant, and how its link stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action
from contract.errors import NotFound, Unauthorized
from contract.meetings import EnterMeeting
from meetings import store as meetings
from meetings.door import store
from meetings.door.rules import Chosen, Stage, choose
from meetings.door.secrets import read_secret
from meetings.door.store import InvitationRecord
from meetings.door.writes import NOT_GOOD, guest_id
from meetings.linking.spec import part_of, spec_of
from meetings.linking.store import reference_of
from meetings.model import LinkRecord, LinkStatus, MeetingRecord, OccurrenceRecord, PartRecord
from meetings.provider import LinkSpec, Person, Reference
from realtime.rooms import store as rooms


@dataclass(frozen=True)
class Visitor:
    """Whoever stands at the door: somebody with an account, or a guest with an invitation."""

    person: Person
    identity: Identity | None = None
    invitation: InvitationRecord | None = None


@dataclass(frozen=True)
class Held:
    """What a provider holds of the class that is meant."""

    status: LinkStatus
    provider: str
    spec: LinkSpec | None = None
    reference: Reference | None = None
    troubled: bool = False
    """It was tried, and has to be tried again."""


@dataclass(frozen=True)
class View:
    """All that an answer is made of."""

    meeting: MeetingRecord
    part: PartRecord
    visitor: Visitor
    chosen: Chosen
    held: Held | None


async def look(
    connection: AsyncConnection, caller: Identity | None, meeting_id: str, wish: EnterMeeting, *, link_base: str,
    now: datetime,
) -> View:  # fmt: skip
    """Raises NotFound, Forbidden, Unauthorized."""
    meeting = await meetings.load(connection, meeting_id)
    visitor = await _visitor(connection, caller, meeting, wish, now)
    if meeting is None:
        raise NotFound
    occurrences = await meetings.occurrences(connection, meeting_id)
    if wish.occurrence is not None:
        occurrences = [one for one in occurrences if one.slot.key == wish.occurrence]
        if not occurrences:
            raise NotFound
    chosen = choose(meeting, occurrences, now)
    if chosen.resumable and await _was_ended_by_staff(connection, chosen.occurrence):
        chosen = replace(chosen, resumable=False)
    part = _part(meeting, chosen.occurrence)
    open_now = chosen.stage is Stage.OPEN or chosen.resumable
    held = await _held(connection, part, chosen.occurrence, link_base) if open_now else None
    return View(meeting, part, visitor, chosen, held)


async def _visitor(
    connection: AsyncConnection,
    caller: Identity | None,
    meeting: MeetingRecord | None,
    wish: EnterMeeting,
    now: datetime,
) -> Visitor:
    """A member comes as themselves, whatever invitation they hold besides."""
    if caller is None:
        return await _guest(connection, meeting, wish, now)
    if meeting is None:
        raise NotFound
    access = await rooms.access(connection, caller, meeting.room_id)
    if wish.guest is not None and not access.allows(Action.MEETING_JOIN):
        return await _guest(connection, meeting, wish, now)
    access.require(Action.MEETING_JOIN)
    known = await meetings.person(connection, caller.user_id)
    person = known or Person(caller.user_id, caller.name, caller.email, caller.picture)
    staff = access.allows(Action.MEETING_SCHEDULE) or caller.user_id == meeting.host_id
    return Visitor(replace(person, name=caller.name, picture=caller.picture, staff=staff), identity=caller)


async def _guest(
    connection: AsyncConnection, meeting: MeetingRecord | None, wish: EnterMeeting, now: datetime
) -> Visitor:
    """Raises Unauthorized in the same words whatever is wrong: nobody learns which meetings and invitations there are."""
    shown = read_secret(wish.guest or "")
    found = await store.invitation(connection, shown.invitation_id) if shown is not None else None
    if shown is None or found is None or not shown.opens(found.secret_hash):
        raise Unauthorized(NOT_GOOD)
    if meeting is None or found.meeting_id != meeting.id or not found.holds(now):
        raise Unauthorized(NOT_GOOD)
    name = wish.guest_name or found.name or found.email.partition("@")[0]
    return Visitor(Person(guest_id(found.id), name, found.email), invitation=found)


async def _was_ended_by_staff(connection: AsyncConnection, occurrence: OccurrenceRecord | None) -> bool:
    """Whether somebody meant it to end, and nobody has begun it anew."""
    if occurrence is None:
        return False
    return await store.ended_by_somebody(connection, occurrence.meeting_id, occurrence.slot.key)


def _part(meeting: MeetingRecord, occurrence: OccurrenceRecord | None) -> PartRecord:
    found = part_of(meeting, occurrence.part_id) if occurrence is not None else None
    return found or meeting.parts[-1]


async def _held(
    connection: AsyncConnection, part: PartRecord, occurrence: OccurrenceRecord | None, link_base: str
) -> Held | None:
    """None: nothing was asked of the provider yet."""
    links = await meetings.links(connection, part.meeting_id)
    link = _link_of(links, part, occurrence)
    if link is None:
        return None
    if link.status is not LinkStatus.READY:
        return Held(link.status, link.provider, troubled=link.problem_code is not None)
    spec = await spec_of(connection, link, link_base)
    return Held(link.status, link.provider, spec, reference_of(link))


def _link_of(
    links: Sequence[LinkRecord], part: PartRecord, occurrence: OccurrenceRecord | None
) -> LinkRecord | None:
    """The newest of those that are wanted for the class, by the provider that it is with now."""
    mine = [
        one
        for one in links
        if one.wanted
        and one.part_id == part.id
        and one.provider == part.provider
        and (one.occurrence_id is None or (occurrence is not None and one.occurrence_id == occurrence.id))
    ]
    return mine[-1] if mine else None
