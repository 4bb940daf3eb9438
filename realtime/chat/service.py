"""One method for each thing somebody can want of messages."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action
from contract.connection import Snapshot
from contract.errors import NotFound
from contract.messages import (
    HistoryPage,
    MarkRead,
    Message,
    MessageAnswer,
    MessagePage,
    MessageRead,
    React,
    ReactionAnswer,
    ReadAnswer,
    RevisionList,
    SearchMessages,
    SearchPage,
)
from db.engine import Database
from realtime.chat import rules, store, writes
from realtime.chat.reading import Mark
from realtime.chat.search_store import search
from realtime.log.epoch import EpochKeeper
from realtime.log.writer import Writer
from realtime.rooms import store as rooms
from realtime.rooms.store import Access

SNAPSHOT = HistoryPage(limit=50)
"""What a client is shown of a room that it has not seen yet."""


class ReadChannel(Protocol):
    """Tells of a read marker that moved: the person's own connections, and the room's if it is not private."""

    async def marked(self, room_id: str, mark: MessageRead, *, private: bool) -> None: ...


class ChatObserver(Protocol):
    """Counts, for the metrics."""

    def message_accepted(self, *, duplicate: bool) -> None: ...


class ChatService:
    """Messages, reactions, read markers, search."""

    def __init__(
        self, database: Database, writer: Writer, epochs: EpochKeeper, observer: ChatObserver
    ) -> None:
        self._observer = observer
        self._database = database
        self._writer = writer
        self._epochs = epochs
        self._channel: ReadChannel | None = None

    def tell_through(self, channel: ReadChannel) -> None:
        self._channel = channel

    async def send(self, who: Identity, room_id: str, text: str, client_id: str | None) -> MessageAnswer:
        """Returns once the message is on disk; a repeated `client_id` answers with the first message."""
        intention = writes.Send(who, room_id, text, client_id)
        answer = await self._writer.submit(intention)
        self._observer.message_accepted(duplicate=intention.repeated)
        return answer

    async def edit(self, who: Identity, message_id: str, text: str) -> MessageAnswer:
        room_id = await self._room_of(message_id)
        answer: MessageAnswer = await self._writer.submit(writes.Edit(who, room_id, message_id, text))
        return answer

    async def delete(self, who: Identity, message_id: str) -> MessageAnswer:
        room_id = await self._room_of(message_id)
        answer: MessageAnswer = await self._writer.submit(writes.Delete(who, room_id, message_id))
        return answer

    async def get(self, who: Identity, message_id: str) -> MessageAnswer:
        async with self._database.reading() as connection:
            access, message = await self._visible(connection, who, message_id)
        return MessageAnswer(message=message, epoch=self._epochs.epoch, seq=access.head)

    async def history(self, who: Identity, room_id: str, page: HistoryPage) -> MessagePage:
        async with self._database.reading() as connection:
            (await rooms.access(connection, who, room_id)).require(Action.ROOM_VIEW)
            return await store.page(connection, room_id, page)

    async def revisions(self, who: Identity, message_id: str) -> RevisionList:
        async with self._database.reading() as connection:
            access, message = await self._visible(connection, who, message_id)
            access.require(rules.reading_revisions(message, who.user_id))
            return RevisionList(items=await store.revisions(connection, message_id))

    async def search(self, who: Identity, wish: SearchMessages) -> SearchPage:
        """In one room that may be seen, or in all rooms that one belongs to."""
        async with self._database.reading() as connection:
            if wish.room_id is not None:
                (await rooms.access(connection, who, wish.room_id)).require(Action.ROOM_VIEW)
                return await search(connection, [wish.room_id], wish)
            return await search(connection, await rooms.rooms_of(connection, who.user_id), wish)

    async def react(self, who: Identity, wish: React) -> ReactionAnswer:
        return await self._react(who, wish, present=True)

    async def unreact(self, who: Identity, wish: React) -> ReactionAnswer:
        return await self._react(who, wish, present=False)

    async def mark_read(self, who: Identity, room_id: str, mark: MarkRead) -> ReadAnswer:
        seq = await self._writer.submit(Mark(who, room_id, mark.seq))
        async with self._database.reading() as connection:
            unread = (await store.unread(connection, who.user_id, [room_id])).get(room_id, 0)
        if self._channel is not None:
            told = MessageRead(user_id=who.user_id, seq=seq, unread=unread)
            await self._channel.marked(room_id, told, private=mark.private)
        return ReadAnswer(read_seq=seq, unread=unread)

    @staticmethod
    async def snapshot(connection: AsyncConnection, room_id: str, budget: int) -> Snapshot:
        """The newest messages of a room: as many as weigh `budget` bytes, at least one."""
        page = await store.page(connection, room_id, SNAPSHOT, min(budget, store.PAGE_BYTES))
        return Snapshot(messages=page.items, has_more=page.has_more)

    async def _react(self, who: Identity, wish: React, *, present: bool) -> ReactionAnswer:
        room_id = await self._room_of(wish.message_id)
        intention = writes.React(who, room_id, wish.message_id, wish.emoji, present=present)
        answer: ReactionAnswer = await self._writer.submit(intention)
        return answer

    async def _room_of(self, message_id: str) -> str:
        async with self._database.reading() as connection:
            room_id = await store.room_of_message(connection, message_id)
        if room_id is None:
            raise NotFound
        return room_id

    async def _visible(
        self, connection: AsyncConnection, who: Identity, message_id: str
    ) -> tuple[Access, Message]:
        message = await store.message(connection, message_id)
        if message is None:
            raise NotFound
        access = await rooms.access(connection, who, message.room_id)
        access.require(Action.ROOM_VIEW)
        return access, message
