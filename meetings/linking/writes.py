"""What is written about links. Each change loads the link under its room's lock, lets a pure rule decide, and saves it."""

from dataclasses import dataclass, replace
from datetime import datetime

from contract.meetings import LinkChanged, LinkState
from contract.people import Actor
from meetings import history
from meetings import store as schedule
from meetings.jobs import store as jobs
from meetings.jobs.port import Job
from meetings.linking import rules, store, words
from meetings.linking.plan import wish_for
from meetings.linking.rules import CLAIMING, Move, Task, is_news, moved
from meetings.linking.spec import fingerprint, part_of, spec_of
from meetings.model import LinkRecord, LinkStatus, MeetingRecord
from meetings.provider import LinkSpec, ProviderError, Reference
from meetings.system import SYSTEM
from meetings.views import state_of, view_in
from realtime.log.transaction import Draft, Transaction
from realtime.log.writer import Intention


@dataclass(frozen=True)
class Claimed:
    """What a run has taken on: only it may save what comes of it."""

    task: Task
    link: LinkRecord
    spec: LinkSpec
    fingerprint: str

    @property
    def reference(self) -> Reference | None:
        return store.reference_of(self.link)


class Claim(Intention[Claimed | None]):
    """Takes a link on, before anything is asked of its provider; None when there is nothing to do, or for others to do."""

    def __init__(self, room_id: str, link_id: str, job: Job, link_base: str) -> None:
        self.room_id = room_id
        self._link_id = link_id
        self._job = job
        self._link_base = link_base

    async def apply(self, transaction: Transaction) -> Claimed | None:
        if not await jobs.holds(transaction, self._job):
            return None
        await transaction.flush()
        link = await store.link(transaction.connection, self._link_id)
        if link is None:
            return None
        spec = await spec_of(transaction.connection, link, self._link_base)
        said = fingerprint(spec)
        task = rules.task_for(link, said, over=rules.is_over(spec.slots, transaction.now))
        if task is Task.NOTHING:
            return None
        after = replace(link, status=moved(link.status, CLAIMING[task]), claim=self._job.lease)
        if task is Task.FORGET:
            after = replace(_settled(after), claim=None)
        await store.save(transaction, after)
        return None if task is Task.FORGET else Claimed(task, after, spec, said)


class Made(Intention[bool]):
    """The provider has it as it was asked for; False when the run's claim was lost, and nothing was saved."""

    def __init__(self, room_id: str, claimed: Claimed, reference: Reference, link_base: str) -> None:
        self.room_id = room_id
        self._claimed = claimed
        self._reference = reference
        self._link_base = link_base

    async def apply(self, transaction: Transaction) -> bool:
        link = await _held(transaction, self._claimed)
        if link is None:
            return False
        after = replace(
            _settled(link),
            status=moved(link.status, Move.MADE),
            external_id=self._reference.external_id,
            reference=dict(self._reference.values),
            pushed=self._claimed.fingerprint,
            seen_at=transaction.now,
        )
        say = words.made(self._claimed.task, recovered=link.told_at is not None)
        await _saved(transaction, link, after, say, self._link_base)
        return True


class Removed(Intention[bool]):
    """The provider does not hold it any more."""

    def __init__(self, room_id: str, claimed: Claimed) -> None:
        self.room_id = room_id
        self._claimed = claimed

    async def apply(self, transaction: Transaction) -> bool:
        link = await _held(transaction, self._claimed)
        if link is None:
            return False
        await store.save(transaction, replace(_settled(link), status=moved(link.status, Move.REMOVED)))
        return True


class Vanished(Intention[bool]):
    """The provider says that it does not hold it any more, though it should."""

    def __init__(self, room_id: str, link: LinkRecord, link_base: str, *, made_again: bool) -> None:
        self.room_id = room_id
        self._link = link
        self._link_base = link_base
        self._made_again = made_again

    async def apply(self, transaction: Transaction) -> bool:
        """False when it stands otherwise by now."""
        await transaction.flush()
        link = await store.link(transaction.connection, self._link.id)
        if link is None or link.status is not LinkStatus.READY or link.external_id != self._link.external_id:
            return False
        after = replace(
            link,
            status=moved(link.status, Move.VANISH),
            external_id=None,
            reference={},
            pushed="",
            claim=None,
            told_at=transaction.now,
        )
        say = words.vanished(made_again=self._made_again)
        await _saved(transaction, link, after, say, self._link_base)
        if self._made_again:
            await jobs.wish(transaction, wish_for(link, transaction.now))
        return True


