"""What a change of the schedule means for links: rows and jobs, in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from meetings.change import ScheduleChange
from meetings.jobs.port import JobWish
from meetings.jobs.store import wish_all
from meetings.linking import planning, store
from meetings.linking.planning import Need
from meetings.linking.rules import Move, moved
from meetings.model import LinkRecord, LinkStatus, MeetingRecord, PartRecord, Slot
from meetings.provider import Layout
from meetings.providers.registry import BUILTIN, Providers
from realtime.log.transaction import Transaction


class LinkPlan:
    """A Consequence. One link for a part whose provider holds a room or a whole series, else one for each occurrence."""

    def __init__(self, providers: Providers) -> None:
        self._providers = providers

    async def follow(self, transaction: Transaction, change: ScheduleChange) -> None:
        await transaction.flush()
        links = await store.links(transaction.connection, change.after.id)
        now = transaction.now
        decided = planning.decide(
            change,
            links,
            lambda part, slots: self._layout(part, slots, links),
            now,
        )
        wishes = [wish_for(link, now) for link in decided.touched if link.provider != BUILTIN]
        for link in decided.moved:
            await store.save(transaction, link)
            if link.provider != BUILTIN:
                wishes.append(wish_for(link, now))
        for link in links:
            if link.id in decided.unwanted:
                gone = _unwanted(link)
                await store.save(transaction, gone)
                if gone.status is not LinkStatus.CANCELLED:
                    wishes.append(wish_for(link, decided.unwanted[link.id]))
        for need in decided.new:
            made = _new(transaction, change.after, need)
            store.add(transaction, made)
            if made.status is LinkStatus.PENDING:
                wishes.append(wish_for(made, now))
        await wish_all(transaction, wishes)

    def _layout(self, part: PartRecord, slots: Sequence[Slot], links: Sequence[LinkRecord]) -> Layout:
        """Of a provider that is not set up any more, as it was: what it holds is left to it."""
        if self._providers.known(part.provider):
            return self._providers.get(part.provider).layout(part.series, slots)
        each = any(link.part_id == part.id and link.occurrence_id is not None for link in links)
        return Layout.EACH if each else Layout.SERIES


def wish_for(link: LinkRecord, due_at: datetime) -> JobWish:
    """The job that brings the provider's side in line with ours."""
    return JobWish(
        key=f"link:{link.id}",
        kind="link",
        due_at=due_at,
        payload={"link_id": link.id},
        meeting_id=link.meeting_id,
    )


def _new(transaction: Transaction, meeting: MeetingRecord, need: Need) -> LinkRecord:
    """In our own rooms there is nothing to be made: the room's call is there."""
    ours = need.provider == BUILTIN
    return LinkRecord(
        id=transaction.ids.new("link"),
        meeting_id=meeting.id,
        part_id=need.part_id,
        occurrence_id=need.occurrence_id,
        provider=need.provider,
        status=LinkStatus.READY if ours else LinkStatus.PENDING,
        reference={},
        pushed="",
        wanted=True,
        external_id=meeting.room_id if ours else None,
        created_at=transaction.now,
    )


def _unwanted(link: LinkRecord) -> LinkRecord:
    if link.provider != BUILTIN:
        return replace(link, wanted=False)
    return replace(link, wanted=False, status=moved(moved(link.status, Move.CANCEL), Move.REMOVED))
