"""What is told to a room and kept nowhere: who came and went, who types. And what follows from events as they pass."""

from dataclasses import replace

from auth.permissions import effective_role
from contract.connection import PresenceChanged
from contract.events import LogEvent
from contract.messages import TypingChanged
from contract.people import PresenceStatus, RoomRole
from contract.rooms import Member, Room
from realtime.log.delivery import Delivery
from realtime.personal import Personal
from realtime.presence.people import PresenceChange
from realtime.presence.typing import TypingChange
from realtime.sessions import Session, Sessions
from realtime.sync.namespace import actor

PRESENCE_CROWD = 500
"""In rooms with more people here, comings and goings are not told one by one: each would be told to all."""


class Ephemeral:
    """Listens to presence, typing and the log on behalf of the rooms' listeners on this node."""

    def __init__(self, sessions: Sessions, delivery: Delivery, personal: Personal) -> None:
        self._sessions = sessions
        self._delivery = delivery
        self._personal = personal

    def presence_changed(self, change: PresenceChange) -> None:
        if len(self._delivery.listeners(change.room_id)) > PRESENCE_CROWD:
            return
        data = PresenceChanged(user=actor(change.person.person), status=PresenceStatus(change.status))
        event = "user.presence.changed"
        self._delivery.send(change.room_id, event, self._sessions.envelope(event, data, change.room_id))

    def typing_changed(self, change: TypingChange) -> None:
        """Told to everybody but the connections of the one who types."""
        event = "typing.start" if change.typing else "typing.stop"
        data = TypingChanged(user=actor(change.person))
        own = [session.sid for session in self._sessions.of(change.person.id)]
        self._delivery.send(change.room_id, event, self._sessions.envelope(event, data, change.room_id), own)

    def delivered(self, event: LogEvent) -> None:
        """Somebody who was removed has just been told so, and hears no more; a change of room or role counts at once."""
        match event.type:
            case "member.removed":
                user_id = event.data.get("user_id")
                if isinstance(user_id, str):
                    self._personal.left_room(user_id, event.room_id)
            case "member.updated":
                member = Member.model_validate(event.data["member"])
                for session in self._sessions.of(member.user.id):
                    _stands(session, event.room_id, role=member.role)
            case "room.updated":
                room = Room.model_validate(event.data["room"])
                for listener in self._delivery.listeners(event.room_id):
                    listening = self._sessions.by_sid(listener.sid)
                    if listening is not None:
                        _stands(listening, event.room_id, room=room)


def _stands(
    session: Session, room_id: str, *, role: RoomRole | None = None, room: Room | None = None
) -> None:
    """A connection that listens to the room stands there anew, with another role or in a changed room."""
    known = session.rooms.get(room_id)
    if known is not None:
        room, role = room or known.room, role or known.role
        standing = effective_role(session.identity.role, role, room.kind, room.visibility)
        session.rooms[room_id] = replace(known, room=room, role=role, standing=standing)
