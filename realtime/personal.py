"""What concerns one person rather than one room, told to all their connections on all nodes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from pydantic import ValidationError

from contract.errors import DomainError
from contract.messages import MessageRead
from contract.rooms import RoomAdded, RoomRemoved, RoomSummary
from realtime.bus.port import Bus, Notice
from realtime.log.delivery import Delivery
from realtime.sessions import Session, Sessions

log = logging.getLogger(__name__)

_USER = "user"
_READ = "read"

SummaryFor = Callable[[str, str], Awaitable[RoomSummary | None]]
"""A room's line in somebody's list, from (user id, room id); None if they do not belong to it."""


class Personal:
    """Membership and read markers, told to whom they concern. Nothing is sent for people who are not connected here."""

    def __init__(self, bus: Bus, sessions: Sessions, delivery: Delivery, crowd: int) -> None:
        """`crowd`: in rooms with more listeners than that, read markers are shown to nobody else."""
        self._bus = bus
        self._sessions = sessions
        self._delivery = delivery
        self._crowd = crowd
        self._summary_for: SummaryFor | None = None
        self._stop_listening: Callable[[Session, str], None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        bus.subscribe(_USER, self._receive_user)
        bus.subscribe(_READ, self._receive_read)

    def connect(self, summary_for: SummaryFor, stop_listening: Callable[[Session, str], None]) -> None:
        """What is built after this."""
        self._summary_for = summary_for
        self._stop_listening = stop_listening

    async def added(self, user_id: str, room_id: str) -> None:
        """Somebody now belongs to a room."""
        await self._tell_added(user_id, room_id)
        await self._bus.publish(_USER, user_id, {"user": user_id, "room": room_id, "what": "added"})

    async def removed(self, user_id: str, room_id: str) -> None:
        """Somebody no longer belongs to a room."""
        self.tell_removed(user_id, room_id)
        await self._bus.publish(_USER, user_id, {"user": user_id, "room": room_id, "what": "removed"})

    async def marked(self, room_id: str, mark: MessageRead, *, private: bool) -> None:
        """Somebody's read marker moved."""
        self._tell_read(room_id, mark, private=private)
        body = {"room": room_id, "private": private, "mark": mark.model_dump(mode="json")}
        await self._bus.publish(_READ, room_id, body)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def left_room(self, user_id: str, room_id: str) -> None:
        """Somebody's connections on this node stop hearing of a room."""
        for session in self._sessions.of(user_id):
            if self._stop_listening is not None:
                self._stop_listening(session, room_id)

    def tell_removed(self, user_id: str, room_id: str) -> None:
        """To this node's connections; they also stop hearing of the room."""
        self.left_room(user_id, room_id)
        self._sessions.tell_user(user_id, "room.removed", RoomRemoved(room_id=room_id))

    async def _tell_added(self, user_id: str, room_id: str) -> None:
        if self._summary_for is None or not self._sessions.of(user_id):
            return
        try:
            summary = await self._summary_for(user_id, room_id)
        except DomainError:
            return  # the database is away; the room list is read again on the next connection
        if summary is not None:
            self._sessions.tell_user(user_id, "room.added", RoomAdded(summary=summary))

    def _tell_read(self, room_id: str, mark: MessageRead, *, private: bool) -> None:
        """Only their owner is told how many messages are left."""
        mine = self._sessions.of(mark.user_id)
        if mine:
            frame = self._sessions.frame("message.read", mark, room_id)
            for session in mine:
                session.connection.send(frame)
        if private or len(self._delivery.listeners(room_id)) > self._crowd:
            return
        shown = self._sessions.envelope("message.read", mark.model_copy(update={"unread": None}), room_id)
        self._delivery.send(room_id, "message.read", shown, [session.sid for session in mine])

    def _receive_user(self, notice: Notice) -> None:
        user_id, room_id = notice.body.get("user"), notice.body.get("room")
        if not isinstance(user_id, str) or not isinstance(room_id, str):
            return
        if notice.body.get("what") == "removed":
            self._spawn(self._check_removed(user_id, room_id))
        elif notice.body.get("what") == "added":
            self._spawn(self._tell_added(user_id, room_id))

    async def _check_removed(self, user_id: str, room_id: str) -> None:
        """A notice is a hint: the database says whether it is so."""
        if self._summary_for is None or not self._sessions.of(user_id):
            return
        try:
            still = await self._summary_for(user_id, room_id)
        except DomainError:
            return
        if still is None:
            self.tell_removed(user_id, room_id)

    def _receive_read(self, notice: Notice) -> None:
        room_id, private = notice.body.get("room"), notice.body.get("private")
        if not isinstance(room_id, str) or not isinstance(private, bool):
            return
        try:
            mark = MessageRead.model_validate(notice.body.get("mark"))
        except ValidationError:
            return
        self._tell_read(room_id, mark, private=private)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