class Looked(Intention[None]):
    """The provider holds it. `put_right`: not as it was told, so it is told again."""

    def __init__(self, room_id: str, link: LinkRecord, link_base: str, *, put_right: bool) -> None:
        self.room_id = room_id
        self._link = link
        self._link_base = link_base
        self._put_right = put_right

    async def apply(self, transaction: Transaction) -> None:
        await transaction.flush()
        link = await store.link(transaction.connection, self._link.id)
        if link is None or link.status is not LinkStatus.READY or link.external_id != self._link.external_id:
            return
        after = replace(link, seen_at=transaction.now, pushed="" if self._put_right else link.pushed)
        await store.save(transaction, after)
        if not self._put_right:
            return
        await jobs.wish(transaction, wish_for(link, transaction.now))
        meeting = await schedule.load(transaction.connection, link.meeting_id)
        if meeting is not None:
            await tell(transaction, meeting, link, words.changed_there(), self._link_base)


class Troubled(Intention[bool]):
    """It was not done: what is wrong, since when, and whether staff has to know. `claimed` None: nothing was asked."""

    def __init__(
        self,
        room_id: str,
        link: LinkRecord,
        error: ProviderError,
        link_base: str,
        *,
        claimed: Claimed | None,
        starts_at: datetime | None,
    ) -> None:
        self.room_id = room_id
        self._link = link
        self._error = error
        self._link_base = link_base
        self._claimed = claimed
        self._starts_at = starts_at

    async def apply(self, transaction: Transaction) -> bool:
        """False when the run's claim was lost, or nothing new is to be said."""
        link = await self._present(transaction)
        if link is None:
            return False
        error, now = self._error, transaction.now
        after = replace(
            link,
            attempts=link.attempts + (1 if self._claimed is not None else 0),
            problem_code=error.trouble.value,
            problem=error.message,
            hint=error.hint,
            retry_at=error.retry_at,
            troubled_at=link.troubled_at or now,
            claim=None if self._claimed is not None else link.claim,
        )
        serious = rules.is_serious(
            after, error.trouble, starts_at=self._starts_at, retry_at=error.retry_at, now=now
        )
        if not serious:
            await store.save(transaction, after)
            return True
        after = replace(after, status=moved(link.status, Move.FAIL), told_at=link.told_at or now)
        await _saved(transaction, link, after, self._say(after), self._link_base)
        return True

    async def _present(self, transaction: Transaction) -> LinkRecord | None:
        if self._claimed is not None:
            return await _held(transaction, self._claimed)
        await transaction.flush()
        link = await store.link(transaction.connection, self._link.id)
        waits = link is not None and link.wanted and link.status is not LinkStatus.CANCELLED
        return link if waits else None

    def _say(self, after: LinkRecord) -> words.Say:
        if after.status is LinkStatus.CANCELLING:
            return words.not_deleted(self._error)
        ready = after.status is LinkStatus.READY
        return words.troubled(self._error, LinkState.READY if ready else LinkState.FAILED)


async def _held(transaction: Transaction, claimed: Claimed) -> LinkRecord | None:
    """The link, if no other run has taken it on meanwhile."""
    await transaction.flush()
    link = await store.link(transaction.connection, claimed.link.id)
    return link if link is not None and link.claim == claimed.link.claim else None


def _settled(link: LinkRecord) -> LinkRecord:
    """Without any trouble, and nobody's."""
    return replace(
        link,
        claim=None,
        attempts=0,
        problem_code=None,
        problem=None,
        hint=None,
        retry_at=None,
        troubled_at=None,
        told_at=None,
    )


async def _saved(
    transaction: Transaction, before: LinkRecord, after: LinkRecord, say: words.Say, link_base: str
) -> None:
    """Saves the link, and tells the room and the history when that is news."""
    await store.save(transaction, after)
    connection = transaction.connection
    meeting = await schedule.load(connection, after.meeting_id)
    part = None if meeting is None else part_of(meeting, after.part_id)
    if meeting is None or part is None:
        return
    links = await store.links(connection, after.meeting_id)
    others = [one for one in links if one.id != after.id and one.wanted]
    was, now = state_of(part, [*others, before]), state_of(part, [*others, after])
    if is_news(before, after, others, changes=was is not now):
        await tell(transaction, meeting, after, say, link_base)


async def tell(
    transaction: Transaction,
    meeting: MeetingRecord,
    link: LinkRecord,
    say: words.Say,
    link_base: str,
    *,
    actor: Actor | None = None,
) -> None:
    """A line in the history, and an event in the room; by the server itself where nobody did it."""
    key = None
    if link.occurrence_id is not None:
        one = await schedule.occurrence_by_id(transaction.connection, link.occurrence_id)
        key = None if one is None else one.slot.key
    line = history.Line(say.what, say.message, actor=actor, key=key, reason=say.reason)
    history.record(transaction, meeting.id, line)
    view = await view_in(transaction, meeting.id, link_base)
    told = LinkChanged(meeting=view, message=say.message)
    transaction.append(meeting.room_id, Draft("meeting.link_changed", actor or SYSTEM, told))
