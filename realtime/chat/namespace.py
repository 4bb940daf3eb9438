"""The Socket.IO door to messages."""

from collections.abc import Mapping

from contract.messages import (
    EditMessage,
    HistoryPage,
    MarkRead,
    MarkRoomRead,
    MessageAnswer,
    MessageHistory,
    MessagePage,
    MessageRef,
    React,
    ReactionAnswer,
    ReadAnswer,
    RevisionList,
    SearchMessages,
    SearchPage,
    SendMessage,
)
from realtime.chat.service import ChatService
from realtime.dispatch import Handler
from realtime.sessions import Session


class ChatNamespace:
    """One handler for each command, each one call of the service."""

    def __init__(self, chat: ChatService) -> None:
        self._chat = chat

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "message:send": self.send,
            "message:edit": self.edit,
            "message:delete": self.delete,
            "message:get": self.get,
            "message:history": self.history,
            "message:revisions": self.revisions,
            "message:search": self.search,
            "reaction:add": self.react,
            "reaction:remove": self.unreact,
            "read:mark": self.mark_read,
        }

    async def send(self, session: Session, wish: SendMessage) -> MessageAnswer:
        return await self._chat.send(session.identity, wish.room_id, wish.text, wish.client_id)

    async def edit(self, session: Session, wish: EditMessage) -> MessageAnswer:
        return await self._chat.edit(session.identity, wish.message_id, wish.text)

    async def delete(self, session: Session, wish: MessageRef) -> MessageAnswer:
        return await self._chat.delete(session.identity, wish.message_id)

    async def get(self, session: Session, wish: MessageRef) -> MessageAnswer:
        return await self._chat.get(session.identity, wish.message_id)

    async def history(self, session: Session, wish: MessageHistory) -> MessagePage:
        page = HistoryPage(before=wish.before, after=wish.after, around=wish.around, limit=wish.limit)
        return await self._chat.history(session.identity, wish.room_id, page)

    async def revisions(self, session: Session, wish: MessageRef) -> RevisionList:
        return await self._chat.revisions(session.identity, wish.message_id)

    async def search(self, session: Session, wish: SearchMessages) -> SearchPage:
        return await self._chat.search(session.identity, wish)

    async def react(self, session: Session, wish: React) -> ReactionAnswer:
        return await self._chat.react(session.identity, wish)

    async def unreact(self, session: Session, wish: React) -> ReactionAnswer:
        return await self._chat.unreact(session.identity, wish)

    async def mark_read(self, session: Session, wish: MarkRoomRead) -> ReadAnswer:
        mark = MarkRead(seq=wish.seq, private=wish.private)
        return await self._chat.mark_read(session.identity, wish.room_id, mark)
