"""What is written about invitations: who is to be told what, and the mails that this takes."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from meetings.jobs import store as jobs
from meetings.jobs.port import Job, JobWish
from meetings.jobs.tables import JobRow
from meetings.mail import store
from meetings.mail.rules import Decision, Invitee, Notice, Told
from meetings.mail.standing import Standing, standing_of
from meetings.tables import MeetingRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention

MAIL = "mail"
"""The kind of jobs that send one mail each."""


class Invite(Intention[int]):
    """Compares what everybody was told of a meeting with what there is to know, and wishes for the mails that are missing.

    However often it is run: what one person was told with one SEQUENCE is one mail. Answers with how many it wished for.
    """

    room_id = ""

    def __init__(self, meeting_id: str, job: Job, reason: str | None = None) -> None:
        self.waits_for = f"invitations:{meeting_id}"
        self._meeting_id = meeting_id
        self._job = job
        self._reason = reason

    async def apply(self, transaction: Transaction) -> int:
        await transaction.read(  # two nodes shall not decide at once
            select(MeetingRow.id).where(MeetingRow.id == self._meeting_id).with_for_update()
        )
        if not await jobs.holds(transaction, self._job):
            return 0
        standing = await standing_of(transaction.connection, self._meeting_id)
        decided = list(standing.decisions(transaction.now)) if standing is not None else []
        if standing is None or not decided:
            return 0
        heard = [one for one in decided if not await _unheard(transaction, standing, one)]
        self._keep_versions(transaction, standing, heard)
        wishes = [self._wish(standing, one, transaction.now) for one in heard]
        await self._save(transaction, standing, heard)
        await jobs.wish_all(transaction, wishes)
        return len(wishes)

    def _wish(self, standing: Standing, decided: "Decided", now: datetime) -> JobWish:
        part_id, address, decision = decided
        payload: dict[str, object] = {
            "what": "calendar",
            "part": part_id,
            "address": address,
            "sequence": decision.notice.sequence,
        }
        known = standing.invitees.get((part_id, address))
        if known is not None and known.last is None:
            payload["was"] = known.due.version
        if self._reason is not None:
            payload["reason"] = self._reason
        key = calendar_key(part_id, address, decision.notice)
        return JobWish(key, MAIL, now, payload, standing.meeting.id, once=True)

    def _keep_versions(
        self, transaction: Transaction, standing: Standing, decided: Sequence["Decided"]
    ) -> None:
        used = {(part_id, decision.notice.version) for part_id, _, decision in decided}
        for part_id, present in standing.parts.items():
            if (part_id, present.version) in used - standing.versions.keys():
                store.keep_version(transaction, present.entry)

    async def _save(self, transaction: Transaction, standing: Standing, decided: Sequence["Decided"]) -> None:
        changed: list[tuple[Invitee, Decision]] = []
        for part_id, address, decision in decided:
            known = standing.invitees.get((part_id, address))
            if known is not None:
                changed.append((known, decision))
            else:
                email, meeting_id = standing.people[address].email, standing.meeting.id
                one = Invitee(part_id, address, meeting_id, email, decision.since, decision.notice)
                store.add(transaction, one)
        await store.decide_all(transaction, changed)
        await store.drop_versions(transaction, standing.meeting.id, standing.parts)


Decided = tuple[str, str, Decision]
"""By part and address."""


class Delivered(Intention[None]):
    """The mail server has taken a message to an invitee."""

    room_id = ""

    def __init__(self, part_id: str, address: str, notice: Notice) -> None:
        self._part_id = part_id
        self._address = address
        self._notice = notice

    async def apply(self, transaction: Transaction) -> None:
        await store.told(transaction, self._part_id, self._address, self._notice)


def calendar_key(part_id: str, address: str, notice: Notice) -> str:
    """Of the job whose mail tells the notice."""
    return f"mail:calendar:{part_id}:{notice.sequence}:{mark_of(address)}"


def mark_of(address: str) -> str:
    """Stands for an address where others might read it, and where it would be too long."""
    return hashlib.sha256(address.encode()).hexdigest()[:32]


async def _unheard(transaction: Transaction, standing: Standing, decided: Decided) -> bool:
    """Whether it would take something back that was never said; then what was to be said is dropped as well."""
    part_id, address, decision = decided
    known = standing.invitees.get((part_id, address))
    if known is None or known.last is not None or decision.notice.method is not Told.CANCEL:
        return False
    key = calendar_key(part_id, address, known.due)
    tried = await transaction.read(select(JobRow.id).where(JobRow.key == key, JobRow.attempts > 0))
    if tried.one_or_none() is not None:
        return False  # it may have been said, though nobody heard that it was
    await jobs.withdraw(transaction, [key])
    await store.forget(transaction, part_id, address)
    return True
