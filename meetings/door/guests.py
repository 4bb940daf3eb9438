"""Guests in our own calls: for some hours they are somebody here, with the meeting's room and nothing else."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from auth.tokens import TokenIssuer
from contract.clock import Clock
from contract.errors import InvalidInput
from contract.people import SignInRole
from meetings.door.store import InvitationRecord
from meetings.door.writes import AdmitGuest, SeeOffGuest, guest_id
from meetings.jobs.port import Job
from realtime.log.writer import Writer
from realtime.rooms.service import PersonalChannel

_LONGEST = timedelta(hours=12)
_AFTER_CLASS = timedelta(hours=1)
_SHORTEST = timedelta(minutes=5)


class GuestPasses:
    """Gives guests a sign-in of their own. Without a secret to sign with (`HOMEROOM_JWT_SECRET`) there is none."""

    def __init__(
        self,
        issuer: TokenIssuer | None,
        sign_in: Callable[[str], Awaitable[object]],
        writer: Writer,
        clock: Clock,
    ) -> None:
        """`sign_in` takes a token as the HTTP door does, so that its owner is known afterwards."""
        self._issuer = issuer
        self._sign_in = sign_in
        self._writer = writer
        self._clock = clock

    @property
    def possible(self) -> bool:
        return self._issuer is not None

    async def give(
        self, invitation: InvitationRecord, name: str, room_id: str, ends_at: datetime
    ) -> str | None:
        """A token for the room of the class that ends then; None when there is nothing to sign with.

        Raises:
            Unauthorized: the invitation was taken back meanwhile.
            InvalidInput: nobody could be shown under that name.
        """
        if self._issuer is None:
            return None
        now = self._clock.now()
        until = min(invitation.expires_at, now + _LONGEST, max(ends_at + _AFTER_CLASS, now + _AFTER_CLASS))
        seconds = int(max(until - now, _SHORTEST).total_seconds())
        user_id = guest_id(invitation.id)
        try:
            token = self._issuer.issue(
                user_id, name[:120], SignInRole.GUEST, email=invitation.email, ttl_seconds=seconds
            )
        except InvalidInput:
            raise InvalidInput.of("guest_name", "must be a name that can be shown to others") from None
        await self._sign_in(token)
        await self._writer.submit(AdmitGuest(room_id, invitation.id, name))
        return token


class SeeingOff:
    """The handler of jobs of kind `guest`: an invitation has ended, and with it the guest's place in the room."""

    def __init__(self, writer: Writer, personal: PersonalChannel | None = None) -> None:
        self._writer = writer
        self._personal = personal

    async def __call__(self, job: Job) -> None:
        room_id, invitation_id = str(job.payload["room_id"]), str(job.payload["invitation_id"])
        left = await self._writer.submit(SeeOffGuest(room_id, invitation_id))
        if left and self._personal is not None:
            await self._personal.removed(guest_id(invitation_id), room_id)
