"""The HTTP door to the one link, and to guests' invitations."""

from collections.abc import Mapping

from contract.after_class import Invitation, InvitationList, Invite
from contract.meetings import EnterMeeting, Entrance
from contract.rooms import Nothing
from meetings.door.invitations import Invitations
from meetings.door.service import Door
from realtime.rest import Handler, RestCall


def door_routes(door: Door, invitations: Invitations) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def enter(call: RestCall) -> Entrance:
        return await door.enter(call.caller, call.path["meeting_id"], call.body(EnterMeeting), call.address)

    async def list_invitations(call: RestCall) -> InvitationList:
        return await invitations.list(call.who, call.path["meeting_id"])

    async def invite(call: RestCall) -> Invitation:
        return await invitations.invite(call.who, call.path["meeting_id"], call.body(Invite))

    async def revoke(call: RestCall) -> Nothing:
        return await invitations.revoke(call.who, call.path["meeting_id"], call.path["invitation_id"])

    return {
        "enterMeeting": enter,
        "listInvitations": list_invitations,
        "inviteGuest": invite,
        "revokeInvitation": revoke,
    }
