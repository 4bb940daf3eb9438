"""The jobs of mail: `invitations` finds out who has to be told, `mail` tells one person."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from contract.clock import Clock
from meetings.calendar.mailbox import Mailbox
from meetings.jobs.port import Again, Dead, Job
from meetings.mail.letter import Letter, as_bytes, routable
from meetings.mail.smtp import Postman, Undelivered
from meetings.mail.writes import Invite
from realtime.log.writer import Intention, Writer

_PATIENCE = timedelta(days=4)
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class Sending:
    """A letter, and what is to be written down once the mail server has it."""

    letter: Letter
    afterwards: Intention[None] | None = None


class Source(Protocol):
    """Makes letters of one sort from what a job says. None: there is nothing to tell any more."""

    async def __call__(self, payload: Mapping[str, Any]) -> Sending | None: ...


class InvitationsHandler:
    """Runs on its own lease: two runs at once cannot decide twice."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def __call__(self, job: Job) -> None:
        await self._writer.submit(Invite(str(job.payload["meeting_id"]), job, job.payload.get("reason")))


def _refusal(job: Job, error: Undelivered, now: datetime) -> Exception:
    """What will never be taken is dead; all else is tried for days, ever more seldom (RFC 5321 section 4.5.4.1)."""
    age = now - job.created_at
    if error.final or age > _PATIENCE:
        return Dead(error.message)
    spread = (
        0.75 + zlib.crc32(job.id.encode()) / 2**33
    )  # so that those that failed together come back one by one
    due_at = now + min(max(age / 2, _FIRST_PAUSE), _LONGEST_PAUSE) * spread
    return Again(
        error.message, due_at, counts=error.unsure
    )  # so that attempts tell whether it may have arrived


class MailHandler:
    """Sends one mail. Run again after a crash it may send it again, with the same Message-ID; the moment in which that can
    happen is the one between the server's answer and our commit.
    """

    def __init__(
        self,
        postman: Postman,
        sender: Mailbox,
        sources: Mapping[str, Source],
        writer: Writer,
        clock: Clock,
    ) -> None:
        """`sources` by what a job's payload calls itself."""
        self._postman = postman
        self._sender = sender
        self._sources = sources
        self._writer = writer
        self._clock = clock

    async def __call__(self, job: Job) -> None:
        sending = await self._sources[str(job.payload["what"])](job.payload)
        if sending is None:
            return
        try:
            message = as_bytes(sending.letter, self._sender, self._clock.now())
            sender, recipient = routable(self._sender.address), routable(sending.letter.to.address)
        except ValueError:
            raise Dead("There is an address that no mail can be sent to.") from None
        try:
            await self._postman.send(sender, recipient, message)
        except Undelivered as error:
            raise _refusal(job, error, self._clock.now()) from None
        if sending.afterwards is not None:
            await self._writer.submit(sending.afterwards)
