"""Joining a room on a connection, and catching up with or without one."""

from collections.abc import Callable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action, Standing
from contract.connection import CaughtUp, Joined, JoinRoom, Position, Synced, SyncSince, TypingTimes
from contract.errors import NotFound
from contract.rooms import Membership
from db.engine import Database
from realtime.chat import store as chat
from realtime.log.delivery import Delivery
from realtime.log.resume import MAX_BYTES, Resume
from realtime.log.transaction import encoded_size
from realtime.rooms import store as rooms
from realtime.rooms.service import RoomService
from realtime.rooms.store import Access
from realtime.sessions import Session


class SyncObserver(Protocol):
    """Counts, for the metrics."""

    def resumed(self, recovered: bool) -> None: ...


class SyncService:
    """What a connection knows of its rooms, kept complete."""

    def __init__(
        self,
        database: Database,
        resume: Resume,
        delivery: Delivery,
        room_service: RoomService,
        observer: SyncObserver,
    ) -> None:
        self._database = database
        self._resume = resume
        self._delivery = delivery
        self._rooms = room_service
        self._observer = observer

    async def catch_up(self, who: Identity, room_id: str, since: Position | None) -> CaughtUp:
        """All that was missed in one room, or a snapshot."""
        async with self._database.reading() as connection:
            (await rooms.access(connection, who, room_id)).require(Action.ROOM_VIEW)
            return await self._caught_up(connection, room_id, since)

    async def sync(self, who: Identity, wish: SyncSince) -> Synced:
        """As `catch_up` for many rooms. When the answer grows heavy, the rooms that are left get snapshots, and these
        hold their newest message alone.
        """
        answers: dict[str, CaughtUp] = {}
        refused: list[str] = []
        budget = MAX_BYTES
        async with self._database.reading() as connection:
            for room_id, since in wish.rooms.items():
                try:
                    (await rooms.access(connection, who, room_id)).require(Action.ROOM_VIEW)
                except NotFound:
                    refused.append(room_id)
                    continue
                caught = await self._caught_up(connection, room_id, since, budget)
                budget = max(0, budget - _weight(caught))
                answers[room_id] = caught
        return Synced.model_construct(rooms=answers, refused=refused)

    async def join(self, session: Session, wish: JoinRoom) -> tuple[Joined, Access, Callable[[], bool]]:
        """Begins to listen. What comes from now on is held back until the returned function is called, which is when the
        answer has left: the answer and the events after it then fit together without gap or overlap. The function
        returns whether the connection still listens; it does not if its owner was removed meanwhile.
        """
        who = session.identity
        room_id = await self._enter(who, wish)
        subscription = await self._delivery.subscribe(session.connection, room_id)
        try:
            async with self._database.reading() as connection:
                access = await rooms.access(connection, who, room_id)
                access.require(Action.ROOM_VIEW)
                caught = await self._caught_up(connection, room_id, wish.since)
                unread = (await chat.unread(connection, who.user_id, [room_id])).get(room_id, 0)
        except NotFound:
            self._delivery.unsubscribe(session.sid, room_id)
            raise
        except BaseException:
            self._delivery.withdraw(subscription)
            raise
        joined = Joined.model_construct(
            **dict(caught),
            room=access.room,
            me=Membership(role=access.role, read_seq=access.read_seq, unread=unread if access.role else 0),
            present=[],
            typing=TypingTimes(repeat_ms=0, expire_ms=0, suppressed=True),
        )
        return joined, access, lambda: self._delivery.release(subscription, caught.seq)

    async def _enter(self, who: Identity, wish: JoinRoom) -> str:
        """The room's id; somebody who only visits an open room becomes a member of it."""
        async with self._database.reading() as connection:
            if wish.room_id is not None:
                access = await rooms.access(connection, who, wish.room_id)
            else:
                access = await rooms.access_by_key(connection, who, wish.key or "")
        access.require(Action.ROOM_VIEW)
        if access.standing is Standing.VISITOR and not access.room.archived:
            await self._rooms.enter(who, access.room.id)
        return access.room.id

    async def _caught_up(
        self, connection: AsyncConnection, room_id: str, since: Position | None, budget: int = MAX_BYTES
    ) -> CaughtUp:
        caught = await self._resume.catch_up(connection, room_id, since, budget)
        if since is not None:
            self._observer.resumed(caught.recovered)
        return caught


def _weight(caught: CaughtUp) -> int:
    messages = caught.snapshot.messages if caught.snapshot is not None else []
    return sum(map(encoded_size, caught.events)) + sum(
        chat.message_weight(message.text) for message in messages
    )
