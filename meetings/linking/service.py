"""What staff can do about links that failed: have them tried again at once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from sqlalchemy import select

from auth.identity import Identity
from auth.permissions import Action
from contract.errors import NotFound
from contract.meetings import MeetingDetail
from db.engine import Database
from meetings import store as schedule
from meetings.jobs.store import revive, wish_all
from meetings.jobs.tables import JobRow
from meetings.linking import store, words
from meetings.linking.plan import wish_for
from meetings.linking.rules import Move, moved
from meetings.linking.writes import tell
from meetings.model import LinkRecord, LinkStatus
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention, Writer
from realtime.rooms.rules import actor_of
from realtime.rooms.transaction_store import access_in

Detail = Callable[[Identity, str], Awaitable[MeetingDetail]]


class LinkService:
    """`detail` tells of a meeting, as its own service does."""

    def __init__(self, database: Database, writer: Writer, detail: Detail, link_base: str) -> None:
        self._database = database
        self._writer = writer
        self._detail = detail
        self._link_base = link_base

    async def retry(self, who: Identity, meeting_id: str) -> MeetingDetail:
        """Tries again at once whatever of the meeting failed or waits for its next try. Raises NotFound, Forbidden."""
        async with self._database.reading() as connection:
            room_id = await schedule.room_of(connection, meeting_id)
        if room_id is None:
            raise NotFound
        await self._writer.submit(_Retry(who, room_id, meeting_id, self._link_base))
        return await self._detail(who, meeting_id)


class _Retry(Intention[None]):
    def __init__(self, who: Identity, room_id: str, meeting_id: str, link_base: str) -> None:
        self.room_id = room_id
        self._who = who
        self._meeting_id = meeting_id
        self._link_base = link_base

    async def apply(self, transaction: Transaction) -> None:
        access = await access_in(transaction, self._who, self.room_id)
        access.require(Action.MEETING_SCHEDULE)
        links = await store.links(transaction.connection, self._meeting_id)
        troubled = [link for link in links if _is_troubled(link)]
        for link in troubled:
            await store.save(transaction, _afresh(link))
        await wish_all(transaction, [wish_for(link, transaction.now) for link in troubled])
        await self._revive_others(transaction)
        meeting = await schedule.load(transaction.connection, self._meeting_id)
        if troubled and meeting is not None:
            await tell(
                transaction,
                meeting,
                troubled[0],
                words.tried_again(),
                self._link_base,
                actor=actor_of(self._who),
            )

    async def _revive_others(self, transaction: Transaction) -> None:
        """Mails, reports and recordings of the meeting, too."""
        found = await transaction.read(
            select(JobRow.id).where(JobRow.meeting_id == self._meeting_id, JobRow.state == "dead")
        )
        dead = list(found.scalars())
        if dead:
            await revive(transaction, dead)


def _is_troubled(link: LinkRecord) -> bool:
    if link.status is LinkStatus.CANCELLED:
        return False
    return link.problem_code is not None or link.status in {LinkStatus.FAILED, LinkStatus.GONE}


def _afresh(link: LinkRecord) -> LinkRecord:
    """Its failures are counted from the beginning; that staff was told stays known, so that they hear when it works again."""
    return replace(
        link,
        status=moved(link.status, Move.RETRY),
        claim=None,
        attempts=0,
        problem_code=None,
        problem=None,
        hint=None,
        retry_at=None,
        troubled_at=None,
    )
