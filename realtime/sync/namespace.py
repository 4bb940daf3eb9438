"""The Socket.IO door to joining and catching up."""

from collections.abc import Mapping

from auth.permissions import Action
from contract.connection import JoinRoom, SetPresence, Synced, SyncSince, TypingTimes
from contract.errors import DomainError, ErrorCode
from contract.people import Actor, PresenceStatus, PresentPerson, SignInRole
from contract.rooms import Nothing, RoomRef
from realtime.dispatch import Answered, Handler
from realtime.log.delivery import Delivery
from realtime.presence.people import Person
from realtime.presence.people import PresentPerson as Present
from realtime.presence.service import Presence
from realtime.presence.typing import Typing
from realtime.sessions import Session
from realtime.sync.service import SyncService


class RoomListening:
    """Handlers of what concerns one connection and a room: joining, leaving, typing, presence."""

    def __init__(self, sync: SyncService, delivery: Delivery, presence: Presence, typing: Typing) -> None:
        self._sync = sync
        self._delivery = delivery
        self._presence = presence
        self._typing = typing

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "room:join": self.join,
            "room:unsubscribe": self.unsubscribe,
            "sync:since": self.sync,
            "typing:start": self.typing_start,
            "typing:stop": self.typing_stop,
            "presence:set": self.set_presence,
        }

    async def join(self, session: Session, wish: JoinRoom) -> Answered:
        joined, access, release = await self._sync.join(session, wish)
        room_id = joined.room.id
        shown = joined.model_copy(
            update={"present": self._present(session, room_id), "typing": self._times(room_id)}
        )

        def begin() -> None:
            if release():
                session.rooms[room_id] = access
                self._presence.join(room_id, session.sid, person_of(session))

        return Answered(shown, begin)

    async def unsubscribe(self, session: Session, wish: RoomRef) -> Nothing:
        self.stop_listening(session, wish.room_id)
        return Nothing()

    async def sync(self, session: Session, wish: SyncSince) -> Synced:
        return await self._sync.sync(session.identity, wish)

    async def typing_start(self, session: Session, wish: RoomRef) -> Nothing:
        _require(session, wish.room_id)
        await self._typing.start(wish.room_id, person_of(session))
        return Nothing()

    async def typing_stop(self, session: Session, wish: RoomRef) -> Nothing:
        _require(session, wish.room_id)
        await self._typing.stop(wish.room_id, person_of(session))
        return Nothing()

    async def set_presence(self, session: Session, wish: SetPresence) -> Nothing:
        self._presence.set_status(session.sid, "away" if wish.status is PresenceStatus.AWAY else "online")
        return Nothing()

    def stop_listening(self, session: Session, room_id: str) -> None:
        """The connection hears no more of the room, and is not shown as being there."""
        session.rooms.pop(room_id, None)
        self._delivery.unsubscribe(session.sid, room_id)
        self._presence.leave(room_id, session.sid)

    def left(self, session: Session) -> None:
        """The connection is gone."""
        self._delivery.drop(session.sid)
        self._presence.drop(session.sid)

    def _present(self, session: Session, room_id: str) -> list[PresentPerson]:
        """Everybody who is here, whoever asks included."""
        others = [shown(person) for person in self._presence.people(room_id) if person.id != session.user_id]
        return [shown(Present.of(person_of(session), "online")), *others]

    def _times(self, room_id: str) -> TypingTimes:
        rules = self._typing.rules
        return TypingTimes(
            repeat_ms=round(rules.repeat * 1000),
            expire_ms=round(rules.expire * 1000),
            suppressed=self._typing.suppressed(room_id),
        )


def person_of(session: Session) -> Person:
    who = session.identity
    return Person(who.user_id, who.name, who.role.value, who.picture)


def shown(person: Present) -> PresentPerson:
    """Somebody present, as told over the wire."""
    return PresentPerson.model_construct(user=actor(person.person), status=PresenceStatus(person.status))


def actor(person: Person) -> Actor:
    return Actor.model_construct(
        id=person.id, name=person.name, role=SignInRole(person.role), picture=person.picture
    )


def _require(session: Session, room_id: str) -> None:
    access = session.rooms.get(room_id)
    if access is None:
        raise DomainError(code=ErrorCode.NOT_JOINED)
    access.require(Action.TYPING_SEND)
