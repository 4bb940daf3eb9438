"""Guests: who was invited, inviting them and taking it back. One method for each."""

from auth.identity import Identity
from auth.permissions import Action
from contract.after_class import Invitation, InvitationList, Invite
from contract.errors import NotFound
from contract.rooms import Nothing
from db.engine import Database
from meetings import store as meetings
from meetings.door import store
from meetings.door.secrets import link_with
from meetings.door.store import InvitationRecord
from meetings.door.writes import InviteGuest, RevokeInvitation, guest_id
from realtime.log.writer import Writer
from realtime.rooms import store as rooms
from realtime.rooms.service import PersonalChannel


class Invitations:
    """For those who may schedule in the meeting's room."""

    def __init__(
        self, database: Database, writer: Writer, link_base: str, personal: PersonalChannel | None = None
    ) -> None:
        """`personal` tells connections of a guest who lost their place."""
        self._database = database
        self._writer = writer
        self._link_base = link_base
        self._personal = personal

    async def list(self, who: Identity, meeting_id: str) -> InvitationList:
        """Raises NotFound or Forbidden, as the others do."""
        await self._room(who, meeting_id)
        async with self._database.reading() as connection:
            found = await store.invitations(connection, meeting_id)
        return InvitationList(items=[_view(one) for one in found])

    async def invite(self, who: Identity, meeting_id: str, wish: Invite) -> Invitation:
        """The answer holds the guest's link, this once."""
        room_id = await self._room(who, meeting_id)
        made, secret = await self._writer.submit(InviteGuest(who, room_id, meeting_id, wish))
        return _view(made, link_with(secret, self._link_base, meeting_id))

    async def revoke(self, who: Identity, meeting_id: str, invitation_id: str) -> Nothing:
        """From now on the link is good for nothing, and a guest who is in the room is out of it."""
        room_id = await self._room(who, meeting_id)
        left = await self._writer.submit(RevokeInvitation(who, room_id, meeting_id, invitation_id))
        if left and self._personal is not None:
            await self._personal.removed(guest_id(invitation_id), room_id)
        return Nothing()

    async def _room(self, who: Identity, meeting_id: str) -> str:
        async with self._database.reading() as connection:
            room_id = await meetings.room_of(connection, meeting_id)
            if room_id is None:
                raise NotFound
            (await rooms.access(connection, who, room_id)).require(Action.MEETING_SCHEDULE)
        return room_id


def _view(record: InvitationRecord, url: str | None = None) -> Invitation:
    return Invitation(
        id=record.id,
        email=record.email,
        expires_at=record.expires_at,
        url=url,
        revoked=record.revoked_at is not None,
    )
