"""What is written of invitations, and of the guests who come by them."""

from datetime import timedelta

from sqlalchemy import update

from auth.identity import Identity
from auth.permissions import Action
from contract.after_class import Invite
from contract.errors import Conflict, NotFound, Unauthorized
from contract.people import Actor, RoomRole, SignInRole
from contract.rooms import NewMember
from meetings.door import store
from meetings.door.secrets import hash_of, new_secret
from meetings.door.store import InvitationRecord
from meetings.history import Line, record
from meetings.jobs.port import JobWish
from meetings.jobs.store import wish
from meetings.provider import GUEST_PREFIX
from meetings.tables import InvitationRow
from realtime.log.transaction import Transaction
from realtime.log.writer import Intention
from realtime.rooms.rules import actor_of
from realtime.rooms.transaction_store import access_in, actor_in, known_in, member_role_in
from realtime.rooms.writes import add_member, remove_member

LEAVING = "guest"
"""The kind of the job that ends a guest's place in the room when the invitation does."""

_MOST = 1000
NOT_GOOD = "This invitation does not hold, or not any more: ask whoever invited you for a new one."
"""Whatever is wrong with it."""


def guest_id(invitation_id: str) -> str:
    """The guest's id, where they sign in with us."""
    return f"{GUEST_PREFIX}{invitation_id}"


async def issue(
    transaction: Transaction, meeting_id: str, wish_for: Invite, created_by: str
) -> tuple[InvitationRecord, str]:
    """A new invitation and its secret, which nobody can be told again.

    Raises:
        Conflict: there are too many already.
    """
    await transaction.flush()
    if await store.count(transaction.connection, meeting_id) >= _MOST:
        raise Conflict(f"A meeting can have {_MOST} invitations.")
    invitation_id = transaction.ids.new("inv")
    secret = new_secret(invitation_id)
    made = InvitationRecord(
        id=invitation_id,
        meeting_id=meeting_id,
        email=wish_for.email,
        name=wish_for.name,
        secret_hash=hash_of(secret),
        created_by=created_by,
        expires_at=transaction.now + timedelta(hours=wish_for.hours),
        revoked_at=None,
    )
    transaction.add(InvitationRow, {**vars(made), "created_at": transaction.now})
    return made, secret


class InviteGuest(Intention[tuple[InvitationRecord, str]]):
    """Makes an invitation."""

    def __init__(self, who: Identity, room_id: str, meeting_id: str, invite: Invite) -> None:
        self.room_id = room_id
        self._who = who
        self._meeting_id = meeting_id
        self._invite = invite

    async def apply(self, transaction: Transaction) -> tuple[InvitationRecord, str]:
        (await access_in(transaction, self._who, self.room_id)).require(Action.MEETING_SCHEDULE)
        made = await issue(transaction, self._meeting_id, self._invite, self._who.user_id)
        words = f"{self._invite.email} was invited as a guest."
        record(transaction, self._meeting_id, Line("guest_invited", words, actor_of(self._who)))
        return made


class RevokeInvitation(Intention[bool]):
    """Takes one back; the guest leaves the room. Whether they had a place there."""

    def __init__(self, who: Identity, room_id: str, meeting_id: str, invitation_id: str) -> None:
        self.room_id = room_id
        self._who = who
        self._meeting_id = meeting_id
        self._invitation_id = invitation_id

    async def apply(self, transaction: Transaction) -> bool:
        (await access_in(transaction, self._who, self.room_id)).require(Action.MEETING_SCHEDULE)
        await transaction.flush()
        found = await store.invitation(transaction.connection, self._invitation_id)
        if found is None or found.meeting_id != self._meeting_id:
            raise NotFound
        if found.revoked_at is not None:
            return False
        await transaction.execute(
            update(InvitationRow).where(InvitationRow.id == found.id).values(revoked_at=transaction.now)
        )
        actor = actor_of(self._who)
        line = Line("guest_revoked", f"The invitation of {found.email} was taken back.", actor)
        record(transaction, self._meeting_id, line)
        return await leave_room(transaction, self.room_id, found.id, actor)


class AdmitGuest(Intention[None]):
    """Makes a guest a member of the meeting's room, until the invitation ends."""

    def __init__(self, room_id: str, invitation_id: str, name: str) -> None:
        self.room_id = room_id
        self.waits_for = guest_id(invitation_id)
        self._invitation_id = invitation_id
        self._name = name

    async def apply(self, transaction: Transaction) -> None:
        await transaction.flush()
        found = await store.invitation(transaction.connection, self._invitation_id)
        if found is None or not found.holds(transaction.now):
            raise Unauthorized(NOT_GOOD)
        user_id = guest_id(found.id)
        if await member_role_in(transaction, self.room_id, user_id) is not None:
            return
        if not await known_in(transaction, [user_id]):
            raise NotFound  # signing in made them known
        host = await actor_in(transaction, found.created_by)
        await add_member(transaction, self.room_id, host, NewMember(user_id=user_id, role=RoomRole.MEMBER))
        payload = {"invitation_id": found.id, "room_id": self.room_id}
        await wish(transaction, JobWish(f"{LEAVING}:{found.id}", LEAVING, found.expires_at, payload))


class SeeOffGuest(Intention[bool]):
    """Ends a guest's place in the room. Whether they had one."""

    def __init__(self, room_id: str, invitation_id: str) -> None:
        self.room_id = room_id
        self._invitation_id = invitation_id

    async def apply(self, transaction: Transaction) -> bool:
        actor = Actor(id="homeroom", name="Homeroom", role=SignInRole.BOT)
        return await leave_room(transaction, self.room_id, self._invitation_id, actor)


async def leave_room(transaction: Transaction, room_id: str, invitation_id: str, actor: Actor) -> bool:
    """Whether there was a place to be given up."""
    user_id = guest_id(invitation_id)
    if await member_role_in(transaction, room_id, user_id) is None:
        return False
    await remove_member(transaction, room_id, actor, user_id)
    return True
